#pragma once

#include <optional>

#include "ecloud/deploy/account_transaction.h"

namespace ecloud::deploy {

/// What starting, stopping or terminating an app will do and cost. Made without signing anything.
struct ChangePlan {
  eth::Address app;
  Operation change = Operation::kStop;                          ///< kStart, kStop or kTerminate
  platform::ChainStatus status = platform::ChainStatus::kNone;  ///< before
  bool needed = true;  ///< false: the app is what it shall be, and the rest is empty
  TransactionPlan transaction;
};

/// Reads status, price and estimate in one round trip. Errors:
///   kNotFound    app.not_found
///   kTransaction app.wrong_status, chain.would_revert, deploy.insufficient_funds
ChangePlan plan_change(const Services& services, const Signer& signer, const eth::Address& app,
                       Operation change);

/// Writes the journal, signs, sends, waits for the receipt and looks for the event. Errors:
///   kTransaction chain.refused, chain.reverted, deploy.no_effect
///   kPending     deploy.not_mined
///   kInterrupted with a message that says that the transaction may be out
TransactionOutcome apply_change(const Services& services, const Signer& signer, ChangePlan plan);

/// Settles what earlier runs of this account began with the app: looks for each transaction, sends
/// those that are not mined again, and waits. Gives the outcome of the last one when it was the
/// same operation and its effect still stands; else nothing, and the caller begins anew. What
/// destroys or hands out rights (terminate, grant, accept, rollback) and was never sent is not sent
/// by another operation: Error{kPending, "deploy.not_mined"}.
std::optional<TransactionOutcome> resume_change(const Services& services, const Signer& signer,
                                                const eth::Address& app, Operation change);

/// The chain status that an operation leads to: kStarted, kStopped or kTerminated.
platform::ChainStatus status_after(Operation change);

}  // namespace ecloud::deploy
