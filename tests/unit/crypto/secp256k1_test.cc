#include "ecloud/crypto/secp256k1.h"

#include <type_traits>

#include "ecloud/base/hex.h"
#include "support/catch.h"
#include "support/test_data.h"

namespace ecloud::crypto {
namespace {

using base::Bytes;
using base::Bytes32;
using base::to_hex_prefixed;

// SEC 2 section 2.4.1: the group order n, its half rounded down, and n - 1.
constexpr const char* kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
constexpr const char* kBelowOrder =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
constexpr const char* kHalfOrder =
    "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
constexpr const char* kAboveHalf =
    "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1";

static_assert(!std::is_copy_constructible_v<PrivateKey>);
static_assert(!std::is_copy_assignable_v<PrivateKey>);

Bytes32 word(std::string_view hex) {
  const auto bytes = base::fixed_from_hex<32>(hex);
  REQUIRE(bytes);
  return *bytes;
}

PrivateKey key_of(std::string_view hex) {
  auto key = PrivateKey::from_hex(hex);
  REQUIRE(key);
  return std::move(*key);
}

/// n - s: the other s that fits the same message.
Bytes32 negated(const Bytes32& s) {
  Bytes32 out = word(kOrder);
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int digit = out[i] - s[i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    out[i] = static_cast<std::uint8_t>(digit + 256 * borrow);
  }
  return out;
}

TEST_CASE("keys and signatures are those of ethers and viem, octet for octet", "[crypto]") {
  // Made with ethers 6.13 and viem 2.38; both agree (RFC 6979). The digest of "Satoshi Nakamoto"
  // under key 1 is the published one.
  const auto signatures = testing::test_data_json("crypto/secp256k1_signatures.json").elements();
  REQUIRE(signatures.size() == 35);
  for (const base::Json& expected : signatures) {
    const PrivateKey key = key_of(expected["key"].as_string());
    const Bytes32 digest = word(expected["digest"].as_string());
    const RecoverableSignature signature = key.sign(digest);
    CHECK(to_hex_prefixed(signature.r) == expected["r"].as_string());
    CHECK(to_hex_prefixed(signature.s) == expected["s"].as_string());
    CHECK(signature.y_parity == expected["yParity"].as_u64());
    CHECK(to_hex_prefixed(key.public_key()) == expected["publicKey"].as_string());
    CHECK(to_hex_prefixed(key.compressed_public_key()) == expected["compressed"].as_string());
    CHECK(recover(digest, signature) == key.public_key());
  }
}

TEST_CASE("a private key is 32 octets from 1 to n - 1", "[crypto]") {
  CHECK(PrivateKey::from_hex(kBelowOrder));
  CHECK(PrivateKey::from_hex(std::string(63, '0') + "1"));
  CHECK_FALSE(PrivateKey::from_hex(kOrder));
  CHECK_FALSE(PrivateKey::from_hex(std::string(64, '0')));
  CHECK_FALSE(PrivateKey::from_hex(std::string(64, 'f')));
  CHECK_FALSE(PrivateKey::from_bytes({}));
  CHECK_FALSE(PrivateKey::from_bytes(Bytes(31, 1)));
  CHECK_FALSE(PrivateKey::from_bytes(Bytes(33, 1)));
  CHECK(PrivateKey::from_bytes(Bytes(32, 1)));
}

TEST_CASE("a private key may be pasted with 0x, in capitals and between blanks", "[crypto]") {
  const std::string digits = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
  const PublicKey expected = key_of(digits).public_key();
  CHECK(key_of("0x" + digits).public_key() == expected);
  CHECK(key_of(" \t0x" + digits + "\r\n").public_key() == expected);
  CHECK(key_of("AC0974BEC39A17E36BA4A6B4D238FF944BACB478CBED5EFCAE784D7BF4F2FF80").public_key() ==
        expected);
  CHECK_FALSE(PrivateKey::from_hex(""));
  CHECK_FALSE(PrivateKey::from_hex("0x"));
  CHECK_FALSE(PrivateKey::from_hex(digits.substr(1)));
  CHECK_FALSE(PrivateKey::from_hex(digits + "00"));
  CHECK_FALSE(PrivateKey::from_hex(digits.substr(0, 63) + "g"));
  CHECK_FALSE(PrivateKey::from_hex(digits.substr(0, 32) + " " + digits.substr(32)));
}

TEST_CASE("a clone of a key signs as the key does", "[crypto]") {
  const PrivateKey key = key_of(std::string(63, '0') + "7");
  const PrivateKey copy = key.clone();
  CHECK(copy.public_key() == key.public_key());
  CHECK(base::equal_constant_time(copy.secret().reveal(), key.secret().reveal()));
}

TEST_CASE("65 octets carry a signature with v 27 or 28", "[crypto]") {
  const PrivateKey key = key_of(kBelowOrder);
  const Bytes32 digest = word(std::string(64, 'a'));
  const RecoverableSignature signature = key.sign(digest);
  base::FixedBytes<65> octets = signature.with_v27();
  CHECK(octets[64] == 27 + signature.y_parity);

  for (const int parity : {0, 1}) {
    for (const int v : {parity, 27 + parity}) {
      octets[64] = static_cast<std::uint8_t>(v);
      const auto read = RecoverableSignature::from_v27(octets);
      REQUIRE(read);
      CHECK(read->y_parity == parity);
      CHECK(read->r == signature.r);
      CHECK(read->s == signature.s);
    }
  }
  for (const int v : {2, 3, 26, 29, 31, 35, 37, 255}) {
    octets[64] = static_cast<std::uint8_t>(v);
    CHECK_FALSE(RecoverableSignature::from_v27(octets));
  }
  CHECK_FALSE(RecoverableSignature::from_v27(base::ByteView(octets).first(64)));
  CHECK_FALSE(RecoverableSignature::from_v27(Bytes(66)));
  CHECK_FALSE(RecoverableSignature::from_v27({}));
}

TEST_CASE("a signature with a high s is refused", "[crypto]") {
  const PrivateKey key = key_of(std::string(63, '0') + "1");
  const Bytes32 digest = word(std::string(64, 'b'));
  const RecoverableSignature low = key.sign(digest);
  RecoverableSignature high = low;
  high.s = negated(low.s);
  high.y_parity = 1 - low.y_parity;
  // Mathematically it is the same key's: EIP-2 alone forbids it.
  CHECK_FALSE(recover(digest, high));
  CHECK(negated(high.s) == low.s);
}

TEST_CASE("the highest allowed s is half the group order", "[crypto]") {
  const Bytes32 digest = word(std::string(64, 'c'));
  RecoverableSignature signature;
  signature.r = key_of(std::string(63, '0') + "1").sign(digest).r;
  signature.s = word(kHalfOrder);
  CHECK(recover(digest, signature));
  signature.s = word(kAboveHalf);
  CHECK_FALSE(recover(digest, signature));
}

TEST_CASE("a signature out of range recovers nothing", "[crypto]") {
  const Bytes32 digest = word(std::string(64, 'd'));
  const RecoverableSignature good = key_of(std::string(63, '0') + "1").sign(digest);
  RecoverableSignature bad = good;
  SECTION("r is 0") {
    bad.r = {};
  }
  SECTION("s is 0") {
    bad.s = {};
  }
  SECTION("r is the group order") {
    bad.r = word(kOrder);
  }
  SECTION("s is the group order") {
    bad.s = word(kOrder);
  }
  SECTION("r is above the order") {
    bad.r = word(std::string(64, 'f'));
  }
  SECTION("the parity is 2") {
    bad.y_parity = 2;
  }
  SECTION("no point has that x") {
    bad.r = word(std::string(63, '0') + "5");
  }
  CHECK_FALSE(recover(digest, bad));
}

TEST_CASE("another digest or parity recovers another key", "[crypto]") {
  const PrivateKey key = key_of(std::string(63, '0') + "1");
  const Bytes32 digest = word(std::string(64, 'e'));
  RecoverableSignature signature = key.sign(digest);
  CHECK(recover(word(std::string(64, '1')), signature) != key.public_key());
  signature.y_parity = 1 - signature.y_parity;
  CHECK(recover(digest, signature) != key.public_key());
}

}  // namespace
}  // namespace ecloud::crypto
