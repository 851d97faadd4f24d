#include "ecloud/eth/u256.h"

#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"

namespace ecloud::eth {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kLimbs = 4;
// The greatest power of ten in a limb: decimals are cut into pieces of 19 digits.
constexpr std::uint64_t kDecimalPiece = 10'000'000'000'000'000'000U;

[[noreturn]] void overflow(const std::string& what) {
  throw Error(Category::kFailure, "eth.overflow", what);
}

/// limbs = limbs * factor + carry; false when that needs more than 256 bits.
bool multiply_add(std::uint64_t (&limbs)[kLimbs], std::uint64_t factor, std::uint64_t carry) {
  for (std::uint64_t& limb : limbs) {
    const Wide product = static_cast<Wide>(limb) * factor + carry;
    limb = static_cast<std::uint64_t>(product);
    carry = static_cast<std::uint64_t>(product >> 64);
  }
  return carry == 0;
}

/// limbs = limbs / divisor; returns the remainder.
std::uint64_t divide_small(std::uint64_t (&limbs)[kLimbs], std::uint64_t divisor) {
  std::uint64_t remainder = 0;
  for (int i = kLimbs - 1; i >= 0; --i) {
    const Wide dividend = static_cast<Wide>(remainder) << 64 | limbs[i];
    limbs[i] = static_cast<std::uint64_t>(dividend / divisor);
    remainder = static_cast<std::uint64_t>(dividend % divisor);
  }
  return remainder;
}

/// out = a - b modulo 2^256; returns true when it had to borrow.
bool subtract(const std::uint64_t (&a)[kLimbs], const std::uint64_t (&b)[kLimbs],
              std::uint64_t (&out)[kLimbs]) {
  std::uint64_t borrow = 0;
  for (int i = 0; i < kLimbs; ++i) {
    const Wide difference = static_cast<Wide>(a[i]) - b[i] - borrow;
    out[i] = static_cast<std::uint64_t>(difference);
    borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
  }
  return borrow != 0;
}

bool less(const std::uint64_t (&a)[kLimbs], const std::uint64_t (&b)[kLimbs]) {
  for (int i = kLimbs - 1; i >= 0; --i) {
    if (a[i] != b[i]) return a[i] < b[i];
  }
  return false;
}

/// Bit by bit: divisors over 64 bits are rare enough. `limbs` becomes the quotient.
void divide_large(std::uint64_t (&limbs)[kLimbs], const std::uint64_t (&divisor)[kLimbs],
                  std::uint64_t (&remainder)[kLimbs]) {
  std::fill(std::begin(remainder), std::end(remainder), 0);
  for (int bit = 64 * kLimbs - 1; bit >= 0; --bit) {
    // The bit that is shifted out counts: the remainder may pass 2^256 when the divisor is near it.
    const bool carried = (remainder[kLimbs - 1] >> 63) != 0;
    for (int i = kLimbs - 1; i > 0; --i) remainder[i] = remainder[i] << 1 | remainder[i - 1] >> 63;
    std::uint64_t& limb = limbs[bit / 64];
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    remainder[0] = remainder[0] << 1 | ((limb & mask) != 0 ? 1 : 0);
    if (carried || !less(remainder, divisor)) {
      subtract(remainder, divisor, remainder);
      limb |= mask;
    } else {
      limb &= ~mask;
    }
  }
}

}  // namespace

std::optional<U256> U256::from_big_endian(base::ByteView bytes) {
  if (bytes.size() > 32) return std::nullopt;
  U256 out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t place = bytes.size() - 1 - i;
    out.limbs_[place / 8] |= static_cast<std::uint64_t>(bytes[i]) << (place % 8 * 8);
  }
  return out;
}

std::optional<U256> U256::from_hex(std::string_view text) {
  if (!text.starts_with("0x")) return std::nullopt;
  text.remove_prefix(2);
  if (text.empty() || text.size() > 64) return std::nullopt;
  // base::from_hex skips one prefix: ours, not a second one in `text`.
  const std::optional<base::Bytes> bytes =
      base::from_hex("0x" + std::string(text.size() % 2, '0') + std::string(text));
  if (!bytes) return std::nullopt;
  return from_big_endian(*bytes);
}

std::optional<U256> U256::from_decimal(std::string_view text) {
  if (text.empty()) return std::nullopt;
  U256 out;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    if (!multiply_add(out.limbs_, 10, static_cast<std::uint64_t>(c - '0'))) return std::nullopt;
  }
  return out;
}

base::Bytes32 U256::to_word() const {
  base::Bytes32 out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t place = out.size() - 1 - i;
    out[i] = static_cast<std::uint8_t>(limbs_[place / 8] >> (place % 8 * 8));
  }
  return out;
}

base::Bytes U256::to_minimal_big_endian() const {
  const base::Bytes32 word = to_word();
  const auto first = std::find_if(word.begin(), word.end(), [](std::uint8_t b) { return b != 0; });
  return {first, word.end()};
}

std::string U256::to_hex() const {
  const std::string digits = base::to_hex(to_word());
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return "0x" + digits.substr(first);
}

std::string U256::to_decimal() const {
  std::uint64_t limbs[kLimbs];
  std::copy(std::begin(limbs_), std::end(limbs_), std::begin(limbs));
  std::string out;
  while (true) {
    const std::uint64_t piece = divide_small(limbs, kDecimalPiece);
    const bool last = std::all_of(std::begin(limbs), std::end(limbs),
                                  [](std::uint64_t limb) { return limb == 0; });
    if (last) return fmt::format("{}{}", piece, out);
    out = fmt::format("{:019}{}", piece, out);
  }
}

bool U256::fits_u64() const {
  return limbs_[1] == 0 && limbs_[2] == 0 && limbs_[3] == 0;
}

std::uint64_t U256::to_u64() const {
  if (!fits_u64()) overflow(fmt::format("{} does not fit into 64 bits", to_decimal()));
  return limbs_[0];
}

std::strong_ordering U256::operator<=>(const U256& other) const {
  if (less(limbs_, other.limbs_)) return std::strong_ordering::less;
  if (less(other.limbs_, limbs_)) return std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

U256 U256::operator+(const U256& other) const {
  U256 out;
  std::uint64_t carry = 0;
  for (int i = 0; i < kLimbs; ++i) {
    const Wide sum = static_cast<Wide>(limbs_[i]) + other.limbs_[i] + carry;
    out.limbs_[i] = static_cast<std::uint64_t>(sum);
    carry = static_cast<std::uint64_t>(sum >> 64);
  }
  if (carry != 0) {
    overflow(fmt::format("{} + {} does not fit into 256 bits", to_decimal(), other.to_decimal()));
  }
  return out;
}

U256 U256::operator-(const U256& other) const {
  U256 out;
  if (subtract(limbs_, other.limbs_, out.limbs_)) {
    overflow(fmt::format("{} - {} is below zero", to_decimal(), other.to_decimal()));
  }
  return out;
}

U256 U256::operator*(const U256& other) const {
  std::uint64_t product[2 * kLimbs] = {};
  for (int i = 0; i < kLimbs; ++i) {
    std::uint64_t carry = 0;
    for (int j = 0; j < kLimbs; ++j) {
      const Wide sum = static_cast<Wide>(limbs_[i]) * other.limbs_[j] + product[i + j] + carry;
      product[i + j] = static_cast<std::uint64_t>(sum);
      carry = static_cast<std::uint64_t>(sum >> 64);
    }
    product[i + kLimbs] = carry;
  }
  if (std::any_of(product + kLimbs, std::end(product), [](std::uint64_t p) { return p != 0; })) {
    overflow(fmt::format("{} * {} does not fit into 256 bits", to_decimal(), other.to_decimal()));
  }
  U256 out;
  std::copy(product, product + kLimbs, std::begin(out.limbs_));
  return out;
}

U256 U256::operator/(const U256& divisor) const {
  return divide(divisor).quotient;
}

U256 U256::operator%(const U256& divisor) const {
  return divide(divisor).remainder;
}

U256::Division U256::divide(const U256& divisor) const {
  if (divisor.is_zero()) overflow(fmt::format("{} is divided by zero", to_decimal()));
  Division out{*this, U256()};
  if (divisor.fits_u64()) {
    out.remainder.limbs_[0] = divide_small(out.quotient.limbs_, divisor.limbs_[0]);
  } else {
    divide_large(out.quotient.limbs_, divisor.limbs_, out.remainder.limbs_);
  }
  return out;
}

}  // namespace ecloud::eth
