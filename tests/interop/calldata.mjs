// In: {"salt", "app", "release", "calls": [{"target", "value", "data"}]}.
// Out: the calldata that viem builds.
import { call, executeBatch, releaseOf } from './contracts.mjs';
import { input, output } from './json_io.mjs';

const { salt, app, release, calls } = input();
const built = {};
for (const generation of ['before', 'from']) {
  const struct = releaseOf(generation, release);
  built[generation] = {
    createApp: call(generation, 'createApp', [salt, struct]),
    upgradeApp: call(generation, 'upgradeApp', [app, struct]),
  };
}
output({ ...built, execute: executeBatch(calls) });
