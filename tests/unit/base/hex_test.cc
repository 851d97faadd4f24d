#include "ecloud/base/hex.h"

#include "support/catch.h"

namespace ecloud::base {
namespace {

// RFC 4648 section 10.
TEST_CASE("hexadecimal digits are those of RFC 4648, in lower case", "[base]") {
  CHECK(to_hex({}) == "");
  CHECK(to_hex(as_bytes("f")) == "66");
  CHECK(to_hex(as_bytes("foobar")) == "666f6f626172");
  CHECK(to_hex(Bytes{0x00, 0x0a, 0xa0, 0xff}) == "000aa0ff");
  CHECK(to_hex_prefixed(Bytes{0xbe, 0xef}) == "0xbeef");
  CHECK(to_hex_prefixed({}) == "0x");
}

TEST_CASE("hexadecimal digits are read with 0x and in either case", "[base]") {
  CHECK(from_hex("666F6f626172") == to_bytes("foobar"));
  CHECK(from_hex("0xABcd") == Bytes{0xab, 0xcd});
  CHECK(from_hex("0XabCD") == Bytes{0xab, 0xcd});
  CHECK(from_hex("") == Bytes{});
  CHECK(from_hex("0x") == Bytes{});
}

TEST_CASE("every octet survives the way there and back", "[base]") {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  CHECK(from_hex(to_hex(all)) == all);
}

TEST_CASE("what is not hexadecimal is refused", "[base]") {
  for (const char* text : {"0", "abc", "0x1", "0x0x00", "zz", "0g", "g0", " 00", "00 ", "0 0", "-1",
                           "00\n", "+f", "/0", ":0", "@0", "`0", "x00", "0\xc3\xa4"}) {
    CAPTURE(text);
    CHECK_FALSE(from_hex(text));
  }
  CHECK_FALSE(from_hex(std::string_view("00\0\0", 4)));
}

TEST_CASE("a fixed number of octets is that number", "[base]") {
  CHECK(fixed_from_hex<2>("0x0102") == FixedBytes<2>{1, 2});
  CHECK_FALSE(fixed_from_hex<2>("01"));
  CHECK_FALSE(fixed_from_hex<2>("010203"));
  CHECK_FALSE(fixed_from_hex<2>("01zz"));
  CHECK_FALSE(fixed_from_hex<2>(""));
}

}  // namespace
}  // namespace ecloud::base
