#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ecloud/base/json.h"

namespace ecloud::testing {

/// A key that signs JSON Web Tokens, for one algorithm: RS256, PS256, PS384, ES256, ES384, ES512.
class JwtSigner {
 public:
  JwtSigner(std::string algorithm, std::string key_id);

  /// The compact form. `header` is put before "alg" and "kid".
  std::string sign(const base::Json& claims, base::Json header = base::Json::object()) const;
  /// {"kty": …, "kid": …, "alg": …, "use": "sig"}.
  base::Json public_key() const;
  /// PEM, SubjectPublicKeyInfo.
  std::string public_pem() const;

 private:
  std::string algorithm_, key_id_;
  std::shared_ptr<void> key_;
};

/// {"keys": [...]}.
std::string key_set_of(const std::vector<base::Json>& keys);

/// "HEADER.CLAIMS.SIGNATURE" with HMAC-SHA-256 under `secret`.
std::string sign_hs256(const base::Json& header, const base::Json& claims,
                       const std::string& secret);

}  // namespace ecloud::testing
