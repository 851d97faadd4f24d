#pragma once

#include <string_view>

#include "ecloud/eth/abi.h"

namespace ecloud::eth {

/// Octets of a word of the EVM.
constexpr std::size_t kAbiWord = 32;

/// Octets of the heads inside a tuple or a fixed array; 0 for everything else.
std::size_t abi_content_head(const AbiType& type);

/// Throws Error{kBug, "eth.abi_type"} for another type than a tuple.
AbiType parse_abi_tuple(std::string_view text);

struct AbiSignature {
  base::FixedBytes<4> selector{};
  AbiType parameters;  ///< a tuple
};
/// "name(type,…)". Throws Error{kBug, "eth.abi_type"}.
AbiSignature parse_abi_signature(std::string_view text);

}  // namespace ecloud::eth
