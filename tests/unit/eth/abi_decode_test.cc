#include "ecloud/eth/abi.h"
#include "unit/eth/eth_support.h"

namespace ecloud::eth {
namespace {

using testing::error_of;
using testing::hex;
using testing::unhex;
using Kind = AbiType::Kind;

AbiValue value_from_json(const AbiType& type, const base::Json& json) {
  switch (type.kind) {
    case Kind::kArray:
    case Kind::kTuple: {
      AbiValue::List out;
      for (std::size_t i = 0; i < json.size(); ++i) {
        const bool tuple = type.kind == Kind::kTuple;
        out.push_back(value_from_json(type.components[tuple ? i : 0], json.at(i)));
      }
      return out;
    }
    case Kind::kAddress:
      return testing::address(json.as_string());
    case Kind::kBool:
      return json.as_bool();
    case Kind::kBytes:
    case Kind::kFixedBytes:
      return unhex(json.as_string());
    case Kind::kString:
      return json.as_string();
    default:
      break;
  }
  const std::string digits = json.as_string();
  if (!digits.starts_with('-')) return testing::number(digits);
  return U256::from_hex("0x" + std::string(64, 'f')).value() - testing::number(digits.substr(1)) +
         1;
}

TEST_CASE("ABI encodings agree with viem and ethers both ways", "[eth]") {
  for (const base::Json& row : testing::eth_vectors()["abi"].elements()) {
    const std::string types = row["types"].as_string();
    CAPTURE(types);
    const AbiValue values = value_from_json(AbiType::parse(types), row["values"]);
    CHECK(hex(abi_encode(types, values.list())) == row["encoded"].as_string());
    CHECK(AbiValue(abi_decode(types, unhex(row["encoded"].as_string()))) == values);
  }
}

/// Words of 32 octets: a decimal number each, or 64 hex digits.
base::Bytes words(std::initializer_list<std::string_view> list) {
  base::Bytes out;
  for (const std::string_view word : list) {
    base::append(out,
                 word.size() == 64 ? unhex(word) : unhex(hex(testing::number(word).to_word())));
  }
  return out;
}

std::string failure(const char* types, const base::Bytes& data) {
  return error_of([&] { abi_decode(types, data); });
}

const std::string kPrefix = "7 eth.abi_data: ABI data: ";

TEST_CASE("a contract's answer is read", "[eth]") {
  // A call that reverts with a reason, as Solidity encodes it.
  const base::Bytes reason = unhex(
      "0000000000000000000000000000000000000000000000000000000000000020"
      "000000000000000000000000000000000000000000000000000000000000001a"
      "4e6f7420656e6f7567682045746865722070726f76696465642e000000000000");
  CHECK(abi_decode("(string)", reason).at(0).text() == "Not enough Ether provided.");

  const base::Bytes apps = words({"64", "160", "2", "7", "8", "1", "1", "2", "3", "4"});
  const AbiValue::List both = abi_decode("(address[],(address,uint32,uint32,uint8)[])", apps);
  REQUIRE(both.size() == 2);
  CHECK(both[0].list().size() == 2);
  CHECK(both[0][1].address().to_lower_hex() == "0x0000000000000000000000000000000000000008");
  CHECK(both[1][0][3].number() == U256(4));
  CHECK(abi_decode("()", {}).empty());
}

TEST_CASE("octets that are missing are noticed", "[eth]") {
  CHECK(failure("(uint256)", {}) == kPrefix + "32 octets are wanted at octet 0 of 0");
  CHECK(failure("(uint256)", base::Bytes(31, 0)) ==
        kPrefix + "32 octets are wanted at octet 0 of 31");
  CHECK(failure("(uint8,uint8)", words({"1"})) ==
        kPrefix + "32 octets are wanted at octet 32 of 32");
  CHECK(failure("(string)", words({"32"})) == kPrefix + "32 octets are wanted at octet 32 of 32");
  CHECK(failure("(uint8[4])", words({"1", "2", "3"})) ==
        kPrefix + "32 octets are wanted at octet 96 of 96");
}

TEST_CASE("offsets and lengths out of the data are refused", "[eth]") {
  const std::string ones(64, 'f');
  CHECK(failure("(string)", words({"96", "0"})) ==
        kPrefix + "the offset 96 at octet 0 leads out of its 64 octets");
  CHECK(failure("(string)", words({ones, "0"})) ==
        kPrefix +
            "the offset "
            "115792089237316195423570985008687907853269984665640564039457584007913129639935"
            " at octet 0 leads out of its 64 octets");
  CHECK(failure("(string)", words({"18446744073709551615", "0"})) ==
        kPrefix + "the offset 18446744073709551615 at octet 0 leads out of its 64 octets");
  CHECK(failure("(bytes)", words({"32", "33", "0"})) ==
        kPrefix + "the length 33 at octet 32 is more than its 96 octets can hold");
  CHECK_THROWS_AS(abi_decode("(bytes)", words({"32", ones, "0"})), Error);
  // Relative to the inner tuple, not to the data.
  CHECK(failure("((string))", words({"32", "96", "0"})) ==
        kPrefix + "the offset 96 at octet 32 leads out of its 96 octets");
}

TEST_CASE("an array that claims 2^40 elements fails at once", "[eth]") {
  for (const char* type : {"(uint8[])", "(string[])", "(uint8[][])", "((string,bytes)[])"}) {
    CHECK(failure(type, words({"32", "1099511627776", "0", "0"})) ==
          kPrefix + "the length 1099511627776 at octet 32 is more than its 128 octets can hold");
  }
  // As many as words are left would be allowed for uint8, not for wider elements.
  CHECK(abi_decode("(uint8[])", words({"32", "2", "0", "0"})).at(0).list().size() == 2);
  CHECK(failure("((uint8,uint8)[])", words({"32", "2", "0", "0"})) ==
        kPrefix + "the length 2 at octet 32 is more than its 128 octets can hold");
}

TEST_CASE("offsets that lead back to themselves end", "[eth]") {
  const std::string twice = kPrefix + "its offsets use the same octets more than once";
  // Every word is an offset, a length and a head at once: 32 to the eighth values without a limit.
  base::Bytes loop;
  for (int i = 0; i < 100; ++i) base::append(loop, words({"32"}));
  CHECK(failure("(uint8[][][][][][][][])", loop) == twice);
  CHECK(failure("(string[][][][])", loop) == twice);
  // The offset 0 is its own length.
  CHECK(failure("(uint8[][])", words({"32", "1", "0"})) == twice);
  // 60 offsets to one string of 1 KiB would be 60 KiB out of 3.
  base::Bytes bomb = words({"32", "60"});
  for (int i = 0; i < 60; ++i) base::append(bomb, words({"1920"}));
  base::append(bomb, words({"1024"}));
  bomb.resize(bomb.size() + 1024, 'x');
  CHECK(failure("(string[])", bomb) == twice);
  // The same with arrays, three levels of 100: a million values out of 10 KiB.
  base::Bytes tree = words({"32", "100"});
  for (int level = 0; level < 2; ++level) {
    for (int i = 0; i < 100; ++i) base::append(tree, words({"3200"}));
    base::append(tree, words({"100"}));
  }
  for (int i = 0; i < 100; ++i) base::append(tree, words({"1"}));
  CHECK(failure("(uint8[][][])", tree) == twice);
}

TEST_CASE("words out of the range of their type are refused", "[eth]") {
  CHECK(failure("(bool)", words({"2"})) == kPrefix + "the word at octet 0 is no bool: 0x2");
  CHECK(failure("(uint32)", words({"4294967296"})) ==
        kPrefix + "the word at octet 0 is no uint32: 0x100000000");
  CHECK(failure("(int8)", words({"128"})) == kPrefix + "the word at octet 0 is no int8: 0x80");
  CHECK(abi_decode("(int8)", words({std::string(64, 'f')})).at(0).number() ==
        U256::from_hex("0x" + std::string(64, 'f')));
  CHECK(failure("(uint8,address)",
                words({"1", "1461501637330902918203684832716283019655932542976"})) ==
        kPrefix + "the word at octet 32 is no address: 0x1" + std::string(40, '0'));
  CHECK(failure("(bytes4)", words({"2f0000000000000000000000000000000000000000000000000000000000"
                                   "0001"})) ==
        kPrefix + "the word at octet 0 is no bytes4: 0x2f" + std::string(61, '0') + "1");
}

TEST_CASE("padding may be missing or dirty and more may follow, as in Solidity", "[eth]") {
  base::Bytes data = words({"32", "3"});
  base::append(data, base::as_bytes("abc"));
  CHECK(abi_decode("(string)", data).at(0).text() == "abc");
  base::append(data, base::as_bytes("dirt"));
  CHECK(abi_decode("(string)", data).at(0).text() == "abc");
  CHECK(abi_decode("(uint8)", words({"5", "6"})).at(0).number() == U256(5));
}

AbiType random_type(testing::FixedRandom& random, int depth) {
  AbiType out;
  out.kind = static_cast<Kind>(random.below(depth == 0 ? 7 : 9));
  out.bits = 8 * static_cast<unsigned>(1 + random.below(32));
  out.size = 1 + random.below(out.kind == Kind::kArray ? 3 : 32);
  if (out.kind == Kind::kArray) {
    out.fixed_array = random.below(2) == 0;
    out.components.push_back(random_type(random, depth - 1));
  } else if (out.kind == Kind::kTuple) {
    for (std::size_t i = 1 + random.below(4); i > 0; --i) {
      out.components.push_back(random_type(random, depth - 1));
    }
  }
  return out;
}

AbiValue random_value(testing::FixedRandom& random, const AbiType& type) {
  switch (type.kind) {
    case Kind::kUint:
      return *U256::from_big_endian(random.bytes(type.bits / 8));
    case Kind::kInt:
      return random.below(2) == 0 ? AbiValue(random.below(128)) : AbiValue(-128);
    case Kind::kBool:
      return random.below(2) == 0;
    case Kind::kFixedBytes:
      return random.bytes(type.size);
    case Kind::kBytes:
    case Kind::kString:
      return random.bytes(random.below(100));
    case Kind::kAddress: {
      base::FixedBytes<20> octets{};
      octets[random.below(20)] = 1;
      return Address(octets);
    }
    default:
      break;
  }
  AbiValue::List out;
  const bool tuple = type.kind == Kind::kTuple;
  const std::size_t count = tuple              ? type.components.size()
                            : type.fixed_array ? type.size
                                               : random.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(random_value(random, type.components[tuple ? i : 0]));
  }
  return out;
}

TEST_CASE("any value comes back from its encoding, and garbage never does harm", "[eth]") {
  testing::FixedRandom random(2718);
  for (int round = 0; round < 400; ++round) {
    AbiType type;
    type.kind = Kind::kTuple;
    for (std::size_t i = 1 + random.below(3); i > 0; --i) {
      type.components.push_back(random_type(random, 4));
    }
    const std::string text = type.to_string();
    CAPTURE(text);
    const AbiValue values = random_value(random, type);
    base::Bytes data = abi_encode(text, values.list());
    REQUIRE(data.size() % 32 == 0);
    REQUIRE(AbiValue(abi_decode(text, data)) == values);

    data.erase(data.end() - static_cast<std::ptrdiff_t>(random.below(data.size())), data.end());
    for (int changes = 0; changes < 3; ++changes) {
      data[random.below(data.size())] = static_cast<std::uint8_t>(random.next());
    }
    const std::string outcome = failure(text.c_str(), data);
    REQUIRE((outcome == "no error" || outcome.starts_with(kPrefix)));
  }
}

}  // namespace
}  // namespace ecloud::eth
