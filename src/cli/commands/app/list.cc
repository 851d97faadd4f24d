#include "cli/commands/app/app_view.h"
#include "cli/commands/app/commands.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/find_app.h"

namespace ecloud::cli {
namespace {

base::Json app_document(const deploy::ListedApp& app) {
  const auto& info = app.info;
  return base::Json::object({
      {"appId", app.chain.app.to_string()},
      {"name", text_or_null(app.name)},
      {"chainStatus", platform::to_string(app.chain.status)},
      {"status", info ? base::Json(info->state_word) : base::Json()},
      {"ip", info ? text_or_null(info->ip) : base::Json()},
      {"instanceType", info ? text_or_null(info->machine_type) : base::Json()},
      {"creator", app.chain.creator.to_string()},
      {"latestReleaseBlock", static_cast<std::uint64_t>(app.chain.latest_release_block)},
  });
}

Table app_table(const deploy::AppList& list) {
  Table table{.headers = {"NAME", "APP", "CHAIN", "STATUS", "IP", "INSTANCE"}, .rows = {}};
  for (const deploy::ListedApp& app : list.apps) {
    const auto& info = app.info;
    table.rows.push_back({app.name.empty() ? "-" : app.name, app.chain.app.to_string(),
                          std::string(platform::to_string(app.chain.status)),
                          info ? info->state_word : "?", info ? info->ip.value_or("-") : "?",
                          info && !info->machine_type.empty() ? info->machine_type : "-"});
  }
  return table;
}

void run_list(Context& context, const Values& values) {
  Workflow workflow(context);
  const deploy::AppList list =
      deploy::list_apps(workflow.services(), workflow.signer(), values.flag("all"));
  base::Json apps = base::Json::array();
  for (const deploy::ListedApp& app : list.apps) apps.push(app_document(app));
  context.output().result(base::Json::object({{"apps", apps}}), [&] {
    if (list.apps.empty()) {
      workflow.note("account " + workflow.signer().address.to_string() + " has no apps on " +
                    context.environment().name);
    }
    context.output().table(app_table(list));
  });
  if (!list.problem.empty()) {
    throw Error(
        Category::kNetwork, "app.states_unknown",
        "the apps above are from the chain; their states are unknown, because " + list.problem,
        "try again in a moment");
  }
}

}  // namespace

Command make_app_list_command() {
  Command command;
  command.name = "list";
  command.aliases = {"ls"};
  command.summary = "List your apps";
  command.description =
      "Lists the apps of the account, oldest first: the chain says which there are, the platform "
      "what their machines do. When the platform does not answer, the chain's part is printed and "
      "the exit code is 7.";
  command.options = {
      {.name = "all", .short_name = "a", .kind = Kind::kFlag, .help = "Terminated apps too"}};
  command.examples = {{"Ids of all running apps",
                       "ecloud compute app list --json | jq -r '.apps[] | select(.status == "
                       "\"Running\") | .appId'"}};
  command.json_list = "apps";
  command.json_fields = {{"appId", "id of the app"},
                         {"name", "profile name, else the name it was deployed with, or null"},
                         {"chainStatus", "created, started, stopped, terminated or suspended"},
                         {"status", "run state; null when the platform did not answer"},
                         {"ip", "address of the machine, or null"},
                         {"instanceType", "machine, or null"},
                         {"creator", "account that deployed it"},
                         {"latestReleaseBlock", "block of its latest release"}};
  command.exit_codes = {Category::kCredentials, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_list;
  return command;
}

}  // namespace ecloud::cli
