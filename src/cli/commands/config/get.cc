#include "cli/commands/config/commands.h"
#include "cli/config_keys.h"
#include "cli/context.h"
#include "cli/settings.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// A key that only files have: environments.NAME.chainId, apps.NAME.image, defaultEnvironment.
std::optional<Found> from_files(Context& context, const std::string& key) {
  const ConfigFile& project = context.project_config();
  if (const ConfigValue* value = project.find(key)) {
    return Found{value->values, {Source::kProjectFile, project.where(*value)}};
  }
  const ConfigFile& user = context.user_config();
  if (const ConfigValue* value = user.find(key)) {
    return Found{value->values, {Source::kUserFile, user.where(*value)}};
  }
  return std::nullopt;
}

Setting find_setting(Context& context, const Values& values, const std::string& key) {
  for (Setting& setting : effective_settings(context, values)) {
    if (setting.key == key) return std::move(setting);
  }
  const bool known = find_config_key(key, ConfigFile::Which::kProject) != nullptr ||
                     find_config_key(key, ConfigFile::Which::kUser) != nullptr;
  if (!known) throw unknown_config_key(key, ConfigFile::Which::kProject);
  return {key, "", nullptr, from_files(context, key)};
}

void run_get(Context& context, const Values& values) {
  const std::string key = *values.argument("KEY");
  const Setting setting = find_setting(context, values, key);
  if (setting.secret()) {
    throw Error(Category::kUsage, "config.secret", key + " is a secret, which is not printed",
                "`ecloud config show` says whether it is set");
  }
  if (!setting.found) {
    throw Error(Category::kNotFound, "config.not_set", key + " is not set");
  }
  const std::string value = base::join(setting.found->values, ", ");
  const auto document = base::Json::object({{"key", key},
                                            {"value", value},
                                            {"source", to_string(setting.found->origin.source)},
                                            {"origin", setting.found->origin.where}});
  context.output().result(document, [&] { context.output().line(value); });
}

}  // namespace

Command make_config_get_command() {
  Command command;
  command.name = "get";
  command.summary = "Print one value";
  command.description =
      "Prints what a key comes to in this folder and for the selected environment, as `ecloud "
      "config show` does; keys of one file alone (environments.NAME.rpcUrl) as the file has them. "
      "A "
      "list is printed with commas. A key that is not set is exit code 6.";
  command.positionals = {{.name = "KEY", .help = "The key, with dots", .required = true}};
  command.examples = {{"The kind of machine", "ecloud config get instanceType"},
                      {"With its source, for a script", "ecloud config get environment --json"}};
  command.json_fields = {{"key", "as asked for"},
                         {"value", "its value as text"},
                         {"source", "flag, variable, ecloud.yaml, config.yaml or default"},
                         {"origin", "the option, the variable, or file and line"}};
  command.exit_codes = {Category::kNotFound};
  command.uses_environment = true;
  command.run = run_get;
  return command;
}

}  // namespace ecloud::cli
