// In: {"salt", "app", "release", "calls": [{"target", "value", "data"}], "amount"?}.
// Out: the calldata that viem builds.
import { call, executeBatch, releaseOf } from './contracts.mjs';
import { input, output } from './json_io.mjs';

const { salt, app, release, calls, amount } = input();
const built = {};
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
