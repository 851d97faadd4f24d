#include "ecloud/deploy/app_wallet.h"

#include <utility>

#include "ecloud/deploy/app_records.h"

namespace ecloud::deploy {

KnownWallet known_wallet(const Services& services, const Signer& signer, const eth::Address& app,
                         std::optional<std::uint64_t> release_block) {
  KnownWallet out;
  auto record = AppRecords(services.paths.state, services.environment.name).find(app);
  if (record && release_block && record->is_outdated(*release_block)) {
    out.changed_elsewhere = true;
    record.reset();
  }
  if (record) {
    out.source = record->wallet;
    out.evm_address = record->evm_address;
    out.vouched = !record->evm_address.empty();
  }
  if (out.source && *out.source != WalletSource::kGenerated) return out;
  auto words = WalletStore(services.paths.state, services.environment.name).load(signer, app);
  if (!words) return out;
  out.source = WalletSource::kGenerated;
  out.words = std::move(*words);
  const std::string address = wallet_addresses(out.words).evm;
  out.vouched = out.vouched && out.evm_address == address;
  out.evm_address = address;
  return out;
}

}  // namespace ecloud::deploy
