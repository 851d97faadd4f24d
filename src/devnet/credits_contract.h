#pragma once

#include "devnet/execution.h"

namespace ecloud::devnet {

/// USDCCredits as a state machine: takes USDC from the caller and credits it to an account, which
/// the billing service then shows. Stateless; the state is in WorldState.

/// Runs a call. Reverts as the token does, with BelowMinimumPurchase() or ZeroAddress(), or without
/// data for an unknown function.
base::Bytes call_credits(Execution& execution, const Message& message);

/// What has been bought for the account up to a time (unix seconds).
eth::U256 credits_bought(const CreditsState& state, const eth::Address& account,
                         std::uint64_t until);

}  // namespace ecloud::devnet
