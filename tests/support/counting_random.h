#pragma once

#include "ecloud/crypto/random.h"

namespace ecloud::testing {

/// 0, 1, 2, … 255, 0, …: random octets that a test knows beforehand.
class CountingRandom final : public crypto::Random {
 public:
  explicit CountingRandom(std::uint8_t first = 0) : next_(first) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& octet : out) octet = next_++;
  }

 private:
  std::uint8_t next_;
};

}  // namespace ecloud::testing
