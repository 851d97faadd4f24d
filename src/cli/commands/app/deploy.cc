#include <deque>
#include <memory>

#include "cli/app_selection.h"
#include "cli/commands/app/after_transaction.h"
#include "cli/commands/app/commands.h"
#include "cli/commands/app/deploy_view.h"
#include "cli/commands/app/image_labels.h"
#include "cli/commands/app/isolated_billing.h"
#include "cli/commands/app/release_image.h"
#include "cli/commands/app/release_options.h"
#include "cli/commands/app/verifiable.h"
#include "cli/config_keys.h"
#include "cli/credits_chain.h"
#include "cli/environments.h"
#include "cli/instance_view.h"
#include "cli/plan_file.h"
#include "cli/tool_pins.h"
#include "cli/transaction_course.h"
#include "cli/transaction_view.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/find_app.h"
#include "ecloud/deploy/unfinished.h"

namespace ecloud::cli {
namespace {

/// One app to deploy: everything local, read and checked.
struct Job {
  Values values;
  ImageInput input;
  LeakPolicy leaks;
  deploy::DeployRequest request;
  std::optional<platform::ProfileImage> picture;
  std::optional<Verifiable> verifiable;
  std::optional<VerifiableImage> built;  ///< of `verifiable`, once it has been asked for
  std::unique_ptr<ReleaseImage> image;   ///< without `verifiable`
  bool profile_is_set = false;           ///< or there is none, or it will never be
};

/// With nobody to ask, all that is missing is told at once.
void require_inputs(Context& context, const Values& values) {
  if (context.terminal().can_prompt() || values.flag("verifiable")) return;
  const bool has_image = given_image(values) || values.given("dockerfile") ||
                         values.given("image-archive") || has_dockerfile(context);
  const bool has_name = values.flag("skip-profile") || !values.text("name").value_or("").empty();
  if (has_image || has_name) return;
  const Error name = values.missing("name");
  const Error image = values.missing("image-ref");
  throw Error(Category::kUsage, name.code(), name.message() + "; " + image.message(),
              name.hint() + "; " + image.hint());
}

Job read_job(Context& context, const Values& values) {
  require_inputs(context, values);
  auto verifiable = read_verifiable(values);
  std::optional<FolderImage> folder;
  if (!verifiable) folder = find_folder_image(context, values, given_image(values), "deploy");
  ImageInput input = read_release_image(context, values, verifiable, folder);
  deploy::DeployRequest request = read_deploy_request(context, values, input);
  Job job{.values = values,
          .input = std::move(input),
          .leaks = read_leak_policy(values),
          .request = std::move(request),
          .picture = read_profile_image(context, values),
          .verifiable = std::move(verifiable)};
  job.request.may_share_name = values.flag("force-new");
  // Read now, so that a malformed one is refused before anything is done.
  static_cast<void>(job.values.duration("timeout"));
  return job;
}

void take_verifiable_image(Context& context, Workflow& workflow, Job& job,
                           const std::function<void(const oci::ResolvedImage&)>& check) {
  job.built = obtain_verifiable_image(context, workflow, *job.verifiable, job.request.image,
                                      job.values.flag("dry-run"), check);
  job.request.image = job.built->reference;
  job.request.find_image = [&job] { return job.built->resolved; };
}

/// Lets the request find the image that the job describes; builds it, where that is asked for.
void take_image(Context& context, Workflow& workflow, Job& job) {
  // Quota, funds, name and instance type are looked at before a build that takes its time.
  const auto check = [&](const oci::ResolvedImage& stand_in) {
    job.request.find_image = [stand_in] { return stand_in; };
    static_cast<void>(deploy::plan_deploy(workflow.services(), workflow.signer(), job.request));
  };
  if (job.verifiable) {
    take_verifiable_image(context, workflow, job, check);
  } else {
    job.image = std::make_unique<ReleaseImage>(context, workflow, job.input, job.leaks,
                                               job.request.variables);
    if (job.image->is_made_here()) check(stand_in_image(job.request.image));
    job.image->prepare();
    job.request.find_image = [&job] {
      return job.image->obtain(
          [&job] { return layer_options_of(job.values, job.request.log_visibility, job.input); });
    };
  }
  workflow.finish_progress();
}

/// An image that was layered here has the labels that were asked for.
void check_labels(Workflow& workflow, const Job& job, const deploy::DeployPlan& plan) {
  const bool is_stand_in = job.built && !job.built->verified;
  if (is_stand_in || (job.image && job.image->is_layered_here())) return;
  if (job.built) check_built_image(workflow, job.request.variables, plan.image);
  compare_labels(workflow, job.values, job.request.image, job.request.log_visibility, plan.image);
}

/// Lines of a plan about an image that is made.
Pairs image_pairs(const Job& job) {
  return job.image ? job.image->pairs() : verifiable_pairs(job.verifiable, job.built);
}

base::Json layered_document(const Job& job) {
  return job.image ? job.image->document() : base::Json();
}

/// Deployments that earlier runs began: their apps are this one, not another of the same name.
std::vector<eth::Address> unfinished_apps(Workflow& workflow) {
  std::vector<eth::Address> out;
  for (const deploy::JournalEntry& entry : deploy::unfinished_operations(workflow.services())) {
    if (entry.operation == deploy::Operation::kDeploy) out.push_back(entry.app);
  }
  return out;
}

/// Before anything is built or pushed: whoever deploys the same name again most often means an
/// upgrade, and a second app has another address, wallet and disk.
void guard_name(Workflow& workflow, const Job& job) {
  const auto& request = job.request;
  const std::string& name = request.profile ? request.profile->name : request.name;
  if (name.empty() || request.may_share_name) return;
  workflow.phase("comparing the names of the account's apps");
  const deploy::NamesakeSearch search = deploy::find_namesake(
      workflow.services(), workflow.signer(), name, unfinished_apps(workflow));
  workflow.finish_progress();
  if (search.found) {
    throw Error(Category::kUsage, "deploy.name_taken",
                "you have an app named " + search.found->name +
                    " already: " + search.found->app.to_string() + " (" +
                    std::string(platform::to_string(search.found->status)) + ")",
                "put a new release on it: ecloud compute app upgrade " + name +
                    " IMAGE, choose another --name, or give --force-new to deploy a second app of "
                    "that name");
  }
  if (search.problem.empty()) return;
  workflow.warning("whether another app of the account is named " + name +
                   " could not be checked: " + search.problem);
}

deploy::DeployPlan first_plan(Context& context, Workflow& workflow, Job& job) {
  guard_name(workflow, job);
  if (!job.verifiable) settle_runtime(context, workflow, job.input);
  take_image(context, workflow, job);
  workflow.phase("asking chain and registry");
  deploy::DeployPlan plan =
      deploy::plan_deploy(workflow.services(), workflow.signer(), job.request);
  workflow.finish_progress();
  for (const std::string& warning : plan.warnings) workflow.warning(warning);
  check_labels(workflow, job, plan);
  return plan;
}

void confirm(Context& context, const deploy::DeployPlan& plan) {
  confirm_transaction(context, plan.transaction, "Deploy app " + plan.app.to_string());
}

void ask(Context& context, Workflow& workflow, const Job& job, const deploy::DeployPlan& plan) {
  if (!context.output().json()) {
    context.terminal().write_error(format_plan(context.terminal(), Stream::kError,
                                               workflow.signer(), context.environment(),
                                               job.request, plan, image_pairs(job)));
  }
  confirm_hardware(context, job.values, job.request.instance_type);
  confirm(context, plan);
}

AppReport report_of(Context& context, Workflow& workflow, const Job& job,
                    const deploy::DeployPlan& plan) {
  const AppCreditsPlan credits = plan_app_credits(context, workflow, job.values, job.request, plan);
  base::Json document = plan_document(workflow.signer(), context.environment(), job.request, plan);
  document.set("purchase", credits.document);
  document.set("layered", layered_document(job));
  document.set("build", verifiable_document(job.verifiable, job.built));
  const std::string text = format_plan(context.terminal(), Stream::kOutput, workflow.signer(),
                                       context.environment(), job.request, plan, image_pairs(job));
  return {document, credits.text.empty() ? text : text + "\n" + credits.text};
}

AppReport make_plan(Context& context, Workflow& workflow, Job& job) {
  job.request.may_sign_for_estimate = false;
  if (job.request.pays_for_itself) choose_app_salt(context, workflow, job.request);
  return report_of(context, workflow, job, first_plan(context, workflow, job));
}

/// All but the signature, into the file that --plan-out names.
AppReport save(Context& context, Workflow& workflow, Job& job) {
  job.request.may_sign_for_estimate = false;
  job.request.lifetime_seconds = deploy::kSavedPlanSeconds;
  deploy::refuse_unfinished_deploy(workflow.services(), workflow.signer(), job.request);
  if (job.request.pays_for_itself) choose_app_salt(context, workflow, job.request);
  deploy::DeployPlan plan = first_plan(context, workflow, job);
  if (plan.needs_credits) {
    throw Error(Category::kTransaction, "deploy.no_subscription",
                "app " + plan.app.to_string() +
                    " has no quota yet, so that its deployment cannot be planned",
                "deploy it without --plan-out, or buy credits for it first and give its salt: "
                "ecloud billing top-up --account " +
                    plan.app.to_string());
  }
  confirm_hardware(context, job.values, job.request.instance_type);
  if (job.image) job.image->push();
  AppReport report = report_of(context, workflow, job, plan);
  save_plan_file(
      context, job.values, workflow.signer(),
      deploy::save_plan(workflow.services(), workflow.signer(), job.request, std::move(plan)),
      report);
  return report;
}

/// What an earlier run of the same command began; nothing when it began nothing. What is on chain
/// needs no image any more, but with --verifiable its name is not known at first.
std::optional<deploy::DeployOutcome> resume(Workflow& workflow, const Job& job) {
  if (job.verifiable && !job.built) return std::nullopt;
  return deploy::resume_deploy(workflow.services(), workflow.signer(), job.request);
}

/// Whether an earlier run has signed the deployment: then nothing is bought or planned for it.
bool is_begun(Workflow& workflow, const Job& job) {
  const deploy::Services& services = workflow.services();
  return deploy::Journal(services.paths.state, services.environment.name)
      .unfinished(workflow.signer().address, job.request.name, job.request.image.to_string())
      .has_value();
}

/// Until the app exists.
deploy::DeployOutcome send(Context& context, Workflow& workflow, Job& job) {
  std::optional<deploy::DeployPlan> plan;
  const deploy::Services& services = workflow.services();
  if (job.request.pays_for_itself && !is_begun(workflow, job)) {
    choose_app_salt(context, workflow, job.request);
    plan = first_plan(context, workflow, job);
    buy_app_credits(context, workflow, job.values, job.request, *plan);
  }
  auto outcome = run_transaction(
      workflow, services,
      {.resume = [&] { return resume(workflow, job); },
       .plan =
           [&] {
             plan = plan ? deploy::renew_plan(services, workflow.signer(), job.request,
                                              std::move(*plan))
                         : first_plan(context, workflow, job);
             return true;
           },
       .ask = [&] { ask(context, workflow, job, *plan); },
       .prepare = [&] { return job.image && job.image->push() == PlanAge::kOld; },
       .maximum_cost = [&] { return plan->transaction.maximum_cost; },
       .ask_again = [&] { confirm(context, *plan); },
       .apply =
           [&] { return deploy::apply_deploy(services, workflow.signer(), job.request, *plan); }});
  job.profile_is_set = set_profile(workflow, *outcome, job.request.profile, job.picture);
  return std::move(*outcome);
}

/// Until it runs.
AppReport finish(Context& context, Workflow& workflow, const Job& job,
                 const deploy::DeployOutcome& outcome) {
  const auto info = wait_for_platform(workflow, job.values, outcome,
                                      "ecloud compute app status " + outcome.entry.app.to_string() +
                                          " --wait" + workflow.environment_flag());
  // What is left open is gone on with by the next run.
  if (job.profile_is_set) deploy::finish_deploy(workflow.services(), outcome);
  base::Json document = outcome_document(context.environment(), outcome, info);
  document.set("layered", layered_document(job));
  document.set("build", verifiable_document(job.verifiable, job.built));
  Pairs pairs = outcome_pairs(context.environment(), outcome, info);
  for (auto& pair : verifiable_pairs(job.verifiable, job.built)) pairs.push_back(std::move(pair));
  return {document, format_outcome(context.terminal(), std::move(pairs))};
}

void deploy_one(Context& context, const Values& values) {
  Job job = read_job(context, values);
  context.deployer();
  Workflow workflow(context);
  const AppReport report = values.flag("dry-run") ? make_plan(context, workflow, job)
                           : saves_plan(values)
                               ? save(context, workflow, job)
                               : finish(context, workflow, job, send(context, workflow, job));
  workflow.finish_progress();
  context.output().result(report.document, [&] { context.terminal().write(report.text); });
}

std::optional<std::string> skip_reason(const Error& error) {
  if (error.code() != "deploy.name_taken") return std::nullopt;
  return "exists already and is left as it is; `ecloud compute app upgrade` changes it";
}

void deploy_several(Context& context, const Values& values, const std::vector<std::string>& apps) {
  refuse_for_several(values, {"name", "image-ref", "image-archive", "dockerfile", "target-ref",
                              "salt", "plan-out"});
  // Nothing is sent before all of them are known to be well described.
  std::deque<Job> jobs;
  for (const std::string& app : apps) jobs.push_back(read_job(context, values.for_app(app)));
  context.deployer();
  Workflow workflow(context);
  std::vector<AppWork> work;
  for (Job& job : jobs) {
    work.push_back({job.values.app(), [&context, &workflow, &job]() -> std::function<AppReport()> {
                      if (job.values.flag("dry-run")) {
                        const AppReport plan = make_plan(context, workflow, job);
                        return [plan] { return plan; };
                      }
                      const deploy::DeployOutcome outcome = send(context, workflow, job);
                      return [&context, &workflow, &job, outcome] {
                        return finish(context, workflow, job, outcome);
                      };
                    }});
  }
  run_for_each(context, workflow, work, skip_reason);
}

void run_deploy(Context& context, const Values& values) {
  std::vector<std::string> words = values.arguments("IMAGE");
  const Source named_by = values.origin("name").source;
  const bool named = named_by == Source::kFlag || named_by == Source::kVariable;
  if (named) words.push_back(*values.text("name"));
  const AppSelection selection = select_apps(context, values, words, named);
  warn_of_unknown_environments(context);
  if (selection.several) return deploy_several(context, values, selection.apps);
  deploy_one(context, selection.apps.empty() ? values : values.for_app(selection.apps.front()));
}

std::vector<Option> deploy_options() {
  std::vector<Option> options = {
      {.name = "name",
       .short_name = "n",
       .kind = Kind::kText,
       .value_name = "NAME",
       .help = "Name of the app, at most 50 characters without blanks",
       .variables = {"ECLOUD_NAME"},
       .project_key = "name",
       .question = "Name of the app"},
  };
  for (Option& option : release_options()) {
    // What config.yaml says is for new apps: an upgrade keeps what an app has.
    const bool of_user = find_config_key(option.project_key, ConfigFile::Which::kUser) != nullptr;
    if (of_user) option.user_key = option.project_key;
    options.push_back(std::move(option));
  }
  for (Option& option : release_image_options()) options.push_back(std::move(option));
  for (Option& option : verifiable_options()) options.push_back(std::move(option));
  options.push_back(yes_option_with_force());
  options.push_back({.name = "force-new",
                     .kind = Kind::kFlag,
                     .help = "Deploy a new app even if another app of the account has the name"});
  options.push_back({.name = "salt",
                     .kind = Kind::kText,
                     .value_name = "HEX",
                     .help = "32 bytes that, with the account, fix the app's id",
                     .default_note = "random",
                     .variables = {"ECLOUD_SALT"},
                     .hash = true});
  for (Option& option : billing_options()) options.push_back(std::move(option));
  options.push_back(credits_node_option());
  for (Option& option : profile_options()) options.push_back(std::move(option));
  for (Option& option : selection_options()) options.push_back(std::move(option));
  for (Option& option : wait_options()) options.push_back(std::move(option));
  options.push_back(confirmations_option());
  options.push_back(plan_out_option());
  return options;
}

}  // namespace

Command make_app_deploy_command() {
  Command command;
  command.name = "deploy";
  command.summary = "Deploy an image as a new app";
  command.description =
      "Creates an app from an image: finds its digest, makes it one that the TEE can start, "
      "encrypts the variables for the app and the KMS, sends one transaction, and waits until the "
      "app runs.\n\n"
      "An image that is not layered yet gets one more layer with the platform's start script and "
      "KMS client, in its registry and without a Docker daemon; the result is pushed beside it, or "
      "to --target-ref, after the plan was confirmed and before anything is signed. With "
      "--dockerfile the image is built here first, with docker, podman or buildah; with "
      "--image-archive it comes from a file. Either is pushed to --image-ref. Before it is public, "
      "the values of private variables are looked for in it.\n\n"
      "The app's wallet is 24 words. With --wallet generated (the default) they are made on this "
      "machine and stored, encrypted with your key, before anything is sent. The release carries "
      "them as well, encrypted with your key, so that this key alone recovers the wallet on any "
      "machine, and so could whoever gets the key; --wallet-backup none leaves them out of the "
      "release. With --wallet "
      "kms the platform's KMS derives them inside the TEE: nobody else knows them, and they are "
      "gone when the app is terminated. With --wallet env they are MNEMONIC of your env file: "
      "whoever has the file knows them.\n\n"
      "With --verifiable the platform builds the image from a commit of a public repository, or "
      "has built the one that is named; where it comes from is verified, and it is deployed by its "
      "digest. A build of the same source that is there already is used.\n\n"
      "With --bill-to app the app pays for itself and takes no place of your quota. --credits "
      "AMOUNT "
      "of USDC is bought for its ID first, on the chain that sells credits; when the platform has "
      "seen them the app is created under that ID. --credits-chain base-sepolia pays with test "
      "money for apps on Sepolia. Each step is resumed by running the same "
      "command "
      "again, and nothing is bought twice. Credits may also be bought beforehand, with a --salt of "
      "your own: `ecloud billing top-up --account` takes the ID that --dry-run shows.\n\n"
      "A name that another app of the account has is refused before anything is built: most often "
      "an upgrade is meant, and a second app has another address, wallet and disk (--force-new "
      "deploys it). An instance type without a TEE has to be confirmed; --yes agrees to it only "
      "when the type itself was named.\n\n"
      "A run that was cut off is continued by running the same command again: it finds out what "
      "became of the transaction and never creates a second app.\n\n"
      "An ecloud.yaml may describe several apps, under apps: name the one to deploy, or give --all "
      "for one after the other. With --all an app that exists already is left as it is, so that "
      "the same command deploys what a failure left out.";
  command.positionals = {{.name = "IMAGE",
                          .help = "The image, as for --image-ref; or the name of an app "
                                  "that ecloud.yaml lists under apps"}};
  command.options = deploy_options();
  command.examples = {
      {"Deploy an image with the variables of .env",
       "ecloud compute app deploy --name my-app "
       "--image-ref docker.io/me/my-app:1.0"},
      {"See what would happen and cost, without signing anything",
       "ecloud compute app deploy --name my-app --image-ref me/my-app:1.0 --dry-run"},
      {"Deploy what the platform builds from a public commit",
       "ecloud compute app deploy --name my-app --verifiable --repo https://github.com/me/app "
       "--commit 0123456789abcdef0123456789abcdef01234567"},
      {"Every app of ecloud.yaml", "ecloud compute app deploy --all"},
      {"From CI, with the key in a variable",
       "ECLOUD_PRIVATE_KEY=$KEY ecloud compute app deploy --environment sepolia --name my-app "
       "--image-ref me/my-app:1.0 --json"},
  };
  command.json_fields = deploy_json_fields();
  complete_release_command(command);
  command.run = run_deploy;
  return command;
}

}  // namespace ecloud::cli
