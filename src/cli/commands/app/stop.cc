#include "cli/commands/app/change.h"
#include "cli/commands/app/commands.h"

namespace ecloud::cli {

Command make_app_stop_command() {
  Command command = make_change_command(deploy::Operation::kStop);
  command.summary = "Stop an app, keeping its wallet";
  command.description =
      "Stops the app's machine and waits until it has stopped. The app keeps its id, its wallet "
      "and its variables, and usually its IP address; what it had written to its disk is gone. A "
      "stopped app costs nothing, but still counts against the account's quota: only terminating "
      "an app frees its place.\n\n"
      "Nothing is sent when the chain has the app as stopped already. A run that was cut off is "
      "continued by running the same command again.";
  command.examples = {
      {"Stop an app", "ecloud compute app stop my-app"},
      {"See what it would cost, without signing anything",
       "ecloud compute app stop my-app --dry-run"},
  };
  command.run = [](Context& context, const Values& values) {
    run_change(context, values, deploy::Operation::kStop);
  };
  return command;
}

}  // namespace ecloud::cli
