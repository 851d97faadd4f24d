#include "ecloud/eth/u256.h"

#include "unit/eth/eth_support.h"

namespace ecloud::eth {
namespace {

using testing::error_of;
using testing::number;

const char* const kMax =
    "115792089237316195423570985008687907853269984665640564039457584007913129639935";

TEST_CASE("256-bit arithmetic agrees with node's BigInt", "[eth]") {
  const auto same = [](const base::Json& expected, auto compute) {
    if (expected.is_null()) {
      CHECK_THROWS_AS(compute(), Error);
    } else {
      CHECK(compute().to_decimal() == expected.as_string());
    }
  };
  for (const base::Json& row : testing::eth_vectors()["u256"].elements()) {
    const U256 a = number(row["a"].as_string());
    const U256 b = number(row["b"].as_string());
    CAPTURE(row.dump());
    CHECK(a.to_decimal() == row["a"].as_string());
    CHECK(a.to_hex() == row["hex"].as_string());
    CHECK(U256::from_hex(row["hex"].as_string()) == a);
    CHECK(format_ether(a) == row["ether"].as_string());
    CHECK(parse_units(row["ether"].as_string(), 18) == a);
    same(row["sum"], [&] { return a + b; });
    same(row["difference"], [&] { return a - b; });
    same(row["product"], [&] { return a * b; });
    same(row["quotient"], [&] { return a / b; });
    same(row["remainder"], [&] { return a % b; });
  }
}

__extension__ using Wide = unsigned __int128;

U256 widen(Wide value) {
  base::FixedBytes<16> octets;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[15 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return *U256::from_big_endian(octets);
}

TEST_CASE("256-bit arithmetic agrees with the compiler's 128 bits", "[eth]") {
  testing::FixedRandom random(0xec10d);
  for (int round = 0; round < 2000; ++round) {
    const auto any = [&random] {
      const Wide both = static_cast<Wide>(random.next()) << 64 | random.next();
      return both >> random.below(128);
    };
    const Wide a = any();
    const Wide b = any();
    const Wide low_a = static_cast<std::uint64_t>(a);
    const Wide low_b = static_cast<std::uint64_t>(b);
    REQUIRE(widen(a >> 1) + widen(b >> 1) == widen((a >> 1) + (b >> 1)));
    REQUIRE(widen(std::max(a, b)) - widen(std::min(a, b)) ==
            widen(std::max(a, b) - std::min(a, b)));
    REQUIRE(widen(low_a) * widen(low_b) == widen(low_a * low_b));
    REQUIRE((widen(a) < widen(b)) == (a < b));
    REQUIRE((widen(a) == widen(b)) == (a == b));
    if (b == 0) continue;
    REQUIRE(widen(a) / widen(b) == widen(a / b));
    REQUIRE(widen(a) % widen(b) == widen(a % b));
  }
}

TEST_CASE("quotient and remainder give the dividend back", "[eth]") {
  testing::FixedRandom random(7);
  for (int round = 0; round < 500; ++round) {
    const U256 a = *U256::from_big_endian(random.bytes(32));
    const U256 b = *U256::from_big_endian(random.bytes(1 + random.below(32)));
    if (b.is_zero()) continue;
    REQUIRE(a / b * b + a % b == a);
    REQUIRE(a % b < b);
    REQUIRE(U256::from_big_endian(a.to_word()) == a);
    REQUIRE(U256::from_big_endian(b.to_minimal_big_endian()) == b);
  }
}

TEST_CASE("money never wraps around", "[eth]") {
  const U256 max = number(kMax);
  CHECK(error_of([&] { return max + U256(1); }) ==
        "1 eth.overflow: " + std::string(kMax) + " + 1 does not fit into 256 bits");
  CHECK(error_of([] { return U256(3) - U256(4); }) == "1 eth.overflow: 3 - 4 is below zero");
  CHECK(error_of([&] { return max * U256(2); }) ==
        "1 eth.overflow: " + std::string(kMax) + " * 2 does not fit into 256 bits");
  CHECK(error_of([] { return U256(3) / U256(0); }) == "1 eth.overflow: 3 is divided by zero");
  CHECK(error_of([] { return U256(3) % U256(); }) == "1 eth.overflow: 3 is divided by zero");
}

TEST_CASE("numbers of up to 64 bits come out as such", "[eth]") {
  CHECK(U256(UINT64_MAX).fits_u64());
  CHECK(U256(UINT64_MAX).to_u64() == UINT64_MAX);
  const U256 more = U256(UINT64_MAX) + 1;
  CHECK_FALSE(more.fits_u64());
  CHECK(error_of([&] { return more.to_u64(); }) ==
        "1 eth.overflow: 18446744073709551616 does not fit into 64 bits");
}

TEST_CASE("hexadecimal quantities are read leniently and written strictly", "[eth]") {
  CHECK(U256::from_hex("0x0") == U256(0));
  CHECK(U256::from_hex("0x00001A") == U256(26));
  CHECK(U256::from_hex("0x" + std::string(64, 'f')) == number(kMax));
  CHECK(U256(0).to_hex() == "0x0");
  CHECK(U256(26).to_hex() == "0x1a");
  for (const char* bad :
       {"", "0x", "1a", "0X1", "0xg", "0x-1", "0x 1", "0x0x1", "0x0x12", " 0x1"}) {
    CAPTURE(bad);
    CHECK_FALSE(U256::from_hex(bad));
  }
  CHECK_FALSE(U256::from_hex("0x0" + std::string(64, 'f')));
}

TEST_CASE("decimal numbers are digits and nothing else", "[eth]") {
  CHECK(U256::from_decimal("007") == U256(7));
  CHECK(U256::from_decimal(kMax)->to_decimal() == kMax);
  // 2^256.
  CHECK_FALSE(U256::from_decimal(
      "115792089237316195423570985008687907853269984665640564039457584007913129639936"));
  for (const char* bad : {"", "-1", "+1", "1.0", "1e3", " 1", "1 ", "0x1"}) {
    CAPTURE(bad);
    CHECK_FALSE(U256::from_decimal(bad));
  }
}

TEST_CASE("words are 32 octets and longer numbers are refused", "[eth]") {
  CHECK(testing::hex(U256(0x1234).to_word()) == "0x" + std::string(60, '0') + "1234");
  CHECK(testing::hex(U256(0x1234).to_minimal_big_endian()) == "0x1234");
  CHECK(U256(0).to_minimal_big_endian().empty());
  CHECK(U256::from_big_endian({}) == U256(0));
  CHECK_FALSE(U256::from_big_endian(base::Bytes(33, 0)));
}

TEST_CASE("amounts are shown with all digits that matter and no more", "[eth]") {
  // viem: formatEther and formatUnits.
  CHECK(format_ether(U256(0)) == "0");
  CHECK(format_ether(U256(1)) == "0.000000000000000001");
  CHECK(format_ether(U256(12'300'000'000'000'000U)) == "0.0123");
  CHECK(format_ether(U256(1'000'000'000'000'000'000U)) == "1");
  CHECK(format_ether(U256(kWeiPerGwei)) == "0.000000001");
  CHECK(format_units(U256(1'500'000), 6) == "1.5");
  CHECK(format_units(U256(1'500'000), 0) == "1500000");
  CHECK(format_units(U256(5), 80) == "0." + std::string(79, '0') + "5");
}

TEST_CASE("amounts are read exactly or not at all", "[eth]") {
  CHECK(parse_units("20", 6) == U256(20'000'000));
  CHECK(parse_units("0.000001", 6) == U256(1));
  CHECK(parse_units("1.50", 6) == U256(1'500'000));
  CHECK(parse_units("7", 0) == U256(7));
  for (const char* bad : {"", ".", ".5", "5.", "1.0000001", "-1", "+1", "1,5", "1.2.3", "1e6", " 1",
                          "1 ", "0x1", "1 000"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_units(bad, 6));
  }
  CHECK_FALSE(parse_units("1", 78));
  CHECK_FALSE(parse_units("1.5", 0));
}

}  // namespace
}  // namespace ecloud::eth
