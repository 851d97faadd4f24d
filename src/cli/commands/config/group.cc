#include "cli/commands/group.h"
#include "cli/commands/config/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_config_group() {
  Command group = make_group(
      "config", "See and change where values come from",
      "Values come from options, environment variables, ecloud.yaml of the "
      "project and your config.yaml, in this order.",
      {make_config_show_command(), make_config_get_command(), make_config_set_command(),
       make_config_unset_command(), make_config_path_command(), make_config_schema_command()});
  group.group = "OTHER COMMANDS";
  return group;
}

}  // namespace ecloud::cli
