#include "cli/transaction_view.h"

#include "ecloud/base/hex.h"

namespace ecloud::cli {

std::string format_gwei(const eth::U256& wei) {
  return eth::format_units(wei, 9) + " gwei";
}

std::string describe_in_words(const platform::Call& call,
                              const platform::Environment& environment) {
  const platform::DecodedCall decoded = platform::describe_call(call, environment);
  std::string arguments;
  for (const auto& [name, value] : decoded.arguments) {
    arguments += (arguments.empty() ? "" : ", ") + name + " " + value;
  }
  return decoded.contract + "." + decoded.function + "(" + arguments + ")";
}

base::Json calls_document(const std::vector<platform::Call>& calls,
                          const platform::Environment& environment) {
  base::Json out = base::Json::array();
  for (const platform::Call& call : calls) {
    const platform::DecodedCall decoded = platform::describe_call(call, environment);
    base::Json arguments = base::Json::object();
    for (const auto& [name, value] : decoded.arguments) arguments.set(name, value);
    out.push(base::Json::object({{"contract", decoded.contract},
                                 {"target", call.target.to_string()},
                                 {"function", decoded.function},
                                 {"arguments", arguments},
                                 {"data", base::to_hex_prefixed(call.data)}}));
  }
  return out;
}

void add_transaction_pairs(Pairs& pairs, const deploy::TransactionPlan& plan,
                           const platform::Environment& environment) {
  const eth::Transaction& tx = plan.transaction;
  for (std::size_t i = 0; i < plan.calls.size(); ++i) {
    pairs.emplace_back("Call " + std::to_string(i + 1),
                       describe_in_words(plan.calls[i], environment));
  }
  if (plan.delegate) {
    pairs.emplace_back(
        "Delegation",
        "this account will run the code of " + environment.delegator.to_string() + " (EIP-7702)" +
            (plan.replaces_delegation ? ", instead of " + plan.replaces_delegation->to_string()
                                      : ""));
  }
  pairs.emplace_back("Gas", std::to_string(plan.estimated_gas) + " estimated, at most " +
                                std::to_string(tx.gas_limit) + " at " +
                                format_gwei(tx.max_fee_per_gas));
  pairs.emplace_back("Highest cost", eth::format_ether(plan.maximum_cost) + " ETH (balance " +
                                         eth::format_ether(plan.balance) + " ETH)");
}

base::Json gas_document(const eth::Transaction& transaction) {
  return base::Json::object(
      {{"limit", transaction.gas_limit},
       {"maxFeePerGasWei", transaction.max_fee_per_gas.to_decimal()},
       {"maxPriorityFeePerGasWei", transaction.max_priority_fee_per_gas.to_decimal()},
       {"maxCostWei", transaction.maximum_cost().to_decimal()}});
}

base::Json planned_gas_document(const deploy::TransactionPlan& plan) {
  base::Json out = base::Json::object({{"estimated", plan.estimated_gas}});
  for (const auto& [name, value] : gas_document(plan.transaction).members()) out.set(name, value);
  return out;
}

base::Json used_gas_document(const deploy::TransactionOutcome& outcome) {
  const chain::Receipt& receipt = outcome.receipt;
  return base::Json::object({{"used", receipt.gas_used},
                             {"limit", outcome.entry.gas_limit},
                             {"effectiveGasPriceWei", receipt.effective_gas_price.to_decimal()},
                             {"costWei", receipt.cost().to_decimal()},
                             {"maxCostWei", outcome.entry.max_cost_wei}});
}

std::string transaction_words(const chain::Receipt& receipt) {
  return base::to_hex_prefixed(receipt.transaction_hash) + " (block " +
         std::to_string(receipt.block_number) + ")";
}

void confirm_transaction(Context& context, const deploy::TransactionPlan& plan,
                         const std::string& what) {
  const platform::Environment& environment = context.environment();
  if (plan.replaces_delegation) {
    context.terminal().confirm("Replace the account's delegation to " +
                               plan.replaces_delegation->to_string() + "?");
  }
  if (environment.is_mainnet()) {
    context.terminal().confirm(what + " on " + environment.name + " for at most " +
                               eth::format_ether(plan.maximum_cost) + " ETH?");
  }
}

}  // namespace ecloud::cli
