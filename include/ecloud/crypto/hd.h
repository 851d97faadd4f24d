#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"
#include "ecloud/crypto/secp256k1.h"

namespace ecloud::crypto {

/// Added to an index for a hardened child (BIP-32, SLIP-10).
constexpr std::uint32_t kHardened = 0x80000000u;

/// A derivation path such as m/44'/60'/0'/0/0 (h is taken for ' too); nothing when malformed, an
/// index is >= 2^31 or there are more than 255 levels.
std::optional<std::vector<std::uint32_t>> parse_derivation_path(std::string_view text);

/// A BIP-32 private node over secp256k1.
class HdKey {
 public:
  /// `seed` is 16 to 64 octets. Throws Error{kUsage, "crypto.invalid_seed"}.
  static HdKey from_seed(base::ByteView seed);
  /// An "xprv…" text (Base58Check). Throws Error{kUsage, "crypto.invalid_extended_key"} for
  /// everything that BIP-32's test vector 5 lists.
  static HdKey from_extended(std::string_view xprv);
  /// Throws Error{kUsage, "crypto.invalid_path"} below the 255 levels that BIP-32 can number.
  HdKey derive(const std::vector<std::uint32_t>& path) const;

  const PrivateKey& key() const { return key_; }
  base::Secret extended_private() const;  ///< "xprv…"
  std::string extended_public() const;    ///< "xpub…"

 private:
  HdKey(PrivateKey key, base::Bytes32 chain_code, std::uint8_t depth,
        base::FixedBytes<4> parent_fingerprint, std::uint32_t child_number);
  HdKey child(std::uint32_t index) const;

  PrivateKey key_;
  base::Bytes32 chain_code_;
  std::uint8_t depth_;
  base::FixedBytes<4> parent_fingerprint_;
  std::uint32_t child_number_;
};

/// True for a well-formed "xpub…" or "xprv…" with a point or key that is valid (test vector 5).
bool valid_extended_key(std::string_view text);

/// The SLIP-10 ed25519 private key (32 octets) at `path`. Throws Error{kUsage,
/// "crypto.invalid_seed"} for less than 16 or more than 64 octets, and "crypto.invalid_path" for an
/// index not hardened.
base::Secret slip10_ed25519(base::ByteView seed, const std::vector<std::uint32_t>& path);

/// The ed25519 public key (RFC 8032) of a 32-octet private key.
base::Bytes32 ed25519_public_key(const base::Secret& private_key);

}  // namespace ecloud::crypto
