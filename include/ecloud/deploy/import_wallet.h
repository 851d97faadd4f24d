#pragma once

#include <filesystem>

#include "ecloud/base/secret.h"
#include "ecloud/deploy/services.h"
#include "ecloud/deploy/wallets.h"

namespace ecloud::deploy {

struct ImportedWallet {
  std::filesystem::path file;
  WalletAddresses addresses;
  bool was_there = false;  ///< the same words were stored already
  bool compared = false;   ///< a release made here has the address that they lead to
};

/// Stores words (normal form, checked) as the wallet of an app that exists, unless `store` is
/// false, which only checks. Errors:
///   kUsage        wallet.is_kms  the record here says that the KMS made the app's wallet, or there
///   is no
///                 address to compare with and the release on chain is too short for a mnemonic
///   kVerification wallet.other_words  the app's wallet has another address, or other words were
///                 imported before
///   kNotFound     app.not_found
ImportedWallet import_wallet(const Services& services, const Signer& signer,
                             const eth::Address& app, const base::Secret& words, bool store);

}  // namespace ecloud::deploy
