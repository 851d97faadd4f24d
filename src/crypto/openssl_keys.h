#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>

#include <memory>
#include <string_view>

#include "ecloud/base/secret.h"

namespace ecloud::crypto {

template <auto kFree>
struct OpensslFree {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};

using BioPtr = std::unique_ptr<BIO, OpensslFree<&::BIO_free_all>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<&::EVP_PKEY_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<&::EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, OpensslFree<&::EVP_MD_CTX_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<&::EVP_CIPHER_CTX_free>>;

enum class KeyKind { kRsa, kP256 };

/// The key of a SubjectPublicKeyInfo PEM. Throws Error{kUsage, "crypto.invalid_public_key"} for
/// anything else, another kind, and RSA below 2048 bits.
PkeyPtr read_public_key(std::string_view pem, KeyKind kind);

/// The key of a PKCS#8 (or PKCS#1, SEC 1) PEM without a password.
/// Throws Error{kUsage, "crypto.invalid_private_key"}.
PkeyPtr read_private_key(const base::Secret& pem, KeyKind kind);

}  // namespace ecloud::crypto
