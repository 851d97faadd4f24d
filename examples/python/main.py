"""A small HTTP server: GET / says hello, GET /health says that it works."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def hello():
    return {
        "message": os.environ.get("GREETING_PUBLIC", "Hello"),
        # The words themselves are never shown: whoever has them has the wallet.
        "hasWallet": bool(os.environ.get("MNEMONIC")),
    }


ROUTES = {"/": hello, "/health": lambda: {"status": "ok"}}


class Handler(BaseHTTPRequestHandler):
    timeout = 10  # seconds that a client may keep silent

    def do_GET(self):
        route = ROUTES.get(self.path.split("?")[0])
        status, content = (200, route()) if route else (404, {"error": "not found"})
        body = (json.dumps(content, ensure_ascii=False) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        print(format % args)


def main():
    port = int(os.environ.get("PORT") or os.environ.get("APP_PORT") or 8080)
    # All addresses: bound to localhost the app would run and answer nobody.
    server = ThreadingHTTPServer(("0.0.0.0", port), Handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on 0.0.0.0:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
