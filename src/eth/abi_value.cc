#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "ecloud/eth/abi.h"

namespace ecloud::eth {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(Category::kNetwork, "eth.abi_value", "ABI value: " + what);
}

template <typename T>
const T& get(const AbiValue& holder, std::string_view expected) {
  static constexpr const char* kNames[] = {"a number", "an address", "octets", "a list"};
  const T* found = std::get_if<T>(&holder.value);
  if (found == nullptr) {
    fail(fmt::format("expected {}, found {}", expected, kNames[holder.value.index()]));
  }
  return *found;
}

}  // namespace

U256 AbiValue::from_signed(std::int64_t number) {
  const auto low = static_cast<std::uint64_t>(number);
  if (number >= 0) return U256(low);
  base::Bytes32 word;
  word.fill(0xff);
  for (std::size_t i = 0; i < 8; ++i) word[31 - i] = static_cast<std::uint8_t>(low >> (8 * i));
  return *U256::from_big_endian(word);
}

const U256& AbiValue::number() const {
  return get<U256>(*this, "a number");
}

bool AbiValue::boolean() const {
  const U256& flag = number();
  if (flag > U256(1)) fail(fmt::format("expected true or false, found {}", flag.to_decimal()));
  return !flag.is_zero();
}

const Address& AbiValue::address() const {
  return get<Address>(*this, "an address");
}

const base::Bytes& AbiValue::bytes() const {
  return get<base::Bytes>(*this, "octets");
}

std::string AbiValue::text() const {
  return std::string(base::as_chars(bytes()));
}

const AbiValue::List& AbiValue::list() const {
  return get<List>(*this, "a list");
}

const AbiValue& AbiValue::operator[](std::size_t i) const {
  const List& elements = list();
  if (i >= elements.size()) {
    fail(fmt::format("there is no element {} in a list of {}", i, elements.size()));
  }
  return elements[i];
}

bool AbiValue::operator==(const AbiValue& other) const {
  return value == other.value;
}

}  // namespace ecloud::eth
