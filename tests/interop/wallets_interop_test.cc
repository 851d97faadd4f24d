#include "ecloud/deploy/wallets.h"

#include "ecloud/base/hex.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/deploy/release_wallet.h"
#include "interop/node_program.h"
#include "support/temp_dir.h"
#include "support/test_data.h"

namespace ecloud::deploy {
namespace {

TEST_CASE("@scure, viem and @noble derive the same wallets from our mnemonics", "[interop]") {
  crypto::SystemRandom random;
  base::Json mnemonics = base::Json::array();
  for (int i = 0; i < 20; ++i) {
    mnemonics.push(crypto::generate_mnemonic(random).reveal_text());
  }
  // The shorter lengths, which users bring along.
  for (const std::size_t octets : {16, 20, 24, 28}) {
    mnemonics.push(crypto::mnemonic_from_entropy(random.bytes(octets)).reveal_text());
  }
  const auto derived =
      testing::run_node("wallets.mjs", base::Json::object({{"mnemonics", mnemonics}}));
  if (!derived) return;
  REQUIRE(derived->size() == 24);
  for (std::size_t i = 0; i < derived->size(); ++i) {
    const base::Secret mnemonic(mnemonics.at(i).as_string());
    INFO(mnemonic.reveal_text());
    const base::Json expected = derived->at(i);
    CHECK(expected["valid"].as_bool());
    CHECK(expected["again"].as_string() == mnemonic.reveal_text());
    CHECK(crypto::mnemonic_problem(mnemonic.reveal_text()).empty());
    const base::Secret seed = crypto::mnemonic_seed(mnemonic.reveal_text());
    CHECK(base::to_hex_prefixed(seed.reveal()) == expected["seed"].as_string());
    const WalletAddresses own = wallet_addresses(mnemonic);
    CHECK(own.evm == expected["evm"].as_string());
    CHECK(own.evm == expected["evmByViem"].as_string());
    CHECK(own.solana == expected["solana"].as_string());
  }
}

TEST_CASE("node opens a wallet file by what the README says of its format", "[interop]") {
  const testing::TempDir home;
  crypto::SystemRandom random;
  const std::string key_text = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
  const auto key = crypto::PrivateKey::from_hex(key_text);
  const auto app = *eth::Address::parse("0x1111111111111111111111111111111111111111");
  const base::Secret words = crypto::generate_mnemonic(random);
  WalletStore store(home.path(), "sepolia");
  store.save(Signer(*key), app, words, random, 1'800'000'000);
  const auto opened = testing::run_node(
      "wallet_file.mjs",
      base::Json::object(
          {{"privateKey", key_text},
           {"file", base::Json::parse(testing::slurp(store.file_of(app)), "wallet file")}}));
  if (!opened) return;
  CHECK((*opened)["words"].as_string() == words.reveal_text());
}

TEST_CASE("node opens the recovery phrase of a release by what docs/ says of its format",
          "[interop]") {
  crypto::SystemRandom random;
  const base::Json vector = testing::test_data_json("deploy/wallet_on_chain.json");
  const auto key = *crypto::PrivateKey::from_hex(vector["privateKey"].as_string());
  const auto app = *eth::Address::parse(vector["appId"].as_string());
  const Signer deployer(key);
  base::Json sealed = base::Json::array();
  std::vector<std::string> phrases = {vector["phrase"].as_string()};
  sealed.push(vector["words"].as_string());
  for (const std::size_t bytes : {16, 20, 24, 28, 32}) {
    const base::Secret phrase = crypto::mnemonic_from_entropy(random.bytes(bytes));
    phrases.emplace_back(phrase.reveal_text());
    sealed.push(seal_phrase(deployer, app, phrase, random));
  }
  const auto opened = testing::run_node(
      "wallet_on_chain.mjs", base::Json::object({{"privateKey", vector["privateKey"].as_string()},
                                                 {"appId", app.to_string()},
                                                 {"sealed", sealed}}));
  if (!opened) return;
  REQUIRE((*opened)["phrases"].size() == phrases.size());
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    CHECK((*opened)["phrases"].at(i).as_string() == phrases[i]);
  }
}

}  // namespace
}  // namespace ecloud::deploy
