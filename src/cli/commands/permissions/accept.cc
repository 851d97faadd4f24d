#include "cli/commands/permissions/commands.h"
#include "cli/commands/permissions/permission_change.h"
#include "cli/workflow.h"

namespace ecloud::cli {
namespace {

void run_accept(Context& context, const Values& values) {
  deploy::PermissionRequest request;
  request.operation = deploy::Operation::kAccept;
  run_permission_change(context, values, std::move(request));
}

}  // namespace

Command make_permissions_accept_command() {
  Command command = make_permission_command("accept");
  command.summary = "Become an admin of an app that proposed you";
  command.description =
      "An account that an admin has proposed (ecloud compute app permissions grant APP ADDRESS "
      "--admin) becomes an admin with this, signed by its own key. An app of another account is "
      "given by its id: names are looked for among your own.";
  command.positionals = {app_positional()};
  command.examples = {
      {"Accept",
       "ecloud compute app permissions accept 0x6C03dd1F282D0AF11292BE8Eb7F209D94f56D381"}};
  command.run = run_accept;
  return command;
}

}  // namespace ecloud::cli
