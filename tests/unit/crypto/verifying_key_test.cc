#include "ecloud/crypto/verifying_key.h"

#include "ecloud/base/hex.h"
#include "ecloud/crypto/hash.h"
#include "support/catch.h"
#include "support/literals.h"
#include "support/tdx_pki.h"

namespace ecloud::crypto {
namespace {

using testing::unhex;

/// RFC 6979 appendix A.2.5 (P-256) and A.2.6 (P-384): the key, and its signatures over "sample".
const char* const kX256 = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
const char* const kY256 = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const char* const kSample256 =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
const char* const kX384 =
    "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
    "def8f0ea9055866064a254515480bc13";
const char* const kY384 =
    "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
    "288b231c3ae0d4fe7344fd2533264720";
const char* const kSample384 =
    "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
    "81a648152e44acf96e36dd1e80fabe46"
    "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
    "a329c145786e679e7b82c71a38628ac8";

}  // namespace

TEST_CASE("published signatures over curves are verified", "[crypto]") {
  const auto p256 = VerifyingKey::from_point(KeyType::kP256, unhex(kX256), unhex(kY256));
  const auto p384 = VerifyingKey::from_point(KeyType::kP384, unhex(kX384), unhex(kY384));
  REQUIRE(p256);
  REQUIRE(p384);
  const base::ByteView message = base::as_bytes("sample");
  CHECK(p256->verify(SignatureAlgorithm::kEs256, message, unhex(kSample256)));
  CHECK(p384->verify(SignatureAlgorithm::kEs384, message, unhex(kSample384)));
  CHECK_FALSE(
      p256->verify(SignatureAlgorithm::kEs256, base::as_bytes("Sample"), unhex(kSample256)));
  // Neither another algorithm nor another length is taken.
  CHECK_FALSE(p256->verify(SignatureAlgorithm::kEs384, message, unhex(kSample256)));
  CHECK_FALSE(p256->verify(SignatureAlgorithm::kRs256, message, unhex(kSample256)));
  CHECK_FALSE(p256->fits(SignatureAlgorithm::kEs384));
  CHECK_FALSE(p256->verify(SignatureAlgorithm::kEs256, message, {}));
  CHECK_FALSE(p256->verify(SignatureAlgorithm::kEs256, message, base::Bytes(64, 0)));
  CHECK_FALSE(p256->verify(SignatureAlgorithm::kEs256, message, base::Bytes(64, 0xff)));
  base::Bytes longer = unhex(kSample256);
  longer.insert(longer.begin(), 0);
  CHECK_FALSE(p256->verify(SignatureAlgorithm::kEs256, message, longer));
  for (std::size_t i = 0; i < 64; ++i) {
    base::Bytes changed = unhex(kSample256);
    changed[i] ^= 1;
    CHECK_FALSE(p256->verify(SignatureAlgorithm::kEs256, message, changed));
  }
}

TEST_CASE("points off the curve are no keys", "[crypto]") {
  CHECK_FALSE(VerifyingKey::from_point(KeyType::kP256, unhex(kY256), unhex(kX256)));
  CHECK_FALSE(VerifyingKey::from_point(KeyType::kP256, base::Bytes(32, 0), base::Bytes(32, 0)));
  CHECK_FALSE(VerifyingKey::from_point(KeyType::kP384, unhex(kX256), unhex(kY256)));
  CHECK_FALSE(VerifyingKey::from_point(KeyType::kRsa, unhex(kX256), unhex(kY256)));
  CHECK_FALSE(VerifyingKey::from_spki({}));
  CHECK_FALSE(VerifyingKey::from_rsa(base::Bytes(255, 0xff), base::Bytes{1, 0, 1}));
  CHECK_FALSE(VerifyingKey::from_rsa(base::Bytes(4096, 0xff), base::Bytes{1, 0, 1}));
  CHECK_FALSE(VerifyingKey::from_rsa(base::Bytes(256, 0xff), base::Bytes{}));
  CHECK_FALSE(VerifyingKey::from_rsa(base::Bytes(256, 0xff), base::Bytes{1}));
  CHECK_FALSE(VerifyingKey::from_rsa(base::Bytes(256, 0xff), base::Bytes(9, 1)));
}

TEST_CASE("only names of asymmetric signatures are algorithms", "[crypto]") {
  CHECK(signature_algorithm("PS384") == SignatureAlgorithm::kPs384);
  CHECK(signature_algorithm("ES512") == SignatureAlgorithm::kEs512);
  for (const char* name : {"none", "HS256", "rs256", "RS", "", "ES256K", "EdDSA"}) {
    CHECK_FALSE(signature_algorithm(name));
  }
}

TEST_CASE("SHA-384 hashes as published", "[crypto]") {
  // FIPS 180-4 example: "abc".
  CHECK(base::to_hex(sha384(base::as_bytes("abc"))) ==
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        "8086072ba1e7cc2358baeca134c825a7");
}

}  // namespace ecloud::crypto
