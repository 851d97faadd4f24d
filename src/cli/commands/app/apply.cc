#include "cli/commands/app/after_transaction.h"
#include "cli/commands/app/commands.h"
#include "cli/commands/app/release_options.h"
#include "cli/commands/app/upgrade_view.h"
#include "cli/instance_view.h"
#include "cli/json_values.h"
#include "cli/plan_file.h"
#include "cli/transaction_course.h"
#include "cli/transaction_view.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/deploy/app_records.h"

namespace ecloud::cli {
namespace {

using Change = deploy::ReleaseChange::Kind;

/// "old -> new" where the release that ran when the plan was made has another one.
std::string change_words(const deploy::SavedPlan& plan, Change kind, const std::string& planned) {
  if (!plan.difference) return planned;
  for (const deploy::ReleaseChange& change : plan.difference->changes) {
    if (change.kind == kind && change.before) return *change.before + " -> " + planned;
  }
  return planned;
}

/// A plan as it was read from its file, and what its last check found.
struct CheckedPlan {
  deploy::SavedPlan plan;
  deploy::SavedPlanCheck found = {};
};

Pairs pairs_of(Context& context, const CheckedPlan& checked) {
  const deploy::SavedPlan& plan = checked.plan;
  const deploy::JournalEntry& entry = plan.entry;
  Pairs pairs = {
      {"Plan of", base::format_rfc3339(plan.made_at)},
      {"Operation", std::string(deploy::to_string(entry.operation))},
      {"App ID", entry.app.to_string()},
      {"Name", entry.name},
      {"Environment",
       plan.environment + " (chain " + plan.transaction.transaction.chain_id.to_decimal() + ")"},
      {"Account", entry.deployer.to_string()},
      {"Image", change_words(plan, Change::kImage, entry.image_name + "@" + entry.image_digest)},
      {"Instance", change_words(plan, Change::kInstanceType, entry.instance_type)},
      {"Logs", change_words(plan, Change::kLogVisibility, entry.log_visibility)},
      {"Wallet", std::string(deploy::to_string(entry.wallet))},
      {"EVM Address", entry.evm_address},
  };
  for (auto& pair : instance_pairs(entry.instance_type, checked.found.offer)) {
    pairs.push_back(std::move(pair));
  }
  add_transaction_pairs(pairs, plan.transaction, context.environment());
  if (plan.difference) {
    for (auto& pair : difference_pairs(*plan.difference)) pairs.push_back(std::move(pair));
  }
  return pairs;
}

base::Json document_of(Context& context, const deploy::SavedPlan& plan) {
  const deploy::JournalEntry& entry = plan.entry;
  return base::Json::object({
      {"operation", deploy::to_string(entry.operation)},
      {"appId", entry.app.to_string()},
      {"name", text_or_null(entry.name)},
      {"environment", plan.environment},
      {"chainId", context.environment().chain_id},
      {"account", entry.deployer.to_string()},
      {"imageRef", entry.image_reference},
      {"imageDigest", entry.image_digest},
      {"registry", entry.image_name},
      {"instanceType", entry.instance_type},
      {"logVisibility", entry.log_visibility},
      {"calls", calls_document(plan.transaction.calls, context.environment())},
      {"changes", plan.difference ? difference_document(*plan.difference) : base::Json()},
      {"notCompared",
       plan.difference ? base::Json::strings(plan.difference->unknown) : base::Json()},
  });
}

std::string subject_of(const deploy::SavedPlan& plan) {
  const bool deploys = plan.entry.operation == deploy::Operation::kDeploy;
  return (deploys ? "Deploy app " : "Upgrade app ") + plan.entry.app.to_string();
}

/// Whether the plan can be applied, and what the account has now.
void check(Workflow& workflow, CheckedPlan& checked, bool may_sign) {
  workflow.phase("comparing the plan with the chain");
  checked.found =
      deploy::check_saved_plan(workflow.services(), workflow.signer(), checked.plan, may_sign);
  checked.plan.transaction.balance = checked.found.balance;
  workflow.finish_progress();
}

void show_warnings(Workflow& workflow, const CheckedPlan& checked) {
  for (const std::string& warning : checked.found.warnings) workflow.warning(warning);
}

void rehearse(Context& context, Workflow& workflow, CheckedPlan& checked) {
  check(workflow, checked, false);
  show_warnings(workflow, checked);
  const deploy::SavedPlan& plan = checked.plan;
  base::Json document = document_of(context, plan);
  document.set("dryRun", true);
  document.set("instance", instance_document(plan.entry.instance_type, checked.found.offer));
  document.set("gas", planned_gas_document(plan.transaction));
  document.set("balanceWei", plan.transaction.balance.to_decimal());
  context.output().result(document, [&] { context.output().pairs(pairs_of(context, checked)); });
}

void ask(Context& context, Workflow& workflow, const CheckedPlan& checked) {
  show_warnings(workflow, checked);
  if (!context.output().json()) {
    context.terminal().write_error(
        format_pairs(pairs_of(context, checked), context.terminal(), Stream::kError));
  }
  confirm_transaction(context, checked.plan.transaction, subject_of(checked.plan));
}

deploy::TransactionOutcome send(Context& context, Workflow& workflow, CheckedPlan& checked) {
  const deploy::Services& services = workflow.services();
  const deploy::SavedPlan& plan = checked.plan;
  bool was_asked = false;
  const auto outcome = run_transaction(
      workflow, services,
      {.resume = [&] { return deploy::resume_saved_plan(services, workflow.signer(), plan); },
       .plan =
           [&] {
             check(workflow, checked, was_asked);
             return true;
           },
       .ask =
           [&] {
             ask(context, workflow, checked);
             was_asked = true;
           },
       // The answer may have taken long: all is compared again before anything is signed.
       .prepare = [] { return true; },
       .maximum_cost = [&] { return plan.transaction.maximum_cost; },
       .apply = [&] { return deploy::apply_saved_plan(services, workflow.signer(), plan); }});
  return *outcome;
}

/// That of the project where it was planned, while it is there; else that of the folder where it is
/// applied. None for what was planned outside of a project.
std::string lock_file_of(Context& context, const deploy::SavedPlan& plan) {
  const std::filesystem::path planned = plan.entry.lock_file;
  if (planned.empty()) return {};
  std::error_code unknown;
  const bool is_there =
      std::filesystem::is_regular_file(planned.parent_path() / "ecloud.yaml", unknown) ||
      std::filesystem::is_regular_file(planned, unknown);
  return is_there ? planned.string() : project_lock_file(context);
}

/// An app that was renamed before its profile could be set keeps its new name.
bool set_planned_profile(Context& context, Workflow& workflow,
                         const deploy::TransactionOutcome& outcome) {
  const deploy::Services& services = workflow.services();
  const auto record =
      deploy::AppRecords(services.paths.state, services.environment.name).find(outcome.entry.app);
  if (record && record->name != outcome.entry.name) return true;
  return set_recorded_profile(context, workflow, outcome);
}

/// Until the platform has done its part; nothing of what had been seen through before.
std::optional<platform::AppInfo> see_through(Context& context, Workflow& workflow,
                                             const Values& values,
                                             const deploy::TransactionOutcome& outcome) {
  if (outcome.entry.step == deploy::Step::kDone) return std::nullopt;
  const bool profile_is_set = set_planned_profile(context, workflow, outcome);
  auto info = wait_for_platform(workflow, values, outcome,
                                "ecloud compute app status " + outcome.entry.app.to_string() +
                                    " --wait" + workflow.environment_flag());
  if (profile_is_set) deploy::finish_operation(workflow.services(), outcome);
  check_listed_release(workflow, values, outcome);
  return info;
}

void show(Context& context, const deploy::SavedPlan& plan,
          const deploy::TransactionOutcome& outcome, const std::optional<platform::AppInfo>& info) {
  const deploy::JournalEntry& entry = outcome.entry;
  base::Json document = document_of(context, plan);
  document.set("txHash", base::to_hex_prefixed(outcome.receipt.transaction_hash));
  document.set("blockNumber", outcome.receipt.block_number);
  document.set("status", info ? base::Json(info->state_word) : base::Json());
  document.set("ip", info ? text_or_null(info->ip) : base::Json());
  document.set("gas", used_gas_document(outcome));
  context.output().result(document, [&] {
    context.output().pairs({{"App ID", entry.app.to_string()},
                            {"Name", entry.name},
                            {"Status", info ? info->state_word : ""},
                            {"IP", info && info->ip ? *info->ip : ""},
                            {"Image", entry.image_name + "@" + entry.image_digest},
                            {"Transaction", transaction_words(outcome.receipt)},
                            {"Cost", eth::format_ether(outcome.receipt.cost()) + " ETH"},
                            {"Dashboard", context.environment().dashboard_page(entry.app)}});
  });
}

void run_apply(Context& context, const Values& values) {
  static_cast<void>(values.duration("timeout"));
  const std::string file = values.argument("FILE").value();
  context.deployer();
  Workflow workflow(context);
  CheckedPlan checked{.plan = read_plan_file(context, file, workflow.signer())};
  checked.plan.entry.lock_file = lock_file_of(context, checked.plan);
  if (values.flag("dry-run")) return rehearse(context, workflow, checked);
  const deploy::TransactionOutcome outcome = send(context, workflow, checked);
  const auto info = see_through(context, workflow, values, outcome);
  workflow.finish_progress();
  show(context, checked.plan, outcome, info);
}

}  // namespace

Command make_app_apply_command() {
  Command command;
  command.name = "apply";
  command.summary = "Sign and send a plan that was saved";
  command.description =
      "Reads a plan that `ecloud compute app deploy --plan-out` or `ecloud compute app plan "
      "--plan-out` saved, and looks whether the chain is still as the plan found it: the account's "
      "nonce, delegation and balance, the contracts, the app's status, release and log, fees, "
      "quota, the day that a plan is valid, whether the registry has the image, and whether the "
      "platform offers the instance type, at which price. Anything that "
      "differs is named, and nothing is signed. Otherwise exactly the transaction of the plan is "
      "signed and sent. All is compared again after the question, and a plan beside an operation "
      "that was cut off (`ecloud resume --list`) waits until that is seen through. What an upgrade "
      "changes is shown as it was when it was planned.\n\n"
      "The file holds no secret: private variables are in it as they go on chain. It carries a "
      "code that only the account's key can make, so that a changed file is refused. The wallet of "
      "a deployment that was generated is stored where the plan was made, and such a plan is "
      "applied there. "
      "Applied again, a plan sends nothing: it tells what became of it, or after a later upgrade "
      "that "
      "the app has moved on.\n\n"
      "The project's ecloud.lock is kept up where the plan was made; on another computer it is "
      "that of the folder where the plan is applied.";
  command.positionals = {{.name = "FILE",
                          .help = "The plan; - reads standard input",
                          .required = true,
                          .kind = Kind::kFile}};
  command.options = wait_options();
  command.options.push_back(confirmations_option());
  command.examples = {
      {"Apply what was planned", "ecloud compute app apply upgrade.plan"},
      {"See whether it still could be", "ecloud compute app apply upgrade.plan --dry-run"}};
  command.json_fields = {
      {"operation", "deploy or upgrade"},
      {"appId", "id of the app"},
      {"name", "of a deployment, or null"},
      {"environment", "name of the environment"},
      {"chainId", "of the environment"},
      {"account", "who signs"},
      {"imageRef", "image as it was given"},
      {"imageDigest", "sha256:… of the linux/amd64 manifest, as on chain"},
      {"registry", "image name without tag, as on chain"},
      {"instanceType", "machine"},
      {"logVisibility", "public, private or off"},
      {"calls", "contract, target, function, arguments, data"},
      {"changes",
       "what an upgrade changes, as it was planned: what, name, change (added, removed, changed), "
       "before, after; null for a deployment"},
      {"notCompared", "what could not be compared then, and why; null for a deployment"},
      {"txHash", "hash of the transaction"},
      {"blockNumber", "block that holds it"},
      {"status", "run state; null with --no-wait and for a plan that was applied before"},
      {"ip", "address of the machine, or null"},
      {"gas", "used, limit, effectiveGasPriceWei, costWei, maxCostWei; amounts are decimal texts"},
      {"dryRun", "true with --dry-run, where txHash, blockNumber, status and ip are missing"},
      instance_json_field(),
      {"balanceWei", "with --dry-run: balance of the account"},
  };
  command.exit_codes = {Category::kFailure,  Category::kImage,       Category::kTransaction,
                        Category::kNotFound, Category::kCredentials, Category::kNetwork,
                        Category::kPending,  Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.run = run_apply;
  return command;
}

}  // namespace ecloud::cli
