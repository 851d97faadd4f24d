#include "ecloud/crypto/jwe.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/counting_random.h"
#include "support/test_data.h"

namespace ecloud::crypto {
namespace {

using testing::test_data;

std::string public_key() {
  return test_data("crypto/test_key_rsa_2048.pub.pem");
}

base::Secret private_key(std::string_view name = "test_key_rsa_2048.pem") {
  return base::Secret(test_data("crypto/" + std::string(name)));
}

base::Json jose() {
  return testing::test_data_json("crypto/jose.json");
}

/// The whole message of the refusal of `compact`.
std::string refusal(std::string_view compact, const base::Secret& key) {
  try {
    jwe_decrypt(key, compact);
  } catch (const Error& error) {
    CHECK(error.category() == Category::kVerification);
    CHECK(error.code() == "crypto.jwe");
    return error.message();
  }
  return "accepted";
}

std::string refusal(std::string_view compact) {
  return refusal(compact, private_key());
}

/// `compact` with part `index` replaced by what `change` makes of its octets.
template <typename Change>
std::string with_part(const std::string& compact, std::size_t index, Change change) {
  std::vector<std::string> parts = base::split(compact, '.');
  REQUIRE(parts.size() == 5);
  base::Bytes octets = base::from_base64url(parts[index]).value();
  change(octets);
  parts[index] = base::to_base64url(octets);
  return base::join(parts, ".");
}

std::string with_header(const std::string& compact, std::string_view header) {
  return with_part(compact, 0, [&](base::Bytes& octets) { octets = base::to_bytes(header); });
}

TEST_CASE("a JWE made by jose is decrypted", "[crypto]") {
  // jose 6 CompactEncrypt for the test key.
  const JweContent content = jwe_decrypt(private_key(), jose()["compact"].as_string());
  CHECK(content.protected_header == jose()["header"].as_string());
  CHECK(content.plaintext.reveal_text() == jose()["plaintext"].as_string());
  CHECK(jwe_decrypt(private_key(), jose()["empty"].as_string()).plaintext.empty());
}

TEST_CASE("a PKCS#1 private key decrypts as the PKCS#8 one", "[crypto]") {
  const JweContent content =
      jwe_decrypt(private_key("test_key_rsa_2048.pkcs1.pem"), jose()["compact"].as_string());
  CHECK(content.plaintext.reveal_text() == jose()["plaintext"].as_string());
}

TEST_CASE("our own JWE is decrypted again, whatever its length", "[crypto]") {
  SystemRandom random;
  for (const std::size_t size : {0, 1, 15, 16, 17, 100000}) {
    const base::Bytes plaintext = random.bytes(size);
    const std::string compact = jwe_encrypt(public_key(), plaintext, {}, random);
    const JweContent content = jwe_decrypt(private_key(), compact);
    CHECK(content.protected_header == R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})");
    CHECK(base::equal_constant_time(content.plaintext.reveal(), plaintext));
  }
}

TEST_CASE("header, nonce, ciphertext and tag are the expected octets", "[crypto]") {
  // Key 00 to 1f and nonce 20 to 2b; made with node's createCipheriv.
  testing::CountingRandom random;
  const std::string compact =
      jwe_encrypt(public_key(), base::as_bytes(R"({"A":"b"})"),
                  {{"x-eigenx-app-id", "0xabc"}, {"b", "2"}, {"a", "1"}}, random);
  const std::vector<std::string> parts = base::split(compact, '.');
  REQUIRE(parts.size() == 5);
  CHECK(parts[0] ==
        "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIiwieC1laWdlbngtYXBwLWlkIjoiMHhhYmMiLC"
        "JiIjoiMiIsImEiOiIxIn0");
  CHECK(base::from_base64url(parts[1]).value().size() == 256);
  CHECK(parts[2] == "ICEiIyQlJicoKSor");
  CHECK(parts[3] == "qRjnUla6eCxn");
  CHECK(parts[4] == "qAKnIofKZQq3TfVyGhidxg");
  CHECK(jwe_decrypt(private_key(), compact).protected_header ==
        R"({"alg":"RSA-OAEP-256","enc":"A256GCM","x-eigenx-app-id":"0xabc","b":"2","a":"1"})");
}

TEST_CASE("header values are escaped as JSON", "[crypto]") {
  SystemRandom random;
  const std::string compact = jwe_encrypt(public_key(), {}, {{"k", "a\"b\\\n\xc3\xa4"}}, random);
  CHECK(jwe_decrypt(private_key(), compact).protected_header ==
        "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"k\":\"a\\\"b\\\\\\n\xc3\xa4\"}");
}

TEST_CASE("a header cannot be given twice", "[crypto]") {
  SystemRandom random;
  CHECK_THROWS_AS(jwe_encrypt(public_key(), {}, {{"alg", "none"}}, random), Error);
  CHECK_THROWS_AS(jwe_encrypt(public_key(), {}, {{"a", "1"}, {"a", "2"}}, random), Error);
}

TEST_CASE("every changed part of a JWE is refused", "[crypto]") {
  const std::string compact = jose()["compact"].as_string();
  const auto flip_first = [](base::Bytes& octets) { octets.front() ^= 1; };
  const auto flip_last = [](base::Bytes& octets) { octets.back() ^= 1; };
  const std::string does_not_fit =
      "the encrypted text (JWE) is refused: its tag does not fit its header, nonce and ciphertext";
  SECTION("another app id in the header") {
    CHECK(refusal(with_header(
              compact, R"({"alg":"RSA-OAEP-256","enc":"A256GCM","x-eigenx-app-id":"0xabd"})")) ==
          does_not_fit);
  }
  SECTION("the same header written with blanks") {
    CHECK(refusal(with_header(
              compact, R"({"alg": "RSA-OAEP-256","enc":"A256GCM","x-eigenx-app-id":"0xabc"})")) ==
          does_not_fit);
  }
  SECTION("encrypted key") {
    const std::string expected =
        "the encrypted text (JWE) is refused: its encrypted key is not for this private key";
    CHECK(refusal(with_part(compact, 1, flip_first)) == expected);
    CHECK(refusal(with_part(compact, 1, flip_last)) == expected);
    CHECK(refusal(with_part(compact, 1, [](base::Bytes& octets) { octets.pop_back(); })) ==
          expected);
    CHECK(refusal(with_part(compact, 1, [](base::Bytes& octets) { octets.clear(); })) == expected);
  }
  SECTION("nonce") {
    CHECK(refusal(with_part(compact, 2, flip_last)) == does_not_fit);
  }
  SECTION("ciphertext") {
    CHECK(refusal(with_part(compact, 3, flip_first)) == does_not_fit);
    CHECK(refusal(with_part(compact, 3, [](base::Bytes& octets) { octets.pop_back(); })) ==
          does_not_fit);
  }
  SECTION("tag") {
    CHECK(refusal(with_part(compact, 4, flip_last)) == does_not_fit);
  }
  SECTION("short nonce and tag") {
    CHECK(refusal(with_part(compact, 2, [](base::Bytes& octets) { octets.pop_back(); })) ==
          "the encrypted text (JWE) is refused: its nonce has not 12 octets");
    CHECK(refusal(with_part(compact, 4, [](base::Bytes& octets) { octets.pop_back(); })) ==
          "the encrypted text (JWE) is refused: its tag has not 16 octets");
  }
}

TEST_CASE("a text that is no compact JWE is refused", "[crypto]") {
  const std::string compact = jose()["compact"].as_string();
  CHECK(refusal("") == "the encrypted text (JWE) is refused: it has 1 parts, not 5");
  CHECK(refusal("a.b.c.d") == "the encrypted text (JWE) is refused: it has 4 parts, not 5");
  CHECK(refusal(compact + ".") == "the encrypted text (JWE) is refused: it has 6 parts, not 5");
  CHECK(refusal(compact + "\n") ==
        "the encrypted text (JWE) is refused: its tag is not in base64url");
  CHECK(refusal(compact + "==") ==
        "the encrypted text (JWE) is refused: its tag is not in base64url");
  CHECK(refusal("....") == "the encrypted text (JWE) is refused: its header is no JSON object");
  CHECK(refusal(with_header(compact, "[]")) ==
        "the encrypted text (JWE) is refused: its header is no JSON object");
}

TEST_CASE("other algorithms and unknown demands are refused", "[crypto]") {
  // The first three made by jose.
  CHECK(refusal(jose()["a128gcm"].as_string()) ==
        "the encrypted text (JWE) is refused: its enc is not A256GCM");
  CHECK(refusal(jose()["cbc"].as_string()) ==
        "the encrypted text (JWE) is refused: its enc is not A256GCM");
  CHECK(refusal(jose()["oaepSha1"].as_string()) ==
        "the encrypted text (JWE) is refused: its alg is not RSA-OAEP-256");
  const std::string compact = jose()["compact"].as_string();
  CHECK(refusal(with_header(compact, R"({"alg":["RSA-OAEP-256"],"enc":"A256GCM"})")) ==
        "the encrypted text (JWE) is refused: its alg is not RSA-OAEP-256");
  CHECK(refusal(with_header(compact, R"({"enc":"A256GCM"})")) ==
        "the encrypted text (JWE) is refused: its alg is not RSA-OAEP-256");
  CHECK(refusal(with_header(compact, R"({"alg":"RSA-OAEP-256","enc":"A256GCM","zip":"DEF"})")) ==
        "the encrypted text (JWE) is refused: its header has zip, which is not supported");
  CHECK(refusal(with_header(compact,
                            R"({"alg":"RSA-OAEP-256","enc":"A256GCM","crit":["x"],"x":"1"})")) ==
        "the encrypted text (JWE) is refused: its header has crit, which is not supported");
}

TEST_CASE("a JWE for another key is refused", "[crypto]") {
  CHECK(refusal(jose()["compact"].as_string(), private_key("test_key_other_rsa_2048.pem")) ==
        "the encrypted text (JWE) is refused: its encrypted key is not for this private key");
}

TEST_CASE("keys that do not fit are refused before anything is encrypted", "[crypto]") {
  SystemRandom random;
  const auto public_refusal = [&](std::string_view pem) -> std::string {
    try {
      jwe_encrypt(pem, {}, {}, random);
    } catch (const Error& error) {
      CHECK(error.code() == "crypto.invalid_public_key");
      CHECK(error.category() == Category::kUsage);
      return error.message();
    }
    return "accepted";
  };
  const std::string no_pem = "the public key is not in PEM (SubjectPublicKeyInfo)";
  CHECK(public_refusal("") == no_pem);
  CHECK(public_refusal("nonsense") == no_pem);
  CHECK(public_refusal(public_key().substr(0, 200)) == no_pem);
  CHECK(public_refusal(test_data("crypto/test_key_rsa_2048.pem")) == no_pem);
  CHECK(public_refusal(test_data("crypto/test_key_p256.pub.pem")) ==
        "the public key is no RSA key");
  CHECK(public_refusal(test_data("crypto/test_key_rsa_1024.pub.pem")) ==
        "the public key is an RSA key of 1024 bits, and 2048 are the least");
}

TEST_CASE("private keys that do not fit are refused, and no password is asked for", "[crypto]") {
  const auto private_refusal = [](const base::Secret& key) -> std::string {
    try {
      jwe_decrypt(key, "a.b.c.d.e");
    } catch (const Error& error) {
      CHECK(error.code() == "crypto.invalid_private_key");
      return error.message();
    }
    return "accepted";
  };
  const std::string no_pem = "the private key is not in PEM (PKCS#8) without a password";
  CHECK(private_refusal(base::Secret(std::string("nonsense"))) == no_pem);
  CHECK(private_refusal(base::Secret(public_key())) == no_pem);
  CHECK(private_refusal(private_key("test_key_rsa_2048.encrypted.pem")) == no_pem);
  CHECK(private_refusal(private_key("test_key_p256.pem")) == "the private key is no RSA key");
}

}  // namespace
}  // namespace ecloud::crypto
