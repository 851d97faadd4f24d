#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/chain/chain.h"
#include "ecloud/deploy/journal.h"
#include "ecloud/deploy/services.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {

/// A transaction of the account as it would be sent: one call goes straight to its contract,
/// several go as a batch through the account's delegation. Made without signing anything.
struct TransactionPlan {
  std::vector<platform::Call> calls;
  eth::Transaction transaction;  ///< complete but for the authorization
  bool delegate = false;         ///< the account has to be delegated first
  bool undelegate = false;       ///< the authorization takes the delegation away
  std::optional<eth::Address> replaces_delegation;
  std::uint64_t estimated_gas = 0;
  eth::U256 maximum_cost;  ///< wei
  eth::U256 balance;       ///< wei
  std::string controller_version;
  base::Bytes account_code;    ///< of the sender, as it was found
  std::uint32_t deadline = 0;  ///< until when a release may get on chain, unix seconds
};

/// An operation whose transaction is mined and had its effect.
struct TransactionOutcome {
  JournalEntry entry;
  chain::Receipt receipt;
  base::Bytes32 domain_separator{};  ///< for the UserApi
  bool resumed = false;
};

/// Records that nothing is left to do.
void finish_operation(const Services& services, const TransactionOutcome& outcome);

}  // namespace ecloud::deploy
