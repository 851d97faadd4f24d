#include <functional>
#include <string>

#include "ecloud/base/hex.h"
#include "ecloud/chain/chain.h"
#include "support/catch.h"

using namespace ecloud;
using base::Json;

namespace {

/// Answers of anvil 1.3 to eth_getTransactionReceipt and eth_getBlockByNumber, without the members
/// that nobody reads.
constexpr char kReceipt[] = R"({"type":"0x2","status":"0x1","cumulativeGasUsed":"0xd3b5","logs":[
  {"address":"0x5fbdb2315678afecb367f032d93f642f64180aa3",
   "topics":["0x00000000000000000000000000000000000000000000000000000000000000aa"],
   "data":"0x000000000000000000000000000000000000000000000000000000000000002a","logIndex":"0x0"}],
  "transactionHash":"0x6ca866c95a4bc3e1a75bd1f1b7419d52c3acd610752d44817ad0dadb1eb2655d",
  "blockNumber":"0x1",
  "blockHash":"0x1d2c6ba3b4a5968778695a4b3c2d1e0f1d2c6ba3b4a5968778695a4b3c2d1e0f","gasUsed":"0xd3b5","effectiveGasPrice":"0x77359400","to":null,
  "from":"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"})";
constexpr char kBlock[] =
    R"({"number":"0x1","timestamp":"0x6b0104e5","baseFeePerGas":"0x3b9aca00","transactions":[]})";

Json parse(const std::string& text) {
  return Json::parse(text, "https://a.example");
}

/// The receipt with `text` in the place of `replaced`.
Json receipt_with(const std::string& replaced, const std::string& text) {
  std::string out = kReceipt;
  out.replace(out.find(replaced), replaced.size(), text);
  return parse(out);
}

std::string message_of(const std::function<void()>& read) {
  try {
    read();
  } catch (const Error& error) {
    CHECK(error.category() == Category::kNetwork);
    CHECK((error.code() == "json.shape" || error.code() == "chain.bad_answer"));
    return error.message();
  }
  return "no error";
}

}  // namespace

TEST_CASE("numbers are hexadecimal text", "[chain]") {
  CHECK(chain::read_quantity(parse("\"0x0\"")) == eth::U256(0));
  CHECK(chain::read_u64(parse("\"0x2a\"")) == 42);
  CHECK(chain::read_u64(parse("\"0x000000000000000000000000002a\"")) == 42);
  CHECK(chain::read_u64(parse("\"0xffffffffffffffff\"")) == UINT64_MAX);
  for (const char* bad : {"42", "\"42\"", "\"0x\"", "\"\"", "\"0xg\"", "null", "{}", "\"-0x1\""}) {
    INFO(bad);
    CHECK(message_of([&] { chain::read_quantity(parse(bad)); }) ==
          "https://a.example: $: expected a hexadecimal number");
  }
  CHECK(message_of([&] { chain::read_u64(parse("\"0x10000000000000000\"")); }) ==
        "https://a.example: $: expected a number of 64 bits");
}

TEST_CASE("data are hexadecimal octets", "[chain]") {
  CHECK(chain::read_data(parse("\"0x\"")).empty());
  CHECK(chain::read_data(parse("\"0x00fF\"")) == base::Bytes{0, 255});
  for (const char* bad : {"\"0x0\"", "\"00\"", "\"0xzz\"", "null", "1"}) {
    INFO(bad);
    CHECK(message_of([&] { chain::read_data(parse(bad)); }) ==
          "https://a.example: $: expected hexadecimal octets");
  }
}

TEST_CASE("a block header is read", "[chain]") {
  const chain::BlockHeader header = chain::read_block_header(parse(kBlock));
  CHECK(header.number == 1);
  CHECK(header.timestamp == 1'795'228'901);
  CHECK(header.base_fee_per_gas == eth::U256(1'000'000'000));
  CHECK(message_of([] { chain::read_block_header(parse("null")); }) ==
        "https://a.example: $: expected a block");
  CHECK(message_of([] {
          chain::read_block_header(parse(R"({"number":"0x1","timestamp":"0x1"})"));
        }) == "https://a.example: $.baseFeePerGas: expected a hexadecimal number");
}

TEST_CASE("a receipt is read", "[chain]") {
  const auto receipt = chain::read_receipt(parse(kReceipt));
  REQUIRE(receipt);
  CHECK(base::to_hex(receipt->transaction_hash) ==
        "6ca866c95a4bc3e1a75bd1f1b7419d52c3acd610752d44817ad0dadb1eb2655d");
  CHECK(receipt->block_number == 1);
  CHECK(receipt->success);
  CHECK(receipt->gas_used == 54'197);
  CHECK(receipt->effective_gas_price == eth::U256(2'000'000'000));
  CHECK(receipt->cost().to_decimal() == "108394000000000");
  REQUIRE(receipt->logs.size() == 1);
  CHECK(receipt->logs[0].address.to_lower_hex() == "0x5fbdb2315678afecb367f032d93f642f64180aa3");
  REQUIRE(receipt->logs[0].topics.size() == 1);
  CHECK(receipt->logs[0].topics[0][31] == 0xaa);
  CHECK(receipt->logs[0].data.size() == 32);
  CHECK(receipt->logs[0].data[31] == 42);
}

TEST_CASE("a transaction that is not mined has no receipt", "[chain]") {
  CHECK_FALSE(chain::read_receipt(parse("null")));
  CHECK_FALSE(chain::read_receipt(receipt_with("\"blockNumber\":\"0x1\"", "\"blockNumber\":null")));
}

TEST_CASE("a reverted transaction has one", "[chain]") {
  const auto receipt =
      chain::read_receipt(receipt_with("\"status\":\"0x1\"", "\"status\":\"0x0\""));
  REQUIRE(receipt);
  CHECK_FALSE(receipt->success);
}

TEST_CASE("a malformed receipt names the place", "[chain]") {
  const auto message = [](const std::string& replaced, const std::string& text) {
    return message_of([&] { chain::read_receipt(receipt_with(replaced, text)); });
  };
  CHECK(message("\"status\":\"0x1\",", "") ==
        "https://a.example: $.status: expected a hexadecimal number");
  CHECK(message("\"status\":\"0x1\"", "\"status\":\"0x2\"") ==
        "https://a.example: $.status: expected 0x0 or 0x1");
  CHECK(message("00000000aa\"", "aa\"") ==
        "https://a.example: $.logs[0].topics[0]: expected a hash of 32 octets");
  CHECK(message("0x5fbdb2", "0x5fbd") ==
        "https://a.example: $.logs[0].address: expected an address");
  CHECK(message("\"effectiveGasPrice\":\"0x77359400\",", "") ==
        "https://a.example: $.effectiveGasPrice: expected a hexadecimal number");
  CHECK(message("\"logs\":[", "\"logs\":null,\"x\":[") ==
        "https://a.example: $.logs: expected an array");
  CHECK(message_of([] { chain::read_receipt(parse("\"0x\"")); }) ==
        "https://a.example: $: expected a receipt");
}
