#include "cli/commands/app/change.h"
#include "cli/commands/app/commands.h"

namespace ecloud::cli {

Command make_app_start_command() {
  Command command = make_change_command(deploy::Operation::kStart);
  command.summary = "Start a stopped or suspended app";
  command.description =
      "Starts the app's machine again, with the release, the variables and the wallet that it had, "
      "and waits until it runs and has an IP address. What the app had written to its disk is "
      "gone. A running app costs again.\n\n"
      "An app that the platform suspended can be started once its account has paid: it then counts "
      "against the account's quota again. An app that was created empty needs a release first "
      "(`ecloud compute app upgrade`).\n\n"
      "Nothing is sent when the chain has the app as started already. A run that was cut off is "
      "continued by running the same command again.";
  command.examples = {{"Start an app and wait until it runs", "ecloud compute app start my-app"}};
  command.run = [](Context& context, const Values& values) {
    run_change(context, values, deploy::Operation::kStart);
  };
  return command;
}

}  // namespace ecloud::cli
