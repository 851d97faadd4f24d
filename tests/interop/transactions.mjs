// In: {"raw": ["0x02…", "0x04…"]}. Out: what viem and ethers read in them.
import { Transaction } from 'ethers';
import { keccak256, parseTransaction, recoverTransactionAddress } from 'viem';
import { recoverAuthorizationAddress } from 'viem/utils';
import { input, output } from './json_io.mjs';

const text = (number) => (number ?? 0).toString();

async function read(raw) {
  const transaction = parseTransaction(raw);
  const authorizations = (transaction.authorizationList ?? []).map(async (authorization) => ({
    chainId: text(authorization.chainId),
    address: authorization.address.toLowerCase(),
    nonce: text(authorization.nonce),
    authority: await recoverAuthorizationAddress({ authorization }),
  }));
  const ethers = Transaction.from(raw);
  return {
    type: transaction.type,
    chainId: text(transaction.chainId),
    nonce: text(transaction.nonce),
    maxPriorityFeePerGas: text(transaction.maxPriorityFeePerGas),
    maxFeePerGas: text(transaction.maxFeePerGas),
    gas: text(transaction.gas),
    to: transaction.to,
    value: text(transaction.value),
    data: transaction.data ?? '0x',
    sender: await recoverTransactionAddress({ serializedTransaction: raw }),
    hash: keccak256(raw),
    authorizations: await Promise.all(authorizations),
    ethers: {
      sender: ethers.from,
      hash: ethers.hash,
      authorities: (ethers.authorizationList ?? []).map(({ address, nonce, chainId }) =>
        `${address.toLowerCase()} ${nonce} ${chainId}`),
    },
  };
}

output(await Promise.all(input().raw.map(read)));
