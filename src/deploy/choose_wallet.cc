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

[[noreturn]] void fail_not_here(const eth::Address& app) {
  throw Error(Category::kUsage, "wallet.not_here",
              "the wallet of app " + app.to_string() +
                  " was generated when it was deployed, and its words are not on this machine; the "
                  "upgrade would replace the wallet",
              "bring the words: ecloud compute app wallet import " + app.to_string() +
                  ", or put MNEMONIC into the env file and give --wallet env, or give the wallet "
                  "up for one of the KMS's with --wallet kms");
}

WalletChoice choose_generated(const KnownWallet& known, const eth::Address& app,
                              const std::optional<WalletSource>& source) {
  const bool may_be_those = !source || *source == WalletSource::kGenerated;
  if (!known.words.empty() && may_be_those) {
    return {WalletSource::kGenerated, known.words.clone(), known.vouched, {}};
  }
  if (may_be_those) fail_not_here(app);
  throw Error(Category::kUsage, "wallet.not_new",
              "the wallet of app " + app.to_string() + " is " +
                  (*source == WalletSource::kKms ? "the KMS's" : "MNEMONIC of the env file") +
                  "; an upgrade makes no new one",
              "leave out --wallet and the app keeps its wallet");
}

WalletChoice choose_kms(const KnownWallet& known, const std::optional<WalletSource>& source) {
  WalletChoice out;
  out.certain = source.has_value();
  if (!source && !known.words.empty()) {
    out.gives_up =
        "The app gives up the wallet that it has now, if that is not the KMS's (words of "
        "another one, " +
        known.evm_address + ", are stored here), and gets the one of the KMS";
  } else if (source && *source != WalletSource::kKms) {
    out.gives_up = *source == WalletSource::kGenerated
                       ? "The app gives up the wallet that was generated for it, and gets another "
                         "one from the KMS"
                       : "The app gives up the wallet of the env file, and gets another one from "
                         "the KMS";
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
    out.gives_up = "The app gives up its wallet " +
                   (known.evm_address.empty() ? std::string("of the KMS") : known.evm_address) +
                   " and gets " + address + " of the env file";
  }
  return out;
}

}  // namespace

WalletChoice choose_wallet(const KnownWallet& known, const eth::Address& app,
                           const std::optional<WalletSource>& asked, const base::Secret& env_words,
                           bool may_hold_mnemonic) {
  std::optional<WalletSource> source;
  if (!known.changed_elsewhere) source = known.source;
  if (!source && !may_hold_mnemonic) source = WalletSource::kKms;
  const std::optional<WalletSource> wanted = asked ? asked : source;
  if (!wanted) fail_unknown(known, app);
  switch (*wanted) {
    case WalletSource::kGenerated:
      return choose_generated(known, app, source);
    case WalletSource::kKms:
      return choose_kms(known, source);
    case WalletSource::kEnvironment:
      return choose_env(known, app, source, env_words);
  }
  fail_bug("a wallet source without a choice");
}

}  // namespace ecloud::deploy
