#pragma once

#include <string_view>

#include "deploy/chain_snapshot.h"

namespace ecloud::deploy {

/// Throws Error{kNotFound, "app.not_found"} when the chain has no such app.
void require_exists(const Services& services, const eth::Address& app, const AppSnapshot& chain);

/// Error{kTransaction, "app.wrong_status"}: "app 0x… is terminated: it cannot be stopped".
[[noreturn]] void fail_status(const eth::Address& app, platform::ChainStatus status,
                              std::string_view participle);

}  // namespace ecloud::deploy
