#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ecloud/base/error.h"
#include "ecloud/base/secret.h"
#include "ecloud/deploy/services.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/eth/address.h"

namespace ecloud::deploy {

struct CurrentApp;

/// What is known of an app's wallet: from the record of its deployment or last upgrade, from the
/// WalletStore, and from the latest release on chain (release_wallet.h).
struct KnownWallet {
  std::optional<WalletSource> source;  ///< nothing: nobody here can say
  base::Secret words;                  ///< the recovery phrase; empty when it is not known
  std::string evm_address;             ///< the first one; empty when unknown
  /// A release that was made here had that address, or the deployer key opened the phrase in the
  /// latest release. When not, `words` were imported.
  bool vouched = false;
  /// The app was upgraded on another machine since, or rolled back to a release whose wallet is not
  /// known here: the record is not believed, and `words` may be those of a wallet that the app had
  /// before.
  bool changed_elsewhere = false;
  /// `words` were read from a release on chain, and the WalletStore does not have them.
  bool recovered = false;
  /// What the latest release says of the wallet's source; nothing when it says nothing.
  std::optional<WalletSource> on_chain;
  /// Neither the release nor a record says anything. Releases of other programs have the KMS's
  /// wallet, and so the app counts as one of them; `source` stays empty.
  bool assumed_kms = false;
  /// The statement of the latest release is refused: Error "wallet.forged".
  std::optional<Error> problem;
};

/// A record of the latest release wins over the chain, and over a stored file: a wallet that was
/// given up stays stored. Of a later release the chain says what it is, and a phrase in it wins
/// over stored ones. `current` is null when the chain was not asked; then the record is believed.
/// Makes no network request. Throws as WalletStore::load does.
KnownWallet known_wallet(const Services& services, const Signer& signer, const eth::Address& app,
                         const CurrentApp* current);

/// The wallet that a new release of an app is given.
struct WalletChoice {
  WalletSource source = WalletSource::kKms;
  base::Secret mnemonic;  ///< goes into the release; empty for kKms and with `keeps_release`
  /// Whether this machine or the chain vouches that the app keeps its wallet. When not, the user
  /// said so and nothing here can check it.
  bool certain = true;
  /// What the app loses, as a sentence for a question; empty when it keeps its wallet.
  std::string gives_up;
  /// What was assumed for lack of any knowledge, as a sentence for the plan and, where somebody can
  /// answer, for a question; empty otherwise.
  std::string assumption;
  /// The wallet stays because the encrypted variables of the latest release are sent again as they
  /// are, its phrase among them.
  bool keeps_release = false;
  std::string evm_address;  ///< of a wallet that is kept without its phrase; empty when unknown
  bool recovered = false;   ///< `mnemonic` was read from chain and must be stored here
};

/// Never changes a wallet silently: `asked` is what the user said (--wallet), `env_words` the
/// MNEMONIC of the env file or empty, `may_hold_mnemonic` what the chain says of the release that
/// runs. Stored words of an app that changed_elsewhere are taken only when the user says so. With
/// `can_keep_release` (no variables were given) the encrypted variables are sent again as they are,
/// unless `asked` wants another wallet; so the wallet stays, also when its phrase is not known.
/// Errors, kUsage unless stated otherwise:
///   wallet.unknown      nobody here knows whose the wallet is, and the user did not say
///   wallet.not_here     it was generated, and its recovery phrase cannot be found
///   wallet.no_mnemonic  it is the env file's, and the file has none
///   wallet.not_new      a generated one is asked for where there is another one
///   wallet.forged       kVerification: see KnownWallet::problem; not when `asked` is given
WalletChoice choose_wallet(const KnownWallet& known, const eth::Address& app,
                           const std::optional<WalletSource>& asked, const base::Secret& env_words,
                           bool may_hold_mnemonic, bool can_keep_release = false);

}  // namespace ecloud::deploy
