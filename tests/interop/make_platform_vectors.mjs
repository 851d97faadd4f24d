// Writes tests/data/platform/vectors.json: what viem, ethers and the npm package dotenv make of
// fixed inputs. Run it here after `npm ci --ignore-scripts`:
//   node make_platform_vectors.mjs > ../data/platform/vectors.json
import assert from 'node:assert';
import dotenv from 'dotenv';
import { Interface } from 'ethers';
import { encodeFunctionResult, hashDomain, hashTypedData, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { abis, call, executeBatch, releaseOf } from './contracts.mjs';

const account = privateKeyToAccount(
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');  // anvil's first key
const controller = '0x0dd810a6ffba6a9820a10d97b659f07d8d23d4E2';
const permissions = '0x44632dfBdCb6D3E21EF613B0ca8A6A0c618F5a37';
const app = '0x1111222233334444555566667777888899990000';
const other = '0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa';
const salt = `0x${'5a'.repeat(32)}`;
const logs = ['0x493219d9949348178af1f58740655951a8cd110c',
              '0x57ee1fb74c1087e26446abc4fb87fd8f07c43d8d', '0x2fd3f2fe'];
const release = {
  artifacts: [{ digest: `0x${'ab'.repeat(32)}`, registry: 'docker.io/library/nginx' }],
  upgradeByTime: 1800003600,
  publicEnv: toHex('{"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"}'),
  encryptedEnv: toHex('aaa.bbb.ccc.ddd.eee'),
};

// ethers has to agree with viem before anything is written.
function checked(generation, name, args) {
  const data = call(generation, name, args);
  const plain = (value) => (Array.isArray(value) ? value.map(plain)
    : typeof value === 'object' ? Object.values(value).map(plain) : value);
  const ethers = new Interface(abis[generation].filter((item) => item.name === name));
  assert.equal(data, ethers.encodeFunctionData(name, args.map(plain)));
  return data;
}

function calls() {
  const both = (name, first) => ({
    [`${name} before 1.5.0`]: checked('before', name, [first, releaseOf('before', release)]),
    [`${name} from 1.5.0`]: checked('from', name, [first, releaseOf('from', release)]),
  });
  const one = (name, args) => ({ [name]: checked('from', name, args) });
  const acceptAdmin = call('from', 'acceptAdmin', [app]);
  const setAppointee = call('from', 'setAppointee', [app, ...logs]);
  return {
    ...both('createApp', salt), ...both('upgradeApp', app),
    ...one('startApp', [app]), ...one('stopApp', [app]), ...one('terminateApp', [app]),
    ...one('version', []), ...one('calculateAppId', [account.address, salt]),
    ...one('getMaxActiveAppsPerUser', [app]), ...one('getActiveAppCount', [app]),
    ...one('getAppStatus', [app]), ...one('getAppCreator', [app]),
    ...one('getAppLatestReleaseBlockNumber', [app]),
    ...one('getAppsByDeveloper', [app, 20n, 10n]), ...one('acceptAdmin', [app]),
    ...one('setAppointee', [app, ...logs]), ...one('removeAppointee', [app, ...logs]),
    ...one('canCall', [app, ...logs]),
    'execute': executeBatch([{ target: permissions, value: 0n, data: acceptAdmin },
                             { target: permissions, value: 7n, data: setAppointee }]),
    'execute nothing': executeBatch([]),
    'execute in another mode': checked('from', 'execute', [`0x${'00'.repeat(32)}`, '0x']),
  };
}

function answers() {
  const result = (generation, functionName, value) =>
    encodeFunctionResult({ abi: abis[generation], functionName, result: value });
  const record = (creator, latest, pending, status) => ({
    creator, operatorSetId: 3, latestReleaseBlockNumber: latest,
    pendingReleaseBlockNumber: pending, status });
  const records = [record(account.address, 9000001, 0, 1), record(other, 4294967295, 9000002, 5)];
  const list = (generation, values) => result(generation, 'getAppsByDeveloper',
                                              [[app, other].slice(0, values.length), values]);
  return {
    'apps before 1.5.0': list('before', records), 'apps from 1.5.0': list('from', records),
    'no apps': list('from', []),
    'unknown status': list('from', [record(other, 1, 0, 6)]),
    'more apps than records':
      result('from', 'getAppsByDeveloper', [[app, other], [record(other, 1, 0, 1)]]),
    'version': result('from', 'version', '1.5.0'),
    'app id': result('from', 'calculateAppId', app),
    'count': result('from', 'getActiveAppCount', 7),
    'yes': result('from', 'canCall', true), 'no': result('from', 'canCall', false),
  };
}

async function signatures() {
  const expiry = 1800000300n;
  const domain = (chainId, contract, version) => ({
    name: 'EigenLayer', version, chainId, verifyingContract: contract });
  const types = { ApiPermission: [{ name: 'permission', type: 'bytes4' },
                                  { name: 'expiry', type: 'uint256' }] };
  const hashDomainOf = (fields) => hashDomain({ domain: fields, types: { EIP712Domain: [
    { name: 'name', type: 'string' }, { name: 'version', type: 'string' },
    { name: 'chainId', type: 'uint256' }, { name: 'verifyingContract', type: 'address' }] } });
  const digest = hashTypedData({
    domain: domain(11155111n, controller, '1'), types, primaryType: 'ApiPermission',
    message: { permission: '0x2fd3f2fe', expiry } });
  const billing = (product, when) => ({
    domain: { name: 'EigenCloud Billing API', version: '1' },
    types: { BillingAuth: [{ name: 'product', type: 'string' },
                           { name: 'expiry', type: 'uint256' }] },
    primaryType: 'BillingAuth', message: { product, expiry: when } });
  return {
    mainnetDomain: hashDomainOf(
      domain(1n, '0xc38d35Fc995e75342A21CBd6D770305b142Fbe67', '1')),
    laterVersionDomain: hashDomainOf(domain(11155111n, controller, '2')),
    permissionDigest: digest,
    permissionSignature: await account.signMessage({ message: { raw: digest } }),
    billingDigest: hashTypedData(billing('compute', expiry)),
    billingDigestOfZero: hashTypedData(billing('compute', 0n)),
    billingDigestOfLargest: hashTypedData(billing('compute', (1n << 64n) - 1n)),
    billingSignature: await account.signTypedData(billing('compute', expiry)),
    buildSignature: await account.signTypedData(billing('compute', 1800000060n)),
  };
}

// Inputs that both parsers read alike. (They differ in what is an error, in escapes other than \n
// and \r, in comments without a blank before them and in backquotes.)
const dotenvTexts = [
  '', '\n\n', '# only a comment', 'A=1', 'A=1\n', 'A=1\r\nB=2\r\n',
  'A=', 'A=\nB=2', 'A=""', "A=''", 'A=1\nB=2\nC=3', '  A = 1  ', '\tA\t=\t1\t', 'A=one two',
  'A= one  two ', 'A=1 # comment', 'A=1\t# comment', 'A=# comment', 'A=   # comment',
  'A="#no comment"', "A='# no comment'", 'A="1" # comment', "A='1' # comment", 'A="1"#comment',
  '#A=1\nB=2', '  # A=1\nB=2', 'export A=1', 'export   A=1', '  export\tA="x"', 'exportA=1',
  'export_=1', 'A="a b"', "A='a b'", 'A=" a "', "A=' a '", 'A="it\'s"', "A='say \"hi\"'",
  'A="1\\n2"', "A='1\\n2'", 'A=1\\n2', 'A="1\\r2"', 'A="first\nsecond"', "A='first\nsecond'",
  'A="first\r\nsecond"\r\nB=2\r\n', 'A="-----BEGIN-----\nabc+/=\n-----END-----\n"\nB=2',
  'A=a=b=c', 'A="a=b"', 'A==', 'A=$B', 'A=${B}', 'A=https://x.example/?q=1&r=2', 'A={"k":"v"}',
  'A=a"b"c', "A=it's", 'A=ä€😀', 'A="ä€😀"', 'A=1\nA=2', 'A=1\nB=2\nA=3', '_=1', '_A9=1', 'a=1\nA=2',
  'no equals sign', 'nothing\nA=1', 'A=1\n\n\n  \nB=2', 'A_PUBLIC=1', 'A="\n"', 'A=\\', 'A=*',
];

const vectors = {
  calls: calls(), answers: answers(), signatures: await signatures(),
  dotenv: dotenvTexts.map((text) => ({ text, entries: dotenv.parse(text) })),
};
// One entry a line, so that a change can be read.
const section = ([name, value]) => {
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const entries = Array.isArray(value)
    ? value.map((entry) => JSON.stringify(entry))
    : Object.entries(value).map(([key, entry]) => `"${key}": ${JSON.stringify(entry)}`);
  return `"${name}": ${open}\n${entries.join(',\n')}\n${close}`;
};
process.stdout.write(`{${Object.entries(vectors).map(section).join(',\n')}}\n`);
