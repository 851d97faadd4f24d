#include "ecloud/crypto/random.h"

#include <set>

#include "support/catch.h"
#include "support/counting_random.h"

namespace ecloud::crypto {
namespace {

TEST_CASE("the system's random octets do not repeat", "[crypto]") {
  SystemRandom random;
  std::set<base::Bytes32> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.bytes32());
  CHECK(seen.size() == 1000);
  CHECK(seen.count(base::Bytes32{}) == 0);
  CHECK(random.bytes(0).empty());
  CHECK(random.bytes(100000).size() == 100000);
}

TEST_CASE("a run with given random octets can be repeated", "[crypto]") {
  testing::CountingRandom random(0xfe);
  CHECK(random.bytes(4) == base::Bytes{0xfe, 0xff, 0x00, 0x01});
  CHECK(random.bytes32()[0] == 0x02);
}

}  // namespace
}  // namespace ecloud::crypto
