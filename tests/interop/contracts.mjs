// The platform's contracts in viem's words, written down from their published interfaces.
import { encodeAbiParameters, encodeFunctionData, parseAbi } from 'viem';

const structs = [
  'struct Artifact { bytes32 digest; string registry; }',
  'struct RmsRelease { Artifact[] artifacts; uint32 upgradeByTime; }',
  'struct Pair { string key; string value; }',
  'struct Policy { string[] args; string[] cmdOverride; Pair[] env; Pair[] envOverride; ' +
    'string restartPolicy; }',
];

// What differs between the two generations of the AppController.
const generations = {
  before: [
    'struct Release { RmsRelease rmsRelease; bytes publicEnv; bytes encryptedEnv; }',
    'struct AppConfig { address creator; uint32 operatorSetId; uint32 latestReleaseBlockNumber; ' +
      'uint8 status; }',
  ],
  from: [
    'struct Release { RmsRelease rmsRelease; bytes publicEnv; bytes encryptedEnv; ' +
      'Policy containerPolicy; }',
    'struct AppConfig { address creator; uint32 operatorSetId; uint32 latestReleaseBlockNumber; ' +
      'uint32 pendingReleaseBlockNumber; uint8 status; }',
  ],
};

const functions = [
  'function createApp(bytes32 salt, Release release) returns (address)',
  'function upgradeApp(address app, Release release) returns (uint256)',
  'function startApp(address app)',
  'function stopApp(address app)',
  'function terminateApp(address app)',
  'function version() view returns (string)',
  'function calculateAppId(address deployer, bytes32 salt) view returns (address)',
  'function getMaxActiveAppsPerUser(address user) view returns (uint32)',
  'function getActiveAppCount(address user) view returns (uint32)',
  'function getAppStatus(address app) view returns (uint8)',
  'function getAppCreator(address app) view returns (address)',
  'function getAppLatestReleaseBlockNumber(address app) view returns (uint32)',
  'function getAppsByDeveloper(address developer, uint256 offset, uint256 limit) view ' +
    'returns (address[] apps, AppConfig[] configs)',
  'function acceptAdmin(address account)',
  'function setAppointee(address account, address appointee, address target, bytes4 selector)',
  'function removeAppointee(address account, address appointee, address target, bytes4 selector)',
  'function canCall(address account, address caller, address target, bytes4 selector) view ' +
    'returns (bool)',
  'function execute(bytes32 mode, bytes executionCalldata)',
  'function approve(address spender, uint256 amount) returns (bool)',
  'function purchaseCreditsFor(uint256 amount, address account)',
];

export const abis = {
  before: parseAbi([...structs, ...generations.before, ...functions]),
  from: parseAbi([...structs, ...generations.from, ...functions]),
};

const emptyPolicy = { args: [], cmdOverride: [], env: [], envOverride: [], restartPolicy: '' };

// `release` is {artifacts: [{digest, registry}], upgradeByTime, publicEnv, encryptedEnv}.
export function releaseOf(generation, { artifacts, upgradeByTime, publicEnv, encryptedEnv }) {
  const release = { rmsRelease: { artifacts, upgradeByTime }, publicEnv, encryptedEnv };
  return generation === 'from' ? { ...release, containerPolicy: emptyPolicy } : release;
}

export function call(generation, functionName, args) {
  return encodeFunctionData({ abi: abis[generation], functionName, args });
}

// execute(0x0100…00, calls): `calls` are {target, value, data}.
export function executeBatch(calls) {
  const batch = encodeAbiParameters(
    [{ type: 'tuple[]', components: [
      { name: 'target', type: 'address' },
      { name: 'value', type: 'uint256' },
      { name: 'callData', type: 'bytes' },
    ] }],
    [calls.map(({ target, value, data }) => ({ target, value: BigInt(value), callData: data }))]);
  return call('from', 'execute', [`0x01${'00'.repeat(31)}`, batch]);
}
