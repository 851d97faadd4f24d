#include "ecloud/deploy/import_wallet.h"

#include "deploy/app_status.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/app_wallet.h"

namespace ecloud::deploy {
namespace {

/// The words are the app's from here on, whatever the record said of the env file.
void remember_source(const Services& services, const eth::Address& app) {
  AppRecords records(services.paths.state, services.environment.name);
  auto record = records.find(app);
  if (!record || record->wallet == WalletSource::kGenerated) return;
  record->wallet = WalletSource::kGenerated;
  records.save(*record);
}

}  // namespace

ImportedWallet import_wallet(const Services& services, const Signer& signer,
                             const eth::Address& app, const base::Secret& words, bool store) {
  require_exists(services, app, read_app(services, signer.address, app));
  const KnownWallet known = known_wallet(services, signer, app);
  if (known.source == WalletSource::kKms) {
    throw Error(Category::kUsage, "wallet.is_kms",
                "the wallet of app " + app.to_string() +
                    " is the KMS's, whose words nobody outside the TEE knows",
                "to give the app another wallet put MNEMONIC into the env file and upgrade with "
                "--wallet env");
  }
  WalletStore wallets(services.paths.state, services.environment.name);
  ImportedWallet out;
  out.file = wallets.file_of(app);
  out.addresses = wallet_addresses(words);
  out.compared = !known.evm_address.empty();
  if (out.compared && known.evm_address != out.addresses.evm) {
    throw Error(Category::kVerification, "wallet.other_words",
                "these words lead to " + out.addresses.evm + ", and the wallet of app " +
                    app.to_string() + " to " + known.evm_address,
                "look for the words of that address");
  }
  out.was_there = !known.words.empty();
  if (!store) return out;
  if (!out.was_there) {
    wallets.save(signer, app, words, services.random, services.clock.unix_seconds());
  }
  remember_source(services, app);
  return out;
}

}  // namespace ecloud::deploy
