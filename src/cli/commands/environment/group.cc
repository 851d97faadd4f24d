#include "cli/commands/group.h"
#include "cli/commands/environment/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_environment_group() {
  Command group = make_group(
      "environment", "See and choose environments: chains, contracts, services",
      "An environment is one deployment of the platform: a chain, its contracts and its services. "
      "sepolia and mainnet-alpha are built in, devnet is the one that runs on this machine, and "
      "ecloud.yaml and config.yaml may define others.",
      {make_environment_list_command(), make_environment_show_command(),
       make_environment_set_command()});
  group.aliases = {"env"};
  return group;
}

}  // namespace ecloud::cli
