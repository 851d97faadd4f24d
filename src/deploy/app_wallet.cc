#include "ecloud/deploy/app_wallet.h"

#include <utility>

#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/journal.h"

namespace ecloud::deploy {
namespace {

/// The first address of the wallet that the last release of the app brought with it.
std::string journaled_address(const Services& services, const eth::Address& app) {
  std::string address;
  for (const JournalEntry& entry : Journal(services.paths.state, services.environment.name).all()) {
    const bool release =
        entry.operation == Operation::kDeploy || entry.operation == Operation::kUpgrade;
    const bool effective = entry.step == Step::kMined || entry.step == Step::kDone;
    if (release && effective && entry.app == app) address = entry.evm_address;
  }
  return address;
}

}  // namespace

KnownWallet known_wallet(const Services& services, const Signer& signer, const eth::Address& app) {
  KnownWallet out;
  const auto record = AppRecords(services.paths.state, services.environment.name).find(app);
  if (record) out.source = record->wallet;
  if (!out.source || *out.source == WalletSource::kGenerated) {
    auto words = WalletStore(services.paths.state, services.environment.name).load(signer, app);
    if (words) {
      out.source = WalletSource::kGenerated;
      out.words = std::move(*words);
      out.evm_address = wallet_addresses(out.words).evm;
    }
  }
  if (out.evm_address.empty() && out.source != WalletSource::kKms) {
    out.evm_address = journaled_address(services, app);
  }
  return out;
}

}  // namespace ecloud::deploy
