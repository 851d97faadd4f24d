// Writes vectors.json: what viem 2.38.6, ethers 6 and node's BigInt make of fixed inputs.
//   npm install viem@2.38.6 ethers@6 && node make_vectors.mjs > vectors.json
// Where viem and ethers can both do a thing, they have to agree before it is written.
import assert from 'node:assert';
import { AbiCoder, Interface, encodeRlp } from 'ethers';
import {
  encodeAbiParameters, encodeFunctionData, formatEther, hashDomain, hashMessage, hashStruct,
  hashTypedData, keccak256, parseAbi, serializeTransaction, toHex, toRlp,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { hashAuthorization } from 'viem/utils';

// mulberry32 with a fixed seed: the file comes out the same every time.
let state = 0x5eed1234;
function random32() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}
const below = (n) => random32() % n;
const octets = (n) => toHex(Uint8Array.from({ length: n }, () => below(256)));
const bits = (n) => BigInt(octets(32)) >> BigInt(256 - n);

function u256() {
  const limit = 1n << 256n;
  const text = (n) => (n === null || n < 0n || n >= limit ? null : n.toString());
  const edges = [0n, 1n, (1n << 64n) - 1n, 1n << 64n, (1n << 128n) - 1n, 1n << 255n, limit - 1n];
  const pairs = edges.flatMap((a) => edges.map((b) => [a, b]));
  for (let i = 0; i < 60; ++i) pairs.push([bits(1 + below(256)), bits(1 + below(256))]);
  // Divisors with the top bit set: the remainder passes 2^256 on its way.
  for (let i = 0; i < 6; ++i) pairs.push([bits(256), bits(256) | (1n << 255n)]);
  return pairs.map(([a, b]) => ({
    a: a.toString(), b: b.toString(), hex: toHex(a), ether: formatEther(a),
    sum: text(a + b), difference: text(a - b), product: text(a * b),
    quotient: text(b === 0n ? null : a / b), remainder: text(b === 0n ? null : a % b),
  }));
}

function rlpTree(depth) {
  if (depth === 0 || below(3) === 0) return octets([0, 1, 1, 20, 32, 55, 56, 260][below(8)]);
  return Array.from({ length: below(6) }, () => rlpTree(depth - 1));
}
function rlp() {
  return Array.from({ length: 30 }, () => {
    const item = rlpTree(4);
    const encoded = encodeRlp(item);
    assert.equal(encoded, toRlp(item));
    return { item, encoded };
  });
}

// A random type, a value for it as the libraries take it, and the same as JSON.
function abiType(depth) {
  const kind = below(depth === 0 ? 7 : 11);
  if (kind === 0) return { type: `uint${8 * (1 + below(32))}` };
  if (kind === 1) return { type: `int${8 * (1 + below(32))}` };
  if (kind === 2) return { type: 'address' };
  if (kind === 3) return { type: 'bool' };
  if (kind === 4) return { type: `bytes${1 + below(32)}` };
  if (kind === 5) return { type: 'bytes' };
  if (kind === 6) return { type: 'string' };
  if (kind <= 8) {
    const element = abiType(depth - 1);
    return { ...element, type: element.type + (below(3) === 0 ? `[${1 + below(3)}]` : '[]') };
  }
  const components = Array.from({ length: 1 + below(3) }, (_, i) => ({
    name: `m${i}`, ...abiType(depth - 1),
  }));
  return { type: 'tuple', components };
}
function abiValue({ type, components }) {
  const array = /^(.*)\[(\d*)\]$/.exec(type);
  if (array) {
    const length = array[2] ? Number(array[2]) : below(4);
    return Array.from({ length }, () => abiValue({ type: array[1], components }));
  }
  const size = Number(/\d+$/.exec(type)?.[0] ?? 0);
  if (type === 'tuple') return Object.fromEntries(components.map((c) => [c.name, abiValue(c)]));
  if (type === 'address') return octets(20);
  if (type === 'bool') return below(2) === 1;
  if (type === 'string') return ['', 'ä€😀', 'ecloud', 'x'.repeat(below(80))][below(4)];
  if (type === 'bytes') return octets(below(70));
  if (type.startsWith('bytes')) return octets(size);
  const number = below(4) === 0 ? (1n << BigInt(size)) - 1n : bits(size);
  const value = type.startsWith('uint') ? number : BigInt.asIntN(size, number);
  return size <= 48 ? Number(value) : value;  // as viem types them
}
function abiText({ type, components }) {
  return type.replace('tuple', () => `(${components.map(abiText).join(',')})`);
}
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object') return Object.values(value).map(plain);
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString();
  return value;
}
function abi() {
  return Array.from({ length: 50 }, () => {
    const types = Array.from({ length: 1 + below(4) }, (_, i) => ({ name: `p${i}`, ...abiType(3) }));
    const values = types.map(abiValue);
    const encoded = encodeAbiParameters(types, values);
    const text = types.map(abiText);
    assert.equal(encoded, AbiCoder.defaultAbiCoder().encode(text, values.map(plain)));
    return { types: `(${text.join(',')})`, values: values.map(plain), encoded };
  });
}

const account = privateKeyToAccount(
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');  // anvil's first key
const delegator = '0x63c0c19a282a1b52b07dd5a65b58948a07dae32b';
const controller = '0x0dd810a6ffba6a9820a10d97b659f07d8d23d4E2';
const permissions = '0x44632dfBdCb6D3E21EF613B0ca8A6A0c618F5a37';
const app = '0x1111222233334444555566667777888899990000';
const salt = `0x${'5a'.repeat(32)}`;

function calls() {
  const artifacts = '((bytes32 digest, string registry)[] artifacts, uint32 upgradeByTime) rms';
  const policy = '(string[] args, string[] cmdOverride, (string key, string value)[] env, ' +
    '(string key, string value)[] envOverride, string restartPolicy) policy';
  const release = [
    { artifacts: [{ digest: `0x${'ab'.repeat(32)}`, registry: 'docker.io/library/nginx' }],
      upgradeByTime: 1800003600 },
    toHex('{"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"}'), '0x00ff10',
  ];
  const asTuple = (extra) => ({ rms: release[0], publicEnv: release[1], encryptedEnv: release[2],
                                ...extra });
  const call = (signature, args) => {
    const fragments = [`function ${signature}`];
    const data = encodeFunctionData({ abi: parseAbi(fragments), args });
    const name = signature.slice(0, signature.indexOf('('));
    assert.equal(data, new Interface(fragments).encodeFunctionData(name, args));
    return data;
  };
  const old = `(${artifacts}, bytes publicEnv, bytes encryptedEnv) release`;
  const now = `(${artifacts}, bytes publicEnv, bytes encryptedEnv, ${policy}) release`;
  const fullPolicy = { args: ['--port', '8080'], cmdOverride: ['/bin/app'],
                       env: [{ key: 'A', value: '1' }],
                       envOverride: [{ key: 'B', value: '2' }, { key: 'C', value: '' }],
                       restartPolicy: 'Always' };
  const noPolicy = { args: [], cmdOverride: [], env: [], envOverride: [], restartPolicy: '' };
  const createApp = call(`createApp(bytes32 salt, ${old})`, [salt, asTuple({})]);
  const acceptAdmin = call('acceptAdmin(address account)', [app]);
  const setAppointee = call(
    'setAppointee(address account, address appointee, address target, bytes4 selector)',
    [app, '0x493219d9949348178af1f58740655951a8cd110c',
     '0x57ee1fb74c1087e26446abc4fb87fd8f07c43d8d', '0x2fd3f2fe']);
  const batch = encodeAbiParameters(
    [{ type: 'tuple[]', components: [{ name: 'target', type: 'address' },
                                     { name: 'value', type: 'uint256' },
                                     { name: 'callData', type: 'bytes' }] }],
    [[{ target: controller, value: 0n, callData: createApp },
      { target: permissions, value: 0n, callData: acceptAdmin },
      { target: permissions, value: 0n, callData: setAppointee }]]);
  return {
    createApp, acceptAdmin, setAppointee, batch,
    createAppWithPolicy:
      call(`createApp(bytes32 salt, ${now})`, [salt, asTuple({ policy: fullPolicy })]),
    createAppWithEmptyPolicy:
      call(`createApp(bytes32 salt, ${now})`, [salt, asTuple({ policy: noPolicy })]),
    execute: call('execute(bytes32 mode, bytes executionCalldata)',
                  [`0x01${'00'.repeat(31)}`, batch]),
  };
}

async function transactions() {
  const sign = async (name, transaction) => {
    const raw = await account.signTransaction(transaction);
    const text = (n) => (n ?? 0n).toString();
    return {
      name, raw, hash: keccak256(raw), signingHash: keccak256(serializeTransaction(transaction)),
      chainId: text(transaction.chainId), nonce: text(transaction.nonce),
      tip: text(transaction.maxPriorityFeePerGas), fee: text(transaction.maxFeePerGas),
      gas: text(transaction.gas), to: transaction.to, value: text(transaction.value),
      data: transaction.data ?? '0x',
      authorizations: (transaction.authorizationList ?? []).map((a) => ({
        chainId: text(a.chainId), address: a.address, nonce: text(a.nonce), hash: hashAuthorization(a),
        r: a.r, s: a.s, yParity: text(a.yParity),
      })),
    };
  };
  const fees = { maxPriorityFeePerGas: 1500000000n, maxFeePerGas: 63000000000n };
  const authorize = (chainId, contractAddress, nonce) =>
    account.signAuthorization({ chainId, contractAddress, nonce });
  const data = calls().execute;
  return [
    await sign('a transfer', { type: 'eip1559', chainId: 1, nonce: 0, ...fees, gas: 21000n,
                               to: permissions, value: 1234567890123456789n }),
    await sign('zeros wherever they are allowed',
               { type: 'eip1559', chainId: 11155111, to: controller }),
    await sign('the largest numbers', {
      type: 'eip1559', chainId: Number.MAX_SAFE_INTEGER, nonce: Number.MAX_SAFE_INTEGER,
      maxPriorityFeePerGas: (1n << 255n) - 1n, maxFeePerGas: (1n << 255n) - 1n,
      gas: (1n << 64n) - 1n, to: app, value: (1n << 256n) - 1n, data: `0x${'00'.repeat(300)}` }),
    await sign('a batch on a delegated account',
               { type: 'eip1559', chainId: 11155111, nonce: 300, ...fees, gas: 900000n,
                 to: account.address, data }),
    await sign('a batch that delegates', {
      type: 'eip7702', chainId: 11155111, nonce: 7, ...fees, gas: 1200000n, to: account.address,
      data, authorizationList: [await authorize(11155111, delegator, 8)] }),
    await sign('an undelegation', {
      type: 'eip7702', chainId: 1, nonce: 0, ...fees, gas: 60000n, to: account.address,
      authorizationList: [await authorize(1, `0x${'00'.repeat(20)}`, 1)] }),
    await sign('two authorizations, one for every chain', {
      type: 'eip7702', chainId: 1, nonce: 128, ...fees, gas: 60000n, to: account.address,
      value: 5n,
      authorizationList: [await authorize(0, delegator, 0), await authorize(1, app, 129)] }),
  ];
}

function signing() {
  const billing = { name: 'EigenCloud Billing API', version: '1' };
  const types = { BillingAuth: [{ name: 'product', type: 'string' },
                                { name: 'expiry', type: 'uint256' }] };
  const message = { product: 'compute', expiry: 1800000300n };
  const domain = (fields) => hashDomain({ domain: fields, types: { EIP712Domain: [
    ['name', 'string'], ['version', 'string'], ['chainId', 'uint256'],
    ['verifyingContract', 'address'],
  ].filter(([name]) => fields[name] !== undefined).map(([name, type]) => ({ name, type })) } });
  return {
    personal: ['', 'hello', 'ä€😀', 'x'.repeat(1000)].map((text) => ({
      text, hash: hashMessage(text) })),
    personalRaw: { bytes: salt, hash: hashMessage({ raw: salt }) },
    domains: {
      billing: domain(billing), nothing: domain({}), chainOnly: domain({ chainId: 1n }),
      contractOnly: domain({ verifyingContract: controller }),
      nameAndContract: domain({ name: 'N', verifyingContract: controller }),
    },
    billingStruct: hashStruct({ data: message, types, primaryType: 'BillingAuth' }),
    billingDigest: hashTypedData({ domain: billing, types, primaryType: 'BillingAuth', message }),
  };
}

const vectors = { u256: u256(), rlp: rlp(), abi: abi(), calls: calls(),
                  transactions: await transactions(), signing: signing() };
// One entry a line, so that a change can be read.
const section = ([name, value]) => {
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const entries = Array.isArray(value)
    ? value.map((entry) => JSON.stringify(entry))
    : Object.entries(value).map(([key, entry]) => `"${key}": ${JSON.stringify(entry)}`);
  return `"${name}": ${open}\n${entries.join(',\n')}\n${close}`;
};
process.stdout.write(`{${Object.entries(vectors).map(section).join(',\n')}}\n`);
