#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/base/json.h"
#include "ecloud/crypto/verifying_key.h"

namespace ecloud::attest {

/// A JSON Web Token in the compact form of JWS (RFC 7519, RFC 7515). Nothing of it has been
/// verified.
struct Jwt {
  base::Json header;
  base::Json claims;
  std::string algorithm;              ///< "alg", as written
  std::optional<std::string> key_id;  ///< "kid"
  std::string signed_text;            ///< what the signature is over
  base::Bytes signature;
};

/// Throws Error{kVerification, "attest.token"}: not three parts in base64url, no JSON objects, no
/// "alg", or "crit" (RFC 7515 section 4.1.11: there is no extension that is understood here).
Jwt parse_jwt(std::string_view compact);

/// A public key of a key set (RFC 7517).
struct JsonWebKey {
  std::string key_id;                    ///< empty without one
  std::optional<std::string> algorithm;  ///< "alg", when the key is for one alone
  crypto::VerifyingKey key;
};

/// The keys of a set that verify signatures: RSA and EC, "use" sig or none. Others, also symmetric
/// and malformed ones, are left out. Throws Error{kVerification, "attest.key_set"} when the text is
/// no key set or no key of it is usable.
std::vector<JsonWebKey> parse_key_set(std::string_view text);

/// Whether a key of the set signed the token.
struct JwtVerdict {
  bool valid = false;
  std::string text;  ///< which key and algorithm; or why not
};

/// The algorithm has to be an asymmetric one, the one that the key is for, and one of the key's
/// type; only then a key is tried. A key set may name several keys by one id (Intel Trust Authority
/// does): all that fit are tried. A token that names a key is verified by keys of that id alone.
JwtVerdict verify_jwt(const Jwt& token, const std::vector<JsonWebKey>& keys);

}  // namespace ecloud::attest
