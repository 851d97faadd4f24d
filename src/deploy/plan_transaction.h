#pragma once

#include <string_view>
#include <vector>

#include "deploy/chain_snapshot.h"
#include "ecloud/deploy/account_transaction.h"

namespace ecloud::deploy {

/// The call as an ordinary transaction of the account, without fees, nonce and gas: to estimate it.
eth::Transaction plain_transaction(const platform::Call& call);

/// Estimates and prices `calls`. An `estimate` that came with the snapshot is used for a single
/// call. `what` is the subject of the error about funds ("the upgrade"). Errors: kTransaction
/// chain.would_revert with the contract's reason, deploy.insufficient_funds; kFailure
/// deploy.not_an_account; kUsage as of check_size().
TransactionPlan plan_transaction(const Services& services, const Signer& signer,
                                 const AccountSnapshot& chain, std::vector<platform::Call> calls,
                                 bool may_sign_for_estimate, std::string_view what,
                                 const std::optional<chain::RpcResult>& estimate = std::nullopt);

/// Whether nodes would take the planned transaction once it is signed: 128 KiB (geth's pool and
/// those of others), and 2^24 gas for `estimated_gas` (EIP-7825). Throws Error{kUsage,
/// "deploy.too_large"} with what the variables take up and how much fits, {kUsage,
/// "deploy.too_much_gas"}.
void check_size(const Services& services, const TransactionPlan& plan);

/// Throws Error{kTransaction, "deploy.insufficient_funds"}.
void check_funds(const Services& services, const eth::Address& account, const eth::U256& balance,
                 const eth::U256& maximum_cost, std::string_view what);

}  // namespace ecloud::deploy
