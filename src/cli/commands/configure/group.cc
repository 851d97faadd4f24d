#include "cli/commands/group.h"
#include "cli/commands/configure/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_configure_group() {
  return make_group("configure", "Add to a project what the platform wants for a feature",
                    "Writes files into the project in the working directory.",
                    {make_configure_tls_command()});
}

}  // namespace ecloud::cli
