#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"

namespace ecloud::eth {

/// The contract ABI of Solidity: types as text, values as a tree.

/// A type such as "uint256", "bytes32", "string", "(address,uint256)[]". Tuples name no members.
struct AbiType {
  enum class Kind { kUint, kInt, kAddress, kBool, kFixedBytes, kBytes, kString, kArray, kTuple };
  Kind kind = Kind::kUint;
  unsigned bits = 256;                 ///< of kUint, kInt: 8 to 256
  std::size_t size = 0;                ///< octets of kFixedBytes (1 to 32); elements of kArray
  bool fixed_array = false;            ///< kArray: T[size] rather than T[]
  std::vector<AbiType> components;     ///< members of kTuple; the one element type of kArray

  /// Throws Error{kBug, "eth.abi_type"} for a malformed text: types are constants of ours.
  static AbiType parse(std::string_view text);
  bool is_dynamic() const;
  std::string to_string() const;  ///< canonical: "uint" becomes "uint256"
};

/// A value: numbers and bool as U256 (bool 0 or 1; int as two's complement), address, octets (bytes,
/// bytesN, string), or a list (tuple, array).
struct AbiValue {
  using List = std::vector<AbiValue>;
  std::variant<U256, Address, base::Bytes, List> value;

  AbiValue() = default;
  AbiValue(const U256& number) : value(number) {}               // NOLINT
  AbiValue(std::uint64_t number) : value(U256(number)) {}       // NOLINT
  AbiValue(int number) : value(U256(static_cast<std::uint64_t>(number))) {}  // NOLINT
  AbiValue(bool flag) : value(U256(flag ? 1 : 0)) {}            // NOLINT
  AbiValue(const Address& address) : value(address) {}          // NOLINT
  AbiValue(base::Bytes bytes) : value(std::move(bytes)) {}      // NOLINT
  AbiValue(const base::Bytes32& word) : value(base::Bytes(word.begin(), word.end())) {}  // NOLINT
  AbiValue(std::string_view text) : value(base::to_bytes(text)) {}  // NOLINT
  AbiValue(const std::string& text) : AbiValue(std::string_view(text)) {}  // NOLINT
  AbiValue(const char* text) : AbiValue(std::string_view(text)) {}  // NOLINT
  AbiValue(List list) : value(std::move(list)) {}               // NOLINT

  // These throw Error{kNetwork, "eth.abi_value"} for another kind.
  const U256& number() const;
  bool boolean() const;
  const Address& address() const;
  const base::Bytes& bytes() const;
  std::string text() const;
  const List& list() const;
  const AbiValue& operator[](std::size_t i) const;  ///< element of a list; throws when out of range
};

/// abi.encode of the parameters of `types`, e.g. "(address,bytes32)". `values` has one for each.
/// Throws Error{kBug, "eth.abi_value"} when a value does not fit its type.
base::Bytes abi_encode(std::string_view tuple_type, const AbiValue::List& values);

/// The first 4 octets of keccak256 of the canonical signature "name(type,…)".
base::FixedBytes<4> abi_selector(std::string_view signature);

/// selector || abi_encode: `signature` like "createApp(bytes32,(…))".
base::Bytes abi_encode_call(std::string_view signature, const AbiValue::List& values);

/// The inverse of abi_encode. Every offset and length is checked against `data`; nested sizes cannot
/// make it allocate more than the data holds. Throws Error{kNetwork, "eth.abi_data"}.
AbiValue::List abi_decode(std::string_view tuple_type, base::ByteView data);

}  // namespace ecloud::eth
