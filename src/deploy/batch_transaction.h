#pragma once

#include <vector>

#include "deploy/chain_snapshot.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/services.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {

/// What the account's code says about batching calls.
enum class Delegation {
  kInPlace,  ///< the environment's delegator: a type 2 transaction will do
  kMissing,  ///< no code: the transaction carries an authorization
  kForeign,  ///< another delegator, which the authorization would replace
};
/// Throws Error{kFailure, "deploy.not_an_account"} for code that is no delegation.
Delegation delegation_of(const base::Bytes& code, const eth::Address& delegator);

/// The account's next nonce, of which `pending` is what a node counts. It counts every waiting
/// transaction once, and one that delegates its own account, also one that was given up, takes two:
/// the journal knows which.
std::uint64_t next_nonce(const Services& services, const eth::Address& account,
                         std::uint64_t pending);

/// A transaction of the account to itself that runs `calls` through the delegator; without gas
/// limit and authorization.
eth::Transaction batch_transaction(const Services& services, const eth::Address& account,
                                   const AccountSnapshot& chain,
                                   const std::vector<platform::Call>& calls);

/// Adds the authorization that makes the account run the delegator's code.
void authorize(eth::Transaction& transaction, const Signer& deployer,
               const eth::Address& delegator);

/// Gas that the batch uses (eth_estimateGas). When the account is not delegated yet the node is
/// asked to suppose that it is, so that nothing has to be signed; a node that cannot is given a
/// signed authorization if `may_sign`. Throws Error{kTransaction, "chain.would_revert"} with the
/// reason.
std::uint64_t estimate_batch(const Services& services, const Signer& deployer,
                             const eth::Transaction& transaction, Delegation delegation,
                             bool may_sign);

/// The chain.would_revert of a contract that gave no reason, as it does for a call that it does not
/// know.
class UnknownCall : public Error {
 public:
  using Error::Error;
};

/// The gas in the answer to an estimate. Throws Error{kTransaction, "chain.would_revert"} with the
/// reason (UnknownCall when there is none), Error{kNetwork, "chain.estimate_failed"}.
std::uint64_t gas_or_throw(const chain::RpcResult& result);

/// "WORDS (InvalidAppStatus)" for an error object of a call that reverted; nothing when it is no
/// revert.
struct Revert {
  std::string message;
  std::string hint;
};
std::optional<Revert> revert_of(const chain::RpcError& error);

}  // namespace ecloud::deploy
