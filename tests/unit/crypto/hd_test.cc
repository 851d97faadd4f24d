#include "ecloud/crypto/hd.h"

#include "ecloud/base/base58.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/hash.h"
#include "support/catch.h"
#include "support/test_data.h"

namespace ecloud::crypto {
namespace {

using base::Bytes;
using Path = std::vector<std::uint32_t>;

Bytes octets(std::string_view hex) {
  const auto bytes = base::from_hex(hex);
  REQUIRE(bytes);
  return *bytes;
}

Path path_of(std::string_view text) {
  const auto path = parse_derivation_path(text);
  REQUIRE(path);
  return *path;
}

template <typename Action>
std::string code_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.category() == Category::kUsage);
    return error.code();
  }
  return "nothing thrown";
}

TEST_CASE("the test vectors 1 to 4 of BIP-32 hold", "[crypto]") {
  const auto vectors = testing::test_data_json("crypto/bip32.json")["valid"].elements();
  REQUIRE(vectors.size() == 17);
  for (const base::Json& vector : vectors) {
    CAPTURE(vector["path"].as_string());
    const HdKey key = HdKey::from_seed(octets(vector["seed"].as_string()))
                          .derive(path_of(vector["path"].as_string()));
    const std::string xprv = vector["xprv"].as_string();
    const std::string xpub = vector["xpub"].as_string();
    CHECK(key.extended_private().reveal_text() == xprv);
    CHECK(key.extended_public() == xpub);
    CHECK(HdKey::from_extended(xprv).extended_public() == xpub);
    CHECK(HdKey::from_extended(xprv).extended_private().reveal_text() == xprv);
    CHECK(valid_extended_key(xprv));
    CHECK(valid_extended_key(xpub));
    CHECK(code_of([&] { HdKey::from_extended(xpub); }) == "crypto.invalid_extended_key");
  }
}

TEST_CASE("the invalid keys of BIP-32's test vector 5 are refused", "[crypto]") {
  const auto vectors = testing::test_data_json("crypto/bip32.json")["invalid"].elements();
  REQUIRE(vectors.size() == 16);
  for (const base::Json& vector : vectors) {
    CAPTURE(vector["problem"].as_string());
    const std::string key = vector["key"].as_string();
    CHECK_FALSE(valid_extended_key(key));
    CHECK(code_of([&] { HdKey::from_extended(key); }) == "crypto.invalid_extended_key");
  }
}

TEST_CASE("texts that are no extended keys are refused", "[crypto]") {
  const std::string good =
      testing::test_data_json("crypto/bip32.json")["valid"].at(0)["xprv"].as_string();
  for (const std::string& text :
       {std::string(), std::string("xprv"), good + "1", good.substr(0, 110), " " + good,
        "0" + good.substr(1), std::string(5000, 'z'), std::string(111, '1')}) {
    CAPTURE(text);
    CHECK_FALSE(valid_extended_key(text));
    CHECK(code_of([&] { HdKey::from_extended(text); }) == "crypto.invalid_extended_key");
  }
}

TEST_CASE("the error of a refused key does not repeat it", "[crypto]") {
  try {
    HdKey::from_extended("xprvSECRET");
    FAIL("it was accepted");
  } catch (const Error& error) {
    CHECK(error.message() == "the text is no valid extended private key (xprv)");
  }
}

TEST_CASE("a derivation continues from a node as from the seed", "[crypto]") {
  const HdKey master = HdKey::from_seed(Bytes(32, 7));
  const HdKey whole = master.derive(path_of("m/44'/60'/0'/0/3"));
  const HdKey parts = master.derive(path_of("m/44'/60'")).derive(path_of("m/0'/0/3"));
  CHECK(whole.extended_public() == parts.extended_public());
  CHECK(master.derive({}).extended_public() == master.extended_public());
}

TEST_CASE("a seed has 16 to 64 octets", "[crypto]") {
  for (const std::size_t size : {0, 15, 65, 1000}) {
    CHECK(code_of([&] { HdKey::from_seed(Bytes(size)); }) == "crypto.invalid_seed");
    CHECK(code_of([&] { slip10_ed25519(Bytes(size), {}); }) == "crypto.invalid_seed");
  }
  CHECK_NOTHROW(HdKey::from_seed(Bytes(16)));
  CHECK_NOTHROW(HdKey::from_seed(Bytes(64)));
}

TEST_CASE("derivation paths are read strictly", "[crypto]") {
  CHECK(parse_derivation_path("m") == Path{});
  CHECK(parse_derivation_path("m/0") == Path{0});
  CHECK(parse_derivation_path("m/44'/60'/0'/0/5") ==
        Path{44 + kHardened, 60 + kHardened, kHardened, 0, 5});
  CHECK(parse_derivation_path("m/44h/2147483647'") == Path{44 + kHardened, 0xffffffff});
  for (const char* text :
       {"",      "/",    "m/",    "M/0",          "0/1",           "m//0",
        "m/0/",  "m/-1", "m/+1",  "m/ 0",         "m/0 ",          "m/x",
        "m/0''", "m/'",  "m/0'h", "m/2147483648", "m/2147483648'", "m/18446744073709551616",
        "m/0x1", "mm/0", "m0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_derivation_path(text));
  }
}

TEST_CASE("a path ends at level 255", "[crypto]") {
  std::string deep = "m";
  for (int i = 0; i < 255; ++i) deep += "/0";
  REQUIRE(parse_derivation_path(deep));
  CHECK_FALSE(parse_derivation_path(deep + "/0"));
  const HdKey last = HdKey::from_seed(Bytes(16)).derive(*parse_derivation_path(deep));
  CHECK(code_of([&] { last.derive({0}); }) == "crypto.invalid_path");
}

TEST_CASE("the SLIP-10 vectors for ed25519 hold", "[crypto]") {
  // satoshilabs/slips slip-0010.md, vectors 1 and 2; public keys made again with @noble/curves.
  const auto vectors = testing::test_data_json("crypto/slip10_ed25519.json").elements();
  REQUIRE(vectors.size() == 12);
  for (const base::Json& vector : vectors) {
    CAPTURE(vector["path"].as_string());
    const base::Secret key =
        slip10_ed25519(octets(vector["seed"].as_string()), path_of(vector["path"].as_string()));
    CHECK(base::to_hex(key.reveal()) == vector["private"].as_string());
    CHECK(base::to_hex(ed25519_public_key(key)) == vector["public"].as_string());
  }
}

TEST_CASE("an ed25519 path with a normal index is refused", "[crypto]") {
  CHECK(code_of([] { slip10_ed25519(Bytes(16), {kHardened, 1}); }) == "crypto.invalid_path");
}

TEST_CASE("the ed25519 public key is that of RFC 8032", "[crypto]") {
  // Section 7.1, tests 1 and 2.
  CHECK(base::to_hex(ed25519_public_key(base::Secret(base::ByteView(
            octets("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))))) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(base::to_hex(ed25519_public_key(base::Secret(base::ByteView(
            octets("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))))) ==
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  CHECK_THROWS_AS(ed25519_public_key(base::Secret(base::ByteView(Bytes(31)))), Error);
}

TEST_CASE("the accounts of the well-known test phrase are those of other wallets", "[crypto]") {
  // Ethereum by ethers 6; Solana by node's crypto, @noble/curves and @scure/base.
  const base::Json data = testing::test_data_json("crypto/junk_accounts.json");
  const base::Secret seed = mnemonic_seed(data["mnemonic"].as_string());
  const HdKey master = HdKey::from_seed(seed.reveal());
  for (const base::Json& account : data["accounts"].elements()) {
    const std::string index = std::to_string(account["index"].as_u64());
    const HdKey node = master.derive(path_of("m/44'/60'/0'/0/" + index));
    CHECK(base::to_hex_prefixed(node.key().secret().reveal()) == account["privateKey"].as_string());
    const PublicKey point = node.key().public_key();
    const base::Bytes32 digest = keccak256(base::ByteView(point).subspan(1));
    CHECK(base::to_hex_prefixed(base::ByteView(digest).subspan(12)) ==
          account["address"].as_string());
    const base::Secret solana =
        slip10_ed25519(seed.reveal(), path_of("m/44'/501'/" + index + "'/0'"));
    CHECK(base::to_base58(ed25519_public_key(solana)) == account["solana"].as_string());
  }
}

}  // namespace
}  // namespace ecloud::crypto
