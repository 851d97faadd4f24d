#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"
#include "ecloud/crypto/random.h"

namespace ecloud::crypto {

/// Compact JWE (RFC 7516) with RSA-OAEP-256 (RFC 7518 section 4.3) and A256GCM (section 5.3).

/// Encrypts for the RSA public key in `public_key_pem` (SubjectPublicKeyInfo; at least 2048 bits).
/// The protected header is {"alg":"RSA-OAEP-256","enc":"A256GCM"} and then `extra_headers` in
/// order, as compact JSON; a name must not come twice. The content key and nonce come from `random`
/// (the padding of OAEP from OpenSSL's own generator). Throws Error{kUsage,
/// "crypto.invalid_public_key"}.
std::string jwe_encrypt(std::string_view public_key_pem, base::ByteView plaintext,
                        const std::vector<std::pair<std::string, std::string>>& extra_headers,
                        Random& random);

/// The protected header of a compact JWE as JSON text, without any key. Nothing when `compact` does
/// not have five parts or its header is not in base64url. Nobody has authenticated it: only whoever
/// decrypts the JWE learns that the header belongs to the ciphertext.
std::optional<std::string> jwe_protected_header(std::string_view compact);

struct JweContent {
  std::string protected_header;  ///< the JSON text, decoded
  base::Secret plaintext;
};

/// Decrypts with an RSA private key (PKCS#8 or PKCS#1 PEM). Accepts only alg RSA-OAEP-256 and enc
/// A256GCM, without zip and crit. Throws Error{kVerification, "crypto.jwe"} that says which part is
/// wrong, and Error{kUsage, "crypto.invalid_private_key"}.
JweContent jwe_decrypt(const base::Secret& private_key_pem, std::string_view compact);

}  // namespace ecloud::crypto
