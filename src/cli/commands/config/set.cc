#include "cli/commands/config/commands.h"
#include "cli/context.h"
#include "cli/user_settings.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

void change(Context& context, const Values& values, const std::string& key,
            const std::vector<std::string>& wanted) {
  const bool dry_run = values.flag("dry-run");
  const SettingChange done =
      dry_run ? plan_setting(context, key, wanted) : save_setting(context, key, wanted);
  if (!dry_run && !wanted.empty()) note_stronger_source(context, key);
  context.output().result(setting_document(done, dry_run), [&] {
    const auto shown = [](const std::string& value) { return value.empty() ? "not set" : value; };
    context.output().pairs({{dry_run ? "Would change" : "File", done.path},
                            {"Key", key},
                            {"Before", shown(done.before)},
                            {"Now", shown(done.after)}});
  });
}

void run_set(Context& context, const Values& values) {
  const std::string key = *values.argument("KEY");
  const std::vector<std::string> wanted = values.arguments("VALUE");
  const bool unset = values.flag("unset");
  if (unset != wanted.empty()) {
    throw Error(Category::kUsage, unset ? "cli.unexpected_argument" : "cli.missing_argument",
                unset ? "--unset takes no value" : "VALUE is missing",
                "set it with `ecloud config set " + key +
                    " VALUE`, or remove it with `ecloud "
                    "config unset " +
                    key + "`");
  }
  change(context, values, key, wanted);
}

void run_unset(Context& context, const Values& values) {
  change(context, values, *values.argument("KEY"), {});
}

std::vector<Positional> key_positional() {
  return {
      {.name = "KEY", .help = "The key, with dots: environments.NAME.rpcUrl", .required = true}};
}

}  // namespace

Command make_config_set_command() {
  Command command;
  command.name = "set";
  command.summary = "Set a value in your config.yaml";
  command.description =
      "Writes a value into your config.yaml, which holds for all projects and is weaker than "
      "options, variables and ecloud.yaml. Key and value are checked first. Comments and "
      "everything "
      "else in the file stay as they are. Several values make a list, where the key takes one. The "
      "keys are on the page `ecloud help configuration`.";
  command.positionals = key_positional();
  command.positionals.push_back(
      {.name = "VALUE", .help = "Its value; several for a list", .repeated = true});
  command.options = {
      {.name = "unset", .kind = Kind::kFlag, .help = "Remove the key, as `ecloud config unset`"}};
  command.examples = {{"Run on a larger machine, wherever nothing else is said",
                       "ecloud config set instanceType g1-standard-8t"},
                      {"Your own nodes, tried in turn",
                       "ecloud config set environments.sepolia.rpcUrl https://one.example.com "
                       "https://two.example.com"}};
  command.json_fields = setting_json_fields();
  command.exit_codes = {Category::kFailure};
  command.mutating = true;
  command.run = run_set;
  return command;
}

Command make_config_unset_command() {
  Command command;
  command.name = "unset";
  command.summary = "Remove a value from your config.yaml";
  command.description =
      "Removes a key from your config.yaml, and the sections that it leaves empty. Comments and "
      "everything else stay as they are.";
  command.positionals = key_positional();
  command.examples = {{"Back to the default machine", "ecloud config unset instanceType"}};
  command.json_fields = setting_json_fields();
  command.exit_codes = {Category::kFailure};
  command.mutating = true;
  command.run = run_unset;
  return command;
}

}  // namespace ecloud::cli
