#include "cli/commands/group.h"
#include "cli/commands/billing/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_billing_group() {
  Command group = make_group("billing", "The subscription and the credits of the account",
                             "An account needs a subscription before it may run apps. A person "
                             "pays for it in a browser.",
                             {make_billing_cancel_command(), make_billing_status_command(),
                              make_billing_subscribe_command(), make_billing_top_up_command()});
  group.group = "CORE COMMANDS";
  return group;
}

}  // namespace ecloud::cli
