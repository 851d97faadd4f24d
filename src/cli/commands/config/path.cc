#include "cli/commands/config/commands.h"
#include "cli/context.h"

namespace ecloud::cli {
namespace {

void run_path(Context& context, const Values&) {
  const std::string user = context.user_config_path().string();
  const std::string project = context.project_config_path().string();
  const std::string state = context.paths().state.string();
  const auto document =
      base::Json::object({{"user", user}, {"project", project}, {"state", state}});
  context.output().result(document, [&] {
    context.output().pairs({{"User", user}, {"Project", project}, {"State", state}});
  });
}

}  // namespace

Command make_config_path_command() {
  Command command;
  command.name = "path";
  command.summary = "Show where configuration and state are kept";
  command.description =
      "Shows the paths of the files that give values, whether they exist or not, and of the "
      "directory with wallets and journals.";
  command.examples = {
      {"Edit your configuration", "$EDITOR \"$(ecloud config path --fields user)\""}};
  command.json_fields = {{"user", "your config.yaml"},
                         {"project", "the project's ecloud.yaml"},
                         {"state", "the directory with wallets and journals"}};
  command.run = run_path;
  return command;
}

}  // namespace ecloud::cli
