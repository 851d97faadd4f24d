#include "cli/commands/environment/commands.h"
#include "cli/context.h"
#include "cli/environments.h"
#include "cli/user_settings.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

constexpr char kKey[] = "defaultEnvironment";

std::string read_name(Context& context, const Values& values) {
  if (const auto given = values.argument("ENV")) {
    require_known_environment(context, *given);
    return *given;
  }
  if (!context.terminal().can_prompt()) {
    throw Error(Category::kUsage, "cli.missing_argument", "ENV is missing",
                "name the environment: ecloud compute environment set sepolia");
  }
  std::vector<std::string> names;
  for (const KnownEnvironment& known : known_environments(context)) names.push_back(known.name);
  return names[context.terminal().select("Environment to work in", names)];
}

/// A devnet that does not run now may be made the default all the same.
bool is_mainnet(Context& context, const std::string& name) {
  try {
    return load_environment(context, name).is_mainnet();
  } catch (const Error& error) {
    if (error.code() == "devnet.not_running") return false;
    throw;
  }
}

void run_set(Context& context, const Values& values) {
  const std::string name = read_name(context, values);
  const bool dry_run = values.flag("dry-run");
  if (!dry_run && is_mainnet(context, name)) {
    context.terminal().confirm("Make " + name +
                               ", where transactions cost real ETH, your default environment?");
  }
  const SettingChange change =
      dry_run ? plan_setting(context, kKey, {name}) : save_setting(context, kKey, {name});
  if (!dry_run) note_stronger_source(context, kKey);
  const auto document = base::Json::object({{"environment", name},
                                            {"before", setting_document(change, dry_run)["before"]},
                                            {"path", change.path},
                                            {"dryRun", dry_run}});
  context.output().result(document, [&] {
    context.output().pairs({{dry_run ? "Would be the default" : "Default environment", name},
                            {"Before", change.before},
                            {"File", change.path}});
  });
}

}  // namespace

Command make_environment_set_command() {
  Command command;
  command.name = "set";
  command.summary = "Choose your default environment";
  command.description =
      "Saves in your config.yaml in which environment commands work when --environment, ECLOUD_ENV "
      "and ecloud.yaml do not say it. Asks before mainnet becomes the default.";
  command.positionals = {{.name = "ENV",
                          .help = "The environment; asked for when left out",
                          .completer = Completer::kEnvironment}};
  command.examples = {{"Work on the test network", "ecloud compute environment set sepolia"},
                      {"Work on mainnet, without being asked",
                       "ecloud compute environment set mainnet-alpha --yes"}};
  command.json_fields = {{"environment", "the default now"},
                         {"before", "the one before, or null"},
                         {"path", "your config.yaml"},
                         {"dryRun", "whether nothing was written"}};
  command.exit_codes = {Category::kFailure};
  command.mutating = true;
  command.run = run_set;
  return command;
}

}  // namespace ecloud::cli
