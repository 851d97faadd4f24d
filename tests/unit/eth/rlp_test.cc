#include "ecloud/eth/rlp.h"

#include "unit/eth/eth_support.h"

namespace ecloud::eth {
namespace {

using testing::error_of;
using testing::hex;
using testing::unhex;

RlpItem text(std::string_view content) {
  return RlpItem(base::to_bytes(content));
}

template <typename... Items>
RlpItem list(Items&&... items) {
  RlpItem::List out;
  (out.emplace_back(std::forward<Items>(items)), ...);
  return RlpItem(std::move(out));
}

std::string repeat(std::string_view what, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += what;
  return out;
}

void check_both_ways(const RlpItem& item, const std::string& encoded) {
  CAPTURE(encoded);
  CHECK(hex(rlp_encode(item)) == encoded);
  CHECK(rlp_decode(unhex(encoded)) == item);
}

TEST_CASE("RLP strings are those of Ethereum's published tests", "[eth]") {
  // github.com/ethereum/tests, RLPTests/rlptest.json
  check_both_ways(text(""), "0x80");
  check_both_ways(text(std::string_view("\0", 1)), "0x00");
  check_both_ways(text("\x01"), "0x01");
  check_both_ways(text("\x7f"), "0x7f");
  check_both_ways(text("dog"), "0x83646f67");
  const std::string lorem = "Lorem ipsum dolor sit amet, consectetur adipisicing eli";
  check_both_ways(text(lorem), "0xb7" + base::to_hex(base::as_bytes(lorem)));
  check_both_ways(text(lorem + "t"), "0xb838" + base::to_hex(base::as_bytes(lorem + "t")));
}

TEST_CASE("RLP numbers are those of Ethereum's published tests", "[eth]") {
  // github.com/ethereum/tests, RLPTests/rlptest.json
  check_both_ways(RlpItem(0), "0x80");
  check_both_ways(RlpItem(1), "0x01");
  check_both_ways(RlpItem(16), "0x10");
  check_both_ways(RlpItem(79), "0x4f");
  check_both_ways(RlpItem(127), "0x7f");
  check_both_ways(RlpItem(128), "0x8180");
  check_both_ways(RlpItem(1000), "0x8203e8");
  check_both_ways(RlpItem(100000), "0x830186a0");
  check_both_ways(RlpItem(testing::number("83729609699884896815286331701780722")),
                  "0x8f102030405060708090a0b0c0d0e0f2");
  check_both_ways(RlpItem(testing::number(
                      "105315505618206987246253880190783558935785933862974822347068935681")),
                  "0x9c0100020003000400050006000700080009000a000b000c000d000e01");
  // 2^256: longer than a number of ours, still a string of octets.
  base::Bytes big(33, 0);
  big[0] = 1;
  check_both_ways(RlpItem(big), "0xa101" + std::string(64, '0'));
}

TEST_CASE("RLP lists are those of Ethereum's published tests", "[eth]") {
  // github.com/ethereum/tests, RLPTests/rlptest.json
  const RlpItem empty = list();
  check_both_ways(empty, "0xc0");
  check_both_ways(list(text("dog"), text("god"), text("cat")), "0xcc83646f6783676f6483636174");
  check_both_ways(list(text("zw"), list(4), 1), "0xc6827a77c10401");
  check_both_ways(list(list(empty, empty), empty), "0xc4c2c0c0c0");
  check_both_ways(list(empty, list(empty), list(empty, list(empty))), "0xc7c0c1c0c3c0c1c0");
  RlpItem::List eleven;
  for (int i = 0; i < 11; ++i)
    eleven.push_back(text(i % 3 == 0 ? "asdf" : i % 3 == 1 ? "qwer" : "zxcv"));
  check_both_ways(RlpItem(eleven), "0xf7" +
                                       repeat("8461736466"
                                              "8471776572"
                                              "847a786376",
                                              3) +
                                       "8461736466"
                                       "8471776572");
  const RlpItem three = list(text("asdf"), text("qwer"), text("zxcv"));
  const char* const three_encoded = "cf84617364668471776572847a786376";
  check_both_ways(list(three, three, three, three), "0xf840" + repeat(three_encoded, 4));
  check_both_ways(RlpItem(RlpItem::List(32, three)), "0xf90200" + repeat(three_encoded, 32));
  check_both_ways(list(list(text("key1"), text("val1")), list(text("key2"), text("val2")),
                       list(text("key3"), text("val3")), list(text("key4"), text("val4"))),
                  "0xecca846b6579318476616c31ca846b6579328476616c32ca846b6579338476616c33"
                  "ca846b6579348476616c34");
}

RlpItem from_json(const base::Json& json) {
  if (json.is_string()) return RlpItem(unhex(json.as_string()));
  RlpItem::List out;
  for (const base::Json& element : json.elements()) out.push_back(from_json(element));
  return RlpItem(std::move(out));
}

TEST_CASE("RLP trees agree with ethers and viem", "[eth]") {
  for (const base::Json& row : testing::eth_vectors()["rlp"].elements()) {
    check_both_ways(from_json(row["item"]), row["encoded"].as_string());
  }
}

TEST_CASE("RLP that Ethereum's published tests call invalid is refused", "[eth]") {
  // github.com/ethereum/tests, RLPTests/invalidRLPTest.json
  const char* const cases[] = {
      "bf0f000000000000021111",
      "ff0f000000000000021111",
      "f80180",
      "f80100",
      "b9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df0",
      "f861f83eb9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df027b90015002d"
      "5ef8325ae4d034df55d4b58d0dfba64d61ddd17be00000b9001a00dae30907045a2f66fa36f2bb8aa9029cbb0b8a"
      "7b3b5c435ab331",
      "8100",
      "8101",
      "817F",
      "b90040000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
      "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
      "b800",
      "fb00000040000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425"
      "262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
      "f800",
      "b81000112233445566778899aabbccddeeff",
      "b801ff",
      "f810000102030405060708090a0b0c0d0e0f",
      "f803112233",
  };
  for (const char* encoded : cases) {
    CAPTURE(encoded);
    CHECK_THROWS_AS(rlp_decode(unhex(encoded)), Error);
  }
}

TEST_CASE("broken RLP is refused and the reason given", "[eth]") {
  const auto decode = [](std::string_view encoded) {
    return error_of([&] { rlp_decode(unhex(encoded)); });
  };
  CHECK(decode("") == "1 eth.rlp: RLP: the data ends where an item should begin");
  CHECK(decode("83646f") == "1 eth.rlp: RLP: an item of 3 octets has only 2 left");
  CHECK(decode("c3c28080") == "no error");
  CHECK(decode("c3c38080") == "1 eth.rlp: RLP: an item of 3 octets has only 2 left");
  CHECK(decode("8001") == "1 eth.rlp: RLP: 1 octets follow the item");
  CHECK(decode("8101") == "1 eth.rlp: RLP: the octet 0x01 has a length that it does not need");
  CHECK(decode("b800") == "1 eth.rlp: RLP: a length has leading zeros");
  CHECK(decode("b801ff") == "1 eth.rlp: RLP: the length 1 is written in the long form");
  CHECK(decode("bfffffffffffffffff00") ==
        "1 eth.rlp: RLP: an item of 18446744073709551615 octets has only 1 left");
  CHECK(decode("ff") == "1 eth.rlp: RLP: an item of 8 octets has only 0 left");
}

TEST_CASE("RLP lists may be nested 16 deep and no deeper", "[eth]") {
  const auto nested = [](std::size_t depth) {
    base::Bytes out;
    for (std::size_t i = depth; i > 0; --i) out.push_back(static_cast<std::uint8_t>(0xc0 + i - 1));
    return out;
  };
  CHECK(rlp_encode(rlp_decode(nested(16))) == nested(16));
  CHECK(error_of([&] { rlp_decode(nested(17)); }) ==
        "1 eth.rlp: RLP: lists are nested deeper than 16");
  // A stack would not survive these without the limit.
  base::Bytes deep{0xc0};
  for (int i = 0; i < 2000; ++i) {
    base::Bytes outer = rlp_encode(RlpItem(deep));
    outer[0] = static_cast<std::uint8_t>(outer[0] + 0x40);
    deep = outer;
  }
  CHECK(error_of([&] { rlp_decode(deep); }) == "1 eth.rlp: RLP: lists are nested deeper than 16");
}

TEST_CASE("RLP items are read as what they are", "[eth]") {
  const Address somebody = testing::address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
  CHECK(RlpItem(somebody).address() == somebody);
  CHECK(RlpItem(UINT64_MAX).u64() == UINT64_MAX);
  CHECK(error_of([] { text("dog").list(); }) == "1 eth.rlp: RLP: expected a list, found octets");
  CHECK(error_of([] { list().bytes(); }) == "1 eth.rlp: RLP: expected octets, found a list");
  CHECK(error_of([] {
          RlpItem(base::Bytes{0, 1}).number();
        }) == "1 eth.rlp: RLP: a number has leading zeros");
  CHECK(error_of([] { RlpItem(base::Bytes{0}).number(); }) ==
        "1 eth.rlp: RLP: a number has leading zeros");
  CHECK(error_of([] { RlpItem(base::Bytes(33, 1)).number(); }) ==
        "1 eth.rlp: RLP: a number of 33 octets is longer than 32");
  CHECK(error_of([] { RlpItem(U256(UINT64_MAX) + 1).u64(); }) ==
        "1 eth.rlp: RLP: 18446744073709551616 does not fit into 64 bits");
  CHECK(error_of([] { text("dog").address(); }) ==
        "1 eth.rlp: RLP: an address has 3 octets, not 20");
}

RlpItem random_item(testing::FixedRandom& random, int depth) {
  if (depth == 0 || random.below(3) == 0) return RlpItem(random.bytes(random.below(80)));
  RlpItem::List out;
  for (std::size_t i = random.below(5); i > 0; --i) out.push_back(random_item(random, depth - 1));
  return RlpItem(std::move(out));
}

TEST_CASE("RLP round trips, and no cut or changed octet is read as the same item", "[eth]") {
  testing::FixedRandom random(1559);
  for (int round = 0; round < 200; ++round) {
    const RlpItem item = random_item(random, 5);
    base::Bytes encoded = rlp_encode(item);
    REQUIRE(rlp_decode(encoded) == item);
    REQUIRE_THROWS_AS(rlp_decode(base::ByteView(encoded).first(encoded.size() - 1)), Error);
    encoded[random.below(encoded.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
    try {
      const RlpItem other = rlp_decode(encoded);
      REQUIRE_FALSE(other == item);
      REQUIRE(rlp_encode(other) == encoded);  // canonical: one encoding for one item
    } catch (const Error& error) {
      REQUIRE(error.code() == "eth.rlp");
    }
  }
}

}  // namespace
}  // namespace ecloud::eth
