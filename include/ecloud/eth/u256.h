#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"

namespace ecloud::eth {

/// An unsigned integer of 256 bits: wei, gas, EVM words. Operators that would leave the range throw
/// Error{kFailure, "eth.overflow"}; money never wraps.
class U256 {
 public:
  constexpr U256() = default;
  constexpr U256(std::uint64_t value) : limbs_{value, 0, 0, 0} {}  // NOLINT

  /// Big-endian, at most 32 octets; nothing for more.
  static std::optional<U256> from_big_endian(base::ByteView bytes);
  /// "0x" and 1 to 64 hex digits, leading zeros allowed (nodes differ). Nothing otherwise.
  static std::optional<U256> from_hex(std::string_view text);
  /// Decimal digits only, leading zeros allowed. Nothing for anything else or beyond 256 bits.
  static std::optional<U256> from_decimal(std::string_view text);

  base::Bytes32 to_word() const;              ///< 32 octets, big-endian
  base::Bytes to_minimal_big_endian() const;  ///< no leading zeros; empty for 0: RLP's form
  std::string to_hex() const;                 ///< "0x0", "0x1a": JSON-RPC's quantity form
  std::string to_decimal() const;
  bool fits_u64() const;
  /// Throws Error{kFailure, "eth.overflow"} when it does not fit.
  std::uint64_t to_u64() const;
  bool is_zero() const { return *this == U256(); }

  std::strong_ordering operator<=>(const U256& other) const;
  bool operator==(const U256& other) const = default;
  U256 operator+(const U256& other) const;
  U256 operator-(const U256& other) const;
  U256 operator*(const U256& other) const;
  /// Throws for a divisor of 0.
  U256 operator/(const U256& divisor) const;
  U256 operator%(const U256& divisor) const;

 private:
  struct Division;
  Division divide(const U256& divisor) const;

  std::uint64_t limbs_[4] = {0, 0, 0, 0};  // least significant first
};

struct U256::Division {
  U256 quotient;
  U256 remainder;
};

constexpr std::uint64_t kWeiPerGwei = 1'000'000'000;

/// Decimal ETH of an amount in wei, all digits that matter and no more: "0.0123", "1", "0".
std::string format_ether(const U256& wei);

/// As format_ether for a token with `decimals` digits after the point.
std::string format_units(const U256& amount, unsigned decimals);

/// The inverse of format_units. Nothing for a sign, a blank, a point without digits on both sides,
/// more digits after the point than `decimals`, or an amount beyond 256 bits.
std::optional<U256> parse_units(std::string_view text, unsigned decimals);

}  // namespace ecloud::eth
