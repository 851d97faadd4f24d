#include "ecloud/base/base58.h"

#include <algorithm>

namespace ecloud::base {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Multiplies the little-endian number by `factor` and adds `carry`, in digits of `radix`.
void multiply_add(Bytes& digits, unsigned radix, unsigned factor, unsigned carry) {
  for (std::uint8_t& digit : digits) {
    carry += digit * factor;
    digit = static_cast<std::uint8_t>(carry % radix);
    carry /= radix;
  }
  for (; carry > 0; carry /= radix) digits.push_back(static_cast<std::uint8_t>(carry % radix));
}

}  // namespace

std::string to_base58(ByteView bytes) {
  const auto first = std::find_if(bytes.begin(), bytes.end(), [](auto byte) { return byte != 0; });
  Bytes digits;
  for (auto byte = first; byte != bytes.end(); ++byte) multiply_add(digits, 58, 256, *byte);
  std::string out(static_cast<std::size_t>(first - bytes.begin()), kAlphabet[0]);
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    out.push_back(kAlphabet[*digit]);
  }
  return out;
}

std::optional<Bytes> from_base58(std::string_view text) {
  const std::size_t zeros = std::min(text.find_first_not_of(kAlphabet[0]), text.size());
  Bytes digits;
  for (const char c : text.substr(zeros)) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    multiply_add(digits, 256, 58, static_cast<unsigned>(value));
  }
  Bytes out(zeros, 0);
  out.insert(out.end(), digits.rbegin(), digits.rend());
  return out;
}

}  // namespace ecloud::base
