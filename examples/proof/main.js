// Shows that this app holds the wallet of its TEE: whoever asks for
//   /.well-known/ecloud-proof?app=0x…&nonce=HEX
// gets a signature over the nonce and this app's own host, made with the first account of MNEMONIC.
// `ecloud compute app verify APP --url URL` asks so.

import { createServer } from "node:http";
import { mnemonicToAccount } from "viem/accounts";

const words = process.env.MNEMONIC;
if (!words) {
  console.error("MNEMONIC is not set: outside of the TEE, set 12 or 24 words for trying out");
  process.exit(1);
}
/** m/44'/60'/0'/0/0; its key never leaves the TEE. */
const account = mnemonicToAccount(words);

/**
 * The host that this app is reached at, as in --url: "app.example.org", with a port that is not the
 * usual one. It is configured, and not taken from the request: a site that passes questions on to
 * this app writes into them what it likes, and must not get its own name signed.
 */
const host = (process.env.PROOF_HOST || process.env.DOMAIN || "").toLowerCase();

/**
 * The one text that is signed here. Nobody can have anything else signed: what is put into it has a
 * fixed form, and it begins with words that no other protocol has.
 */
function proofMessage(app, nonce) {
  if (!/^0x[0-9a-f]{40}$/.test(app) || !/^[0-9a-f]{64}$/.test(nonce)) return null;
  return `ecloud proof of app ${app} at ${host}, nonce ${nonce}`;
}

async function proof(query, asked) {
  if (!host) return [503, { error: "neither PROOF_HOST nor DOMAIN says which host this is" }];
  if (asked.toLowerCase() !== host) return [421, { error: "this is another host" }];
  const message = proofMessage(query.get("app") ?? "", query.get("nonce") ?? "");
  if (message === null) return [400, { error: "app must be 0x and 40 hex digits, nonce 64" }];
  return [200, { address: account.address, signature: await account.signMessage({ message }) }];
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const wanted = request.method === "GET" && url.pathname === "/.well-known/ecloud-proof";
  const [status, content] = wanted
    ? await proof(url.searchParams, request.headers.host ?? "")
    : [404, { error: "not found" }];
  const body = JSON.stringify(content) + "\n";
  console.log(request.method, url.pathname, status);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
});

const port = Number(process.env.PORT || process.env.APP_PORT || 8080);
// All addresses: bound to localhost the app would run and answer nobody.
server.listen(port, "0.0.0.0", () => {
  console.log(`listening on 0.0.0.0:${server.address().port}`);
});

process.on("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});
