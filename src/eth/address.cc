#include "ecloud/eth/address.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::eth {
namespace {

constexpr std::size_t kDigits = 40;

bool is_hex_digit(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

Address last_20(const base::Bytes32& hash) {
  base::FixedBytes<20> out;
  std::copy(hash.begin() + 12, hash.end(), out.begin());
  return Address(out);
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (!problem(text).empty()) return std::nullopt;
  return Address(*base::fixed_from_hex<20>(text));
}

std::string Address::problem(std::string_view text) {
  if (!text.starts_with("0x")) return "does not start with 0x";
  const std::string_view digits = text.substr(2);
  const auto foreign = std::find_if_not(digits.begin(), digits.end(), is_hex_digit);
  if (foreign != digits.end()) {
    return fmt::format("has a character that is no hex digit: '{}'",
                       base::printable_line(std::string_view(&*foreign, 1)));
  }
  if (digits.size() != kDigits) return fmt::format("has {} hex digits, not 40", digits.size());
  const bool lower = std::any_of(digits.begin(), digits.end(),
                                 [](unsigned char c) { return std::islower(c) != 0; });
  const bool upper = std::any_of(digits.begin(), digits.end(),
                                 [](unsigned char c) { return std::isupper(c) != 0; });
  if (lower && upper && Address(*base::fixed_from_hex<20>(text)).to_string() != text) {
    return "its checksum is wrong (a typing error?)";
  }
  return {};
}

Address Address::of(const crypto::PublicKey& key) {
  return last_20(crypto::keccak256(base::ByteView(key).subspan(1)));
}

std::string Address::to_string() const {
  std::string digits = base::to_hex(bytes_);
  // EIP-55: a letter is a capital where the digit of the hash of the digits is 8 or more.
  const base::Bytes32 hash = crypto::keccak256(base::as_bytes(digits));
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 0x0f;
    if (nibble >= 8 && digits[i] >= 'a') digits[i] = static_cast<char>(digits[i] - 'a' + 'A');
  }
  return "0x" + digits;
}

std::string Address::to_lower_hex() const {
  return base::to_hex_prefixed(bytes_);
}

base::Bytes32 Address::to_word() const {
  base::Bytes32 out{};
  std::copy(bytes_.begin(), bytes_.end(), out.begin() + 12);
  return out;
}

Address create2_address(const Address& deployer, const base::Bytes32& salt,
                        const base::Bytes32& init_code_hash) {
  base::Bytes input{0xff};
  base::append(input, deployer.bytes());
  base::append(input, salt);
  base::append(input, init_code_hash);
  return last_20(crypto::keccak256(input));
}

}  // namespace ecloud::eth
