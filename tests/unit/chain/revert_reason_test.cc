#include <string>

#include "ecloud/base/hex.h"
#include "ecloud/chain/chain.h"
#include "support/catch.h"

using namespace ecloud;

namespace {

std::optional<std::string> reason(const std::string& hex) {
  return chain::solidity_revert_reason(*base::from_hex(hex));
}

std::string word(const std::string& end) {
  return std::string(64 - end.size(), '0') + end;
}

}  // namespace

// The data were made by viem's encodeErrorResult.
TEST_CASE("Error(string) is told in its own words", "[chain]") {
  CHECK(reason("0x08c379a0" + word("20") + word("20") +
               "4f776e61626c653a2063616c6c6572206973206e6f7420746865206f776e6572") ==
        "Ownable: caller is not the owner");
}

TEST_CASE("a contract cannot move the cursor", "[chain]") {
  CHECK(reason("0x08c379a0" + word("20") + word("d") +
               "1b5b324a6c696e650a6e65787400000000000000000000000000000000000000") ==
        "?[2Jline next");
}

TEST_CASE("Panic(uint256) is told by its code", "[chain]") {
  const auto panic = [](const std::string& code) { return reason("4e487b71" + word(code)); };
  CHECK(panic("11") == "arithmetic overflow or underflow (code 0x11)");
  CHECK(panic("1") == "an assertion failed (code 0x1)");
  CHECK(panic("12") == "division by zero (code 0x12)");
  CHECK(panic("21") == "a value outside its enum (code 0x21)");
  CHECK(panic("22") == "a badly encoded byte array in storage (code 0x22)");
  CHECK(panic("31") == "pop() of an empty array (code 0x31)");
  CHECK(panic("32") == "an array index out of bounds (code 0x32)");
  CHECK(panic("41") == "too much memory (code 0x41)");
  CHECK(panic("51") == "a call of an uninitialised function (code 0x51)");
  CHECK(panic("0") == "panic (code 0x0)");
  CHECK(panic("99") == "panic (code 0x99)");
  CHECK(panic("1" + std::string(60, '0')) == "panic (code 0x1" + std::string(60, '0') + ")");
}

TEST_CASE("other and broken revert data have no words", "[chain]") {
  CHECK_FALSE(reason(""));
  CHECK_FALSE(reason("08c379"));
  CHECK_FALSE(reason("82d7ade6"));
  CHECK_FALSE(reason("08c379a0"));
  CHECK_FALSE(reason("4e487b71"));
  CHECK_FALSE(reason("08c379a0" + word("20") + word("ff") + word("0")));
  CHECK_FALSE(reason("08c379a0" + word("20") + std::string(64, 'f') + word("0")));
  CHECK_FALSE(reason("08c379a0" + std::string(64, 'f') + word("20")));
  CHECK_FALSE(reason("08c379a0" + word("20") + word("0")));
}
