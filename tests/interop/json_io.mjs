// The scripts of the interop tests read one JSON document on standard input and print one.
import { readFileSync } from 'node:fs';

export function input() {
  return JSON.parse(readFileSync(0, 'utf8'));
}

export function output(document) {
  const text = (_key, value) => (typeof value === 'bigint' ? value.toString() : value);
  process.stdout.write(`${JSON.stringify(document, text)}\n`);
}
