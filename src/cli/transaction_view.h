#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "ecloud/base/json.h"
#include "ecloud/deploy/account_transaction.h"

namespace ecloud::cli {

/// "1.5 gwei", with the decimals that matter.
std::string format_gwei(const eth::U256& wei);
/// Contract, target, function, arguments and data of each call.
base::Json calls_document(const std::vector<platform::Call>& calls,
                          const platform::Environment& environment);
/// "AppController.stopApp(app 0x…)".
std::string describe_in_words(const platform::Call& call, const platform::Environment& environment);

/// "Call 1", "Delegation", "Gas" and "Highest cost" of a plan, for people.
void add_transaction_pairs(Pairs& pairs, const deploy::TransactionPlan& plan,
                           const platform::Environment& environment);

/// limit, maxFeePerGasWei, maxPriorityFeePerGasWei, maxCostWei.
base::Json gas_document(const eth::Transaction& transaction);
/// estimated, limit, maxFeePerGasWei, maxPriorityFeePerGasWei, maxCostWei.
base::Json planned_gas_document(const deploy::TransactionPlan& plan);
/// used, limit, effectiveGasPriceWei, costWei, maxCostWei.
base::Json used_gas_document(const deploy::TransactionOutcome& outcome);

/// "0x… (block 12)".
std::string transaction_words(const chain::Receipt& receipt);

/// Asks before a foreign delegation is replaced, and before mainnet is paid. `what` is what would
/// be done ("Stop app 0x…").
void confirm_transaction(Context& context, const deploy::TransactionPlan& plan,
                         const std::string& what);

}  // namespace ecloud::cli
