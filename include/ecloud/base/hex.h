#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"

namespace ecloud::base {

/// Lower-case digits, two an octet, no prefix.
std::string to_hex(ByteView bytes);

/// As to_hex with "0x" before it.
std::string to_hex_prefixed(ByteView bytes);

/// Accepts an optional "0x" and either case. Nothing for an odd count or a foreign character.
std::optional<Bytes> from_hex(std::string_view text);

/// As from_hex, and exactly N octets.
template <std::size_t N>
std::optional<FixedBytes<N>> fixed_from_hex(std::string_view text) {
  const std::optional<Bytes> bytes = from_hex(text);
  if (!bytes || bytes->size() != N) return std::nullopt;
  FixedBytes<N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = (*bytes)[i];
  return out;
}

}  // namespace ecloud::base
