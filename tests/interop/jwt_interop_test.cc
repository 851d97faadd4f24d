#include "ecloud/attest/jwt.h"
#include "interop/node_program.h"
#include "support/jwt_maker.h"

namespace ecloud::attest {
namespace {

using base::Json;

const std::vector<std::string> kAlgorithms = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                              "PS512", "ES256", "ES384", "ES512"};

Json claims() {
  return Json::object(
      {{"iss", "https://issuer.example"}, {"exp", 1780275000}, {"name", "\xc3\xa4\xe2\x82\xac"}});
}

std::optional<Json> run_jose(Json algorithms, Json verify) {
  return testing::run_node("jwt.mjs", Json::object({{"now", 1780272000},
                                                    {"claims", claims()},
                                                    {"algorithms", std::move(algorithms)},
                                                    {"verify", std::move(verify)}}));
}

}  // namespace

TEST_CASE("tokens made by jose are verified with every algorithm", "[interop]") {
  const auto result = run_jose(Json::strings(kAlgorithms), Json::array());
  if (!result) return;
  REQUIRE((*result)["made"].size() == kAlgorithms.size());
  std::string other_keys;
  for (const Json& made : (*result)["made"].elements()) {
    const std::string algorithm = made["algorithm"].as_string();
    CAPTURE(algorithm);
    const std::string keys = made["keys"].dump();
    const Jwt token = parse_jwt(made["token"].as_string());
    CHECK(token.claims.equals(claims()));
    const JwtVerdict verdict = verify_jwt(token, parse_key_set(keys));
    CHECK(verdict.valid);
    CHECK(verdict.text == algorithm + " by key \"one\"");
    // The key of another token of the same id.
    if (!other_keys.empty()) {
      CHECK_FALSE(verify_jwt(token, parse_key_set(other_keys)).valid);
    }
    other_keys = keys;
  }
}

TEST_CASE("jose verifies the tokens that the tests make", "[interop]") {
  // What the tests forge is made with these.
  Json verify = Json::array();
  for (const char* algorithm : {"RS256", "PS256", "PS384", "ES256", "ES384", "ES512"}) {
    const testing::JwtSigner signer(algorithm, "k");
    verify.push(Json::object({{"token", signer.sign(claims())}, {"key", signer.public_key()}}));
  }
  const auto result = run_jose(Json::array(), verify);
  if (!result) return;
  REQUIRE((*result)["verified"].size() == 6);
  for (const Json& verified : (*result)["verified"].elements()) CHECK(verified.equals(claims()));
}

}  // namespace ecloud::attest
