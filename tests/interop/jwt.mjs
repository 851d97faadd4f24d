// In: {"now": unix seconds, "claims", "algorithms": [name], "verify": [{"token", "key": JWK}]}.
// Out: {"made": [{"algorithm", "token", "keys": JWK set}], "verified": [claims]}, by jose.
import './webcrypto.mjs';
import { SignJWT, exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose';
import { input, output } from './json_io.mjs';

const { now, claims, algorithms, verify } = input();

async function make(algorithm) {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, kid: 'one', typ: 'JWT' })
    .sign(privateKey);
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: algorithm, use: 'sig' };
  return { algorithm, token, keys: { keys: [jwk] } };
}

async function check({ token, key }) {
  const { payload } = await jwtVerify(token, await importJWK(key, key.alg), {
    algorithms: [key.alg],
    currentDate: new Date(now * 1000),
  });
  return payload;
}

output({
  made: await Promise.all(algorithms.map(make)),
  verified: await Promise.all(verify.map(check)),
});
