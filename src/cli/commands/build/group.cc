#include "cli/commands/group.h"
#include "cli/commands/build/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_build_group() {
  return make_group(
      "build", "Build images that others can verify",
      "A verifiable build is made by the platform from a commit of a public Git repository. It "
      "comes with a provenance: a statement that binds the image's digest to that commit.",
      {make_build_info_command(), make_build_list_command(), make_build_logs_command(),
       make_build_status_command(), make_build_submit_command(), make_build_verify_command()});
}

}  // namespace ecloud::cli
