#include <utility>

#include "ecloud/base/error.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/deploy/app_wallet.h"

namespace ecloud::deploy {
namespace {

[[noreturn]] void fail_unknown(const KnownWallet& known, const eth::Address& app) {
  const std::string reason =
      known.changed_elsewhere
          ? "app " + app.to_string() +
                " was upgraded from another machine or rolled back to an older release since, and "
                "this one"
          : "this machine did not deploy app " + app.to_string() + " and";
  const std::string import = "first ecloud compute app wallet import " + app.to_string();
  const std::string with_words =
      !known.words.empty()
          ? "--wallet generated when it is " + known.evm_address + ", whose words are stored here"
      : known.changed_elsewhere ? import + " and then --wallet generated"
                                : import;
  throw Error(Category::kUsage, "wallet.unknown",
              reason +
                  " cannot see whose its wallet is; the upgrade would replace a wallet that "
                  "came with the app",
              "say which it is: --wallet kms when the platform's KMS made it, --wallet env with "
              "its words as MNEMONIC in the env file, or " +
                  with_words + "\nwhen nobody has its words any more: ecloud help recovery");
}

[[noreturn]] void fail_not_here(const KnownWallet& known, const eth::Address& app) {
  const std::string id = app.to_string();
  const std::string wallet =
      known.evm_address.empty() ? "the wallet" : "the wallet " + known.evm_address;
  throw Error(
      Category::kUsage, "wallet.not_here",
      wallet + " of app " + id +
          " was generated, and its recovery phrase is neither on this machine nor, for "
          "your key, on chain; the upgrade would replace the wallet",
      "import the recovery phrase: ecloud compute app wallet import " + id +
          "\nor use the key that deployed the app, whose releases contain the phrase"
          "\nor keep the variables: an upgrade without an env file keeps the wallet, too"
          "\nor put MNEMONIC into the env file and give --wallet env, or give the wallet "
          "up for one of the KMS's with --wallet kms\nwhen nobody has it: ecloud help recovery");
}

/// "0x…, which was generated for it".
std::string generated_wallet(const KnownWallet& known) {
  return known.evm_address.empty()
             ? "the wallet that was generated for it"
             : "its wallet " + known.evm_address + ", which was generated for it,";
}

/// What is lost with a wallet whose phrase nobody here has.
std::string unreachable(const KnownWallet& known) {
  if (!known.words.empty()) return {};
  const std::string address =
      known.evm_address.empty() ? "its address, which is not known here," : known.evm_address;
  return "; without its recovery phrase " + address + " becomes unreachable";
}

WalletChoice choose_generated(const KnownWallet& known, const eth::Address& app,
                              const std::optional<WalletSource>& source) {
  const bool may_be_those = !source || *source == WalletSource::kGenerated;
  if (!known.words.empty() && may_be_those) {
    WalletChoice out;
    out.source = WalletSource::kGenerated;
    out.mnemonic = known.words.clone();
    out.certain = known.vouched;
    out.recovered = known.recovered;
    return out;
  }
  if (may_be_those) fail_not_here(known, app);
  throw Error(Category::kUsage, "wallet.not_new",
              "the wallet of app " + app.to_string() + " is " +
                  (*source == WalletSource::kKms ? "the KMS's" : "MNEMONIC of the env file") +
                  "; an upgrade makes no new one",
              "leave out --wallet and the app keeps its wallet");
}

WalletChoice choose_kms(const KnownWallet& known, const std::optional<WalletSource>& source,
                        const std::optional<WalletSource>& asked) {
  WalletChoice out;
  out.certain = source.has_value();
  if (!source && !known.words.empty()) {
    out.gives_up =
        "The app gives up the wallet that it has now, if that is not the KMS's (words of "
        "another one, " +
        known.evm_address + ", are stored here), and gets the one of the KMS";
  } else if (source && *source != WalletSource::kKms) {
    out.gives_up = *source == WalletSource::kGenerated
                       ? "The app gives up " + generated_wallet(known) +
                             " and gets another one from the KMS" + unreachable(known)
                       : "The app gives up the wallet " +
                             (known.evm_address.empty() ? "" : known.evm_address + " ") +
                             "of the env file, and gets another one from the KMS";
  }
  if (!source && !asked && known.assumed_kms) {
    out.assumption =
        "Neither the chain nor this machine says where the app's wallet comes from, so it counts "
        "as the KMS's. If the app was given a recovery phrase, the wallet of that phrase becomes "
        "unreachable for the app";
  }
  return out;
}

WalletChoice choose_env(const KnownWallet& known, const eth::Address& app,
                        const std::optional<WalletSource>& source, const base::Secret& env_words) {
  if (env_words.empty()) {
    throw Error(Category::kUsage, "wallet.no_mnemonic",
                "the wallet of app " + app.to_string() +
                    " is to be MNEMONIC of the env file, and there is none in it",
                "add MNEMONIC=\"…\" to the env file (--env-file FILE), or give the wallet up for "
                "one of the KMS's with --wallet kms");
  }
  WalletChoice out;
  out.source = WalletSource::kEnvironment;
  out.mnemonic = crypto::normalize_mnemonic(env_words.reveal_text());
  const std::string address = wallet_addresses(out.mnemonic).evm;
  const bool same = !known.evm_address.empty() && known.evm_address == address;
  out.certain = same && !known.changed_elsewhere;
  const bool other_source = source && *source != WalletSource::kEnvironment && !same;
  const bool other_words = !known.evm_address.empty() && !same;
  if (other_words && known.changed_elsewhere) {
    out.gives_up =
        "The app gives up the wallet that it has now, if that is another one (words of " +
        known.evm_address + " are stored here), and gets " + address + " of the env file";
  } else if (other_source || other_words) {
    const bool is_kms = source == WalletSource::kKms;
    const std::string wallet = is_kms                      ? "its wallet of the KMS"
                               : known.evm_address.empty() ? "its wallet"
                                                           : "its wallet " + known.evm_address;
    const bool is_lost = source == WalletSource::kGenerated;
    out.gives_up = "The app gives up " + wallet + " and gets " + address + " of the env file" +
                   (is_lost ? unreachable(known) : "");
  }
  return out;
}

WalletChoice choose(WalletSource wanted, const KnownWallet& known, const eth::Address& app,
                    const std::optional<WalletSource>& source,
                    const std::optional<WalletSource>& asked, const base::Secret& env_words) {
  switch (wanted) {
    case WalletSource::kGenerated:
      return choose_generated(known, app, source);
    case WalletSource::kKms:
      return choose_kms(known, source, asked);
    case WalletSource::kEnvironment:
      return choose_env(known, app, source, env_words);
  }
  fail_bug("a wallet source without a choice");
}

/// Whether the phrase of the wallet that stays is missing, so that only the variables that are on
/// chain already can keep it.
bool needs_release(const KnownWallet& known, const std::optional<WalletSource>& asked,
                   const base::Secret& env_words) {
  const auto& source = known.source && !known.changed_elsewhere ? known.source : known.on_chain;
  if (!source || (asked && *asked != *source)) return false;
  if (*source == WalletSource::kEnvironment) return env_words.empty();
  const bool has_words = !known.words.empty() && (asked || !known.changed_elsewhere);
  return *source == WalletSource::kGenerated && !has_words;
}

WalletChoice keep_release(const KnownWallet& known) {
  WalletChoice out;
  out.keeps_release = true;
  const auto& source = known.source && !known.changed_elsewhere ? known.source : known.on_chain;
  out.source = source.value_or(WalletSource::kKms);
  if (!known.changed_elsewhere) out.evm_address = known.evm_address;
  return out;
}

}  // namespace

WalletChoice choose_wallet(const KnownWallet& known, const eth::Address& app,
                           const std::optional<WalletSource>& asked, const base::Secret& env_words,
                           bool may_hold_mnemonic, bool can_keep_release) {
  if (known.problem && !asked) throw Error(*known.problem);
  const bool keeps_release = !asked || needs_release(known, asked, env_words);
  if (can_keep_release && !known.problem && keeps_release) return keep_release(known);
  std::optional<WalletSource> source;
  if (!known.changed_elsewhere && !known.problem) source = known.source;
  if (!source && !may_hold_mnemonic) source = WalletSource::kKms;
  std::optional<WalletSource> wanted = asked ? asked : source;
  if (!wanted && known.assumed_kms) wanted = WalletSource::kKms;
  if (!wanted) fail_unknown(known, app);
  WalletChoice out = choose(*wanted, known, app, source, asked, env_words);
  if (known.problem) {
    out.certain = false;
    out.gives_up =
        "The app gives up the wallet that its latest release gave it, whichever that is, because "
        "what the release says of it is forged";
  }
  return out;
}

}  // namespace ecloud::deploy
