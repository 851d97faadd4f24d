#pragma once

#include <optional>

#include "ecloud/deploy/account_transaction.h"

namespace ecloud::deploy {

/// Taking the code away that the account runs (EIP-7702): a transaction to itself without data,
/// whose authorization names the zero address.
struct UndelegatePlan {
  /// Whose code the account runs now; nothing: it is not delegated, and the rest is empty.
  std::optional<eth::Address> delegated_to;
  TransactionPlan transaction;
};

/// Signs nothing: what it costs is fixed. Errors: kFailure deploy.not_an_account, kTransaction
/// deploy.insufficient_funds.
UndelegatePlan plan_undelegate(const Services& services, const Signer& signer);

/// As apply_change(); afterwards the account has no code. Throws Error{kTransaction,
/// "deploy.no_effect"} when it still has.
TransactionOutcome apply_undelegate(const Services& services, const Signer& signer,
                                    UndelegatePlan plan);

/// Goes on with what an earlier run began; nothing when there is none.
std::optional<TransactionOutcome> resume_undelegate(const Services& services, const Signer& signer);

}  // namespace ecloud::deploy
