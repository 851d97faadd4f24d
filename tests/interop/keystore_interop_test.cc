#include "ecloud/crypto/keystore.h"

#include "ecloud/base/hex.h"
#include "ecloud/eth/address.h"
#include "interop/node_program.h"

namespace ecloud::crypto {
namespace {

constexpr char kPassword[] = "open sesame, twice";

std::string key_in(const base::Json& file) {
  const Keystore keystore = Keystore::parse(file.as_string(), "ethers.json");
  return base::to_hex_prefixed(
      keystore.open(base::Secret(std::string(kPassword))).secret().reveal());
}

}  // namespace

TEST_CASE("ethers opens our key files and we open those of ethers", "[interop]") {
  SystemRandom random;
  // A key that begins with a zero octet, which careless programs lose.
  base::Bytes octets = random.bytes(32);
  octets[0] = 0;
  const auto key = PrivateKey::from_bytes(octets);
  REQUIRE(key);
  const std::string text = base::to_hex_prefixed(octets);
  const std::string ours = seal_keystore(*key, base::Secret(std::string(kPassword)), random);
  const auto answer = testing::run_node(
      "keystore.mjs", base::Json::object({{"privateKey", text},
                                          {"password", kPassword},
                                          {"file", base::Json::parse(ours, "ours")}}));
  if (!answer) return;
  CHECK((*answer)["opened"]["privateKey"].as_string() == text);
  CHECK((*answer)["opened"]["address"].as_string() == (*answer)["address"].as_string());
  CHECK(key_in((*answer)["cheap"]) == text);
  CHECK(key_in((*answer)["words"]) == (*answer)["wordsKey"].as_string());
  const auto address = Keystore::parse((*answer)["cheap"].as_string(), "ethers.json").address();
  REQUIRE(address);
  CHECK(eth::Address(*address).to_string() == (*answer)["address"].as_string());
}

}  // namespace ecloud::crypto
