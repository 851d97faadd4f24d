#include "cli/commands/group.h"
#include "cli/commands/groups.h"
#include "cli/commands/wallet/commands.h"

namespace ecloud::cli {

Command make_wallet_group() {
  return make_group(
      "wallet", "An app's wallet: show, take out, bring in",
      "Every app has 24 words of its own, from which its addresses are derived. "
      "Those that deploy made on this machine are stored here, encrypted with the "
      "key that deployed.",
      {make_wallet_export_command(), make_wallet_import_command(), make_wallet_show_command()});
}

}  // namespace ecloud::cli
