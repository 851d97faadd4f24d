#include "ecloud/eth/abi.h"
#include "unit/eth/eth_support.h"

namespace ecloud::eth {
namespace {

using testing::error_of;

TEST_CASE("C++ values become the ABI values that one would expect", "[eth]") {
  CHECK(AbiValue("x").text() == "x");
  CHECK(AbiValue(std::string("xy")).text() == "xy");
  CHECK(AbiValue(std::string_view("xyz", 2)).text() == "xy");
  CHECK(AbiValue(true).boolean());
  CHECK_FALSE(AbiValue(false).boolean());
  CHECK(AbiValue(7).number() == U256(7));
  CHECK(AbiValue(std::uint8_t{255}).number() == U256(255));
  CHECK(AbiValue(std::uint32_t{4'000'000'000U}).number() == U256(4'000'000'000U));
  CHECK(AbiValue(std::int64_t{1'800'003'600}).number() == U256(1'800'003'600));
  CHECK(AbiValue(UINT64_MAX).number() == U256(UINT64_MAX));
  CHECK(AbiValue(std::size_t{9}).number() == U256(9));
  CHECK(AbiValue(1ULL).number() == U256(1));
  CHECK(AbiValue(1L).number() == U256(1));
  CHECK(AbiValue(U256(5)).number() == U256(5));
  CHECK(AbiValue(Address()).address().is_zero());
  CHECK(AbiValue(base::Bytes{1, 2}).bytes() == base::Bytes{1, 2});
  CHECK(AbiValue(base::Bytes32{}).bytes() == base::Bytes(32, 0));
  CHECK(AbiValue(base::FixedBytes<4>{1, 2, 3, 4}).bytes() == base::Bytes{1, 2, 3, 4});
  CHECK(AbiValue().number().is_zero());
}

TEST_CASE("negative numbers become their two's complement", "[eth]") {
  CHECK(AbiValue(-1).number().to_hex() == "0x" + std::string(64, 'f'));
  CHECK(AbiValue(std::int64_t{INT64_MIN}).number().to_hex() ==
        "0x" + std::string(48, 'f') + "8000000000000000");
  CHECK(AbiValue(std::int8_t{-128}).number().to_hex() == "0x" + std::string(62, 'f') + "80");
}

TEST_CASE("what has no meaning as an ABI value does not compile", "[eth]") {
  STATIC_REQUIRE(std::is_constructible_v<AbiValue, const char(&)[2]>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<AbiValue, const int*>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<AbiValue, void*>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<AbiValue, char>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<AbiValue, double>);
}

TEST_CASE("lists nest as they are written", "[eth]") {
  const AbiValue::List inner = abi_list(1, "two");
  const AbiValue one_list = abi_list(inner);
  REQUIRE(one_list.list().size() == 1);
  REQUIRE(one_list[0].list().size() == 2);
  CHECK(one_list[0][1].text() == "two");
  CHECK(abi_list().empty());
  CHECK(abi_list(abi_list(), abi_list()).size() == 2);
}

TEST_CASE("a value that is read as another kind says so", "[eth]") {
  CHECK(error_of([] { AbiValue("x").number(); }) ==
        "7 eth.abi_value: ABI value: expected a number, found octets");
  CHECK(error_of([] { AbiValue(1).address(); }) ==
        "7 eth.abi_value: ABI value: expected an address, found a number");
  CHECK(error_of([] { AbiValue(Address()).text(); }) ==
        "7 eth.abi_value: ABI value: expected octets, found an address");
  CHECK(error_of([] { AbiValue(1).list(); }) ==
        "7 eth.abi_value: ABI value: expected a list, found a number");
  CHECK(error_of([] { AbiValue(abi_list(1)).bytes(); }) ==
        "7 eth.abi_value: ABI value: expected octets, found a list");
  CHECK(error_of([] { AbiValue(2).boolean(); }) ==
        "7 eth.abi_value: ABI value: expected true or false, found 2");
  CHECK(error_of([] { AbiValue(abi_list(1, 2))[2]; }) ==
        "7 eth.abi_value: ABI value: there is no element 2 in a list of 2");
}

TEST_CASE("types are written in their canonical form", "[eth]") {
  const auto canonical = [](std::string_view text) { return AbiType::parse(text).to_string(); };
  CHECK(canonical("uint") == "uint256");
  CHECK(canonical("(int,uint8)[]") == "(int256,uint8)[]");
  CHECK(canonical("()") == "()");
  for (const char* text :
       {"uint256", "int8", "address", "bool", "bytes1", "bytes32", "bytes", "string", "string[]",
        "uint8[3][]", "bytes4[][2]", "(((bytes32,string)[],uint32),bytes,bytes)"}) {
    CHECK(canonical(text) == text);
  }
}

TEST_CASE("types know whether they are dynamic and how wide their heads are", "[eth]") {
  const std::tuple<const char*, bool, std::size_t> cases[] = {
      {"uint8", false, 32},
      {"string", true, 32},
      {"bytes", true, 32},
      {"bytes32", false, 32},
      {"uint8[]", true, 32},
      {"uint8[3]", false, 96},
      {"string[3]", true, 32},
      {"(uint8,address)", false, 64},
      {"(uint8,bytes)", true, 32},
      {"(uint8,address[2])[4]", false, 384},
      {"((uint8,bool),bool)[2][2]", false, 384},
  };
  for (const auto& [text, dynamic, head] : cases) {
    CAPTURE(text);
    CHECK(AbiType::parse(text).is_dynamic() == dynamic);
    CHECK(AbiType::parse(text).head_size() == head);
  }
}

TEST_CASE("malformed types are a bug of ours and named", "[eth]") {
  const std::pair<std::string, const char*> cases[] = {
      {"", "'' is no type"},
      {"foo", "'foo' is no type"},
      {"uint7", "'7' is no number from 8 to 256"},
      {"uint12", "12 is no multiple of 8 bits"},
      {"uint264", "'264' is no number from 8 to 256"},
      {"uint08", "'08' is no number from 8 to 256"},
      {"bytes0", "'0' is no number from 1 to 32"},
      {"bytes33", "'33' is no number from 1 to 32"},
      {"uint8[", "'' is no number from 1 to 1048576"},
      {"uint8[2", "an array does not end with ']'"},
      {"uint8[0]", "'0' is no number from 1 to 1048576"},
      {"uint8[99999999999999999999]", "'99999999999999999999' is no number from 1 to 1048576"},
      {"uint8[32769]", "its head is over 1 MiB"},
      {"uint8[1000][1000][1000]", "its head is over 1 MiB"},
      {"(uint8", "a tuple does not end with ')'"},
      {"(uint8,)", "'' is no type"},
      {"(uint8))", "')' follows the type"},
      {"uint8 ", "' ' follows the type"},
      {"((),uint8)", "'' is no type"},
      {"()[]", "an empty tuple has no place in an array"},
      {std::string(17, '(') + "bool" + std::string(17, ')'), "it is nested deeper than 16"},
  };
  for (const auto& [text, why] : cases) {
    CHECK(error_of([&, &type = text] { AbiType::parse(type); }) ==
          "70 eth.abi_type: ABI type '" + text + "': " + why);
  }
  std::string deep = "bool";
  for (int i = 0; i < 17; ++i) deep += "[]";
  CHECK_THROWS_AS(AbiType::parse(deep), Error);
  CHECK_THROWS_AS(AbiType::parse(std::string(100'000, '(')), Error);
}

}  // namespace
}  // namespace ecloud::eth
