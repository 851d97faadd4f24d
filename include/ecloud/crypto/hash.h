#pragma once

#include <array>
#include <cstdint>

#include "ecloud/base/bytes.h"

namespace ecloud::crypto {

using base::Bytes32;
using base::ByteView;

/// Keccak-256 with the original padding 0x01, as Ethereum uses it; not SHA3-256 of FIPS 202.
Bytes32 keccak256(ByteView data);

/// The state of Keccak-256 after whole blocks of 136 octets: lane (x, y) of FIPS 202 section 3.1.2
/// at x + 5y. All zero before the first.
using KeccakState = std::array<std::uint64_t, 25>;

/// The hash of octets of which all but `rest` have been absorbed into `state`.
Bytes32 keccak256_continued(const KeccakState& state, ByteView rest);

/// FIPS 180-4.
Bytes32 sha256(ByteView data);

/// FIPS 180-4: 48 octets. For the registers of TDX.
base::FixedBytes<48> sha384(ByteView data);

/// RFC 2104 over FIPS 180-4: 64 octets. For BIP-32 and SLIP-10.
base::FixedBytes<64> hmac_sha512(ByteView key, ByteView data);

/// RFC 5869 extract and expand with SHA-256; `size` at most 8160 octets.
base::Bytes hkdf_sha256(ByteView key, ByteView salt, ByteView info, std::size_t size);

/// A SHA-256 fed piece by piece.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void update(ByteView data);
  /// Ends the stream. Whatever is called on it then is our mistake (Category::kBug).
  Bytes32 finish();

 private:
  void* context_;
};

}  // namespace ecloud::crypto
