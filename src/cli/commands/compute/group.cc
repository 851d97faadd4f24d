#include "cli/commands/group.h"
#include "cli/commands/compute/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_compute_group() {
  Command group = make_group(
      "compute", "Apps, verifiable builds, and environments",
      "Everything about apps, the builds of their images, and the environments that they run in.",
      {make_app_group(), make_build_group(), make_environment_group(),
       make_instance_types_command(), make_undelegate_command()});
  group.group = "CORE COMMANDS";
  return group;
}

}  // namespace ecloud::cli
