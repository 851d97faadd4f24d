#include "cli/commands/group.h"
#include "cli/commands/billing/commands.h"
#include "cli/commands/groups.h"

namespace ecloud::cli {

Command make_billing_group() {
  Command group = make_group(
      "billing", "Manage the subscription, credits and cards",
      "Machines are paid for with credits, in dollars, which are used up by the hour; buy them "
      "with "
      "USDC, a card or a coupon. Gas is paid separately, in ETH of the environment's chain. A "
      "subscription pays what credits do not.",
      {make_billing_cancel_command(), make_billing_cards_command(), make_billing_redeem_command(),
       make_billing_status_command(), make_billing_subscribe_command(),
       make_billing_top_up_command()});
  group.group = "CORE COMMANDS";
  return group;
}

}  // namespace ecloud::cli
