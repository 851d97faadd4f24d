#include "cli/commands/app/commands.h"
#include "cli/commands/app/deploy_view.h"
#include "cli/commands/app/image_labels.h"
#include "cli/commands/app/release_options.h"
#include "cli/transaction_view.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/account_lock.h"
#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/watch.h"

namespace ecloud::cli {
namespace {

/// The app runs without its profile, so that failing here does not fail the deployment.
void set_profile(Workflow& workflow, const deploy::DeployRequest& request,
                 const std::optional<platform::ProfileImage>& picture,
                 const deploy::DeployOutcome& outcome) {
  if (!request.profile) return;
  workflow.phase("setting the profile");
  try {
    workflow.user_api(outcome.domain_separator, true)
        .set_profile(outcome.entry.app, *request.profile, picture);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    workflow.warning("the app is deployed, but its profile is not set: " + error.message());
  }
}

std::optional<platform::AppInfo> wait(Workflow& workflow, const Values& values,
                                      const deploy::DeployOutcome& outcome) {
  if (values.flag("no-wait")) return std::nullopt;
  const std::string command = "ecloud compute app status " + outcome.entry.app.to_string() +
                              " --wait" + workflow.environment_flag();
  workflow.phase("waiting until app " + outcome.entry.app.to_string() + " runs");
  platform::UserApi api = workflow.user_api(outcome.domain_separator, false);
  try {
    return deploy::wait_until_running(workflow.services(), api, outcome.entry.app,
                                      *values.duration("timeout"), command);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) {
      throw error.with_hint("the app is deployed and starts without you; wait again with: " +
                            command);
    }
    // The platform's verdict ends the deployment; a time-out leaves it open.
    if (error.code() == "app.failed") deploy::finish_deploy(workflow.services(), outcome);
    throw;
  }
}

deploy::DeployOutcome plan_and_apply(Context& context, const Values& values, Workflow& workflow,
                                     const deploy::DeployRequest& request) {
  workflow.phase("asking chain and registry");
  deploy::DeployPlan plan = deploy::plan_deploy(workflow.services(), workflow.signer(), request);
  workflow.finish_progress();
  for (const std::string& warning : plan.warnings) workflow.warning(warning);
  compare_labels(workflow, values, request.image, request.log_visibility, plan.image);
  if (!context.output().json()) {
    context.terminal().write_error(format_plan(context.terminal(), Stream::kError,
                                               workflow.signer(), context.environment(), request,
                                               plan));
  }
  confirm_transaction(context, plan.transaction, "Deploy app " + plan.app.to_string());
  return deploy::apply_deploy(workflow.services(), workflow.signer(), request, std::move(plan));
}

void show_plan(Context& context, const Values& values, Workflow& workflow,
               deploy::DeployRequest& request) {
  request.may_sign_for_estimate = false;
  const deploy::DeployPlan plan =
      deploy::plan_deploy(workflow.services(), workflow.signer(), request);
  for (const std::string& warning : plan.warnings) workflow.warning(warning);
  compare_labels(workflow, values, request.image, request.log_visibility, plan.image);
  context.output().result(
      plan_document(workflow.signer(), context.environment(), request, plan), [&] {
        context.terminal().write(format_plan(context.terminal(), Stream::kOutput, workflow.signer(),
                                             context.environment(), request, plan));
      });
}

void run_deploy(Context& context, const Values& values) {
  deploy::DeployRequest request = read_deploy_request(context, values);
  const auto picture = read_profile_image(context, values);
  // Read now, so that a malformed one is refused before anything is done.
  static_cast<void>(values.duration("timeout"));
  context.deployer();
  Workflow workflow(context);
  if (values.flag("dry-run")) return show_plan(context, values, workflow, request);

  std::optional<deploy::DeployOutcome> outcome;
  {
    const base::FileLock lock =
        deploy::lock_account(workflow.services(), workflow.signer().address);
    outcome = deploy::resume_deploy(workflow.services(), workflow.signer(), request);
    if (!outcome) outcome = plan_and_apply(context, values, workflow, request);
  }
  set_profile(workflow, request, picture, *outcome);
  const auto info = wait(workflow, values, *outcome);
  deploy::finish_deploy(workflow.services(), *outcome);
  workflow.finish_progress();
  context.output().result(outcome_document(context.environment(), *outcome, info), [&] {
    context.output().pairs(outcome_pairs(context.environment(), *outcome, info));
  });
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
  for (Option& option : release_options()) options.push_back(std::move(option));
  options.push_back({.name = "salt",
                     .kind = Kind::kText,
                     .value_name = "HEX",
                     .help = "32 bytes that, with the account, fix the app's id",
                     .default_note = "random",
                     .variables = {"ECLOUD_SALT"}});
  for (Option& option : profile_options()) options.push_back(std::move(option));
  for (Option& option : wait_options()) options.push_back(std::move(option));
  return options;
}

}  // namespace

Command make_app_deploy_command() {
  Command command;
  command.name = "deploy";
  command.summary = "Deploy an image as a new app";
  command.description =
      "Creates an app from an image in a registry: finds the image's digest, encrypts the "
      "variables for the app and the KMS, sends one transaction, and waits until the app runs.\n\n"
      "The app's wallet is 24 words. With --wallet generated (the default) they are made on this "
      "machine and stored, encrypted with your key, before anything is sent: you can recover them "
      "with the key that deployed, and so could whoever has that key and the file. With --wallet "
      "kms the platform's KMS derives them inside the TEE: nobody else knows them, and they are "
      "gone when the app is terminated. With --wallet env they are MNEMONIC of your env file: "
      "whoever has the file knows them.\n\n"
      "A run that was cut off is continued by running the same command again: it finds out what "
      "became of the transaction and never creates a second app.";
  command.positionals = {{.name = "IMAGE", .help = "The image, as for --image-ref"}};
  command.options = deploy_options();
  command.examples = {
      {"Deploy an image with the variables of .env",
       "ecloud compute app deploy --name my-app "
       "--image-ref docker.io/me/my-app:1.0"},
      {"See what would happen and cost, without signing anything",
       "ecloud compute app deploy --name my-app --image-ref me/my-app:1.0 --dry-run"},
      {"From CI, with the key in a variable",
       "ECLOUD_PRIVATE_KEY=$KEY ecloud compute app deploy --environment sepolia --name my-app "
       "--image-ref me/my-app:1.0 --json"},
  };
  command.json_fields = deploy_json_fields();
  command.exit_codes = {Category::kFailure,     Category::kImage,    Category::kTransaction,
                        Category::kCredentials, Category::kNotFound, Category::kNetwork,
                        Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.run = run_deploy;
  return command;
}

}  // namespace ecloud::cli
