#include "cli/commands/group.h"
#include "cli/commands/groups.h"
#include "cli/commands/wallet/commands.h"

namespace ecloud::cli {

Command make_wallet_group() {
  return make_group(
      "wallet", "An app's wallet: show, take out, bring in",
      "Every app has a recovery phrase of its own, from which its addresses are derived. One that "
      "deploy generated is on the machine that deployed and, unless --wallet-backup none left it "
      "out, in the app's releases on chain, both encrypted with the key that deployed.",
      {make_wallet_export_command(), make_wallet_import_command(), make_wallet_show_command()});
}

}  // namespace ecloud::cli
