#pragma once

#include <optional>
#include <string>

#include "ecloud/base/secret.h"
#include "ecloud/deploy/services.h"
#include "ecloud/deploy/wallets.h"

namespace ecloud::deploy {

/// What this machine knows of an app's wallet: from the record of its deployment or last upgrade,
/// and from the WalletStore.
struct KnownWallet {
  std::optional<WalletSource> source;  ///< nothing: this machine cannot say
  base::Secret words;                  ///< the stored ones; empty when there are none here
  std::string evm_address;             ///< the first one; empty when unknown
};

/// The record wins over a stored file: a wallet that was given up stays stored. Throws as
/// WalletStore::load and Journal do.
KnownWallet known_wallet(const Services& services, const Signer& signer, const eth::Address& app);

}  // namespace ecloud::deploy
