#include "ecloud/base/base58.h"

#include "ecloud/base/hex.h"
#include "support/catch.h"

namespace ecloud::base {
namespace {

// draft-msporny-base58-03 section 5, and base58_encode_decode.json of Bitcoin Core.
const std::pair<const char*, const char*> kVectors[] = {
    {"", ""},
    {"61", "2g"},
    {"626262", "a3gV"},
    {"636363", "aPEr"},
    {"516b6fcd0f", "ABnLTmg"},
    {"572e4794", "3EFU7m"},
    {"10c8511e", "Rt5zm"},
    {"00000000000000000000", "1111111111"},
    {"0000287fb4cd", "11233QC4"},
    {"48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U"},
    {"00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"}};

TEST_CASE("the published vectors of Base58 hold", "[base]") {
  for (const auto& vector : kVectors) {
    CAPTURE(vector.first);
    const Bytes octets = from_hex(vector.first).value();
    CHECK(to_base58(octets) == vector.second);
    CHECK(from_base58(vector.second) == octets);
  }
}

TEST_CASE("Solana's system program is 32 ones", "[base]") {
  CHECK(to_base58(Bytes32{}) == std::string(32, '1'));
  CHECK(from_base58(std::string(32, '1')) == Bytes(32));
}

TEST_CASE("characters outside the alphabet are refused", "[base]") {
  for (const char* text : {"0", "O", "I", "l", "2g ", " 2g", "2g\n", "1 1", "a+b", "\xc3\xa4"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base58(text));
  }
}

}  // namespace
}  // namespace ecloud::base
