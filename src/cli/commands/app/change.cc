#include "cli/commands/app/change.h"

#include "cli/commands/app/after_transaction.h"
#include "cli/commands/app/release_options.h"
#include "cli/json_values.h"
#include "cli/transaction_course.h"
#include "cli/transaction_view.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/change_app.h"

namespace ecloud::cli {
namespace {

using deploy::Operation;

std::string status_word(Operation change) {
  return std::string(platform::to_string(deploy::status_after(change)));
}

std::string capital(std::string_view word) {
  std::string out(word);
  out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

Pairs plan_pairs(Context& context, Workflow& workflow, const deploy::ChangePlan& plan) {
  const platform::Environment& environment = context.environment();
  Pairs pairs = {
      {"App ID", plan.app.to_string()},
      {"Environment", environment.name + " (chain " + std::to_string(environment.chain_id) + ")"},
      {"Account", workflow.signer().address.to_string()},
      {"On chain",
       std::string(platform::to_string(plan.status)) + " -> " + status_word(plan.change)},
  };
  add_transaction_pairs(pairs, plan.transaction, environment);
  return pairs;
}

/// The members that every document of a change has.
base::Json document_of(Context& context, const eth::Address& app, Operation change) {
  return base::Json::object({{"appId", app.to_string()},
                             {"operation", deploy::to_string(change)},
                             {"environment", context.environment().name},
                             {"chainId", context.environment().chain_id},
                             {"chainStatus", status_word(change)}});
}

void show_unchanged(Context& context, const deploy::ChangePlan& plan, bool dry_run) {
  context.terminal().note("app " + plan.app.to_string() + " is " + status_word(plan.change) +
                          " already; nothing is sent");
  base::Json document = document_of(context, plan.app, plan.change);
  document.set("changed", false);
  if (dry_run) document.set("dryRun", true);
  context.output().result(document, [&] {
    context.output().pairs(
        {{"App ID", plan.app.to_string()}, {"On chain", status_word(plan.change)}});
  });
}

void show_plan(Context& context, Workflow& workflow, const deploy::ChangePlan& plan) {
  base::Json document = document_of(context, plan.app, plan.change);
  document.set("changed", false);
  document.set("dryRun", true);
  document.set("chainStatus", platform::to_string(plan.status));
  document.set("account", workflow.signer().address.to_string());
  document.set("calls", calls_document(plan.transaction.calls, context.environment()));
  document.set("gas", planned_gas_document(plan.transaction));
  document.set("balanceWei", plan.transaction.balance.to_decimal());
  context.output().result(document,
                          [&] { context.output().pairs(plan_pairs(context, workflow, plan)); });
}

void show_outcome(Context& context, const deploy::TransactionOutcome& outcome,
                  const std::optional<platform::AppInfo>& info) {
  const deploy::JournalEntry& entry = outcome.entry;
  const chain::Receipt& receipt = outcome.receipt;
  base::Json document = document_of(context, entry.app, entry.operation);
  document.set("changed", true);
  document.set("txHash", base::to_hex_prefixed(receipt.transaction_hash));
  document.set("blockNumber", receipt.block_number);
  document.set("status", info ? base::Json(info->state_word) : base::Json());
  document.set("ip", info ? text_or_null(info->ip) : base::Json());
  document.set("gas", used_gas_document(outcome));
  context.output().result(document, [&] {
    context.output().pairs({{"App ID", entry.app.to_string()},
                            {"On chain", status_word(entry.operation)},
                            {"Status", info ? info->state_word : ""},
                            {"IP", info && info->ip ? *info->ip : ""},
                            {"Transaction", transaction_words(receipt)},
                            {"Cost", eth::format_ether(receipt.cost()) + " ETH"}});
  });
}

void ask(Context& context, Workflow& workflow, const deploy::ChangePlan& plan,
         const BeforeChange& before) {
  workflow.finish_progress();
  if (!context.output().json()) {
    context.terminal().write_error(
        format_pairs(plan_pairs(context, workflow, plan), context.terminal(), Stream::kError));
  }
  if (before) return before(workflow, plan.app, true);
  confirm_transaction(context, plan.transaction,
                      capital(deploy::to_string(plan.change)) + " app " + plan.app.to_string());
}

}  // namespace

void run_change(Context& context, const Values& values, Operation change,
                const BeforeChange& before) {
  static_cast<void>(values.duration("timeout"));
  context.deployer();
  Workflow workflow(context);
  const eth::Address app = workflow.app(values);
  const auto plan_it = [&] {
    return deploy::plan_change(workflow.services(), workflow.signer(), app, change);
  };
  if (values.flag("dry-run")) {
    const deploy::ChangePlan plan = plan_it();
    if (!plan.needed) return show_unchanged(context, plan, true);
    if (before) before(workflow, app, false);
    return show_plan(context, workflow, plan);
  }
  deploy::ChangePlan plan;
  const auto outcome = run_transaction(
      workflow, workflow.services(),
      {.resume =
           [&] {
             return deploy::resume_change(workflow.services(), workflow.signer(), app, change);
           },
       .plan =
           [&] {
             plan = plan_it();
             return plan.needed;
           },
       .ask = [&] { ask(context, workflow, plan, before); },
       .maximum_cost = [&] { return plan.transaction.maximum_cost; },
       .ask_again = [&] { ask(context, workflow, plan, before); },
       .apply =
           [&] {
             return deploy::apply_change(workflow.services(), workflow.signer(), std::move(plan));
           }});
  if (!outcome) return show_unchanged(context, plan, false);
  const auto info = wait_for_platform(
      workflow, values, *outcome,
      values.path().text() + " " + outcome->entry.app.to_string() + workflow.environment_flag());
  deploy::finish_operation(workflow.services(), *outcome);
  workflow.finish_progress();
  show_outcome(context, *outcome, info);
}

Command make_change_command(Operation change) {
  Command command;
  command.name = deploy::to_string(change);
  command.positionals = {app_positional()};
  command.options = wait_options();
  command.options.push_back(confirmations_option());
  command.json_fields = {
      {"appId", "id of the app"},
      {"operation", "start, stop or terminate"},
      {"environment", "name of the environment"},
      {"chainId", "of the environment"},
      {"chainStatus", "what the chain has for the app; with --dry-run, what it has now"},
      {"changed", "false when there was nothing to do, and with --dry-run"},
      {"txHash", "hash of the transaction, when there was one"},
      {"blockNumber", "block that holds it"},
      {"status", "run state, or null with --no-wait"},
      {"ip", "address of the machine after a start, or null"},
      {"gas", "used, limit, effectiveGasPriceWei, costWei, maxCostWei; amounts are decimal texts"},
      {"dryRun", "true with --dry-run"},
      {"account", "with --dry-run: who would pay"},
      {"calls", "with --dry-run: contract, target, function, arguments, data"},
      {"balanceWei", "with --dry-run: balance of the account"},
  };
  command.exit_codes = {Category::kFailure,  Category::kTransaction, Category::kCredentials,
                        Category::kNotFound, Category::kNetwork,     Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  return command;
}

}  // namespace ecloud::cli
