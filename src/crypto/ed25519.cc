#include "crypto/openssl_keys.h"
#include "ecloud/base/error.h"
#include "ecloud/crypto/hd.h"

namespace ecloud::crypto {

base::Bytes32 ed25519_public_key(const base::Secret& private_key) {
  if (private_key.size() != 32) fail_bug("an ed25519 private key has 32 octets");
  const PkeyPtr key(::EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, private_key.reveal().data(), private_key.size()));
  base::Bytes32 out;
  std::size_t size = out.size();
  if (!key || ::EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1) {
    fail_bug("ed25519 gives no public key");
  }
  return out;
}

}  // namespace ecloud::crypto
