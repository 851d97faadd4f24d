#pragma once

#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"

namespace ecloud::crypto {

/// Whether `signature_der` (ASN.1 DER, ECDSA over P-256, SHA-256) was made over `message` by the
/// key in `public_key_pem` (SubjectPublicKeyInfo). False for a malformed signature. Throws
/// Error{kUsage, "crypto.invalid_public_key"} when the key is not a P-256 one.
bool p256_verify(std::string_view public_key_pem, base::ByteView message,
                 base::ByteView signature_der);

/// The DER signature of `message` under a P-256 private key (PKCS#8 PEM without a password).
/// Throws Error{kUsage, "crypto.invalid_private_key"}.
base::Bytes p256_sign(const base::Secret& private_key_pem, base::ByteView message);

/// A fresh key pair in PEM: PKCS#8 and SubjectPublicKeyInfo. The devnet's KMS has one of each kind.
struct PemKeyPair {
  base::Secret private_key;
  std::string public_key;
};
PemKeyPair generate_rsa_4096();
PemKeyPair generate_p256();

}  // namespace ecloud::crypto
