// Writes bytecode.json, the runtime code of the contracts in stand_ins.sol:
//   npm install --no-save solc@0.8.28 && node compile.mjs > bytecode.json
import { readFileSync } from 'node:fs';
import solc from 'solc';

const name = 'stand_ins.sol';
const { contracts, errors } = JSON.parse(solc.compile(JSON.stringify({
  language: 'Solidity',
  sources: { [name]: { content: readFileSync(new URL(name, import.meta.url), 'utf8') } },
  settings: {
    optimizer: { enabled: true, runs: 1 },
    metadata: { appendCBOR: false },
    outputSelection: { '*': { '*': ['evm.deployedBytecode.object'] } },
  },
})));
if (errors?.length) throw new Error(errors.map((error) => error.formattedMessage).join('\n'));
const code = Object.entries(contracts[name])
  .map(([contract, { evm }]) => [contract, evm.deployedBytecode.object])
  .filter(([, object]) => object !== '')
  .map(([contract, object]) => [contract, `0x${object}`]);
process.stdout.write(`${JSON.stringify(Object.fromEntries(code), null, 2)}\n`);
