#include "cli/commands/devnet/commands.h"
#include "cli/devnet_process.h"

namespace ecloud::cli {
namespace {

void run_reset(Context& context, const Values&) {
  const base::Json info = require_devnet(context);
  ask_devnet(context, info, "/_devnet/reset", base::Json::object());
  context.output().result(base::Json::object({{"reset", true}}),
                          [&] { context.output().line("reset"); });
}

}  // namespace

Command make_devnet_reset_command() {
  Command command;
  command.name = "reset";
  command.summary = "Put the devnet back to its start";
  command.description =
      "Takes the running devnet back to its first block: no apps, full balances, no faults. Its "
      "keys stay.";
  command.examples = {{"Start over", "ecloud devnet reset"}};
  command.json_fields = {{"reset", "true"}};
  command.exit_codes = {Category::kNetwork};
  command.run = run_reset;
  return command;
}

}  // namespace ecloud::cli
