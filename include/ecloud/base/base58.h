#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"

namespace ecloud::base {

/// The Bitcoin alphabet, no checksum: Solana addresses.
std::string to_base58(ByteView bytes);

/// Nothing for a character outside the alphabet.
std::optional<Bytes> from_base58(std::string_view text);

}  // namespace ecloud::base
