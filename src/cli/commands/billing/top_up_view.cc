#include "cli/commands/billing/top_up_view.h"

#include "cli/commands/billing/subscription_view.h"
#include "cli/json_values.h"
#include "cli/output.h"
#include "ecloud/base/hex.h"
#include "ecloud/platform/credits.h"

namespace ecloud::cli {
namespace {

std::string usdc(const eth::U256& amount) {
  return eth::format_units(amount, platform::kUsdcDecimals);
}

std::string describe(const platform::Call& call, const platform::Environment& environment) {
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

std::string delegation_text(const platform::Environment& environment,
                            const deploy::TopUpPlan& plan) {
  if (!plan.delegate) return {};
  return "the paying account will run the code of " + environment.delegator.to_string() +
         " (EIP-7702)" +
         (plan.replaces_delegation ? ", instead of " + plan.replaces_delegation->to_string() : "");
}

}  // namespace

std::string format_top_up_plan(const Terminal& terminal, Stream stream, const deploy::Signer& payer,
                               const platform::Environment& environment,
                               const deploy::TopUpRequest& request, const deploy::TopUpPlan& plan) {
  const eth::Transaction& tx = plan.transaction;
  Pairs pairs = {
      {"Amount", platform::format_usdc(request.amount)},
      {"Credits for", request.account.to_string()},
      {"Paid by",
       payer.address.to_string() + " (balance " + platform::format_usdc(plan.token_balance) + ")"},
      {"Chain", platform::chain_name(environment.chain_id) + " (chain " +
                    std::to_string(environment.chain_id) + ")"},
  };
  for (std::size_t i = 0; i < plan.calls.size(); ++i) {
    pairs.emplace_back("Call " + std::to_string(i + 1), describe(plan.calls[i], environment));
  }
  pairs.emplace_back("Delegation", delegation_text(environment, plan));
  pairs.emplace_back("Gas", std::to_string(plan.estimated_gas) + " estimated, at most " +
                                std::to_string(tx.gas_limit) + " at " +
                                eth::format_units(tx.max_fee_per_gas, 9) + " gwei");
  pairs.emplace_back("Highest gas cost", eth::format_ether(plan.maximum_cost) + " ETH (balance " +
                                             eth::format_ether(plan.balance) + " ETH)");
  return format_pairs(pairs, terminal, stream);
}

base::Json top_up_plan_document(const deploy::Signer& payer,
                                const platform::Environment& environment,
                                const deploy::TopUpRequest& request,
                                const deploy::TopUpPlan& plan) {
  const eth::Transaction& tx = plan.transaction;
  return base::Json::object({
      {"dryRun", true},
      {"method", "usdc"},
      {"amount", usdc(request.amount)},
      {"account", request.account.to_string()},
      {"payer", payer.address.to_string()},
      {"chainId", environment.chain_id},
      {"calls", calls_document(plan.calls, environment)},
      {"delegates", plan.delegate},
      {"gas",
       base::Json::object({{"estimated", plan.estimated_gas},
                           {"limit", tx.gas_limit},
                           {"maxFeePerGasWei", tx.max_fee_per_gas.to_decimal()},
                           {"maxPriorityFeePerGasWei", tx.max_priority_fee_per_gas.to_decimal()},
                           {"maxCostWei", plan.maximum_cost.to_decimal()}})},
      {"balanceUsdc", usdc(plan.token_balance)},
      {"balanceWei", plan.balance.to_decimal()},
  });
}

base::Json top_up_document(const deploy::TopUpOutcome& outcome, std::optional<double> credits) {
  const deploy::PurchaseEntry& entry = outcome.entry;
  const chain::Receipt& receipt = outcome.receipt;
  return base::Json::object({
      {"method", "usdc"},
      {"amount", usdc(entry.amount)},
      {"account", entry.account.to_string()},
      {"payer", entry.payer.to_string()},
      {"chainId", entry.chain_id},
      {"txHash", base::to_hex_prefixed(receipt.transaction_hash)},
      {"blockNumber", receipt.block_number},
      {"resumed", outcome.resumed},
      {"remainingCredits", number_or_null(credits)},
      {"gas",
       base::Json::object({{"used", receipt.gas_used},
                           {"limit", entry.gas_limit},
                           {"effectiveGasPriceWei", receipt.effective_gas_price.to_decimal()},
                           {"costWei", receipt.cost().to_decimal()},
                           {"maxCostWei", entry.maximum_cost.to_decimal()}})},
  });
}

Pairs top_up_pairs(const deploy::TopUpOutcome& outcome, std::optional<double> credits) {
  const deploy::PurchaseEntry& entry = outcome.entry;
  return {
      {"Paid", platform::format_usdc(entry.amount)},
      {"Paid by", entry.payer.to_string()},
      {"Credits for", entry.account.to_string()},
      {"Transaction", base::to_hex_prefixed(outcome.receipt.transaction_hash) + " (block " +
                          std::to_string(outcome.receipt.block_number) + ")"},
      {"Gas cost", eth::format_ether(outcome.receipt.cost()) + " ETH"},
      {"Credits left", money(credits)},
  };
}

std::vector<JsonField> top_up_json_fields() {
  return {
      {"method", "usdc, card or x402"},
      {"amount", "dollars, a decimal text; null for a card"},
      {"account", "whose credits they are, an address"},
      {"payer", "the account that pays; null for a card"},
      {"chainId", "of the chain on which it is paid; null for a card"},
      {"txHash", "hash of the transaction"},
      {"blockNumber", "block that holds it"},
      {"resumed", "whether an earlier run had paid, and this one paid nothing"},
      {"remainingCredits", "dollars of credits after it, or null when they were not waited for"},
      {"gas", "used, limit, effectiveGasPriceWei, costWei, maxCostWei; amounts are decimal texts"},
      {"portalUrl", "for a card: where a person pays"},
      {"dryRun", "true with --dry-run, where txHash, blockNumber and resumed are missing"},
      {"calls", "with --dry-run: contract, target, function, arguments, data"},
      {"delegates", "with --dry-run: whether the account is delegated by the transaction"},
      {"balanceUsdc", "with --dry-run: USDC of the payer, a decimal text"},
      {"balanceWei", "with --dry-run: ETH of the payer in wei, a decimal text"},
  };
}

}  // namespace ecloud::cli
