// In: {"privateKey", "publicKey" (PEM), "decrypt": [compact], "encrypt": [{"header", "text"}]}.
// Out: {"decrypted": [{"header", "text"}], "encrypted": [compact]}, made by jose.
import './webcrypto.mjs';
import { CompactEncrypt, compactDecrypt, importPKCS8, importSPKI } from 'jose';
import { input, output } from './json_io.mjs';

const { privateKey, publicKey, decrypt, encrypt } = input();
const opener = await importPKCS8(privateKey, 'RSA-OAEP-256');
const sealer = await importSPKI(publicKey, 'RSA-OAEP-256');

async function open(compact) {
  const { protectedHeader, plaintext } = await compactDecrypt(compact, opener, {
    keyManagementAlgorithms: ['RSA-OAEP-256'],
    contentEncryptionAlgorithms: ['A256GCM'],
  });
  return { header: protectedHeader, text: new TextDecoder().decode(plaintext) };
}

function seal({ header, text }) {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', ...header })
    .encrypt(sealer);
}

output({
  decrypted: await Promise.all(decrypt.map(open)),
  encrypted: await Promise.all(encrypt.map(seal)),
});
