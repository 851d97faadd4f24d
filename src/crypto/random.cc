#include "ecloud/crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <climits>

#include "ecloud/base/error.h"

namespace ecloud::crypto {

base::Bytes Random::bytes(std::size_t size) {
  base::Bytes out(size);
  fill(out);
  return out;
}

base::Bytes32 Random::bytes32() {
  base::Bytes32 out;
  fill(out);
  return out;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const std::size_t size = std::min<std::size_t>(out.size(), INT_MAX);
    if (::RAND_priv_bytes(out.data(), static_cast<int>(size)) != 1) {
      throw Error(Category::kFailure, "crypto.no_entropy",
                  "the system's random number generator gives nothing",
                  "check that /dev/urandom can be read");
    }
    out = out.subspan(size);
  }
}

}  // namespace ecloud::crypto
