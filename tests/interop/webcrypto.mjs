// jose 6 wants the Web Crypto API as a global, which node 18 keeps behind a flag. Import this
// module before jose.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
