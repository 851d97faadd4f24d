// In: {"salt", "app", "release", "calls": [{"target", "value", "data"}], "amount"?}.
// Out: the calldata that viem builds.
import { call, executeBatch, releaseOf } from './contracts.mjs';
import { input, output } from './json_io.mjs';

// Anyone, at the platform's API, may read logs: the addresses and the selector of its documents.
const publicLogs = ['0x493219d9949348178af1f58740655951a8cd110c',
  '0x57ee1fb74c1087e26446abc4fb87fd8f07c43d8d', '0x2fd3f2fe'];
const { salt, app, release, calls, amount } = input();
const built = {
  startApp: call('from', 'startApp', [app]),
  stopApp: call('from', 'stopApp', [app]),
  terminateApp: call('from', 'terminateApp', [app]),
};
for (const functionName of ['setAppointee', 'removeAppointee']) {
  built[functionName] = call('from', functionName, [app, ...publicLogs]);
}
for (const generation of ['before', 'from']) {
  const struct = releaseOf(generation, release);
  built[generation] = {
    createApp: call(generation, 'createApp', [salt, struct]),
    upgradeApp: call(generation, 'upgradeApp', [app, struct]),
  };
}
if (amount) {
  built.approve = call('from', 'approve', [app, BigInt(amount)]);
  built.purchase = call('from', 'purchaseCreditsFor', [BigInt(amount), app]);
}
output({ ...built, execute: executeBatch(calls) });
