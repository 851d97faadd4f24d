#include "ecloud/base/bytes.h"

#include "support/catch.h"

namespace ecloud::base {
namespace {

TEST_CASE("text and octets are views of each other", "[base]") {
  const std::string text("a\0\xff", 3);
  CHECK(to_bytes(text) == Bytes{'a', 0x00, 0xff});
  CHECK(as_chars(as_bytes(text)) == text);
  CHECK(as_bytes("").empty());
  CHECK(to_bytes("").empty());
}

TEST_CASE("octets are added at the end", "[base]") {
  Bytes out{1};
  append(out, Bytes32{});
  append(out, {});
  append(out, Bytes{2});
  CHECK(out.size() == 34);
  CHECK(out.front() == 1);
  CHECK(out.back() == 2);
}

TEST_CASE("the comparison in constant time compares", "[base]") {
  CHECK(equal_constant_time({}, {}));
  CHECK(equal_constant_time(Bytes{1, 2, 3}, Bytes{1, 2, 3}));
  CHECK_FALSE(equal_constant_time(Bytes{1, 2, 3}, Bytes{1, 2, 4}));
  CHECK_FALSE(equal_constant_time(Bytes{0x80, 2, 3}, Bytes{0, 2, 3}));
  CHECK_FALSE(equal_constant_time(Bytes{1, 2, 3}, Bytes{1, 2}));
  CHECK_FALSE(equal_constant_time({}, Bytes{0}));
}

}  // namespace
}  // namespace ecloud::base
