// In: {"privateKey", "appId", "sealed": [x-ecloud-wallet-words]}. Out: {"phrases": [text]}, opened by
// what docs/wallet-on-chain.md says and with node's own cryptography.
import { createDecipheriv, hkdfSync } from 'node:crypto';
import { input, output } from './json_io.mjs';

const { privateKey, appId, sealed } = input();
const hex = (text) => Buffer.from(text.replace(/^0x/, ''), 'hex');
const key = Buffer.from(
  hkdfSync('sha256', hex(privateKey), hex(appId), 'ecloud app wallet on chain v1', 32));

function open(text) {
  const bytes = Buffer.from(text, 'base64url');
  const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  cipher.setAAD(hex(appId));
  cipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]).toString();
}

output({ phrases: sealed.map(open) });
