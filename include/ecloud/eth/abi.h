#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"

namespace ecloud::eth {

/// The contract ABI of Solidity (its specification: docs.soliditylang.org, "Contract ABI
/// Specification"): types as text, values as a tree.

/// A type such as "uint256", "bytes32", "string", "(address,uint256)[]". Tuples name no members.
struct AbiType {
  enum class Kind { kUint, kInt, kAddress, kBool, kFixedBytes, kBytes, kString, kArray, kTuple };
  Kind kind = Kind::kUint;
  unsigned bits = 256;              ///< of kUint, kInt: 8 to 256
  std::size_t size = 0;             ///< octets of kFixedBytes (1 to 32); elements of kArray
  bool fixed_array = false;         ///< kArray: T[size] rather than T[]
  std::vector<AbiType> components;  ///< members of kTuple; the one element type of kArray

  /// Refuses what takes no room (T[0], an empty tuple below the top), nesting deeper than 16 and
  /// heads over 1 MiB. Throws Error{kBug, "eth.abi_type"} for these and for a malformed text: types
  /// are constants of ours.
  static AbiType parse(std::string_view text);
  bool is_dynamic() const;
  /// Octets that a value takes in the head of what holds it: 32 for a dynamic type (its offset).
  std::size_t head_size() const;
  std::string to_string() const;  ///< canonical: "uint" becomes "uint256"
};

/// A number that an ABI word can hold: bool and the characters have meanings of their own.
template <typename T>
concept AbiInteger =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && sizeof(T) <= 8;

/// A value: numbers and bool as U256 (bool 0 or 1; int as two's complement), address, octets
/// (bytes, bytesN, string), or a list (tuple, array). Build lists with abi_list: `List{x}` with one
/// list x is a copy of x for some compilers and a list of x for others.
struct AbiValue {
  using List = std::vector<AbiValue>;
  std::variant<U256, Address, base::Bytes, List> value;

  AbiValue() = default;
  AbiValue(const U256& number) : value(number) {}  // NOLINT
  /// A negative number becomes its two's complement of 256 bits.
  template <AbiInteger T>
  AbiValue(T number) : value(from_integer(number)) {}  // NOLINT
  /// A template, so that no pointer turns into a bool.
  template <std::same_as<bool> T>
  AbiValue(T flag) : value(U256(flag ? 1 : 0)) {}  // NOLINT
  template <typename T>
  requires std::same_as<T, char> || std::floating_point<T> AbiValue(T)
  = delete;
  AbiValue(const Address& address) : value(address) {}      // NOLINT
  AbiValue(base::Bytes bytes) : value(std::move(bytes)) {}  // NOLINT
  template <std::size_t N>
  AbiValue(const base::FixedBytes<N>& bytes)  // NOLINT
      : value(base::Bytes(bytes.begin(), bytes.end())) {}
  AbiValue(std::string_view text) : value(base::to_bytes(text)) {}         // NOLINT
  AbiValue(const std::string& text) : AbiValue(std::string_view(text)) {}  // NOLINT
  AbiValue(const char* text) : AbiValue(std::string_view(text)) {}         // NOLINT
  AbiValue(List list) : value(std::move(list)) {}                          // NOLINT

  // These throw Error{kNetwork, "eth.abi_value"} for another kind.
  const U256& number() const;
  bool boolean() const;  ///< also throws for a number over 1
  const Address& address() const;
  const base::Bytes& bytes() const;
  std::string text() const;  ///< the octets as they are: nobody has checked that they are UTF-8
  const List& list() const;
  const AbiValue& operator[](std::size_t i) const;  ///< element of a list; throws when out of range

  bool operator==(const AbiValue& other) const;

 private:
  template <AbiInteger T>
  static U256 from_integer(T number) {
    if constexpr (std::signed_integral<T>) {
      return from_signed(number);
    } else {
      return U256(number);
    }
  }
  static U256 from_signed(std::int64_t number);
};

/// A tuple or an array of these values.
template <typename... Values>
AbiValue::List abi_list(Values&&... values) {
  AbiValue::List out;
  out.reserve(sizeof...(values));
  (out.emplace_back(std::forward<Values>(values)), ...);
  return out;
}

/// abi.encode of the parameters of `types`, e.g. "(address,bytes32)". `values` has one for each.
/// Throws Error{kBug, "eth.abi_value"} when a value does not fit its type; the message says where:
/// "ABI value 1[0][3]: ...".
base::Bytes abi_encode(std::string_view tuple_type, const AbiValue::List& values);

/// The first 4 octets of keccak256 of the canonical signature "name(type,…)".
base::FixedBytes<4> abi_selector(std::string_view signature);

/// selector || abi_encode: `signature` like "createApp(bytes32,(…))".
base::Bytes abi_encode_call(std::string_view signature, const AbiValue::List& values);

/// The inverse of abi_encode. Every offset and length is checked against `data`, numbers, addresses
/// and bytesN against their ranges; as in Solidity the padding behind bytes and string may be
/// missing or dirty and octets behind the last value are allowed. No octet is read twice, so the
/// values cannot outgrow the data. Throws Error{kNetwork, "eth.abi_data"}.
AbiValue::List abi_decode(std::string_view tuple_type, base::ByteView data);

}  // namespace ecloud::eth
