#include "cli/commands/permissions/commands.h"
#include "cli/commands/permissions/permission_change.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

void run_revoke(Context& context, const Values& values) {
  deploy::PermissionRequest request;
  request.operation = deploy::Operation::kRevoke;
  request.account = read_account(values);
  read_wanted(values, context.environment(), request);
  request.admin = values.flag("admin");
  request.everything = values.flag("all");
  const bool names_something = !request.names.empty() || !request.others.empty() || request.admin;
  if (request.everything && names_something) {
    throw Error(Category::kUsage, "cli.conflict",
                "--all takes everything away, --allow and --admin only what they name",
                "give one of them");
  }
  if (!request.everything && !names_something) throw values.missing("allow");
  run_permission_change(context, values, std::move(request));
}

}  // namespace

Command make_permissions_revoke_command() {
  Command command = make_permission_command("revoke");
  command.summary = "Take away what an account may do with an app";
  command.description =
      "Takes single permissions away, or with --admin what makes an account an admin (or proposed "
      "as one), or with --all whatever it has. What it does not have is left out, and nothing is "
      "sent when nothing is left. upgrade is taken away for every version of the contract. Only an "
      "admin of the app can do it, an app keeps at least one, and whoever takes the own rights is "
      "asked first.";
  command.positionals = {
      {.name = "APP",
       .help = "Id or name of the app",
       .required = true,
       .completer = Completer::kApp},
      {.name = "ADDRESS",
       .help = "Account whose rights end; anyone, for logs that everybody may read",
       .required = true}};
  command.options.insert(
      command.options.begin(),
      {allow_option("What the account may not do any more: names and selectors as for grant"),
       {.name = "admin", .kind = Kind::kFlag, .help = "It is no admin any more, nor proposed"},
       {.name = "all", .kind = Kind::kFlag, .help = "Everything that the account may do"},
       target_option()});
  command.examples = {
      {"A key that leaked",
       "ecloud compute app permissions revoke my-app 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 "
       "--all"},
      {"One thing",
       "ecloud compute app permissions revoke my-app 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 "
       "--allow upgrade"}};
  command.run = run_revoke;
  return command;
}

}  // namespace ecloud::cli
