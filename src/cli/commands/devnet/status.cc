#include "cli/commands/devnet/commands.h"
#include "cli/devnet_process.h"

namespace ecloud::cli {
namespace {

void run_status(Context& context, const Values&) {
  const auto info = running_devnet(context);
  if (!info) {
    context.output().result(base::Json::object({{"running", false},
                                                {"url", nullptr},
                                                {"profile", nullptr},
                                                {"apps", base::Json::array()}}),
                            [&] { context.output().line("not running"); });
    return;
  }
  // A devnet of an older program does not say.
  const std::string profile = (*info)["profile"].opt_string().value_or("gentle");
  const base::Json apps = ask_devnet(context, *info, "/_devnet/apps")["apps"];
  context.output().result(
      base::Json::object(
          {{"running", true}, {"url", (*info)["url"]}, {"profile", profile}, {"apps", apps}}),
      [&] {
        context.output().pairs({{"Running", (*info)["url"].as_string()},
                                {"Contracts", (*info)["generation"].as_string()},
                                {"Profile", profile},
                                {"Apps", std::to_string(apps.size())}});
        Table table{.headers = {"APP", "NAME", "STATE", "IMAGE"}, .rows = {}};
        for (const base::Json& app : apps.elements()) {
          table.rows.push_back({app["app"].as_string(), app["profileName"].as_string(),
                                app["runState"].as_string(), app["image"].as_string()});
        }
        if (!table.rows.empty()) context.output().table(table);
      });
}

}  // namespace

Command make_devnet_status_command() {
  Command command;
  command.name = "status";
  command.summary = "Show whether the devnet runs, and its apps";
  command.description = "Shows the running devnet's URL and every app on it, whoever deployed it.";
  command.examples = {{"Is it there", "ecloud devnet status --fields running"}};
  command.json_fields = {
      {"running", "true or false"},
      {"url", "of the server, or null"},
      {"profile", "strict or gentle; null when none runs"},
      {"apps", "app, creator, chainStatus, runState, ip, image, profileName, blocks of releases"}};
  command.exit_codes = {Category::kNetwork};
  command.run = run_status;
  return command;
}

}  // namespace ecloud::cli
