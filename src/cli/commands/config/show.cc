#include "cli/commands/config/commands.h"
#include "cli/context.h"
#include "cli/json_values.h"
#include "cli/settings.h"

namespace ecloud::cli {
namespace {

base::Json record_of(const Setting& setting) {
  const bool set = setting.found.has_value();
  return base::Json::object(
      {{"key", setting.key},
       {"value", set && !setting.secret() ? base::Json(setting.shown()) : base::Json()},
       {"set", set},
       {"source", set ? base::Json(to_string(setting.found->origin.source)) : base::Json()},
       {"origin", set ? base::Json(setting.found->origin.where) : base::Json()},
       {"option", setting.option == nullptr ? base::Json() : "--" + setting.option->name}});
}

std::vector<std::string> row_of(const Setting& setting, bool with_origin) {
  std::vector<std::string> row = {setting.key, setting.found ? setting.shown() : "not set"};
  if (with_origin) row.push_back(setting.found ? setting.found->origin.where : "");
  return row;
}

void run_show(Context& context, const Values& values) {
  const auto app = values.text("app");
  const Values scoped = app ? values.for_app(*app) : values;
  const bool with_origin = values.flag("origin");
  base::Json records = base::Json::array();
  Table table{{"KEY", "VALUE"}, {}};
  if (with_origin) table.headers.emplace_back("FROM");
  for (const Setting& setting : effective_settings(context, scoped)) {
    records.push(record_of(setting));
    if (setting.found || setting.secret()) table.rows.push_back(row_of(setting, with_origin));
  }
  const auto document = base::Json::object({{"settings", std::move(records)}});
  context.output().result(document, [&] { context.output().table(table); });
}

}  // namespace

Command make_config_show_command() {
  Command command;
  command.name = "show";
  command.summary = "Show every value and where it comes from";
  command.description =
      "Shows what every key of ecloud.yaml and every option that a variable can give comes to, in "
      "this folder and for the selected environment. --origin adds which option, variable or line "
      "said so. Of secrets it only says whether they are set, of URLs of nodes it shows the host. "
      "Asks no server.";
  command.options = {
      {.name = "origin", .kind = Kind::kFlag, .help = "Add where each value comes from"},
      {.name = "app",
       .value_name = "NAME",
       .help = "The values of an app that ecloud.yaml lists under apps"}};
  command.examples = {
      {"Why is this value used", "ecloud config show --origin"},
      {"The values for another environment", "ecloud config show --environment mainnet-alpha"}};
  command.json_list = "settings";
  command.json_fields = {
      {"key", "the key of ecloud.yaml, or the name of the option"},
      {"value", "what it comes to; null when it is not set, and of secrets"},
      {"set", "whether it has a value"},
      {"source", "flag, variable, ecloud.yaml, config.yaml or default; null when it is not set"},
      {"origin", "the option, the variable, or file and line; null when it is not set"},
      {"option", "the option that gives it on the command line, or null"}};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_show;
  return command;
}

}  // namespace ecloud::cli
