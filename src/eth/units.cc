#include "ecloud/eth/u256.h"

namespace ecloud::eth {
namespace {

constexpr unsigned kEtherDecimals = 18;

}  // namespace

std::string format_units(const U256& amount, unsigned decimals) {
  std::string digits = amount.to_decimal();
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  std::string fraction = digits.substr(digits.size() - decimals);
  digits.resize(digits.size() - decimals);
  while (fraction.ends_with('0')) fraction.pop_back();
  return fraction.empty() ? digits : digits + "." + fraction;
}

std::string format_ether(const U256& wei) {
  return format_units(wei, kEtherDecimals);
}

std::optional<U256> parse_units(std::string_view text, unsigned decimals) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = text.substr(point + 1);
    if (fraction.empty()) return std::nullopt;
  }
  if (whole.empty() || fraction.size() > decimals) return std::nullopt;
  std::string digits(whole);
  digits += fraction;
  digits.append(decimals - fraction.size(), '0');
  return U256::from_decimal(digits);
}

}  // namespace ecloud::eth
