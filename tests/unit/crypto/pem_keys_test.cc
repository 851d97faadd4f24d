#include "ecloud/crypto/pem_keys.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/jwe.h"
#include "ecloud/crypto/random.h"
#include "support/catch.h"
#include "support/test_data.h"

namespace ecloud::crypto {
namespace {

using base::as_bytes;
using testing::test_data;

// Made with node's crypto.sign for the test key.
constexpr const char* kSignature =
    "3044022056d02b31a6bc9146f86fd4c023704ca4e2866e1281f8ca2bea22544d7406b801022019d1064ff0f6a39b"
    "690bd802397187e7b3d0a92f2e55a322973dc12f0ef520fa";

std::string public_key() {
  return test_data("crypto/test_key_p256.pub.pem");
}
base::Secret private_key() {
  return base::Secret(test_data("crypto/test_key_p256.pem"));
}

TEST_CASE("a P-256 signature made elsewhere is verified", "[crypto]") {
  base::Bytes signature = base::from_hex(kSignature).value();
  CHECK(p256_verify(public_key(), as_bytes("a message"), signature));
  CHECK_FALSE(p256_verify(public_key(), as_bytes("a massage"), signature));
  CHECK_FALSE(p256_verify(public_key(), {}, signature));
}

TEST_CASE("a changed or malformed signature is false, not an error", "[crypto]") {
  const base::Bytes good = base::from_hex(kSignature).value();
  for (std::size_t i = 0; i < good.size(); ++i) {
    CAPTURE(i);
    base::Bytes bad = good;
    bad[i] ^= 1;
    CHECK_FALSE(p256_verify(public_key(), as_bytes("a message"), bad));
  }
  base::Bytes longer = good;
  longer.push_back(0);
  CHECK_FALSE(p256_verify(public_key(), as_bytes("a message"), longer));
  CHECK_FALSE(p256_verify(public_key(), as_bytes("a message"), {}));
  CHECK_FALSE(p256_verify(public_key(), as_bytes("a message"), base::Bytes(64, 1)));
  CHECK_FALSE(
      p256_verify(public_key(), as_bytes("a message"), base::from_hex("3006020100020100").value()));
}

TEST_CASE("our own signature is verified by its key alone", "[crypto]") {
  const base::Bytes signature = p256_sign(private_key(), as_bytes("hello"));
  CHECK(p256_verify(public_key(), as_bytes("hello"), signature));
  const PemKeyPair other = generate_p256();
  CHECK_FALSE(p256_verify(other.public_key, as_bytes("hello"), signature));
}

TEST_CASE("keys of another kind are refused", "[crypto]") {
  const auto refusal = [](std::string_view pem) -> std::string {
    try {
      p256_verify(pem, {}, {});
    } catch (const Error& error) {
      CHECK(error.code() == "crypto.invalid_public_key");
      CHECK(error.category() == Category::kUsage);
      return error.message();
    }
    return "accepted";
  };
  CHECK(refusal("") == "the public key is not in PEM (SubjectPublicKeyInfo)");
  CHECK(refusal(test_data("crypto/test_key_p384.pub.pem")) ==
        "the public key is no key of the curve P-256");
  CHECK(refusal(test_data("crypto/test_key_rsa_2048.pub.pem")) ==
        "the public key is no key of the curve P-256");
  CHECK_THROWS_AS(p256_sign(base::Secret(test_data("crypto/test_key_rsa_2048.pem")), {}), Error);
}

TEST_CASE("fresh P-256 keys are in PEM and differ", "[crypto]") {
  const PemKeyPair one = generate_p256();
  const PemKeyPair two = generate_p256();
  CHECK(one.public_key != two.public_key);
  CHECK(one.private_key.reveal_text().substr(0, 28) == "-----BEGIN PRIVATE KEY-----\n");
  CHECK(one.public_key.substr(0, 27) == "-----BEGIN PUBLIC KEY-----\n");
  CHECK(p256_verify(one.public_key, as_bytes("x"), p256_sign(one.private_key, as_bytes("x"))));
}

TEST_CASE("a fresh RSA key encrypts and decrypts", "[crypto]") {
  SystemRandom random;
  const PemKeyPair pair = generate_rsa_4096();
  const std::string compact = jwe_encrypt(pair.public_key, as_bytes("secret"), {}, random);
  CHECK(jwe_decrypt(pair.private_key, compact).plaintext.reveal_text() == "secret");
  // 4096 bits are 512 octets, 683 characters of base64url.
  const std::size_t first = compact.find('.');
  CHECK(compact.find('.', first + 1) - first - 1 == 683);
}

}  // namespace
}  // namespace ecloud::crypto
