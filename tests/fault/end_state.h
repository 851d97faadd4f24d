#pragma once

#include <string>
#include <vector>

#include "e2e/session.h"

namespace ecloud::testing {

/// All that a run has changed, in lines that two worlds can be compared by: blocks and nonce (so
/// many transactions), what was paid, apps with their releases, what the TEE sees, profiles, images
/// in the registry, open journal entries, locks that are held, and every file below the home
/// directory. Ids, hashes and ports are left out of them.
std::vector<std::string> end_state(World& world);

/// Lines about the account's apps whose wallet here and in the TEE differ, that cannot be exported,
/// or whose words or private values stand in `said`.
std::vector<std::string> wallet_problems(World& world, const std::string& said);

/// Lines for what cannot be read of journal, wallets, names and settings: torn files.
std::vector<std::string> torn_files(World& world);

}  // namespace ecloud::testing
