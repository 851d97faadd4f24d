// In: {"privateKey": "0x…", "file": the wallet file's JSON}. Out: the words in it, opened by what the
// README says of the format and with node's own cryptography.
import { createDecipheriv, hkdfSync } from 'node:crypto';
import { input, output } from './json_io.mjs';

const { privateKey, file } = input();
const hex = (text) => Buffer.from(text.replace(/^0x/, ''), 'hex');
const key = Buffer.from(
  hkdfSync('sha256', hex(privateKey), hex(file.appId), 'ecloud app wallet v1', 32));
const cipher = createDecipheriv('aes-256-gcm', key, hex(file.nonce));
cipher.setAuthTag(hex(file.tag));
output({ words: Buffer.concat([cipher.update(hex(file.ciphertext)), cipher.final()]).toString() });
