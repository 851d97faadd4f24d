#pragma once

#include <cstdint>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"

namespace ecloud::crypto {

/// RFC 7914. `n` is a power of two above 1, `r` and `p` are at least 1; 128 * n * r octets of
/// memory are taken, and std::bad_alloc is thrown when there are not so many. OpenSSL's function
/// refuses n >= 2^(16 r), which section 2 of the RFC asks for and which keystore files do not keep
/// to: the format's own test vector has n = 2^18 and r = 1.
base::Secret scrypt(base::ByteView password, base::ByteView salt, std::uint64_t n, std::uint32_t r,
                    std::uint32_t p, std::size_t size);

/// RFC 8018 section 5.2 with HMAC-SHA-256.
base::Secret pbkdf2_sha256(base::ByteView password, base::ByteView salt, std::uint32_t iterations,
                           std::size_t size);

}  // namespace ecloud::crypto
