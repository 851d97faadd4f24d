#pragma once

#include <optional>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"

namespace ecloud::crypto {

/// An ECDSA signature over secp256k1 with the recovery bit. `s` is in the lower half (EIP-2).
struct RecoverableSignature {
  base::Bytes32 r{};
  base::Bytes32 s{};
  std::uint8_t y_parity = 0;  ///< 0 or 1

  /// r || s || v with v 27 or 28: 65 octets.
  base::FixedBytes<65> with_v27() const;
  /// The inverse; v may be 0, 1, 27 or 28. Nothing for anything else.
  static std::optional<RecoverableSignature> from_v27(base::ByteView bytes);
};

/// SEC 1 uncompressed point: 0x04 || x || y.
using PublicKey = base::FixedBytes<65>;
/// SEC 1 compressed point.
using CompressedPublicKey = base::FixedBytes<33>;

/// A secp256k1 private key. Moves only; wiped when it dies.
class PrivateKey {
 public:
  /// 32 octets, not 0 and below the group order; nothing otherwise.
  static std::optional<PrivateKey> from_bytes(base::ByteView bytes);
  /// 64 hex digits, optional 0x, surrounding blanks ignored; nothing otherwise.
  static std::optional<PrivateKey> from_hex(std::string_view text);

  PrivateKey clone() const;
  PublicKey public_key() const;
  CompressedPublicKey compressed_public_key() const;
  /// Deterministic (RFC 6979), low s.
  RecoverableSignature sign(const base::Bytes32& digest) const;
  /// 32 octets.
  const base::Secret& secret() const { return secret_; }

 private:
  explicit PrivateKey(base::Secret secret) : secret_(std::move(secret)) {}
  base::Secret secret_;
};

/// The key that made `signature` over `digest`; nothing when there is none. Refuses high s.
std::optional<PublicKey> recover(const base::Bytes32& digest,
                                 const RecoverableSignature& signature);

}  // namespace ecloud::crypto
