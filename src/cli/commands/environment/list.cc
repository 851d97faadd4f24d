#include "cli/commands/environment/commands.h"
#include "cli/context.h"
#include "cli/environments.h"

namespace ecloud::cli {
namespace {

struct Row {
  KnownEnvironment known;
  std::string chain;
  std::string state;  ///< "not running" for a devnet that is not; empty when all is well
  std::uint64_t chain_id = 0;
};

Row describe(Context& context, const KnownEnvironment& known) {
  Row row{known, "", "", 0};
  try {
    const platform::Environment environment = load_environment(context, known.name);
    row.chain_id = environment.chain_id;
    row.chain = platform::chain_name(environment.chain_id);
  } catch (const Error& error) {
    // One that cannot be used now is listed all the same, with the reason.
    row.state = error.code() == "devnet.not_running" ? "not running" : error.message();
  }
  return row;
}

void run_list(Context& context, const Values& values) {
  const std::string selected = values.text("environment").value_or("");
  base::Json records = base::Json::array();
  Table table{{"NAME", "CHAIN", "DEFINED", "STATE"}, {}};
  for (const KnownEnvironment& known : known_environments(context)) {
    const Row row = describe(context, known);
    const bool is_selected = known.name == selected;
    records.push(base::Json::object(
        {{"name", known.name},
         {"selected", is_selected},
         {"chainId", row.chain_id == 0 ? base::Json() : base::Json(row.chain_id)},
         {"definedIn", known.origin},
         {"problem", row.state.empty() ? base::Json() : base::Json(row.state)}}));
    std::string state = is_selected ? "selected" : "";
    if (!row.state.empty()) state += (state.empty() ? "" : ", ") + row.state;
    table.rows.push_back({known.name, row.chain, known.origin, state});
  }
  const auto document = base::Json::object({{"environments", std::move(records)}});
  context.output().result(document, [&] { context.output().table(table); });
}

}  // namespace

Command make_environment_list_command() {
  Command command;
  command.name = "list";
  command.summary = "List the environments";
  command.description =
      "Lists the environments: the built-in ones, the devnet, and those that ecloud.yaml and "
      "config.yaml define. The selected one is marked. Asks no server.";
  command.examples = {
      {"Their names, for a script", "ecloud compute environment list --fields name"}};
  command.json_list = "environments";
  command.json_fields = {{"name", "what --environment takes"},
                         {"selected", "whether commands work there when nothing else is said"},
                         {"chainId", "the chain's number; null when it is not known"},
                         {"definedIn", "\"built in\", or the file that defines it"},
                         {"problem", "why it cannot be used now; null when it can"}};
  command.uses_environment = true;
  command.run = run_list;
  return command;
}

}  // namespace ecloud::cli
