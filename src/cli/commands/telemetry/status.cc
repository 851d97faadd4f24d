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

}  // namespace

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
