// In: {"mnemonics": ["…"]}. Out: for each whether it is valid, and its first addresses: Ethereum by
// @scure/bip32 and by viem, Solana by SLIP-10 written out here with @noble/curves.
import { createHmac } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519';
import { base58 } from '@scure/base';
import { HDKey } from '@scure/bip32';
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync, validateMnemonic }
  from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english';
import { mnemonicToAccount, privateKeyToAddress } from 'viem/accounts';
import { toHex } from 'viem';
import { input, output } from './json_io.mjs';

function slip10(seed, indexes) {
  const split = (key, data) => {
    const node = createHmac('sha512', key).update(data).digest();
    return { key: node.subarray(0, 32), chainCode: node.subarray(32) };
  };
  let node = split('ed25519 seed', seed);
  for (const index of indexes) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(0x80000000 + index);
    node = split(node.chainCode, Buffer.concat([Buffer.alloc(1), node.key, number]));
  }
  return node.key;
}

output(input().mnemonics.map((mnemonic) => {
  const seed = mnemonicToSeedSync(mnemonic);
  const evm = HDKey.fromMasterSeed(seed).derive("m/44'/60'/0'/0/0");
  return {
    valid: validateMnemonic(mnemonic, wordlist),
    again: entropyToMnemonic(mnemonicToEntropy(mnemonic, wordlist), wordlist),
    seed: toHex(seed),
    evm: privateKeyToAddress(toHex(evm.privateKey)),
    evmByViem: mnemonicToAccount(mnemonic).address,
    solana: base58.encode(ed25519.getPublicKey(slip10(seed, [44, 501, 0, 0]))),
  };
}));
