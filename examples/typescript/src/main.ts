// A small HTTP server: GET / says hello, GET /health says that it works.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mnemonicToAccount } from "viem/accounts";

/** The app's own account; its key never leaves the TEE. */
function walletAddress(): string | null {
  const words = process.env.MNEMONIC;
  return words ? mnemonicToAccount(words).address : null;
}

const wallet = walletAddress();

const routes: Record<string, () => unknown> = {
  "/": () => ({ message: process.env.GREETING_PUBLIC || "Hello", wallet }),
  "/health": () => ({ status: "ok" }),
};

const server = createServer((request, response) => {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const route = request.method === "GET" && Object.hasOwn(routes, path) ? routes[path] : undefined;
  const body = JSON.stringify(route ? route() : { error: "not found" }) + "\n";
  console.log(request.method, path);
  response.writeHead(route ? 200 : 404, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
});

const port = Number(process.env.PORT || process.env.APP_PORT || 8080);
// All addresses: bound to localhost the app would run and answer nobody.
server.listen(port, "0.0.0.0", () => {
  console.log(`listening on 0.0.0.0:${(server.address() as AddressInfo).port}`);
});

process.on("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});
