#include <algorithm>
#include <deque>

#include "cli/app_selection.h"
#include "cli/commands/app/after_transaction.h"
#include "cli/commands/app/commands.h"
#include "cli/commands/app/image_labels.h"
#include "cli/commands/app/release_image.h"
#include "cli/commands/app/release_options.h"
#include "cli/commands/app/upgrade_job.h"
#include "cli/commands/app/upgrade_view.h"
#include "cli/commands/app/verifiable.h"
#include "cli/commands/app/wallet_view.h"
#include "cli/environments.h"
#include "cli/instance_view.h"
#include "cli/json_values.h"
#include "cli/plan_file.h"
#include "cli/tool_pins.h"
#include "cli/transaction_course.h"
#include "cli/transaction_view.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/change_app.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::cli {
namespace {

/// Makes or finds the image that the job asks for; nothing when it keeps the one that runs.
void take_image(Context& context, Workflow& workflow, UpgradeJob& job) {
  // Whether the app takes a release and keeps its wallet is looked at before a build that takes its
  // time.
  const auto check = [&] {
    const deploy::CurrentApp current =
        deploy::read_current_app(workflow.services(), workflow.signer().address, job.app);
    static_cast<void>(choose_upgrade_wallet(context, workflow, job.app, job.input, current));
  };
  if (job.verifiable) {
    job.built = obtain_verifiable_image(
        context, workflow, *job.verifiable, job.input.image.value_or(image_to_be_built()),
        job.only_plans(), [&](const oci::ResolvedImage&) { check(); });
    job.input.image = job.built->reference;
  } else if (job.input.image_input) {
    settle_runtime(context, workflow, *job.input.image_input);
    job.image = std::make_unique<ReleaseImage>(context, workflow, *job.input.image_input,
                                               job.input.leaks, job.input.env.variables);
    if (job.image->is_made_here()) check();
    job.image->prepare();
  }
  workflow.finish_progress();
}

/// Variables that run now and are not in the new release.
void warn_of_variables(Workflow& workflow, const UpgradeInput& input,
                       const deploy::CurrentApp& current) {
  for (const auto& [name, value] : current.public_variables) {
    if (input.env.variables.public_variables.contains(name)) continue;
    workflow.warning("the variable " + name + " of the release that runs is not in the new one");
  }
  if (input.env.file.empty() && current.may_hold_mnemonic) {
    workflow.warning(
        "there is no env file: private variables of the release that runs are not kept");
  }
}

/// Only shown where nobody is asked about it, or where nothing here can tell whether the wallet
/// stays the same.
void warn_of_disk(Workflow& workflow, const UpgradeJob& job, const deploy::WalletChoice& wallet) {
  if (!wallet.gives_up.empty()) {
    if (job.only_plans()) workflow.warning(disk_words());
  } else if (!wallet.assumption.empty()) {
    workflow.warning(wallet.assumption);
  } else if (!wallet.certain) {
    workflow.warning("nothing here can check that the wallet stays the same; if it does not, " +
                     disk_words());
  }
}

/// What is not asked for stays as the image that runs has it, and as the chain has it: an app whose
/// log anybody may read keeps one.
platform::TeeLayerOptions layer_options(Workflow& workflow, const UpgradeJob& job,
                                        const deploy::CurrentApp& current) {
  const auto& wanted = job.input.log_visibility;
  platform::TeeLayerOptions out = layer_options_of(
      job.values, wanted.value_or(deploy::LogVisibility::kPrivate), *job.input.image_input);
  const bool keeps_log = wanted || current.logs_are_public;
  const bool keeps_measuring = job.values.given("resource-usage-monitoring");
  if (keeps_log && keeps_measuring) return out;
  const LaunchPolicy running = policy_of_running(workflow, current);
  if (!keeps_log) out.keep_log = running.keep_log;
  if (!keeps_measuring) out.measure_memory = running.measure_memory;
  return out;
}

struct Prepared {
  deploy::CurrentApp current;
  deploy::UpgradeRequest request;
  std::optional<deploy::UpgradePlan> plan;
  deploy::ReleaseDifference difference;
};

/// With what runs, where the plan is shown before anything is sent.
void compare(Context& context, Workflow& workflow, const UpgradeJob& job, Prepared& prepared) {
  const bool is_shown_first = job.only_plans() || saves_plan(job.values) ||
                              (context.terminal().can_prompt() && !job.values.flag("yes"));
  if (!is_shown_first) return;
  const deploy::Services& services = workflow.services();
  std::optional<deploy::LockedApp> locked;
  std::string trouble;
  try {
    if (!prepared.request.lock_file.empty()) {
      locked = deploy::ProjectLock(prepared.request.lock_file, services.paths.state)
                   .find(services.environment.name, job.app);
    }
  } catch (const Error& error) {
    trouble = error.message();
  }
  prepared.difference = deploy::compare_with_running(services, workflow.signer(), prepared.current,
                                                     prepared.request, *prepared.plan, locked,
                                                     !is_to_be_built(prepared.plan->reference));
  if (trouble.empty()) return;
  // Not that the file says nothing of the app, which nobody knows.
  const std::string what = "which private variables change: ";
  std::vector<std::string>& unknown = prepared.difference.unknown;
  std::erase_if(unknown, [&](const std::string& line) { return line.starts_with(what); });
  unknown.push_back(what + trouble);
}

void plan_again(Workflow& workflow, Prepared& prepared) {
  prepared.plan = deploy::plan_upgrade(workflow.services(), workflow.signer(), prepared.request,
                                       prepared.current);
}

/// In place, because the request finds its image through what is read of the app.
void prepare(Context& context, Workflow& workflow, UpgradeJob& job, Prepared& out) {
  workflow.phase("asking chain and registry");
  out.current = deploy::read_current_app(workflow.services(), workflow.signer().address, job.app);
  workflow.finish_progress();
  deploy::UpgradeRequest& request = out.request;
  request.app = job.app;
  request.image = job.input.image;
  request.instance_type = job.input.instance_type;
  request.log_visibility = job.input.log_visibility;
  if (job.built) request.find_image = [&job] { return job.built->resolved; };
  if (job.image) {
    request.find_image = [&workflow, &job, &out] {
      return job.image->obtain([&] { return layer_options(workflow, job, out.current); });
    };
  }
  request.lock_file = project_lock_file(context);
  request.wallet = choose_upgrade_wallet(context, workflow, job.app, job.input, out.current);
  request.wallet_backup = job.input.wallet_backup;
  warn_of_disk(workflow, job, request.wallet);
  request.may_sign_for_estimate = !job.only_plans() && !saves_plan(job.values);
  if (saves_plan(job.values)) request.lifetime_seconds = deploy::kSavedPlanSeconds;
  if (request.wallet.keeps_release) {
    workflow.note("there is no env file: the variables of the release that runs stay as they are");
    if (job.input.image_input && !job.input.image_input->caddyfile) {
      workflow.note(
          "whether DOMAIN is among them cannot be read; an app that serves HTTPS under "
          "it needs --tls");
    }
  } else {
    warn_of_variables(workflow, job.input, out.current);
  }
  request.variables = job.input.env.variables.clone();
  plan_again(workflow, out);
  compare(context, workflow, job, out);
  for (const std::string& warning : out.plan->warnings) workflow.warning(warning);
  const bool is_stand_in = job.built && !job.built->verified;
  if (!is_stand_in && !(job.image && job.image->is_layered_here())) {
    if (job.built) check_built_image(workflow, request.variables, out.plan->image);
    compare_labels(workflow, job.values, out.plan->reference, request.log_visibility,
                   out.plan->image);
  }
}

/// The plan for people, with what is made of an image before it.
Pairs plan_pairs(Context& context, Workflow& workflow, const UpgradeJob& job,
                 const Prepared& prepared) {
  Pairs out = job.image ? job.image->pairs() : verifiable_pairs(job.verifiable, job.built);
  for (auto& pair : upgrade_pairs(context, workflow.signer(), prepared.current, prepared.request,
                                  *prepared.plan)) {
    out.push_back(std::move(pair));
  }
  for (auto& pair : difference_pairs(prepared.difference)) out.push_back(std::move(pair));
  return out;
}

void ask_for_wallet(Context& context, Workflow& workflow, const UpgradeJob& job,
                    const Prepared& prepared) {
  const deploy::WalletChoice& wallet = prepared.request.wallet;
  const bool is_asked_about = !wallet.assumption.empty() && context.terminal().can_prompt();
  if (wallet.gives_up.empty() && !is_asked_about) return;
  confirm_wallet_change(
      context, job.values, workflow, prepared.plan->app,
      (wallet.gives_up.empty() ? wallet.assumption : wallet.gives_up) + ". Continue?");
}

/// An app that runs on the type already gets nothing worse.
void ask_for_hardware(Context& context, const UpgradeJob& job, const Prepared& prepared) {
  if (prepared.plan->instance_type == prepared.current.instance_type) return;
  confirm_hardware(context, job.values, prepared.plan->instance_type);
}

void ask(Context& context, Workflow& workflow, const UpgradeJob& job, const Prepared& prepared) {
  if (!context.output().json()) {
    context.terminal().write_error(format_pairs(plan_pairs(context, workflow, job, prepared),
                                                context.terminal(), Stream::kError));
  }
  ask_for_wallet(context, workflow, job, prepared);
  ask_for_hardware(context, job, prepared);
  confirm_transaction(context, prepared.plan->transaction,
                      "Upgrade app " + prepared.plan->app.to_string());
}

/// What an earlier run's upgrade has otherwise than what is asked for now; empty when it is the
/// same.
std::string other_than_asked(Workflow& workflow, const deploy::TransactionOutcome& outcome,
                             const UpgradeInput& input) {
  const deploy::JournalEntry& entry = outcome.entry;
  if (input.image && entry.image_reference != input.image->to_string()) {
    return "the image " + entry.image_reference;
  }
  if (input.instance_type && entry.instance_type != *input.instance_type) {
    return "the instance type " + entry.instance_type;
  }
  if (input.log_visibility && entry.log_visibility != deploy::to_string(*input.log_visibility)) {
    return "the log visibility " + entry.log_visibility;
  }
  const bool same_variables = deploy::release_has_variables(workflow.services(), workflow.signer(),
                                                            outcome, input.env.variables);
  return same_variables ? "" : "other variables";
}

/// An earlier run's upgrade; nothing when it put another release than the one asked for.
std::optional<deploy::TransactionOutcome> resume(Workflow& workflow, const eth::Address& app,
                                                 const UpgradeInput& input) {
  auto outcome = deploy::resume_change(workflow.services(), workflow.signer(), app,
                                       deploy::Operation::kUpgrade);
  if (!outcome) return outcome;
  const std::string other = other_than_asked(workflow, *outcome, input);
  if (other.empty()) return outcome;
  workflow.note("it put " + other + "; what is asked for now follows");
  deploy::finish_operation(workflow.services(), *outcome);
  return std::nullopt;
}

AppReport report_of(Context& context, Workflow& workflow, const UpgradeJob& job,
                    const Prepared& prepared) {
  base::Json document = upgrade_plan_document(context, workflow.signer(), prepared.current,
                                              prepared.request, *prepared.plan);
  document.set("changes", difference_document(prepared.difference));
  document.set("notCompared", base::Json::strings(prepared.difference.unknown));
  document.set("layered", job.image ? job.image->document() : base::Json());
  document.set("build", verifiable_document(job.verifiable, job.built));
  return {std::move(document), format_pairs(plan_pairs(context, workflow, job, prepared),
                                            context.terminal(), Stream::kOutput)};
}

AppReport make_plan(Context& context, Workflow& workflow, UpgradeJob& job) {
  take_image(context, workflow, job);
  Prepared prepared;
  prepare(context, workflow, job, prepared);
  return report_of(context, workflow, job, prepared);
}

/// All but the signature, into the file that --plan-out names.
AppReport save(Context& context, Workflow& workflow, UpgradeJob& job) {
  take_image(context, workflow, job);
  Prepared prepared;
  prepare(context, workflow, job, prepared);
  workflow.finish_progress();
  ask_for_wallet(context, workflow, job, prepared);
  ask_for_hardware(context, job, prepared);
  if (job.image) job.image->push();
  AppReport report = report_of(context, workflow, job, prepared);
  save_plan_file(context, job.values, workflow.signer(),
                 deploy::save_plan(workflow.services(), workflow.signer(), prepared.request,
                                   std::move(*prepared.plan), std::move(prepared.difference)),
                 report);
  return report;
}

/// Until the release is on chain.
deploy::TransactionOutcome send(Context& context, Workflow& workflow, UpgradeJob& job) {
  std::optional<Prepared> prepared;
  const deploy::Services& services = workflow.services();
  auto outcome = run_transaction(
      workflow, services,
      {.resume = [&]() -> std::optional<deploy::TransactionOutcome> {
         // What is on chain needs no image any more, but with --verifiable its name is not
         // known at first.
         if (job.verifiable && !job.built) return std::nullopt;
         return resume(workflow, job.app, job.input);
       },
       .plan =
           [&] {
             if (prepared) {
               plan_again(workflow, *prepared);
             } else {
               take_image(context, workflow, job);
               prepare(context, workflow, job, prepared.emplace());
             }
             return true;
           },
       .ask = [&] { ask(context, workflow, job, *prepared); },
       .prepare = [&] { return job.image && job.image->push() == PlanAge::kOld; },
       .maximum_cost = [&] { return prepared->plan->transaction.maximum_cost; },
       .ask_again =
           [&] {
             confirm_transaction(context, prepared->plan->transaction,
                                 "Upgrade app " + job.app.to_string());
           },
       .apply =
           [&] {
             return deploy::apply_upgrade(services, workflow.signer(), prepared->request,
                                          std::move(*prepared->plan));
           }});
  return std::move(*outcome);
}

/// Until the platform has taken it into force.
AppReport finish(Context& context, Workflow& workflow, const UpgradeJob& job,
                 const deploy::TransactionOutcome& outcome) {
  const auto info =
      wait_for_platform(workflow, job.values, outcome,
                        "ecloud compute app upgrade " + outcome.entry.app.to_string() + " " +
                            outcome.entry.image_reference + workflow.environment_flag());
  const std::string listed = check_listed_release(workflow, job.values, outcome);
  base::Json document = upgrade_document(context, outcome, info);
  document.set("listedImageDigest", text_or_null(listed));
  document.set("layered", job.image ? job.image->document() : base::Json());
  document.set("build", verifiable_document(job.verifiable, job.built));
  Pairs pairs = upgrade_outcome_pairs(context, outcome, info);
  for (auto& pair : verifiable_pairs(job.verifiable, job.built)) pairs.push_back(std::move(pair));
  return {std::move(document), format_pairs(pairs, context.terminal(), Stream::kOutput),
          [&workflow, outcome] { workflow.close_told(workflow.services(), outcome); }};
}

void upgrade_one(Context& context, const Values& values) {
  UpgradeJob job = read_upgrade_job(context, values);
  context.deployer();
  Workflow workflow(context);
  job.app = workflow.app(values);
  const AppReport report = job.only_plans() ? make_plan(context, workflow, job)
                           : saves_plan(values)
                               ? save(context, workflow, job)
                               : finish(context, workflow, job, send(context, workflow, job));
  workflow.finish_progress();
  context.output().result(report.document, [&] { context.terminal().write(report.text); });
  if (report.when_told) report.when_told();
}

void upgrade_several(Context& context, const Values& values, const std::vector<std::string>& apps) {
  refuse_for_several(values,
                     {"image-ref", "image-archive", "dockerfile", "target-ref", "plan-out"});
  const auto named = values.argument("APP");
  if (named && std::find(apps.begin(), apps.end(), *named) == apps.end()) {
    throw Error(Category::kUsage, "cli.conflict",
                *named + " is one app, and several of ecloud.yaml are asked for",
                "leave it out, or leave out --all and --app");
  }
  // Nothing is sent before all of them are known to be well described.
  std::deque<UpgradeJob> jobs;
  for (const std::string& app : apps)
    jobs.push_back(read_upgrade_job(context, values.for_app(app)));
  context.deployer();
  Workflow workflow(context);
  std::vector<AppWork> work;
  for (UpgradeJob& job : jobs) {
    work.push_back({job.values.app(), [&context, &workflow, &job]() -> std::function<AppReport()> {
                      job.app = workflow.app(job.values);
                      if (job.only_plans()) {
                        const AppReport plan = make_plan(context, workflow, job);
                        return [plan] { return plan; };
                      }
                      const deploy::TransactionOutcome outcome = send(context, workflow, job);
                      return [&context, &workflow, &job, outcome] {
                        return finish(context, workflow, job, outcome);
                      };
                    }});
  }
  run_for_each(context, workflow, work, [](const Error&) { return std::optional<std::string>(); });
}

void run_plan(Context& context, const Values& values) {
  const AppSelection selection =
      select_apps(context, values, values.arguments("APP"), values.argument("APP").has_value());
  warn_of_unknown_environments(context);
  if (selection.several) return upgrade_several(context, values, selection.apps);
  upgrade_one(context, selection.apps.empty() ? values : values.for_app(selection.apps.front()));
}

void run_upgrade(Context& context, const Values& values) {
  // Read now, so that a malformed one is refused before anything is done.
  static_cast<void>(values.duration("timeout"));
  run_plan(context, values);
}

std::vector<Positional> release_positionals() {
  return {app_positional(), {.name = "IMAGE", .help = "The image, as for --image-ref"}};
}

/// What says which release it is to be.
std::vector<Option> plan_options() {
  std::vector<Option> options = upgrade_options();
  for (Option& option : release_image_options()) options.push_back(std::move(option));
  for (Option& option : verifiable_options()) options.push_back(std::move(option));
  for (Option& option : selection_options()) options.push_back(std::move(option));
  options.push_back(plan_out_option());
  options.push_back(confirm_wallet_change_option());
  return options;
}

void complete(Command& command) {
  command.json_fields = upgrade_json_fields();
  command.json_fields.push_back(layered_json_field());
  command.json_fields.push_back(verifiable_json_field());
  complete_release_command(command);
}

}  // namespace

Command make_app_upgrade_command() {
  Command command;
  command.name = "upgrade";
  command.summary = "Put a new image or new variables on an app";
  command.description =
      "Replaces the app's release: image, variables, instance type, log visibility. The app keeps "
      "its id and its wallet. What is not given stays as it is now. An env file replaces all "
      "variables, because what is encrypted on chain cannot be read back; without one the "
      "variables "
      "of the release that runs are sent again as they are, unless --env or tls.domain of "
      "ecloud.yaml "
      "sets one: then the release has that one alone.\n\n"
      "A generated wallet goes along: its recovery phrase is on this machine, or is read from the "
      "releases on chain with the key that deployed the app. With another key it has to be "
      "imported "
      "first (ecloud compute app wallet import), and MNEMONIC of an env file has to be in the file "
      "again; without an env file the encrypted variables are sent again instead, and the wallet "
      "stays with them. A release of another program does not say whose its wallet is: then it "
      "counts as the KMS's, unless this machine knows better or --wallet says so. A "
      "wallet is never changed unless that is confirmed by typing the app's name, or with "
      "--confirm-wallet-change without a terminal. The disk that the platform may have attached "
      "at /mnt/disks/userdata survives an upgrade, and its key is derived from the wallet's "
      "recovery phrase: with another wallet its data cannot be read and the app does not start.\n\n"
      "An image is layered, built from a Dockerfile or taken from a file as for deploy. With "
      "--verifiable the platform builds it from a commit of a public repository. An ecloud.yaml "
      "may describe several apps, under apps: name one of them, or give "
      "--all for one after the other.\n\n"
      "The command waits until the platform has taken the release into force. A run that was cut "
      "off is continued by running the same command again.";
  command.positionals = release_positionals();
  command.options = plan_options();
  for (Option& option : wait_options()) command.options.push_back(std::move(option));
  command.options.push_back(yes_option_with_force());
  command.options.push_back(confirmations_option());
  command.examples = {
      {"A new image, with the variables of .env",
       "ecloud compute app upgrade my-app me/my-app:1.1"},
      {"New variables for the image that runs",
       "ecloud compute app upgrade my-app --env-file .env"},
      {"Every app of ecloud.yaml", "ecloud compute app upgrade --all"},
      {"See what would change and cost, without signing anything",
       "ecloud compute app upgrade my-app me/my-app:1.1 --dry-run"},
  };
  complete(command);
  command.run = run_upgrade;
  return command;
}

Command make_app_plan_command() {
  Command command;
  command.name = "plan";
  command.summary = "Show what an upgrade would change, or save it to be applied";
  command.description =
      "Compares the release that is described here with the one that runs: image, instance type, "
      "log visibility, variables by name, wallet; and shows the calls that would be made and what "
      "they may cost. Nothing is signed or sent.\n\n"
      "With --plan-out the plan is saved, complete but for the signature, for `ecloud compute app "
      "apply`, which signs exactly that or refuses. It can be applied for a day, by the same "
      "account. A deployment is planned with `ecloud compute app deploy --plan-out`.";
  command.positionals = release_positionals();
  command.options = plan_options();
  command.examples = {
      {"What a new image would change", "ecloud compute app plan my-app me/my-app:1.1"},
      {"Decide now and send later",
       "ecloud compute app plan my-app me/my-app:1.1 --plan-out upgrade.plan"},
  };
  complete(command);
  command.run = run_plan;
  return command;
}

}  // namespace ecloud::cli
