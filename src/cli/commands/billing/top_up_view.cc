#include "cli/commands/billing/top_up_view.h"

#include "cli/commands/billing/subscription_view.h"
#include "cli/json_values.h"
#include "cli/output.h"
#include "cli/transaction_view.h"
#include "ecloud/base/hex.h"
#include "ecloud/platform/credits.h"

namespace ecloud::cli {
namespace {

std::string usdc(const eth::U256& amount) {
  return eth::format_units(amount, platform::kUsdcDecimals);
}

}  // namespace

std::string format_top_up_plan(const Terminal& terminal, Stream stream, const deploy::Signer& payer,
                               const platform::Environment& environment,
                               const deploy::TopUpRequest& request, const deploy::TopUpPlan& plan) {
  Pairs pairs = {
      {"Amount", platform::format_usdc(request.amount)},
      {"Credits for", request.account.to_string()},
      {"Paid by",
       payer.address.to_string() + " (balance " + platform::format_usdc(plan.token_balance) + ")"},
      {"Chain", platform::chain_name(environment.chain_id) + " (chain " +
                    std::to_string(environment.chain_id) + ")"},
  };
  add_transaction_pairs(pairs, plan.transaction, environment);
  return format_pairs(pairs, terminal, stream);
}

base::Json top_up_plan_document(const deploy::Signer& payer,
                                const platform::Environment& environment,
                                const deploy::TopUpRequest& request,
                                const deploy::TopUpPlan& plan) {
  return base::Json::object({
      {"dryRun", true},
      {"method", "usdc"},
      {"amount", usdc(request.amount)},
      {"account", request.account.to_string()},
      {"payer", payer.address.to_string()},
      {"chainId", environment.chain_id},
      {"calls", calls_document(plan.transaction.calls, environment)},
      {"delegates", plan.transaction.delegate},
      {"gas", planned_gas_document(plan.transaction)},
      {"balanceUsdc", usdc(plan.token_balance)},
      {"balanceWei", plan.transaction.balance.to_decimal()},
  });
}

base::Json top_up_document(const deploy::TransactionOutcome& outcome,
                           std::optional<double> credits) {
  const deploy::JournalEntry& entry = outcome.entry;
  return base::Json::object({
      {"method", "usdc"},
      {"amount", usdc(entry.purchase->amount)},
      {"account", entry.purchase->account.to_string()},
      {"payer", entry.deployer.to_string()},
      {"chainId", entry.chain_id},
      {"txHash", base::to_hex_prefixed(outcome.receipt.transaction_hash)},
      {"blockNumber", outcome.receipt.block_number},
      {"resumed", outcome.resumed},
      {"remainingCredits", number_or_null(credits)},
      {"gas", used_gas_document(outcome)},
  });
}

Pairs top_up_pairs(const deploy::TransactionOutcome& outcome, std::optional<double> credits) {
  const deploy::JournalEntry& entry = outcome.entry;
  return {
      {"Paid", platform::format_usdc(entry.purchase->amount)},
      {"Paid by", entry.deployer.to_string()},
      {"Credits for", entry.purchase->account.to_string()},
      {"Transaction", transaction_words(outcome.receipt)},
      {"Gas cost", eth::format_ether(outcome.receipt.cost()) + " ETH"},
      {"Credits left", money(credits)},
  };
}

std::vector<JsonField> top_up_json_fields() {
  return {
      {"method", "usdc or card"},
      {"amount", "dollars, a decimal text"},
      {"account", "the account that gets the credits, an address"},
      {"payer", "the account that pays; null for a card"},
      {"chainId", "of the chain on which it is paid; null for a card"},
      {"txHash", "hash of the transaction"},
      {"blockNumber", "block that holds it"},
      {"resumed", "whether an earlier run had paid, and this one paid nothing"},
      {"remainingCredits", "dollars of credits after it, or null when they were not waited for"},
      {"gas", "used, limit, effectiveGasPriceWei, costWei, maxCostWei; amounts are decimal texts"},
      {"card", "for a saved card: id, brand and last4; else null"},
      {"purchaseId", "for a card: the service's id of the purchase, or null"},
      {"checkoutUrl", "for a card: where a person pays, or null"},
      {"dryRun", "true with --dry-run, where txHash, blockNumber and resumed are missing"},
      {"calls", "with --dry-run: contract, target, function, arguments, data"},
      {"delegates", "with --dry-run: whether the account is delegated by the transaction"},
      {"balanceUsdc", "with --dry-run: USDC of the payer, a decimal text"},
      {"balanceWei", "with --dry-run: ETH of the payer in wei, a decimal text"},
  };
}

}  // namespace ecloud::cli
