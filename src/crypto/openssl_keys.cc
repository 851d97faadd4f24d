#include "crypto/openssl_keys.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <string>

#include "ecloud/base/error.h"

namespace ecloud::crypto {
namespace {

constexpr int kLeastRsaBits = 2048;  // RFC 7518 section 4.3

/// Without this OpenSSL would ask for the password of an encrypted key on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

/// Why `key` is not of that kind; empty when it is.
std::string kind_problem(const EVP_PKEY* key, KeyKind kind) {
  if (kind == KeyKind::kRsa) {
    if (::EVP_PKEY_is_a(key, "RSA") != 1) return "is no RSA key";
    const int bits = ::EVP_PKEY_get_bits(key);
    if (bits >= kLeastRsaBits) return {};
    return "is an RSA key of " + std::to_string(bits) + " bits, and 2048 are the least";
  }
  char group[64] = {};
  const bool is_p256 = ::EVP_PKEY_is_a(key, "EC") == 1 &&
                       ::EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1 &&
                       std::string_view(group) == "prime256v1";
  return is_p256 ? std::string() : "is no key of the curve P-256";
}

BioPtr memory_of(std::string_view text) {
  return BioPtr(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

PkeyPtr read_public_key(std::string_view pem, KeyKind kind) {
  const BioPtr memory = memory_of(pem);
  PkeyPtr key(::PEM_read_bio_PUBKEY(memory.get(), nullptr, no_password, nullptr));
  const std::string problem =
      key ? kind_problem(key.get(), kind) : "is not in PEM (SubjectPublicKeyInfo)";
  ::ERR_clear_error();
  if (!problem.empty()) {
    throw Error(Category::kUsage, "crypto.invalid_public_key", "the public key " + problem);
  }
  return key;
}

PkeyPtr read_private_key(const base::Secret& pem, KeyKind kind) {
  const BioPtr memory = memory_of(pem.reveal_text());
  PkeyPtr key(::PEM_read_bio_PrivateKey(memory.get(), nullptr, no_password, nullptr));
  const std::string problem =
      key ? kind_problem(key.get(), kind) : "is not in PEM (PKCS#8) without a password";
  ::ERR_clear_error();
  if (!problem.empty()) {
    throw Error(Category::kUsage, "crypto.invalid_private_key", "the private key " + problem);
  }
  return key;
}

}  // namespace ecloud::crypto
