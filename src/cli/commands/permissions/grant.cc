#include "cli/commands/permissions/commands.h"
#include "cli/commands/permissions/permission_change.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

/// The platform lets everybody read the log of an app that has appointed "anyone" for it; no
/// contract knows such an account.
void check_anyone(const deploy::PermissionRequest& request) {
  if (request.account != platform::anyone_appointee()) return;
  const bool only_logs = !request.admin && request.others.empty() && request.names.size() == 1 &&
                         request.names[0] == "logs";
  if (only_logs) return;
  throw Error(Category::kUsage, "cli.conflict",
              "anyone can be allowed to read the logs, and nothing else",
              "give --allow logs, or the address of an account");
}

void run_grant(Context& context, const Values& values) {
  deploy::PermissionRequest request;
  request.operation = deploy::Operation::kGrant;
  request.account = read_account(values);
  read_wanted(values, context.environment(), request);
  request.admin = values.flag("admin");
  if (request.names.empty() && request.others.empty() && !request.admin) {
    throw values.missing("allow");
  }
  check_anyone(request);
  run_permission_change(context, values, std::move(request));
}

Command make_granting_command(std::string name) {
  Command command = make_permission_command(std::move(name));
  command.positionals = {{.name = "APP",
                          .help = "Id or name of the app",
                          .required = true,
                          .completer = Completer::kApp},
                         {.name = "ADDRESS",
                          .help = "Account that is to be allowed something; anyone, for logs that "
                                  "everybody may read",
                          .required = true}};
  command.options.insert(
      command.options.begin(),
      {allow_option("What the account may do: upgrade, start, stop, terminate, logs, info or "
                    "profile, or a selector such as 0x12345678 with --target"),
       {.name = "admin",
        .kind = Kind::kFlag,
        .help = "Propose the account as an admin, who may do everything; it has to accept"},
       target_option()});
  command.run = run_grant;
  return command;
}

constexpr char kWhat[] =
    "Allows an account single things: upgrade, start, stop and terminate on chain; logs, info (IP "
    "address, machine, wallet addresses) and profile at the platform. What the account has already "
    "is left out, and nothing is sent when nothing is left. Only an admin of the app can do it.";

}  // namespace

Command make_permissions_grant_command() {
  Command command = make_granting_command("grant");
  command.summary = "Allow an account to act on an app";
  command.description =
      std::string(kWhat) +
      "\n\nupgrade is a function of the contract that changes with the contract's version: the "
      "permission is granted for the one that is live, and has to be granted again when the "
      "platform replaces it (the list shows that). An account that upgrades an app and waits for "
      "it sees its state; to see its IP address too it needs info.\n\n"
      "With --admin the account is proposed as an admin, who may do everything, this command "
      "included. It is one as soon as it has accepted: ecloud compute app permissions accept.";
  command.examples = {
      {"A CI key that may upgrade and nothing else",
       "ecloud compute app permissions grant my-app 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 "
       "--allow upgrade"},
      {"Several things in one transaction",
       "ecloud compute app permissions grant my-app 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 "
       "--allow start,stop,logs"},
      {"Another admin",
       "ecloud compute app permissions grant my-app 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 "
       "--admin"}};
  return command;
}

Command make_app_share_command() {
  Command command = make_granting_command("share");
  command.summary = "Allow another account to act on an app";
  command.description = std::string(kWhat) +
                        "\n\nThis is the short form of ecloud compute app permissions grant. Who "
                        "may do what is shown by ecloud compute app permissions list, and taken "
                        "back with ecloud compute app permissions revoke.";
  command.examples = {
      {"Let a CI key upgrade the app",
       "ecloud compute app share my-app 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --allow "
       "upgrade"},
      {"Let everybody read the logs", "ecloud compute app share my-app anyone --allow logs"}};
  return command;
}

}  // namespace ecloud::cli
