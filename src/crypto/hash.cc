#include "ecloud/crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/secret.h"

namespace ecloud::crypto {
namespace {

constexpr std::size_t kHkdfLimit = 255 * 32;  // RFC 5869 section 2.3

void hmac(const EVP_MD* digest, ByteView key, ByteView data, std::span<std::uint8_t> out) {
  // OpenSSL takes a null pointer for a wish to stop before the end, also when the size is 0.
  static constexpr std::uint8_t kNothing = 0;
  const std::uint8_t* start = data.empty() ? &kNothing : data.data();
  unsigned size = 0;
  const std::uint8_t* result = ::HMAC(digest, key.data(), static_cast<int>(key.size()), start,
                                      data.size(), out.data(), &size);
  if (result == nullptr || size != out.size()) fail_bug("HMAC failed");
}

Bytes32 hmac_sha256(ByteView key, ByteView data) {
  Bytes32 out;
  hmac(::EVP_sha256(), key, data, out);
  return out;
}

EVP_MD_CTX* as_context(void* context) {
  return static_cast<EVP_MD_CTX*>(context);
}

}  // namespace

Bytes32 sha256(ByteView data) {
  Bytes32 out;
  if (::EVP_Digest(data.data(), data.size(), out.data(), nullptr, ::EVP_sha256(), nullptr) != 1) {
    fail_bug("SHA-256 failed");
  }
  return out;
}

base::FixedBytes<48> sha384(ByteView data) {
  base::FixedBytes<48> out;
  if (::EVP_Digest(data.data(), data.size(), out.data(), nullptr, ::EVP_sha384(), nullptr) != 1) {
    fail_bug("SHA-384 failed");
  }
  return out;
}

base::FixedBytes<64> hmac_sha512(ByteView key, ByteView data) {
  base::FixedBytes<64> out;
  hmac(::EVP_sha512(), key, data, out);
  return out;
}

base::Bytes hkdf_sha256(ByteView key, ByteView salt, ByteView info, std::size_t size) {
  if (size > kHkdfLimit) fail_bug("HKDF-SHA256 gives at most 8160 octets");
  Bytes32 pseudorandom_key = hmac_sha256(salt, key);
  base::Bytes out;
  Bytes32 block{};
  base::Bytes input;
  for (std::uint8_t counter = 1; out.size() < size; ++counter) {
    input.clear();
    if (counter > 1) base::append(input, block);
    base::append(input, info);
    input.push_back(counter);
    block = hmac_sha256(pseudorandom_key, input);
    base::append(out, ByteView(block).first(std::min(block.size(), size - out.size())));
  }
  base::wipe(pseudorandom_key.data(), pseudorandom_key.size());
  return out;
}

Sha256Stream::Sha256Stream() : context_(::EVP_MD_CTX_new()) {
  if (::EVP_DigestInit_ex(as_context(context_), ::EVP_sha256(), nullptr) != 1) {
    ::EVP_MD_CTX_free(as_context(context_));
    fail_bug("SHA-256 did not start");
  }
}

Sha256Stream::~Sha256Stream() {
  ::EVP_MD_CTX_free(as_context(context_));
}

void Sha256Stream::update(ByteView data) {
  if (context_ == nullptr) fail_bug("SHA-256 is fed after its end");
  if (::EVP_DigestUpdate(as_context(context_), data.data(), data.size()) != 1) {
    fail_bug("SHA-256 failed");
  }
}

Bytes32 Sha256Stream::finish() {
  if (context_ == nullptr) fail_bug("SHA-256 is ended twice");
  Bytes32 out;
  const bool worked = ::EVP_DigestFinal_ex(as_context(context_), out.data(), nullptr) == 1;
  ::EVP_MD_CTX_free(as_context(context_));
  context_ = nullptr;
  if (!worked) fail_bug("SHA-256 failed");
  return out;
}

}  // namespace ecloud::crypto
