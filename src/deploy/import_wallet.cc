#include "ecloud/deploy/import_wallet.h"

#include "deploy/app_status.h"
#include "deploy/current_app.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/app_wallet.h"

namespace ecloud::deploy {
namespace {

/// The words are the app's from here on, whatever the record said of the env file.
void remember_source(const Services& services, const eth::Address& app) {
  AppRecords(services.paths.state, services.environment.name)
      .change(app, [](std::optional<AppRecord> record) {
        if (record) record->wallet = WalletSource::kGenerated;
        return record;
      });
}

[[noreturn]] void fail_kms(const eth::Address& app, const std::string& reason) {
  throw Error(Category::kUsage, "wallet.is_kms",
              "the wallet of app " + app.to_string() +
                  " is the KMS's, whose words nobody outside the TEE knows" + reason,
              "to give the app another wallet put MNEMONIC into the env file and upgrade with "
              "--wallet env");
}

[[noreturn]] void fail_other_words(const eth::Address& app, const KnownWallet& known,
                                   const ImportedWallet& given) {
  const std::string lead = "these words lead to " + given.addresses.evm + ", and ";
  if (known.vouched) {
    throw Error(Category::kVerification, "wallet.other_words",
                lead + "the wallet of app " + app.to_string() + " to " + known.evm_address,
                "look for the words of that address");
  }
  throw Error(Category::kVerification, "wallet.other_words",
              lead + "those that were imported for app " + app.to_string() + " before to " +
                  known.evm_address,
              "if those are the wrong ones move " + given.file.string() +
                  " away and run the command again");
}

/// Words that the release never had would replace the app's wallet with the next upgrade.
void refuse_without_mnemonic(const eth::Address& app, const CurrentApp& current) {
  if (current.may_hold_mnemonic) return;
  fail_kms(app, ": its release is too short to hold any words");
}

}  // namespace

ImportedWallet import_wallet(const Services& services, const Signer& signer,
                             const eth::Address& app, const base::Secret& words, bool store) {
  const AppSnapshot chain = read_app(services, signer.address, app);
  require_exists(services, app, chain);
  const CurrentApp current = current_app_of(services, app, chain);
  const KnownWallet known = known_wallet(services, signer, app, &current);
  if (known.source == WalletSource::kKms) fail_kms(app, "");
  WalletStore wallets(services.paths.state, services.environment.name);
  ImportedWallet out;
  out.file = wallets.file_of(app);
  out.addresses = wallet_addresses(words);
  out.compared = known.vouched;
  const bool differs = !known.evm_address.empty() && known.evm_address != out.addresses.evm;
  if (differs) fail_other_words(app, known, out);
  if (!out.compared) refuse_without_mnemonic(app, current);
  out.was_there = !known.words.empty() && !known.recovered;
  if (!store) return out;
  if (!out.was_there) {
    wallets.save_instead(signer, app, words, services.random, services.clock.unix_seconds());
  }
  remember_source(services, app);
  return out;
}

}  // namespace ecloud::deploy
