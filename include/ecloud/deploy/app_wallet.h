#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ecloud/base/secret.h"
#include "ecloud/deploy/services.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/eth/address.h"

namespace ecloud::deploy {

/// What this machine knows of an app's wallet: from the record of its deployment or last upgrade,
/// and from the WalletStore.
struct KnownWallet {
  std::optional<WalletSource> source;  ///< nothing: this machine cannot say
  base::Secret words;                  ///< the stored ones; empty when there are none here
  std::string evm_address;             ///< the first one; empty when unknown
  /// A release that was made here had that address. When not, `words` were imported.
  bool vouched = false;
  /// The app was upgraded on another machine since, or rolled back to a release whose wallet is not
  /// known here: the record is not believed, and `words` may be those of a wallet that the app had
  /// before.
  bool changed_elsewhere = false;
};

/// The record wins over a stored file: a wallet that was given up stays stored. `release_block` is
/// that of the app's last release on chain; nothing when the chain was not asked, and then the
/// record is believed. Throws as WalletStore::load does.
KnownWallet known_wallet(const Services& services, const Signer& signer, const eth::Address& app,
                         std::optional<std::uint64_t> release_block);

/// The wallet that a new release of an app is given.
struct WalletChoice {
  WalletSource source = WalletSource::kKms;
  base::Secret mnemonic;  ///< goes into the release; empty for kKms
  /// Whether this machine or the chain vouches that the app keeps its wallet. When not, the user
  /// said so and nothing here can check it.
  bool certain = true;
  /// What the app loses, as a sentence for a question; empty when it keeps its wallet.
  std::string gives_up;
};

/// Never changes a wallet silently: `asked` is what the user said (--wallet), `env_words` the
/// MNEMONIC of the env file or empty, `may_hold_mnemonic` what the chain says of the release that
/// runs. Stored words of an app that changed_elsewhere are taken when the user says so alone.
/// Errors, all kUsage:
///   wallet.unknown      nobody here knows whose the wallet is, and the user did not say
///   wallet.not_here     it was generated, and its words are not on this machine
///   wallet.no_mnemonic  it is the env file's, and the file has none
///   wallet.not_new      a generated one is asked for where there is another one
WalletChoice choose_wallet(const KnownWallet& known, const eth::Address& app,
                           const std::optional<WalletSource>& asked, const base::Secret& env_words,
                           bool may_hold_mnemonic);

}  // namespace ecloud::deploy
