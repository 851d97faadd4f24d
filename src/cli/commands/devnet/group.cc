#include "cli/commands/group.h"
#include "cli/commands/devnet/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_devnet_group() {
  Command group = make_group(
      "devnet", "Run the whole platform on this machine",
      "The devnet plays the platform in one process on this machine: chain, contracts, KMS, APIs "
      "and "
      "an image registry, with the rules of the real ones. It needs no network and no ETH. "
      "Commands "
      "work there with --environment devnet.",
      {make_devnet_up_command(), make_devnet_down_command(), make_devnet_status_command(),
       make_devnet_env_command(), make_devnet_reset_command()});
  group.group = "CORE COMMANDS";
  return group;
}

}  // namespace ecloud::cli
