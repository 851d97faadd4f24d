#include "ecloud/deploy/wallets.h"

#include <functional>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/json.h"
#include "support/catch.h"
#include "unit/deploy/deploy_support.h"

using namespace ecloud;
using deploy::Signer;
using deploy::WalletStore;
using testing::FakeServices;

namespace {

constexpr char kWords[] = "test test test test test test test test test test test junk";
constexpr std::int64_t kNow = 1'800'000'000;

base::Secret words() {
  return base::Secret(std::string(kWords));
}

std::string code_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code();
  }
  return "(no error)";
}

}  // namespace

TEST_CASE("A phrase gives the addresses that every wallet shows for it", "[deploy][wallet]") {
  // The EVM one is the first account of every development chain; the Solana one was made with
  // @scure/bip39 and @scure/base, and with the HMAC and Ed25519 of node.
  const auto addresses = deploy::wallet_addresses(words());
  CHECK(addresses.evm == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  CHECK(addresses.solana == "oeYf6KAJkLYhBuR8CiGc6L4D4Xtfepr85fuDgA9kq96");
}

TEST_CASE("A stored wallet opens with the deployer's key and with no other", "[deploy][wallet]") {
  FakeServices world;
  WalletStore store(world.paths.state, "sepolia");
  const auto key = testing::test_key();
  const Signer signer(key);
  store.save(signer, testing::test_app(), words(), world.random, kNow);

  const auto opened = store.load(signer, testing::test_app());
  REQUIRE(opened);
  CHECK(opened->reveal_text() == kWords);

  SECTION("the words are not in the file, and only the user may read it") {
    const auto file = store.file_of(testing::test_app());
    const std::string text = testing::slurp(file);
    CHECK(text.find("junk") == std::string::npos);
    CHECK(std::filesystem::status(file).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    const auto document = base::Json::parse(text, "file");
    CHECK(document["appId"].as_string() == testing::test_app().to_string());
    CHECK(document["evmAddress"].as_string() == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    CHECK(document["kdfInfo"].as_string() == "ecloud app wallet v1");
  }
  SECTION("another key is told whose it is") {
    const auto other_key = *crypto::PrivateKey::from_hex(std::string(63, '0') + "1");
    const Signer other(other_key);
    CHECK(code_of([&] { store.load(other, testing::test_app()); }) == "wallet.wrong_key");
  }
  SECTION("a changed octet is noticed") {
    const auto file = store.file_of(testing::test_app());
    auto document = base::Json::parse(testing::slurp(file), "file");
    std::string text = document["ciphertext"].as_string();
    text[0] = text[0] == '0' ? '1' : '0';
    document.set("ciphertext", text);
    base::write_file_atomic(file, document.dump(), base::kPrivateFile);
    CHECK(code_of([&] { store.load(signer, testing::test_app()); }) == "wallet.damaged");
  }
  SECTION("the file of another app does not open under this one's name") {
    const auto other_app = *eth::Address::parse("0x1111111111111111111111111111111111111111");
    std::filesystem::copy_file(store.file_of(testing::test_app()), store.file_of(other_app));
    CHECK(code_of([&] { store.load(signer, other_app); }) == "wallet.damaged");
  }
  SECTION("a wallet is never replaced") {
    CHECK(code_of([&] { store.save(signer, testing::test_app(), words(), world.random, kNow); }) ==
          "file.exists");
    CHECK(store.load(signer, testing::test_app())->reveal_text() == kWords);
  }
}

TEST_CASE("An app without a stored wallet has none", "[deploy][wallet]") {
  FakeServices world;
  const auto key = testing::test_key();
  CHECK_FALSE(WalletStore(world.paths.state, "sepolia").load(Signer(key), testing::test_app()));
}

TEST_CASE("Wallet sources go by their names", "[deploy][wallet]") {
  for (const char* name : {"generated", "kms", "env"}) {
    REQUIRE(deploy::wallet_source_of(name));
    CHECK(deploy::to_string(*deploy::wallet_source_of(name)) == name);
  }
  CHECK_FALSE(deploy::wallet_source_of("paper"));
}
