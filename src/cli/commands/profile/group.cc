#include "cli/commands/group.h"
#include "cli/commands/groups.h"
#include "cli/commands/profile/commands.h"

namespace ecloud::cli {

Command make_profile_group() {
  return make_group("profile", "Change what the dashboard shows of an app",
                    "The profile is what people see of an app: name, website, description, X "
                    "account and picture. The platform keeps it; it is not on the chain.",
                    {make_profile_set_command()});
}

}  // namespace ecloud::cli
