#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"

namespace ecloud::base {

/// RFC 4648 section 4, with padding.
std::string to_base64(ByteView bytes);

/// Strict RFC 4648 section 4: canonical padding, no white space; nothing otherwise.
std::optional<Bytes> from_base64(std::string_view text);

/// RFC 4648 section 5 without padding, as JOSE uses it (RFC 7515 section 2).
std::string to_base64url(ByteView bytes);

/// Strict: refuses padding, white space and stray bits in the last character.
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace ecloud::base
