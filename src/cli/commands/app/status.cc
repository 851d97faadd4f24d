#include "cli/commands/app/app_facts.h"
#include "cli/commands/app/commands.h"
#include "cli/commands/app/release_options.h"
#include "cli/json_values.h"
#include "cli/workflow.h"
#include "ecloud/deploy/watch.h"

namespace ecloud::cli {
namespace {

void print_status(Context& context, const eth::Address& app, const std::string& state,
                  const std::optional<std::string>& ip) {
  context.output().result(
      base::Json::object({{"appId", app.to_string()}, {"status", state}, {"ip", text_or_null(ip)}}),
      [&] { context.output().line(state); });
}

platform::AppStatus ask_status(Workflow& workflow, const eth::Address& app) {
  try {
    platform::AppStatus status = workflow.user_api(false).status({app}).front();
    if (!status.state_problem.empty()) {
      throw Error(Category::kNetwork, "json.shape", status.state_problem, "try again in a moment");
    }
    // What the platform calls unknown may not exist at all.
    if (status.state == platform::RunState::kUnknown) {
      require_on_chain(workflow.services(), app);
    }
    return status;
  } catch (const Error& error) {
    if (error.category() != Category::kNotFound) throw;
    throw unknown_to_platform(workflow.services(), app, error);
  }
}

/// Only a key that may see the app shows it, and only a document has a place for it.
std::optional<std::string> find_ip(Context& context, Workflow& workflow, const eth::Address& app,
                                   const platform::AppStatus& status) {
  const bool runs = status.state == platform::RunState::kRunning;
  if (!runs || !context.output().wants_document() || !workflow.find_signer()) return std::nullopt;
  try {
    return workflow.user_api(true).info({app}).front().ip;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    workflow.warning("the address of the machine could not be read: " + error.message());
    return std::nullopt;
  }
}

void run_status(Context& context, const Values& values) {
  Workflow workflow(context);
  const eth::Address app = workflow.app(values);
  if (!values.flag("wait")) {
    const platform::AppStatus status = ask_status(workflow, app);
    return print_status(context, app, status.state_word, find_ip(context, workflow, app, status));
  }
  const auto timeout = values.duration("timeout");
  workflow.signer();
  platform::UserApi api = workflow.user_api(true);
  workflow.phase("waiting until app " + app.to_string() + " runs");
  const auto info = deploy::wait_until_running(
      workflow.services(), api, app, *timeout,
      "ecloud compute app status " + app.to_string() + " --wait" + workflow.environment_flag());
  workflow.finish_progress();
  print_status(context, app, info.state_word, info.ip);
}

}  // namespace

Command make_app_status_command() {
  Command command;
  command.name = "status";
  command.summary = "Show what an app's machine does";
  command.description =
      "Prints the run state: Created, Deploying, Running, Upgrading, Resuming, Stopping, Stopped, "
      "Suspended, Terminating, Terminated, Failed or Unknown. With --wait it returns when the app "
      "runs and has an IP address (exit 0), has failed (1), or the time has run out (8); waiting "
      "needs the key of an account that may see the app. Running refers to the machine: the app "
      "on "
      "it may need five minutes more until it answers, or may have ended; its log shows which.";
  command.positionals = {app_positional()};
  command.options = {{.name = "wait", .kind = Kind::kFlag, .help = "Wait until the app runs"},
                     {.name = "timeout",
                      .kind = Kind::kDuration,
                      .value_name = "TIME",
                      .help = "How long --wait waits: 90s, 10m, or seconds",
                      .default_text = "10m",
                      .variables = {"ECLOUD_WATCH_TIMEOUT_SECONDS"},
                      .tolerates_bad_variable = true}};
  command.examples = {{"Go on when the app runs", "ecloud compute app status my-app --wait"}};
  command.json_fields = {
      {"appId", "id of the app"},
      {"status", "run state"},
      {"ip",
       "address of the machine; null when it has none, and without a key that may see the app"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials, Category::kNotFound,
                        Category::kNetwork, Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_status;
  return command;
}

}  // namespace ecloud::cli
