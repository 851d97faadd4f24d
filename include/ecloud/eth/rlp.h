#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"

namespace ecloud::eth {

/// Recursive Length Prefix (Ethereum Yellow Paper, appendix B): a string of octets or a list.
struct RlpItem {
  using List = std::vector<RlpItem>;
  std::variant<base::Bytes, List> value;

  RlpItem() = default;
  RlpItem(base::Bytes bytes) : value(std::move(bytes)) {}                 // NOLINT
  RlpItem(List list) : value(std::move(list)) {}                          // NOLINT
  RlpItem(const U256& number) : value(number.to_minimal_big_endian()) {}  // NOLINT
  RlpItem(std::uint64_t number) : RlpItem(U256(number)) {}                // NOLINT
  RlpItem(const Address& address)                                         // NOLINT
      : value(base::Bytes(address.bytes().begin(), address.bytes().end())) {}

  bool is_list() const { return std::holds_alternative<List>(value); }
  // These throw Error{kFailure, "eth.rlp"} for the other kind, or for a number with leading zeros.
  const base::Bytes& bytes() const;
  const List& list() const;
  U256 number() const;
  std::uint64_t u64() const;
  Address address() const;

  bool operator==(const RlpItem& other) const;
};

base::Bytes rlp_encode(const RlpItem& item);

/// The one item that fills `data`. Refuses non-canonical lengths, trailing octets and nesting
/// deeper than 16 with Error{kFailure, "eth.rlp"}.
RlpItem rlp_decode(base::ByteView data);

}  // namespace ecloud::eth
