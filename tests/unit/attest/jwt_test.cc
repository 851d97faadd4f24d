#include "ecloud/attest/jwt.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/failure.h"
#include "support/jwt_maker.h"

namespace ecloud::attest {
namespace {

using base::Json;
using testing::JwtSigner;
using testing::key_set_of;

const Json kClaims = Json::object({{"iss", "me"}, {"n", 1}});

JwtVerdict verdict(const std::string& token, const std::vector<Json>& keys) {
  return verify_jwt(parse_jwt(token), parse_key_set(key_set_of(keys)));
}

std::string encoded(std::string_view text) {
  return base::to_base64url(base::as_bytes(text));
}

std::string refusal(const std::string& token) {
  const Error error = testing::failure_of([&] { parse_jwt(token); });
  CHECK(error.code() == "attest.token");
  CHECK(error.category() == Category::kVerification);
  return error.message();
}

/// RFC 7515 appendix A.3: the key, and the token that it signed with ES256.
constexpr const char* kRfcKeys =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
constexpr const char* kRfcToken =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

}  // namespace

TEST_CASE("the token of RFC 7515 is verified", "[attest]") {
  const Jwt token = parse_jwt(kRfcToken);
  CHECK(token.algorithm == "ES256");
  CHECK(token.claims["iss"].as_string() == "joe");
  CHECK(!token.key_id);
  const auto keys = parse_key_set(kRfcKeys);
  const JwtVerdict good = verify_jwt(token, keys);
  CHECK(good.valid);
  CHECK(good.text == "ES256 by key \"\"");
  std::string changed = kRfcToken;
  changed.back() = 'A';  // Q and A differ in a bit that counts
  changed[30] = changed[30] == 'a' ? 'b' : 'a';
  CHECK_THROWS_AS(verify_jwt(parse_jwt(changed), keys).valid, Error);
}

TEST_CASE("tokens of every asymmetric algorithm are verified", "[attest]") {
  for (const char* algorithm : {"RS256", "PS256", "PS384", "ES256", "ES384", "ES512"}) {
    CAPTURE(algorithm);
    const JwtSigner signer(algorithm, "k1"), other(algorithm, "k1");
    const std::string token = signer.sign(kClaims);
    CHECK(verdict(token, {signer.public_key()}).valid);
    CHECK(verdict(token, {signer.public_key()}).text == std::string(algorithm) + " by key \"k1\"");
    CHECK(verdict(token, {other.public_key()}).text ==
          "no key \"k1\" of the key set signed it with " + std::string(algorithm));
    // Two keys of one id, as Intel Trust Authority has them.
    CHECK(verdict(token, {other.public_key(), signer.public_key()}).valid);
    CHECK(verdict(token, {signer.public_key(), other.public_key()}).valid);
  }
}

TEST_CASE("a key of another id or algorithm is not tried", "[attest]") {
  const JwtSigner rsa("RS256", "k1"), curve("ES256", "k1");
  const std::string token = rsa.sign(kClaims);
  Json renamed = rsa.public_key();
  renamed.set("kid", "k2");
  CHECK(verdict(token, {renamed}).text == "the key set has no key \"k1\"");
  CHECK(verdict(token, {curve.public_key()}).text == "no key \"k1\" of the key set is for RS256");
  Json pss = rsa.public_key();
  pss.set("alg", "PS256");
  CHECK(verdict(token, {pss}).text == "no key \"k1\" of the key set is for RS256");
  // Without "alg" the type of the key decides.
  const Json bare = Json::object({{"kty", "RSA"},
                                  {"kid", "k1"},
                                  {"n", rsa.public_key()["n"].as_string()},
                                  {"e", rsa.public_key()["e"].as_string()}});
  CHECK(verdict(token, {bare}).valid);
  // A token that names no key is tried with all that fit.
  CHECK(verdict(JwtSigner("ES256", "").sign(kClaims), {curve.public_key()}).text ==
        "no key of the key set signed it with ES256");
}

TEST_CASE("a token without a signature is refused", "[attest]") {
  const JwtSigner signer("RS256", "k1");
  for (const char* name : {"none", "None", "NONE", "", "HS256", "HS512", "RS1", "EdDSA"}) {
    CAPTURE(name);
    const std::string token =
        encoded(Json::object({{"alg", name}, {"kid", "k1"}}).dump()) + "." + encoded("{}") + ".";
    const JwtVerdict found = verdict(token, {signer.public_key()});
    CHECK_FALSE(found.valid);
    CHECK(found.text == "the algorithm \"" + std::string(name) +
                            "\" is no signature with a public key (RS, PS, ES with 256, 384, 512)");
  }
}

TEST_CASE("the public key is not taken for a secret", "[attest]") {
  const JwtSigner signer("RS256", "k1");
  const Json header = Json::object({{"alg", "HS256"}, {"kid", "k1"}});
  for (const std::string& secret :
       {signer.public_pem(), signer.public_key()["n"].as_string(), std::string()}) {
    CHECK_FALSE(verdict(testing::sign_hs256(header, kClaims, secret), {signer.public_key()}).valid);
  }
  // The same with a symmetric key in the set: it is not one of its keys.
  const Json symmetric =
      Json::object({{"kty", "oct"}, {"k", encoded("secret")}, {"kid", "k1"}, {"alg", "HS256"}});
  CHECK_FALSE(
      verdict(testing::sign_hs256(header, kClaims, "secret"), {signer.public_key(), symmetric})
          .valid);
  // A signature of one algorithm under the name of another one of the same key.
  const std::string token = signer.sign(kClaims, Json::object({{"alg", "PS256"}}));
  Json bare = signer.public_key();
  CHECK_FALSE(verdict(token, {bare.set("alg", "PS256")}).valid);
  CHECK_FALSE(verdict(token, {signer.public_key()}).valid);
}

TEST_CASE("keys that come with the token are not used", "[attest]") {
  const JwtSigner honest("ES256", "k1"), attacker("ES256", "k1");
  const std::string token = attacker.sign(
      kClaims, Json::object({{"jwk", attacker.public_key()}, {"x5c", Json::strings({"MIIB"})}}));
  CHECK_FALSE(verdict(token, {honest.public_key()}).valid);
}

TEST_CASE("every changed character of a token is found", "[attest]") {
  const JwtSigner signer("ES256", "k1");
  const auto keys = parse_key_set(key_set_of({signer.public_key()}));
  const std::string token = signer.sign(kClaims);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    try {
      if (verify_jwt(parse_jwt(changed), keys).valid) FAIL("accepted with character " << i);
    } catch (const Error& error) {
      if (error.code() != "attest.token") FAIL(error.code());
    }
    std::string cut = token.substr(0, i);
    try {
      if (verify_jwt(parse_jwt(cut), keys).valid) FAIL("accepted with " << i << " characters");
    } catch (const Error& error) {
      if (error.code() != "attest.token") FAIL(error.code());
    }
  }
}

TEST_CASE("what is no token is named", "[attest]") {
  const std::string header = encoded(R"({"alg":"RS256"})");
  CHECK(refusal("") == "the token has 1 parts between dots, and a JWT has three");
  CHECK(refusal("a.b.c.d.e") == "the token has 5 parts between dots, and a JWT has three");
  CHECK(refusal("*.e30.") == "the token has a header that is not base64url");
  CHECK(refusal("e30=.e30.") == "the token has a header that is not base64url");
  CHECK(refusal(encoded("[]") + ".e30.") == "the token has a header that is no JSON object");
  CHECK(refusal(header + "." + encoded("1") + ".") ==
        "the token has a content that is no JSON object");
  CHECK(refusal(header + ".e30.=") == "the token has a signature that is not base64url");
  CHECK(refusal("e30.e30.") == "the token names no algorithm in its header");
  CHECK(refusal(encoded(R"({"alg":1})") + ".e30.") == "the token names no algorithm in its header");
  CHECK(refusal(encoded(R"({"alg":"RS256","crit":["b64"],"b64":false})") + ".e30.") ==
        "the token asks for an extension (\"crit\") in its header");
  CHECK(refusal(std::string((1 << 20) + 1, 'a')) == "the token is longer than 1 MiB");
  CHECK(parse_jwt(" " + header + ".e30.\n").algorithm == "RS256");
}

TEST_CASE("a key set without a usable key is refused", "[attest]") {
  const auto problem = [](const std::string& text) {
    const Error error = testing::failure_of([&] { parse_key_set(text); });
    CHECK(error.code() == "attest.key_set");
    return error.message();
  };
  CHECK(problem("") == "the key set is no JSON with \"keys\"");
  CHECK(problem("{\"keys\":{}}") == "the key set is no JSON with \"keys\"");
  CHECK(problem("{\"keys\":[]}") == "the key set has no RSA or EC key that verifies signatures");
  const JwtSigner rsa("RS256", "r"), curve("ES256", "e");
  const auto is_left_out = [&](Json key) {
    CHECK_THROWS_AS(parse_key_set(key_set_of({key})), Error);
    CHECK(parse_key_set(key_set_of({key, curve.public_key()})).size() == 1);
  };
  Json key = rsa.public_key();
  is_left_out(key.set("use", "enc"));
  key = rsa.public_key();
  is_left_out(key.set("n", "AQAB"));  // far too short
  key = rsa.public_key();
  is_left_out(key.set("e", "AQAA"));  // even
  key = rsa.public_key();
  is_left_out(key.set("e", "AQ"));  // 1: everything would be a signature of itself
  key = rsa.public_key();
  is_left_out(key.set("n", "not base64url"));
  key = curve.public_key();
  is_left_out(key.set("crv", "P-384"));
  key = curve.public_key();
  is_left_out(key.set("x", key["y"].as_string()));  // off the curve
  key = curve.public_key();
  is_left_out(key.set("alg", 1));
  CHECK(parse_key_set(key_set_of({rsa.public_key(), curve.public_key()})).size() == 2);
}

}  // namespace ecloud::attest
