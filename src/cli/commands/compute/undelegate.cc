#include "ecloud/deploy/undelegate.h"
#include "cli/commands/compute/commands.h"
#include "cli/transaction_course.h"
#include "cli/transaction_view.h"
#include "cli/workflow.h"
#include "ecloud/base/hex.h"

namespace ecloud::cli {
namespace {

base::Json document_of(Context& context, const std::optional<eth::Address>& delegated_to,
                       bool changed) {
  return base::Json::object(
      {{"account", context.deployer().address.to_string()},
       {"environment", context.environment().name},
       {"chainId", context.environment().chain_id},
       {"delegatedTo", delegated_to ? base::Json(delegated_to->to_string()) : base::Json()},
       {"changed", changed}});
}

Pairs plan_pairs(Context& context, const deploy::UndelegatePlan& plan) {
  const platform::Environment& environment = context.environment();
  Pairs pairs = {
      {"Account", context.deployer().address.to_string()},
      {"Environment", environment.name + " (chain " + std::to_string(environment.chain_id) + ")"},
      {"Delegation", plan.delegated_to->to_string() + " -> none (EIP-7702)"}};
  add_transaction_pairs(pairs, plan.transaction, environment);
  return pairs;
}

void show_plan(Context& context, const deploy::UndelegatePlan& plan) {
  base::Json document = document_of(context, plan.delegated_to, false);
  document.set("dryRun", true);
  document.set("gas", planned_gas_document(plan.transaction));
  document.set("balanceWei", plan.transaction.balance.to_decimal());
  context.output().result(document, [&] { context.output().pairs(plan_pairs(context, plan)); });
}

void show_unchanged(Context& context) {
  context.terminal().note("account " + context.deployer().address.to_string() +
                          " is not delegated; nothing is sent");
  context.output().result(document_of(context, std::nullopt, false), [&] {
    context.output().pairs(
        {{"Account", context.deployer().address.to_string()}, {"Delegation", "none"}});
  });
}

void show_outcome(Context& context, const deploy::TransactionOutcome& outcome) {
  base::Json document = document_of(context, std::nullopt, true);
  document.set("txHash", base::to_hex_prefixed(outcome.receipt.transaction_hash));
  document.set("blockNumber", outcome.receipt.block_number);
  document.set("gas", used_gas_document(outcome));
  context.output().result(document, [&] {
    context.output().pairs({{"Account", outcome.entry.deployer.to_string()},
                            {"Delegation", "none"},
                            {"Transaction", transaction_words(outcome.receipt)},
                            {"Cost", eth::format_ether(outcome.receipt.cost()) + " ETH"}});
  });
}

void ask(Context& context, const deploy::UndelegatePlan& plan) {
  if (!context.output().json()) {
    context.terminal().write_error(
        format_pairs(plan_pairs(context, plan), context.terminal(), Stream::kError));
  }
  context.terminal().confirm("Take the delegation to " + plan.delegated_to->to_string() +
                             " away from account " + context.deployer().address.to_string() +
                             " on " + context.environment().name + "?");
}

void run_undelegate(Context& context, const Values& values) {
  context.deployer();
  Workflow workflow(context);
  if (values.flag("dry-run")) {
    const auto plan = deploy::plan_undelegate(workflow.services(), workflow.signer());
    return plan.delegated_to ? show_plan(context, plan) : show_unchanged(context);
  }
  deploy::UndelegatePlan plan;
  const auto outcome = run_transaction(
      workflow, workflow.services(),
      {.resume = [&] { return deploy::resume_undelegate(workflow.services(), workflow.signer()); },
       .plan =
           [&] {
             plan = deploy::plan_undelegate(workflow.services(), workflow.signer());
             return plan.delegated_to.has_value();
           },
       .ask = [&] { ask(context, plan); },
       .maximum_cost = [&] { return plan.transaction.maximum_cost; },
       .ask_again = [&] { ask(context, plan); },
       .apply =
           [&] {
             return deploy::apply_undelegate(workflow.services(), workflow.signer(),
                                             std::move(plan));
           }});
  if (!outcome) return show_unchanged(context);
  deploy::finish_operation(workflow.services(), *outcome);
  workflow.finish_progress();
  show_outcome(context, *outcome);
}

}  // namespace

Command make_undelegate_command() {
  Command command;
  command.name = "undelegate";
  command.summary = "Take away the code that the account runs";
  command.description =
      "The first deployment delegates the account to a contract that runs several calls in one "
      "transaction (EIP-7702). This takes that, or any other delegation, away again: one "
      "transaction to the account itself, after which it is an ordinary account. The next "
      "deployment delegates it anew. Apps are not touched.\n\n"
      "Nothing is sent for an account that is not delegated.";
  command.options = {confirmations_option()};
  command.examples = {{"Take the delegation away", "ecloud compute undelegate --yes"}};
  command.json_fields = {
      {"account", "address"},
      {"environment", "name of the environment"},
      {"chainId", "of the environment"},
      {"delegatedTo", "contract whose code the account runs, or null"},
      {"changed", "whether a transaction took a delegation away"},
      {"txHash", "hash of the transaction, when there was one"},
      {"blockNumber", "block that holds it"},
      {"gas", "used, limit, effectiveGasPriceWei, costWei, maxCostWei; amounts are decimal texts"},
      {"dryRun", "true with --dry-run"},
      {"balanceWei", "with --dry-run: balance of the account"},
  };
  command.exit_codes = {Category::kFailure, Category::kTransaction, Category::kCredentials,
                        Category::kNetwork, Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.destructive = true;
  command.run = run_undelegate;
  return command;
}

}  // namespace ecloud::cli
