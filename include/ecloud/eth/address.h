#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/crypto/secp256k1.h"

namespace ecloud::eth {

/// An Ethereum account or contract: 20 octets.
class Address {
 public:
  constexpr Address() = default;  ///< the zero address
  explicit constexpr Address(const base::FixedBytes<20>& bytes) : bytes_(bytes) {}

  /// 40 hex digits after "0x"; when the letters are of mixed case the EIP-55 checksum must hold.
  /// Nothing otherwise.
  static std::optional<Address> parse(std::string_view text);
  /// Why parse() gave nothing: "has 39 hex digits, not 40", "its checksum is wrong (a typing
  /// error?)".
  static std::string problem(std::string_view text);
  /// The last 20 octets of Keccak-256 of the point without its 0x04.
  static Address of(const crypto::PublicKey& key);

  /// With the EIP-55 checksum.
  std::string to_string() const;
  /// Lower case.
  std::string to_lower_hex() const;
  const base::FixedBytes<20>& bytes() const { return bytes_; }
  /// Left-padded to an EVM word.
  base::Bytes32 to_word() const;
  bool is_zero() const { return *this == Address(); }
  auto operator<=>(const Address&) const = default;

 private:
  base::FixedBytes<20> bytes_{};
};

/// EIP-1014: keccak256(0xff || deployer || salt || keccak256(init code)), last 20 octets.
Address create2_address(const Address& deployer, const base::Bytes32& salt,
                        const base::Bytes32& init_code_hash);

}  // namespace ecloud::eth
