#include "cli/commands/group.h"
#include "cli/commands/groups.h"
#include "cli/commands/telemetry/commands.h"

namespace ecloud::cli {

Command make_telemetry_group() {
  Command group = make_group("telemetry", "There is none", "This program reports to nobody.",
                             {make_telemetry_status_command(), make_telemetry_enable_command(),
                              make_telemetry_disable_command()});
  group.group = "OTHER COMMANDS";
  return group;
}

}  // namespace ecloud::cli
