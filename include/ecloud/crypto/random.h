#pragma once

#include "ecloud/base/bytes.h"

namespace ecloud::crypto {

/// Where keys, salts and nonces come from; a parameter, so that tests can repeat a run.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills all of `out`. Throws Error{kFailure, "crypto.no_entropy"}, never returns weak octets.
  virtual void fill(std::span<std::uint8_t> out) = 0;

  base::Bytes bytes(std::size_t size);
  base::Bytes32 bytes32();
};

/// The private generator of OpenSSL, seeded by the kernel.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace ecloud::crypto
