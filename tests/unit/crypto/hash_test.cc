#include "ecloud/crypto/hash.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

using ecloud::base::as_bytes;
using ecloud::base::Bytes;
using ecloud::base::from_hex;
using ecloud::base::to_hex;
using namespace ecloud::crypto;

TEST_CASE("Keccak-256 gives the answers that Ethereum knows", "[crypto]") {
  CHECK(to_hex(keccak256({})) ==
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
}
