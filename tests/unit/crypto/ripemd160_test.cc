#include "crypto/ripemd160.h"

#include "ecloud/base/hex.h"
#include "support/catch.h"

namespace ecloud::crypto {
namespace {

std::string digest(std::string_view text) {
  return base::to_hex(ripemd160(base::as_bytes(text)));
}

TEST_CASE("RIPEMD-160 gives the digests of its authors' paper", "[crypto]") {
  CHECK(digest("") == "9c1185a5c5e9fc54612808977ee8f548b2258d31");
  CHECK(digest("a") == "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe");
  CHECK(digest("abc") == "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
  CHECK(digest("message digest") == "5d0689ef49d2fae572b881b123a85ffa21595f36");
  std::string eighty;
  for (int i = 0; i < 8; ++i) eighty += "1234567890";
  CHECK(digest(eighty) == "9b752e45573d4b39f4dbd3323cab82bf63326bfb");
  CHECK(digest(std::string(1000000, 'a')) == "52783243c1697bdbe16d37f97f68f08325dc1528");
}

}  // namespace
}  // namespace ecloud::crypto
