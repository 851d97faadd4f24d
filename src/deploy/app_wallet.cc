#include "ecloud/deploy/app_wallet.h"

#include <utility>

#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::deploy {
namespace {

/// What this machine has, without a look at the release itself.
KnownWallet known_here(const Services& services, const Signer& signer, const eth::Address& app,
                       std::optional<AppRecord> record,
                       const std::optional<std::uint64_t>& release_block) {
  KnownWallet out;
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

/// The phrase in the release; nothing when it has none, or none for this key.
std::optional<base::Secret> phrase_in(const Signer& signer, const eth::Address& app,
                                      const CurrentApp& current, KnownWallet& out) {
  if (current.wallet->sealed_phrase.empty() || signer.address != current.creator) {
    return std::nullopt;
  }
  auto phrase = open_phrase(signer, app, current.wallet->sealed_phrase);
  if (!phrase) {
    out.problem =
        forged_wallet(app, "its recovery phrase does not open with the key that deployed the app");
  }
  return phrase;
}

void use_phrase(base::Secret phrase, KnownWallet& out) {
  out.recovered = !base::equal_constant_time(out.words.reveal(), phrase.reveal());
  out.source = WalletSource::kGenerated;
  out.evm_address = wallet_addresses(phrase).evm;
  out.words = std::move(phrase);
  out.vouched = true;
  out.changed_elsewhere = false;
}

/// A record of the latest release is believed; the phrase of its wallet may be missing here.
void complete_recorded(const AppRecord& record, std::optional<base::Secret> phrase,
                       KnownWallet& out) {
  const bool is_complete = out.vouched && !out.words.empty();
  if (!phrase || out.source != WalletSource::kGenerated || is_complete) return;
  const bool fits =
      record.evm_address.empty() || wallet_addresses(*phrase).evm == record.evm_address;
  if (fits) use_phrase(std::move(*phrase), out);
}

/// What the latest release says, where `record` is the one of that release, or null.
void add_release(const Signer& signer, const eth::Address& app, const CurrentApp& current,
                 const AppRecord* record, KnownWallet& out) {
  out.on_chain = current.wallet->source;
  auto phrase = phrase_in(signer, app, current, out);
  if (out.problem) return;
  if (record != nullptr) return complete_recorded(*record, std::move(phrase), out);
  if (phrase) return use_phrase(std::move(*phrase), out);
  const bool is_generated = *out.on_chain == WalletSource::kGenerated;
  // Stored words may be those of a wallet that a release from elsewhere has replaced.
  if (is_generated && out.changed_elsewhere && !out.words.empty()) return;
  out.changed_elsewhere = false;
  out.source = out.on_chain;
  if (is_generated) return;
  out.words = base::Secret();
  out.evm_address.clear();
}

}  // namespace

KnownWallet known_wallet(const Services& services, const Signer& signer, const eth::Address& app,
                         const CurrentApp* current) {
  const auto record = AppRecords(services.paths.state, services.environment.name).find(app);
  const auto block = current != nullptr ? std::optional(current->release_block) : std::nullopt;
  KnownWallet out = known_here(services, signer, app, record, block);
  if (current == nullptr || !current->release) return out;
  out.problem = current->wallet_problem;
  if (out.problem) return out;
  if (current->wallet) {
    const bool is_current = record && !out.changed_elsewhere;
    add_release(signer, app, *current, is_current ? &*record : nullptr, out);
    return out;
  }
  const bool says_kms = !record || record->wallet == WalletSource::kKms;
  out.assumed_kms = !out.source && out.words.empty() && says_kms;
  return out;
}

}  // namespace ecloud::deploy
