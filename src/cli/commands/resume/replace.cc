#include "cli/commands/resume/replace.h"

#include "cli/transaction_view.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/deploy/account_lock.h"

namespace ecloud::cli {
namespace {

Pairs pairs_of(const OpenOperation& operation, const deploy::ReplacementPlan& plan) {
  const eth::Transaction& tx = plan.transaction;
  return {
      {plan.cancels ? "Cancels" : "Speeds up", describe(operation)},
      {"Transaction", base::to_hex_prefixed(operation.entry.latest_hash())},
      {"Account", operation.entry.deployer.to_string()},
      {"Nonce", std::to_string(operation.entry.nonce)},
      {"Gas", "at most " + std::to_string(tx.gas_limit) + " at " + format_gwei(tx.max_fee_per_gas) +
                  ", of which " + format_gwei(tx.max_priority_fee_per_gas) + " are the tip"},
      {"Highest cost", eth::format_ether(plan.maximum_cost) + " ETH instead of " +
                           eth::format_ether(plan.former_maximum_cost) + " ETH (balance " +
                           eth::format_ether(plan.balance) + " ETH)"},
  };
}

void ask(Context& context, const OpenOperation& operation, const deploy::ReplacementPlan& plan) {
  if (!operation.services->environment.is_mainnet()) return;
  context.terminal().confirm(std::string(plan.cancels ? "Cancel the " : "Speed up the ") +
                             describe(operation) + " for at most " +
                             eth::format_ether(plan.maximum_cost) + " ETH?");
}

}  // namespace

std::optional<deploy::TransactionOutcome> replace(Context& context, Workflow& workflow,
                                                  OpenOperation& operation, bool cancels,
                                                  bool dry_run) {
  const deploy::Services& services = *operation.services;
  const deploy::Signer& signer = workflow.signer();
  const base::FileLock lock = deploy::lock_account(services, operation.entry.deployer);
  deploy::ReplacementPlan plan =
      deploy::plan_replacement(services, signer, operation.entry, cancels);
  operation.replacement = plan;
  workflow.finish_progress();
  context.terminal().write_error(
      format_pairs(pairs_of(operation, plan), context.terminal(), Stream::kError));
  if (dry_run) return std::nullopt;
  ask(context, operation, plan);
  auto outcome = deploy::apply_replacement(services, signer, std::move(plan));
  workflow.finish_progress();
  if (!outcome) {
    operation.result = cancels ? "cancelled" : "impossible";
    operation.fate = deploy::Fate::kImpossible;
    return std::nullopt;
  }
  operation.entry = outcome->entry;
  operation.fate = deploy::Fate::kMined;
  if (cancels) {
    throw Error(Category::kTransaction, "resume.too_late",
                "the " + describe(operation) + " was mined before it could be cancelled",
                "see it through: ecloud resume " +
                    base::to_hex_prefixed(outcome->receipt.transaction_hash));
  }
  operation.result = "finished";
  return outcome;
}

}  // namespace ecloud::cli
