#include "ecloud/base/error.h"
#include "ecloud/deploy/app_wallet.h"
#include "ecloud/deploy/release_wallet.h"
#include "support/catch.h"
#include "unit/deploy/deploy_support.h"

using namespace ecloud;
using deploy::KnownWallet;
using deploy::WalletChoice;
using deploy::WalletSource;

namespace {

// The first address of the first phrase, as every development chain shows it; those of the second
// are not needed.
constexpr char kJunk[] = "test test test test test test test test test test test junk";
constexpr char kJunkAddress[] = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
constexpr char kLegal[] =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

KnownWallet known(std::optional<WalletSource> source, std::string words, std::string address) {
  KnownWallet out;
  out.source = source;
  out.words = base::Secret(std::move(words));
  out.evm_address = std::move(address);
  out.vouched = source.has_value();
  return out;
}

WalletChoice choose(const KnownWallet& wallet, std::optional<WalletSource> asked,
                    std::string env_words = {}, bool may_hold_mnemonic = true) {
  return deploy::choose_wallet(wallet, testing::test_app(), asked,
                               base::Secret(std::move(env_words)), may_hold_mnemonic);
}

std::string refusal(const KnownWallet& wallet, std::optional<WalletSource> asked,
                    std::string env_words = {}) {
  try {
    choose(wallet, asked, std::move(env_words));
    return "none";
  } catch (const Error& error) {
    CHECK(error.category() == Category::kUsage);
    CHECK_FALSE(error.hint().empty());
    return error.code();
  }
}

}  // namespace

TEST_CASE("Stored words go along with an upgrade", "[deploy][wallet]") {
  const auto wallet = known(WalletSource::kGenerated, kJunk, kJunkAddress);
  const WalletChoice choice = choose(wallet, std::nullopt);
  CHECK(choice.source == WalletSource::kGenerated);
  CHECK(choice.mnemonic.reveal_text() == kJunk);
  CHECK(choice.certain);
  CHECK(choice.gives_up.empty());
}

TEST_CASE("Words that nobody compared go along as the user's word", "[deploy][wallet]") {
  auto wallet = known(WalletSource::kGenerated, kJunk, kJunkAddress);
  wallet.vouched = false;
  const WalletChoice choice = choose(wallet, std::nullopt);
  CHECK(choice.source == WalletSource::kGenerated);
  CHECK_FALSE(choice.certain);
  CHECK(choice.gives_up.empty());
}

TEST_CASE("A wallet of the KMS stays the KMS's", "[deploy][wallet]") {
  const WalletChoice choice = choose(known(WalletSource::kKms, "", ""), std::nullopt);
  CHECK(choice.source == WalletSource::kKms);
  CHECK(choice.mnemonic.empty());
  CHECK(choice.gives_up.empty());
  CHECK(refusal(known(WalletSource::kKms, "", ""), WalletSource::kGenerated) == "wallet.not_new");
}

TEST_CASE("An unknown wallet is never guessed", "[deploy][wallet]") {
  const auto unknown = known(std::nullopt, "", "");
  CHECK(refusal(unknown, std::nullopt) == "wallet.unknown");
  CHECK(refusal(unknown, WalletSource::kGenerated) == "wallet.not_here");
  CHECK(refusal(unknown, WalletSource::kEnvironment) == "wallet.no_mnemonic");
  CHECK_FALSE(choose(unknown, WalletSource::kKms).certain);
  CHECK_FALSE(choose(unknown, WalletSource::kEnvironment, kJunk).certain);
  // Unless the chain shows that no words were deployed.
  CHECK(choose(unknown, std::nullopt, "", false).source == WalletSource::kKms);
  CHECK(choose(unknown, std::nullopt, "", false).certain);
}

TEST_CASE("Stored words are not taken unasked after a release that this machine does not know",
          "[deploy][wallet]") {
  auto wallet = known(WalletSource::kGenerated, kJunk, kJunkAddress);
  wallet.vouched = false;
  wallet.changed_elsewhere = true;
  CHECK(refusal(wallet, std::nullopt) == "wallet.unknown");
  try {
    choose(wallet, std::nullopt);
  } catch (const Error& error) {
    CHECK(error.hint().find(std::string("--wallet generated when it is ") + kJunkAddress) !=
          std::string::npos);
  }
  const WalletChoice asked = choose(wallet, WalletSource::kGenerated);
  CHECK(asked.mnemonic.reveal_text() == kJunk);
  CHECK_FALSE(asked.certain);
  // What is asked for may replace the wallet that the words are of, or the one that is not known.
  CHECK_FALSE(choose(wallet, WalletSource::kKms).certain);
  CHECK_FALSE(choose(wallet, WalletSource::kKms).gives_up.empty());
  CHECK_FALSE(choose(wallet, WalletSource::kEnvironment, kLegal).gives_up.empty());
  CHECK_FALSE(choose(wallet, WalletSource::kEnvironment, kJunk).certain);
  // A release too short for words has the KMS's, which the stored words do not replace.
  CHECK(choose(wallet, std::nullopt, "", false).source == WalletSource::kKms);
  CHECK_THROWS_AS(choose(wallet, WalletSource::kGenerated, "", false), Error);
}

TEST_CASE("A generated wallet without its words is refused", "[deploy][wallet]") {
  CHECK(refusal(known(WalletSource::kGenerated, "", kJunkAddress), std::nullopt) ==
        "wallet.not_here");
}

TEST_CASE("Another wallet than the present one has to be confirmed", "[deploy][wallet]") {
  const auto generated = known(WalletSource::kGenerated, kJunk, kJunkAddress);
  CHECK_FALSE(choose(generated, WalletSource::kKms).gives_up.empty());
  CHECK_FALSE(choose(generated, WalletSource::kEnvironment, kLegal).gives_up.empty());
  CHECK_FALSE(choose(known(WalletSource::kKms, "", ""), WalletSource::kEnvironment, kJunk)
                  .gives_up.empty());
  const auto env = known(WalletSource::kEnvironment, "", kJunkAddress);
  CHECK_FALSE(choose(env, std::nullopt, kLegal).gives_up.empty());
  CHECK_FALSE(choose(env, WalletSource::kKms).gives_up.empty());
}

TEST_CASE("The same words from elsewhere are the same wallet", "[deploy][wallet]") {
  const auto generated = known(WalletSource::kGenerated, kJunk, kJunkAddress);
  CHECK(choose(generated, WalletSource::kEnvironment, kJunk).gives_up.empty());
  const auto env = known(WalletSource::kEnvironment, "", kJunkAddress);
  const WalletChoice choice = choose(env, std::nullopt, "TEST test " + std::string(kJunk + 10));
  CHECK(choice.gives_up.empty());
  CHECK(choice.certain);
  CHECK(choice.mnemonic.reveal_text() == kJunk);
  CHECK(refusal(env, std::nullopt) == "wallet.no_mnemonic");
}

TEST_CASE("A wallet without its phrase is kept by sending the release again", "[deploy][wallet]") {
  const auto keep = [](const KnownWallet& wallet, std::optional<WalletSource> asked,
                       std::string env_words = {}) {
    return deploy::choose_wallet(wallet, testing::test_app(), asked,
                                 base::Secret(std::move(env_words)), true, true);
  };
  const auto lost = known(WalletSource::kGenerated, "", kJunkAddress);
  const WalletChoice kept = keep(lost, std::nullopt);
  CHECK(kept.keeps_release);
  CHECK(kept.source == WalletSource::kGenerated);
  CHECK(kept.evm_address == kJunkAddress);
  CHECK(kept.certain);
  CHECK(kept.mnemonic.empty());
  CHECK(keep(known(WalletSource::kEnvironment, "", ""), std::nullopt).keeps_release);
  // Also where the phrase is known, and for the KMS's: the other variables stay with it.
  CHECK(keep(known(WalletSource::kGenerated, kJunk, kJunkAddress), std::nullopt).keeps_release);
  CHECK(keep(known(WalletSource::kEnvironment, "", ""), std::nullopt, kJunk).keeps_release);
  CHECK(keep(known(WalletSource::kKms, "", ""), std::nullopt).keeps_release);
  CHECK(keep(known(std::nullopt, "", ""), std::nullopt).source == WalletSource::kKms);
  // Not against what the user says.
  CHECK_FALSE(keep(lost, WalletSource::kKms).keeps_release);
  // Stored words that may be old go along only when the user says so; the release is safe.
  auto old = known(WalletSource::kGenerated, kJunk, kJunkAddress);
  old.changed_elsewhere = true;
  old.on_chain = WalletSource::kGenerated;
  CHECK(keep(old, std::nullopt).keeps_release);
  CHECK(keep(old, std::nullopt).evm_address.empty());
  CHECK_FALSE(keep(old, WalletSource::kGenerated).keeps_release);
}

TEST_CASE("A release that says nothing has the KMS's wallet, as an assumption",
          "[deploy][wallet]") {
  auto unknown = known(std::nullopt, "", "");
  unknown.assumed_kms = true;
  const WalletChoice choice = choose(unknown, std::nullopt);
  CHECK(choice.source == WalletSource::kKms);
  CHECK_FALSE(choice.certain);
  CHECK_FALSE(choice.assumption.empty());
  CHECK(choice.gives_up.empty());
  // What the user says, or what the chain shows, is no assumption.
  CHECK(choose(unknown, WalletSource::kKms).assumption.empty());
  CHECK(choose(unknown, std::nullopt, "", false).assumption.empty());
  CHECK(choose(unknown, std::nullopt, "", false).certain);
}

TEST_CASE("A forged statement stops the upgrade until the user names a wallet",
          "[deploy][wallet]") {
  auto wallet = known(WalletSource::kGenerated, kJunk, kJunkAddress);
  wallet.problem = deploy::forged_wallet(testing::test_app(), "it is another app's");
  for (const bool can_keep : {false, true}) {
    try {
      deploy::choose_wallet(wallet, testing::test_app(), std::nullopt, base::Secret(), true,
                            can_keep);
      FAIL("it was accepted");
    } catch (const Error& error) {
      CHECK(error.code() == "wallet.forged");
      CHECK(error.message().find("it is another app's") != std::string::npos);
    }
  }
  for (const WalletSource source : {WalletSource::kGenerated, WalletSource::kKms}) {
    const WalletChoice choice = choose(wallet, source);
    CHECK(choice.source == source);
    CHECK_FALSE(choice.gives_up.empty());
    CHECK_FALSE(choice.certain);
  }
}

TEST_CASE("The address that becomes unreachable is named", "[deploy][wallet]") {
  const auto lost = known(WalletSource::kGenerated, "", kJunkAddress);
  const std::string end =
      std::string("without its recovery phrase ") + kJunkAddress + " becomes unreachable";
  CHECK(choose(lost, WalletSource::kKms).gives_up.ends_with(end));
  CHECK(choose(lost, WalletSource::kEnvironment, kLegal).gives_up.ends_with(end));
  // With the phrase here nothing becomes unreachable.
  const auto stored = known(WalletSource::kGenerated, kJunk, kJunkAddress);
  CHECK(choose(stored, WalletSource::kKms).gives_up ==
        std::string("The app gives up its wallet ") + kJunkAddress +
            ", which was generated for it, and gets another one from the KMS");
}
