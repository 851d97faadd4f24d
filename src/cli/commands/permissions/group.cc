#include "cli/commands/group.h"
#include "cli/commands/groups.h"
#include "cli/commands/permissions/commands.h"

namespace ecloud::cli {

Command make_permissions_group() {
  return make_group(
      "permissions", "Who may act on an app",
      "The account that deploys an app is its admin and may do everything with it. Others can be "
      "allowed single things (a CI key that upgrades and nothing else), or become admins "
      "themselves. The chain keeps it, and the contract and the platform check it.",
      {make_permissions_list_command(), make_permissions_grant_command(),
       make_permissions_revoke_command(), make_permissions_accept_command()});
}

}  // namespace ecloud::cli
