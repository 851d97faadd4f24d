#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/eth/abi.h"
#include "ecloud/eth/rlp.h"
#include "support/catch.h"
#include "support/literals.h"
#include "support/temp_dir.h"

namespace ecloud::testing {

/// tests/data/eth/vectors.json: made by viem 2.38.6, ethers 6 and node's BigInt with
/// make_vectors.mjs beside it.
inline const base::Json& eth_vectors() {
  static const base::Json vectors = base::Json::parse(
      slurp(std::string(ECLOUD_SOURCE_DIR) + "/tests/data/eth/vectors.json"), "vectors.json");
  return vectors;
}

inline eth::U256 number(std::string_view decimal) {
  const auto out = eth::U256::from_decimal(decimal);
  REQUIRE(out);
  return *out;
}

/// "code: message" of the Error that `action` throws, with its exit code in front.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return std::to_string(exit_code(error.category())) + " " + error.code() + ": " +
           error.message();
  }
  return "no error";
}

/// xorshift64* with a fixed seed: the same numbers on every machine.
class FixedRandom {
 public:
  explicit FixedRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1dU;
  }
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() >> 16) % limit; }
  base::Bytes bytes(std::size_t size) {
    base::Bytes out(size);
    for (std::uint8_t& octet : out) octet = static_cast<std::uint8_t>(next() >> 32);
    return out;
  }

 private:
  std::uint64_t state_;
};

}  // namespace ecloud::testing
