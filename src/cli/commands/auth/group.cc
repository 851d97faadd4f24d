#include "cli/commands/group.h"
#include "cli/commands/auth/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_auth_group() {
  Command group = make_group(
      "auth", "The key of the account that deploys",
      "The account that deploys is one private key. It signs transactions "
      "and requests, pays the gas, and never leaves this machine.",
      {make_auth_login_command(), make_auth_whoami_command(), make_auth_list_command(),
       make_auth_generate_command(), make_auth_migrate_command(), make_auth_logout_command()});
  group.group = "CORE COMMANDS";
  return group;
}

}  // namespace ecloud::cli
