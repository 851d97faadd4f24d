// In: {"privateKey", "password", "file": a key file of ours or null}. Out: the key in our file as
// ethers opens it, and key files of the same key as ethers writes them: plain, and with
// the words of a wallet beside the key. Cheaply, because its scrypt takes a while.
import { HDNodeWallet, Wallet, decryptKeystoreJson, encryptKeystoreJson } from 'ethers';
import { input, output } from './json_io.mjs';

const { privateKey, password, file } = input();
const opened = file && (await decryptKeystoreJson(JSON.stringify(file), password));
const wallet = new Wallet(privateKey);
const account = { address: wallet.address, privateKey };
const hd = HDNodeWallet.fromPhrase(
  'test test test test test test test test test test test junk');
const cheap = { scrypt: { N: 1024, r: 8, p: 1 } };
output({
  opened,
  address: wallet.address,
  cheap: await encryptKeystoreJson(account, password, cheap),
  words: await encryptKeystoreJson(
    { address: hd.address, privateKey: hd.privateKey,
      mnemonic: { path: hd.path, locale: 'en', entropy: hd.mnemonic.entropy } }, password, cheap),
  wordsKey: hd.privateKey,
});
