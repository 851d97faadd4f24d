#include "ecloud/attest/jwt.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::attest {
namespace {

constexpr std::size_t kMostOctets = std::size_t{1} << 20;
constexpr std::size_t kMostKeys = 256;

[[noreturn]] void refuse(const std::string& problem) {
  throw Error(Category::kVerification, "attest.token", "the token " + problem);
}

base::Json object_of(std::string_view encoded, const std::string& which) {
  const auto decoded = base::from_base64url(encoded);
  if (!decoded) refuse("has a " + which + " that is not base64url");
  const auto out = base::Json::try_parse(base::as_chars(*decoded));
  if (!out || !out->is_object()) refuse("has a " + which + " that is no JSON object");
  return *out;
}

std::optional<std::string> string_of(const base::Json& place) {
  if (!place.is_string()) return std::nullopt;
  return place.as_string();
}

std::optional<base::Bytes> octets_of(const base::Json& place) {
  const auto text = string_of(place);
  return text ? base::from_base64url(*text) : std::nullopt;
}

/// RFC 7518 section 6.2.1.1.
std::optional<crypto::KeyType> curve_of(const base::Json& place) {
  const auto name = string_of(place);
  if (name == "P-256") return crypto::KeyType::kP256;
  if (name == "P-384") return crypto::KeyType::kP384;
  if (name == "P-521") return crypto::KeyType::kP521;
  return std::nullopt;
}

std::optional<crypto::VerifyingKey> key_of(const base::Json& entry) {
  const auto type = string_of(entry["kty"]);
  if (type == "RSA") {
    const auto modulus = octets_of(entry["n"]);
    const auto exponent = octets_of(entry["e"]);
    if (!modulus || !exponent) return std::nullopt;
    return crypto::VerifyingKey::from_rsa(*modulus, *exponent);
  }
  const auto curve = curve_of(entry["crv"]);
  const auto x = octets_of(entry["x"]);
  const auto y = octets_of(entry["y"]);
  if (type != "EC" || !curve || !x || !y) return std::nullopt;
  return crypto::VerifyingKey::from_point(*curve, *x, *y);
}

std::string in_quotes(std::string_view text) {
  return "\"" + base::printable_line(text, 80) + "\"";
}

}  // namespace

Jwt parse_jwt(std::string_view compact) {
  if (compact.size() > kMostOctets) refuse("is longer than 1 MiB");
  const std::string_view text = base::trim(compact);
  const auto parts = base::split(text, '.');
  if (parts.size() != 3) {
    refuse("has " + std::to_string(parts.size()) + " parts between dots, and a JWT has three");
  }
  Jwt token;
  token.header = object_of(parts[0], "header");
  token.claims = object_of(parts[1], "content");
  const auto signature = base::from_base64url(parts[2]);
  if (!signature) refuse("has a signature that is not base64url");
  token.signature = *signature;
  token.signed_text = parts[0] + "." + parts[1];
  const auto algorithm = string_of(token.header["alg"]);
  if (!algorithm) refuse("names no algorithm in its header");
  token.algorithm = *algorithm;
  if (token.header["crit"].exists()) refuse("asks for an extension (\"crit\") in its header");
  token.key_id = string_of(token.header["kid"]);
  return token;
}

std::vector<JsonWebKey> parse_key_set(std::string_view text) {
  const auto fail = [](const std::string& problem) -> Error {
    return {Category::kVerification, "attest.key_set", "the key set " + problem};
  };
  if (text.size() > kMostOctets) throw fail("is longer than 1 MiB");
  const auto document = base::Json::try_parse(text);
  if (!document || !(*document)["keys"].is_array()) throw fail("is no JSON with \"keys\"");
  const auto entries = (*document)["keys"].elements();
  if (entries.size() > kMostKeys) throw fail("has more than 256 keys");
  std::vector<JsonWebKey> out;
  for (const base::Json& entry : entries) {
    if (entry["use"].exists() && string_of(entry["use"]) != "sig") continue;
    if (entry["alg"].exists() && !entry["alg"].is_string()) continue;
    auto key = key_of(entry);
    if (!key) continue;
    out.push_back({string_of(entry["kid"]).value_or(""), string_of(entry["alg"]), *std::move(key)});
  }
  if (out.empty()) throw fail("has no RSA or EC key that verifies signatures");
  return out;
}

JwtVerdict verify_jwt(const Jwt& token, const std::vector<JsonWebKey>& keys) {
  const auto algorithm = crypto::signature_algorithm(token.algorithm);
  if (!algorithm) {
    return {false, "the algorithm " + in_quotes(token.algorithm) +
                       " is no signature with a public key (RS, PS, ES with 256, 384, 512)"};
  }
  bool has_key = false, has_fitting = false;
  for (const JsonWebKey& key : keys) {
    if (token.key_id && key.key_id != *token.key_id) continue;
    has_key = true;
    if (!key.key.fits(*algorithm) || key.algorithm.value_or(token.algorithm) != token.algorithm) {
      continue;
    }
    has_fitting = true;
    if (key.key.verify(*algorithm, base::as_bytes(token.signed_text), token.signature)) {
      return {true, token.algorithm + " by key " + in_quotes(key.key_id)};
    }
  }
  const std::string key = token.key_id ? "key " + in_quotes(*token.key_id) : "key";
  if (has_fitting)
    return {false, "no " + key + " of the key set signed it with " + token.algorithm};
  if (!has_key) return {false, "the key set has no " + key};
  return {false, "no " + key + " of the key set is for " + token.algorithm};
}

}  // namespace ecloud::attest
