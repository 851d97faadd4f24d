#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/base/hex.h"
#include "ecloud/eth/address.h"
#include "support/catch.h"

namespace ecloud::testing {

// Values as tests write them; a malformed one fails the test.

inline std::string hex(base::ByteView bytes) {
  return base::to_hex_prefixed(bytes);
}

inline base::Bytes unhex(std::string_view text) {
  const auto bytes = base::from_hex(text);
  REQUIRE(bytes);
  return *bytes;
}

template <std::size_t N>
base::FixedBytes<N> fixed(std::string_view text) {
  const auto bytes = base::fixed_from_hex<N>(text);
  REQUIRE(bytes);
  return *bytes;
}

inline eth::Address address(std::string_view text) {
  const auto out = eth::Address::parse(text);
  REQUIRE(out);
  return *out;
}

}  // namespace ecloud::testing
