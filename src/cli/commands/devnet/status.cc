#include "cli/commands/devnet/commands.h"
#include "cli/devnet_process.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::vector<std::string> texts(const base::Json& list) {
  std::vector<std::string> out;
  if (!list.is_array()) return out;
  for (const base::Json& item : list.elements()) out.push_back(item.as_string());
  return out;
}

/// Nothing is known of the ports of an image elsewhere.
std::string ports_of(const base::Json& app) {
  if (!app["ports"].is_array()) return {};
  const std::vector<std::string> ports = texts(app["ports"]);
  return ports.empty() ? "none" : base::join(ports, ", ");
}

/// What the start script printed; a devnet of an older program does not say.
std::string markers_of(const base::Json& app) {
  return base::join(texts(app["markers"]), ", ");
}

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
        Table table{.headers = {"APP", "NAME", "STATE", "IMAGE", "APP STATE", "PORTS", "MARKERS"},
                    .rows = {}};
        for (const base::Json& app : apps.elements()) {
          table.rows.push_back({app["app"].as_string(), app["profileName"].as_string(),
                                app["runState"].as_string(), app["image"].as_string(),
                                app["appState"].opt_string().value_or(""), ports_of(app),
                                markers_of(app)});
        }
        if (!table.rows.empty()) context.output().table(table);
      });
}

}  // namespace

Command make_devnet_status_command() {
  Command command;
  command.name = "status";
  command.summary = "Show whether the devnet runs, and its apps";
  command.description =
      "Shows the running devnet's URL and every app on it, whoever deployed it: the state of its "
      "machine, of the app in it, the ports that the firewall opens, and the markers that the "
      "start script printed. With `ecloud devnet up --run-apps` app state and markers are those "
      "of a real process.";
  command.examples = {{"Is it there", "ecloud devnet status --fields running"}};
  command.json_fields = {
      {"running", "true or false"},
      {"url", "of the server, or null"},
      {"profile", "strict or gentle; null when none runs"},
      {"apps",
       "app, creator, chainStatus, runState (of the machine), ip, image, profileName, "
       "latestReleaseBlock, pendingReleaseBlock, appState (running, starting, never started, ended "
       "with status N, or empty), exitStatus or null, markers of the start script, ports or null"}};
  command.exit_codes = {Category::kNetwork};
  command.run = run_status;
  return command;
}

}  // namespace ecloud::cli
