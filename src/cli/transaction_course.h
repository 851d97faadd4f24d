#pragma once

#include <functional>
#include <optional>

#include "cli/workflow.h"
#include "ecloud/deploy/account_transaction.h"

namespace ecloud::cli {

/// The parts of what every transaction of the account goes through. The account's lock is held
/// while they look at its journal, sign, send and wait, and not while the user is asked or an image
/// is pushed: other processes may use the account meanwhile.
struct TransactionCourse {
  /// Under the lock: what an earlier or another run began; nothing when there is none.
  std::function<std::optional<deploy::TransactionOutcome>()> resume;
  /// Makes the plan, or makes it anew; false when there is nothing to do.
  std::function<bool()> plan;
  /// Shows the plan and asks.
  std::function<void()> ask;
  /// What has to be there before anything is signed (an image that is pushed); true when that took
  /// so long that the plan has to be made anew. May be empty.
  std::function<bool()> prepare;
  /// The plan's highest cost in wei, and the question for one that has grown.
  std::function<eth::U256()> maximum_cost;
  std::function<void()> ask_again;
  /// Under the lock: signs and sends what was planned last.
  std::function<deploy::TransactionOutcome()> apply;
};

/// Runs it. The plan is made again, visibly and up to five times, when another transaction
/// took the account's nonce, or when the node wants a higher tip; and quietly, when another
/// process of this machine used the account since. Nothing when there was nothing to do.
std::optional<deploy::TransactionOutcome> run_transaction(Workflow& workflow,
                                                          const deploy::Services& services,
                                                          const TransactionCourse& course);

}  // namespace ecloud::cli
