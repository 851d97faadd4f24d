#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/workflow.h"
#include "ecloud/deploy/app_wallet.h"
#include "ecloud/deploy/release_wallet.h"
#include "ecloud/deploy/upgrade_app.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {

/// Wallet addresses of an app, and who vouches for them.
struct WalletFacts {
  deploy::KnownWallet known;
  /// Derived from the words stored here, or those that the KMS signed when it made the wallet or
  /// nobody here knows who did; empty when there are none to show.
  platform::AppAddresses addresses;
  bool from_kms = false;
  /// Whether the release on chain is long enough to hold words; nothing when it could not be read.
  std::optional<bool> may_hold_words;
};

/// Asks the chain whether this machine's record still holds, and whether the app was given words at
/// all: one that was not has the KMS's wallet, whoever deployed it. `info` may be nothing: then
/// only this machine's words count.
WalletFacts wallet_facts(Workflow& workflow, const eth::Address& app,
                         const std::optional<platform::AppInfo>& info, std::uint32_t count);

/// Where the recovery phrase of a release with that wallet can be found, as words for a plan and as
/// a value of JSON documents (on-chain, none); empty and null for a wallet that is not generated.
std::string backup_words(const deploy::ReleaseWallet& wallet);
base::Json backup_document(const deploy::ReleaseWallet& wallet);

/// Looks for the recovery phrase in earlier releases, when the latest one says that it belongs to a
/// generated wallet and lacks it, and when the signer's key could open it. Asks chain and platform
/// then, and tells on stderr where it was found.
void search_earlier_releases(Workflow& workflow, const eth::Address& app,
                             const deploy::CurrentApp& current, deploy::KnownWallet& known);

/// The name that this machine knows the app by, else its id: what is typed to confirm.
std::string recorded_name(Workflow& workflow, const eth::Address& app);

/// --confirm-wallet-change NAME.
Option confirm_wallet_change_option();

/// What a new MNEMONIC does to the app's persistent disk.
std::string disk_words();

/// Returns when the user agrees that the app's wallet, and with it the key of its disk, changes:
/// by --confirm-wallet-change with the app's name or id, or at a terminal by typing its name; --yes
/// is not enough. `question` says what is given up. Throws Error{kUsage,
/// "wallet.change_unconfirmed"} when nobody can be asked, or when the option names another app, and
/// Error{kInterrupted, "cli.declined"}.
void confirm_wallet_change(Context& context, const Values& values, Workflow& workflow,
                           const eth::Address& app, const std::string& question);

/// Tells on stderr what terminating the app does to its wallet, and what its first addresses hold
/// on the app's chain.
void warn_of_wallet(Context& context, Workflow& workflow, const eth::Address& app,
                    const std::optional<platform::AppInfo>& info);

}  // namespace ecloud::cli
