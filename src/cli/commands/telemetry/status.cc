#include "cli/commands/telemetry/commands.h"
#include "cli/context.h"

namespace ecloud::cli {
namespace {

void run_status(Context& context, const Values&) {
  const auto document = base::Json::object({{"enabled", false}});
  context.output().result(document, [&] {
    context.output().line("There is no telemetry: this program reports to nobody.");
  });
}

Command make_switch(const std::string& name, const std::string& summary,
                    const std::string& example) {
  Command command;
  command.name = name;
  command.summary = summary;
  command.description =
      "This program has no telemetry, so there is nothing to switch: the command says so and ends "
      "with 0, for scripts that call it.";
  command.examples = {{"From a script", example}};
  command.json_fields = {{"enabled", "always false"}};
  command.run = run_status;
  return command;
}

}  // namespace

Command make_telemetry_enable_command() {
  return make_switch("enable", "Say that there is nothing to switch on", "ecloud telemetry enable");
}

Command make_telemetry_disable_command() {
  return make_switch("disable", "Say that there is nothing to switch off",
                     "ecloud telemetry disable");
}

Command make_telemetry_status_command() {
  Command command;
  command.name = "status";
  command.summary = "Say that nothing is reported";
  command.description =
      "This program has no telemetry: it talks to the servers that a command needs, and to nobody "
      "else. There is nothing to switch off.";
  command.examples = {{"Ask", "ecloud telemetry status"}};
  command.json_fields = {{"enabled", "always false"}};
  command.run = run_status;
  return command;
}

}  // namespace ecloud::cli
