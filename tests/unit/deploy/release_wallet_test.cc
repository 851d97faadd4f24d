#include "ecloud/deploy/release_wallet.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/jwe.h"
#include "support/catch.h"
#include "support/test_data.h"
#include "unit/deploy/deploy_support.h"

using namespace ecloud;
using deploy::ReleaseWallet;
using deploy::Signer;
using deploy::WalletSource;

namespace {

constexpr char kLegal[] =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

/// Gives the same bytes for every nonce.
class FixedRandom final : public crypto::Random {
 public:
  explicit FixedRandom(base::Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override {
    REQUIRE(out.size() == bytes_.size());
    std::copy(bytes_.begin(), bytes_.end(), out.begin());
  }

 private:
  base::Bytes bytes_;
};

base::Json vector() {
  return testing::test_data_json("deploy/wallet_on_chain.json");
}

eth::Address other_app() {
  return *eth::Address::parse("0x1111111111111111111111111111111111111111");
}

/// An encryptedEnv of `app` with those members and a value of that length.
base::Bytes encrypted(const eth::Address& app, const platform::HeaderMembers& members,
                      std::size_t length = 200) {
  crypto::SystemRandom random;
  platform::AppEnvironment variables;
  variables.private_variables["TOKEN"] = base::Secret(std::string(length, 't'));
  return platform::encrypt_private_environment(
      variables, app, testing::test_data("crypto/test_key_rsa_2048.pub.pem"), random, members);
}

std::string refusal(const base::Bytes& encrypted_env) {
  try {
    deploy::read_release_wallet(encrypted_env, testing::test_app());
    return "none";
  } catch (const Error& error) {
    CHECK(error.category() == Category::kVerification);
    CHECK(error.code() == "wallet.forged");
    CHECK(error.hint().find("ecloud compute app releases " + testing::test_app().to_string()) !=
          std::string::npos);
    const std::string message = error.message();
    return message.substr(message.find("on chain: ") + 10);
  }
}

}  // namespace

TEST_CASE("A recovery phrase is encrypted as the published vector says", "[deploy][wallet]") {
  const base::Json given = vector();
  const auto key = *crypto::PrivateKey::from_hex(given["privateKey"].as_string());
  const auto app = *eth::Address::parse(given["appId"].as_string());
  const Signer deployer(key);
  FixedRandom random(*base::from_hex(given["nonce"].as_string()));
  const base::Secret phrase(given["phrase"].as_string());
  const std::string sealed = deploy::seal_phrase(deployer, app, phrase, random);
  CHECK(sealed == given["words"].as_string());
  const auto opened = deploy::open_phrase(deployer, app, sealed);
  REQUIRE(opened);
  CHECK(opened->reveal_text() == phrase.reveal_text());
}

TEST_CASE("The page about the format has the published vector", "[deploy][wallet]") {
  const std::string page =
      testing::slurp(std::filesystem::path(ECLOUD_SOURCE_DIR) / "docs/wallet-on-chain.md");
  for (const auto& [name, value] : vector().members()) {
    INFO(name);
    CHECK(page.find("`" + value.as_string() + "`") != std::string::npos);
  }
}

TEST_CASE("A sealed phrase opens with its key for its app and otherwise never",
          "[deploy][wallet]") {
  crypto::SystemRandom random;
  const auto key = testing::test_key();
  const auto other_key = *crypto::PrivateKey::from_hex(std::string(63, '0') + "1");
  const Signer deployer(key);
  const base::Secret phrase{std::string(kLegal)};
  const std::string sealed = deploy::seal_phrase(deployer, testing::test_app(), phrase, random);
  CHECK(deploy::open_phrase(deployer, testing::test_app(), sealed)->reveal_text() == kLegal);
  CHECK(deploy::seal_phrase(deployer, testing::test_app(), phrase, random) != sealed);
  CHECK_FALSE(deploy::open_phrase(Signer(other_key), testing::test_app(), sealed));
  CHECK_FALSE(deploy::open_phrase(deployer, other_app(), sealed));
  for (const char* text : {"", "AAAA", "no base64url!"}) {
    CHECK_FALSE(deploy::open_phrase(deployer, testing::test_app(), text));
  }
  const base::Bytes bytes = *base::from_base64url(sealed);
  for (const std::size_t at : {std::size_t{0}, std::size_t{12}, bytes.size() - 1}) {
    base::Bytes changed = bytes;
    changed[at] ^= 1;
    CHECK_FALSE(deploy::open_phrase(deployer, testing::test_app(), base::to_base64url(changed)));
  }
  // What opens must be a recovery phrase.
  const base::Secret junk(std::string("no phrase at all"));
  CHECK_FALSE(
      deploy::open_phrase(deployer, testing::test_app(),
                          deploy::seal_phrase(deployer, testing::test_app(), junk, random)));
}

TEST_CASE("What a release says of its wallet is read back", "[deploy][wallet]") {
  crypto::SystemRandom random;
  const auto key = testing::test_key();
  const std::string sealed = deploy::seal_phrase(Signer(key), testing::test_app(),
                                                 base::Secret{std::string(kLegal)}, random);
  const ReleaseWallet wallets[] = {{WalletSource::kGenerated, sealed},
                                   {WalletSource::kGenerated, ""},
                                   {WalletSource::kEnvironment, ""},
                                   {WalletSource::kKms, ""}};
  for (const ReleaseWallet& wallet : wallets) {
    const auto read = deploy::read_release_wallet(
        encrypted(testing::test_app(), deploy::header_members(wallet)), testing::test_app());
    REQUIRE(read);
    CHECK(read->source == wallet.source);
    CHECK(read->sealed_phrase == wallet.sealed_phrase);
  }
  CHECK(deploy::header_members({WalletSource::kKms, ""}) ==
        platform::HeaderMembers{{"x-ecloud-wallet", "kms"}});
}

TEST_CASE("A release of another program says nothing of its wallet", "[deploy][wallet]") {
  CHECK_FALSE(deploy::read_release_wallet(encrypted(testing::test_app(), {}), testing::test_app()));
  for (const char* text : {"", "a.b.c.d.e", "not a JWE", "!.b.c.d.e"}) {
    CHECK_FALSE(deploy::read_release_wallet(base::as_bytes(text), testing::test_app()));
  }
}

TEST_CASE("A wallet entry that no release of the app can have is refused", "[deploy][wallet]") {
  crypto::SystemRandom random;
  const auto key = testing::test_key();
  const std::string sealed = deploy::seal_phrase(Signer(key), testing::test_app(),
                                                 base::Secret{std::string(kLegal)}, random);
  const auto members = deploy::header_members({WalletSource::kGenerated, sealed});
  const auto with = [](platform::HeaderMembers of) { return encrypted(testing::test_app(), of); };
  CHECK(refusal(encrypted(other_app(), members)) == "its variables are encrypted for another app");
  CHECK(refusal(with({{"x-ecloud-wallet", "paper"}})) ==
        "x-ecloud-wallet must be one of generated, env, kms; got 'paper'");
  CHECK(refusal(with({{"x-ecloud-wallet-words", sealed}})) ==
        "x-ecloud-wallet must be one of generated, env, kms; got ''");
  CHECK(refusal(with({{"x-ecloud-wallet", "kms"}, {"x-ecloud-wallet-words", sealed}})) ==
        "it carries a recovery phrase, and the wallet is not a generated one");
  for (const std::string& words :
       {std::string(), std::string("AAAA"), std::string("%%"), std::string(400, 'A')}) {
    CHECK(refusal(with({{"x-ecloud-wallet", "generated"}, {"x-ecloud-wallet-words", words}})) ==
          "x-ecloud-wallet-words is not an encrypted recovery phrase");
  }
  for (const char* source : {"generated", "env"}) {
    CHECK(refusal(encrypted(testing::test_app(), {{"x-ecloud-wallet", source}}, 3)) ==
          "its variables are too short to contain a recovery phrase");
  }
}

TEST_CASE("Whether variables can contain a recovery phrase is told by their length",
          "[deploy][wallet]") {
  CHECK(deploy::may_hold_mnemonic(encrypted(testing::test_app(), {}, 100)));
  CHECK_FALSE(deploy::may_hold_mnemonic(encrypted(testing::test_app(), {}, 3)));
  // What is not understood counts as long enough, whatever is in the header.
  for (const char* header : {R"({"enc":7})", "[]", "7", "no JSON", R"({"enc":"A128GCM"})",
                             R"({"enc":"A256GCM","zip":"DEF"})"}) {
    INFO(header);
    CHECK(deploy::may_hold_mnemonic(base::as_bytes(
        base::to_base64url(base::as_bytes(std::string_view(header))) + ".AA.AA.AA.AA")));
  }
}
