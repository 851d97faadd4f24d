// Makes viem_vectors.json beside it, with viem 2.38 and jose 6: what a client that shares no code with
// ours sends to a devnet whose clock shows 1,800,000,000. Run with both packages in reach:
//   node make_vectors.mjs
import {CompactEncrypt, importSPKI} from 'jose';
import fs from 'node:fs';
import {bytesToHex, concatHex, encodeAbiParameters, encodeFunctionData, getContractAddress,
        hexToBytes, keccak256, parseAbi, stringToHex, hashTypedData} from 'viem';
import {mnemonicToAccount} from 'viem/accounts';

const here = new URL('.', import.meta.url);
const now = 1_800_000_000;
const chainId = 31337;
const controller = '0xde00000000000000000000000000000000000001';
const permissions = '0xde00000000000000000000000000000000000002';
const delegator = '0xde00000000000000000000000000000000000003';
const beacon = '0xde00000000000000000000000000000000000004';
const words = 'test test test test test test test test test test test junk';
const accounts = [0, 1].map((addressIndex) => mnemonicToAccount(words, {addressIndex}));
const deployer = accounts[0].address;
const salt = '0x' + '5a'.repeat(32);

const appId = getContractAddress({
  opcode: 'CREATE2',
  from: controller,
  salt: keccak256(concatHex([deployer, salt])),
  bytecode: concatHex([
    stringToHex('ecloud devnet app proxy'),
    encodeAbiParameters([{type: 'address'}, {type: 'bytes'}], [
      beacon,
      encodeFunctionData({abi: parseAbi(['function initialize(address)']), args: [deployer]}),
    ]),
  ]),
});

const kmsKey = await importSPKI(
    fs.readFileSync(new URL('kms-encryption.pem', here), 'utf8'), 'RSA-OAEP-256');
const encrypt = (header, variables) =>
    new CompactEncrypt(new TextEncoder().encode(JSON.stringify(variables)))
        .setProtectedHeader({alg: 'RSA-OAEP-256', enc: 'A256GCM', ...header})
        .encrypt(kmsKey);
const variables = {API_TOKEN: 'from jose', GREETING_PUBLIC: 'private one'};
const jwe = await encrypt({'x-eigenx-app-id': appId}, variables);
const jweUpperCase = await encrypt({'x-eigenx-app-id': appId.toUpperCase().replace('X', 'x')}, variables);
const jweOtherApp =
    await encrypt({'x-eigenx-app-id': '0x00000000000000000000000000000000000000aa'}, variables);
const jweNoApp = await encrypt({}, variables);
// Members that the KMS does not know, of every kind, and an app ID that is not a string.
const jweMoreMembers = await encrypt(
    {'x-ecloud-wallet': 'generated', 'x-ecloud-wallet-words': 'AAEC', 'x-number': 7,
     'x-object': {list: [1, null]}, 'x-eigenx-app-id': appId}, variables);
const jweNumberAsApp = await encrypt({'x-eigenx-app-id': 7}, variables);

const releaseThree =
    '(((bytes32 digest, string registry)[] artifacts, uint32 upgradeByTime) rmsRelease, bytes publicEnv, bytes encryptedEnv)';
const releaseFour =
    '(((bytes32 digest, string registry)[] artifacts, uint32 upgradeByTime) rmsRelease, bytes publicEnv, bytes encryptedEnv, (string[] args, string[] cmdOverride, (string key, string value)[] env, (string key, string value)[] envOverride, string restartPolicy) containerPolicy)';
const release = {
  rmsRelease: {
    artifacts: [{digest: '0x' + '11'.repeat(32), registry: 'docker.io/library/nginx'}],
    upgradeByTime: now + 3600,
  },
  publicEnv: stringToHex('{"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-2s","GREETING_PUBLIC":"hello"}'),
  encryptedEnv: stringToHex(jwe),
  containerPolicy: {args: [], cmdOverride: [], env: [], envOverride: [], restartPolicy: ''},
};

async function deployment(releaseType, account, nonce, authorizationNonce) {
  const call = (abi, target, args) => ({
    target, value: 0n, callData: encodeFunctionData({abi: parseAbi([abi]), args}),
  });
  const calls = [
    call(`function createApp(bytes32 salt, ${releaseType} release) returns (address)`, controller,
         [salt, release]),
    call('function acceptAdmin(address account)', permissions, [appId]),
    call('function setAppointee(address,address,address,bytes4)', permissions,
         [appId, '0x493219d9949348178af1f58740655951a8cd110c',
          '0x57ee1fb74c1087e26446abc4fb87fd8f07c43d8d', '0x2fd3f2fe']),
  ];
  const data = encodeFunctionData({
    abi: parseAbi(['function execute(bytes32 mode, bytes executionCalldata)']),
    args: ['0x01' + '00'.repeat(31), encodeAbiParameters([{
      type: 'tuple[]',
      components: [{type: 'address', name: 'target'}, {type: 'uint256', name: 'value'},
                   {type: 'bytes', name: 'callData'}],
    }], [calls])],
  });
  const authorization = await account.signAuthorization(
      {chainId, contractAddress: delegator, nonce: authorizationNonce});
  return account.signTransaction({
    type: 'eip7702', chainId, nonce, to: account.address, data, gas: 2_000_000n,
    maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n,
    authorizationList: [authorization],
  });
}

async function permissionSignature(account, permission, expiry) {
  const digest = hashTypedData({
    domain: {name: 'EigenLayer', version: '1', chainId, verifyingContract: controller},
    types: {ApiPermission: [{name: 'permission', type: 'bytes4'}, {name: 'expiry', type: 'uint256'}]},
    primaryType: 'ApiPermission',
    message: {permission, expiry: BigInt(expiry)},
  });
  return (await account.signMessage({message: {raw: digest}})).slice(2);
}

const billingSignature = (account, expiry) => account.signTypedData({
  domain: {name: 'EigenCloud Billing API', version: '1'},
  types: {BillingAuth: [{name: 'product', type: 'string'}, {name: 'expiry', type: 'uint256'}]},
  primaryType: 'BillingAuth',
  message: {product: 'compute', expiry: BigInt(expiry)},
});

const permissionNames = {info: '0x0e67b22f', logs: '0x2fd3f2fe', profile: '0x036fef61'};
const signatures = {};
for (const [i, account] of accounts.entries()) {
  const mine = signatures[`account${i}`] = {};
  for (const [name, permission] of Object.entries(permissionNames)) {
    mine[name] = await permissionSignature(account, permission, now + 300);
  }
  mine.infoExpired = await permissionSignature(account, permissionNames.info, now);
  mine.infoFar = await permissionSignature(account, permissionNames.info, now + 601);
  mine.billing = await billingSignature(account, now + 300);
  mine.billingExpired = await billingSignature(account, now);
  mine.build = await billingSignature(account, now + 60);
}

fs.writeFileSync(new URL('viem_vectors.json', here), JSON.stringify({
  now, salt, appId, jwe, jweUpperCase, jweOtherApp, jweNoApp, jweMoreMembers, jweNumberAsApp,
  accounts: accounts.map((a) => ({
    address: a.address, privateKey: bytesToHex(a.getHdKey().privateKey)})),
  deployThree: await deployment(releaseThree, accounts[0], 0, 1),
  deployFour: await deployment(releaseFour, accounts[0], 0, 1),
  deployFourStaleAuthorization: await deployment(releaseFour, accounts[0], 0, 0),
  signatures,
}, null, 1) + '\n');
