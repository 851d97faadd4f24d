#include "deploy/rollback_wallet.h"

#include <optional>
#include <utility>

#include "ecloud/base/error.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/release_wallet.h"
#include "ecloud/platform/app_environment.h"

namespace ecloud::deploy {
namespace {

/// What a release says of its wallet on chain.
struct SeenWallet {
  std::optional<ReleaseWallet> stated;
  std::string evm_address;  ///< of the phrase in it; empty when it has none for this key
};

SeenWallet read_wallet(const Signer& signer, const eth::Address& creator, const eth::Address& app,
                       const PastRelease& release) {
  SeenWallet out;
  out.stated = read_release_wallet(release.release.encrypted_env, app);
  if (!out.stated || out.stated->sealed_phrase.empty() || signer.address != creator) return out;
  const auto phrase = open_phrase(signer, app, out.stated->sealed_phrase);
  if (!phrase) {
    throw forged_wallet(app, "the recovery phrase in release " + std::to_string(release.number()) +
                                 " does not open with the key that deployed the app");
  }
  out.evm_address = wallet_addresses(*phrase).evm;
  return out;
}

SeenWallet read_wallet_or_nothing(const Signer& signer, const eth::Address& creator,
                                  const eth::Address& app, const PastRelease& release) {
  try {
    return read_wallet(signer, creator, app, release);
  } catch (const Error& error) {
    if (error.code() != "wallet.forged") throw;
    return {};
  }
}

/// Whether both say, in a way that this key can compare, that they have one wallet.
bool is_same(const SeenWallet& a, const SeenWallet& b) {
  if (!a.stated || !b.stated || a.stated->source != b.stated->source) return false;
  if (a.stated->source == WalletSource::kKms) return true;
  if (!a.evm_address.empty()) return a.evm_address == b.evm_address;
  return !a.stated->sealed_phrase.empty() && a.stated->sealed_phrase == b.stated->sealed_phrase;
}

/// Whether that release certainly leaves the wallet to the KMS, which makes the same one each time.
bool has_kms_wallet(const PastRelease& release, const std::optional<AppRecord>& record) {
  const bool recorded = record && record->wallet == WalletSource::kKms &&
                        record->made_with_this_wallet(release.block);
  return recorded || (!may_hold_mnemonic(release.release.encrypted_env) &&
                      !release.public_variables.contains(std::string(platform::kMnemonicVariable)));
}

std::string wallet_words(WalletSource source, const std::string& evm_address) {
  const std::string wallet = "its wallet" + (evm_address.empty() ? "" : " " + evm_address);
  switch (source) {
    case WalletSource::kGenerated:
      return wallet + " that was generated for it";
    case WalletSource::kKms:
      return wallet + " of the KMS";
    case WalletSource::kEnvironment:
      return wallet + " of the env file";
  }
  fail_bug("a wallet source without words");
}

/// By the record when it is of that release, else by what the release says; empty when nothing
/// does.
std::string wallet_words(const std::optional<AppRecord>& record, const PastRelease& release,
                         const SeenWallet& seen) {
  if (record && record->made_with_this_wallet(release.block)) {
    return wallet_words(record->wallet, record->evm_address);
  }
  return seen.stated ? wallet_words(seen.stated->source, seen.evm_address) : std::string();
}

std::string sentence(const std::string& lost, const std::string& gained, std::uint64_t number) {
  const std::string then = "release " + std::to_string(number);
  if (lost == gained) {
    return "The app gives up the wallet that it has now, and gets the one that " + then +
           " was given; nothing here can see whether that is another";
  }
  if (gained.empty()) {
    return "The app gives up " + lost + ", and gets the one that " + then +
           " was given; nothing here can see which";
  }
  if (lost.empty()) {
    return "The app gets back " + gained + ", which it had with " + then +
           ", and gives up the one that it has now, which may be another";
  }
  return "The app gives up " + lost + ", and gets back " + gained + ", which it had with " + then;
}

}  // namespace

void compare_wallets(const Services& services, const Signer& signer, const eth::Address& creator,
                     RollbackPlan& plan) {
  const eth::Address& app = plan.releases.app;
  const auto record = AppRecords(services.paths.state, services.environment.name).find(app);
  const SeenWallet then = read_wallet(signer, creator, app, plan.target);
  const SeenWallet now = read_wallet_or_nothing(signer, creator, app, plan.current);
  const bool made_both = record && record->made_with_this_wallet(plan.target.block) &&
                         record->made_with_this_wallet(plan.current.block);
  const bool both_kms = has_kms_wallet(plan.current, record) && has_kms_wallet(plan.target, record);
  const bool is_known = made_both || both_kms ||
                        plan.current.release.encrypted_env == plan.target.release.encrypted_env;
  plan.wallet_seen_on_chain = !is_known && is_same(then, now);
  plan.keeps_wallet = is_known || plan.wallet_seen_on_chain;
  if (plan.keeps_wallet) return;
  plan.gives_up = sentence(wallet_words(record, plan.current, now),
                           wallet_words(record, plan.target, then), plan.target.number());
}

}  // namespace ecloud::deploy
