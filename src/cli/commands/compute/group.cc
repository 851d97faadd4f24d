#include "cli/commands/group.h"
#include "cli/commands/compute/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_compute_group() {
  Command group =
      make_group("compute", "Apps and the environments that they run in",
                 "Everything about apps, and the environments that they run in.",
                 {make_app_group(), make_environment_group(), make_undelegate_command()});
  group.group = "CORE COMMANDS";
  return group;
}

}  // namespace ecloud::cli
