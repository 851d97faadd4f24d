#include "ecloud/crypto/aead.h"

#include <openssl/err.h>

#include <climits>

#include "crypto/openssl_keys.h"
#include "ecloud/base/error.h"

namespace ecloud::crypto {
namespace {

int int_size(base::ByteView bytes) {
  if (bytes.size() > INT_MAX) fail_bug("more than 2 GiB are encrypted at once");
  return static_cast<int>(bytes.size());
}

void require(bool worked) {
  if (!worked) fail_bug("AES-256-GCM failed");
}

/// A context with key, nonce and additional data in it. `encrypt` is 1 or 0.
CipherContextPtr begin(base::ByteView key, base::ByteView nonce, base::ByteView additional_data,
                       int encrypt) {
  if (key.size() != kGcmKeySize) fail_bug("an AES-256 key has 32 octets");
  if (nonce.size() != kGcmNonceSize) fail_bug("a GCM nonce has 12 octets here");
  CipherContextPtr context(::EVP_CIPHER_CTX_new());
  // 12 octets are the default length of OpenSSL's nonces.
  require(::EVP_CipherInit_ex(context.get(), ::EVP_aes_256_gcm(), nullptr, key.data(), nonce.data(),
                              encrypt) == 1);
  int size = 0;
  if (!additional_data.empty()) {
    require(::EVP_CipherUpdate(context.get(), nullptr, &size, additional_data.data(),
                               int_size(additional_data)) == 1);
  }
  return context;
}

void update(EVP_CIPHER_CTX* context, base::ByteView in, base::Bytes& out) {
  int size = 0;
  if (in.empty()) return;
  require(::EVP_CipherUpdate(context, out.data(), &size, in.data(), int_size(in)) == 1);
}

}  // namespace

Sealed aes256gcm_seal(base::ByteView key, base::ByteView nonce, base::ByteView additional_data,
                      base::ByteView plaintext) {
  const CipherContextPtr context = begin(key, nonce, additional_data, 1);
  Sealed out;
  out.ciphertext.resize(plaintext.size());
  update(context.get(), plaintext, out.ciphertext);
  int size = 0;
  std::uint8_t unused[kGcmTagSize];
  require(::EVP_CipherFinal_ex(context.get(), unused, &size) == 1);
  require(::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagSize,
                                out.tag.data()) == 1);
  return out;
}

std::optional<base::Secret> aes256gcm_open(base::ByteView key, base::ByteView nonce,
                                           base::ByteView additional_data, const Sealed& sealed) {
  const CipherContextPtr context = begin(key, nonce, additional_data, 0);
  base::Bytes plaintext(sealed.ciphertext.size());
  update(context.get(), sealed.ciphertext, plaintext);
  base::FixedBytes<kGcmTagSize> tag = sealed.tag;
  require(::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTagSize, tag.data()) ==
          1);
  int size = 0;
  std::uint8_t unused[kGcmTagSize];
  const bool authentic = ::EVP_CipherFinal_ex(context.get(), unused, &size) == 1;
  ::ERR_clear_error();
  std::optional<base::Secret> out;
  if (authentic) out.emplace(plaintext);
  base::wipe(plaintext.data(), plaintext.size());
  return out;
}

}  // namespace ecloud::crypto
