#pragma once

#include <optional>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"

namespace ecloud::crypto {

/// AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
constexpr std::size_t kGcmKeySize = 32;
constexpr std::size_t kGcmNonceSize = 12;
constexpr std::size_t kGcmTagSize = 16;

struct Sealed {
  base::Bytes ciphertext;  ///< as long as the plaintext
  base::FixedBytes<kGcmTagSize> tag{};
};

/// `key` is 32 octets, `nonce` 12 and never used twice with one key.
Sealed aes256gcm_seal(base::ByteView key, base::ByteView nonce, base::ByteView additional_data,
                      base::ByteView plaintext);

/// Nothing when the tag does not match.
std::optional<base::Secret> aes256gcm_open(base::ByteView key, base::ByteView nonce,
                                           base::ByteView additional_data, const Sealed& sealed);

}  // namespace ecloud::crypto
