#include <string>
#include <vector>

#include "ecloud/chain/chain.h"
#include "fake_node.h"
#include "support/catch.h"
#include "support/manual_clock.h"

using namespace ecloud;
using base::Milliseconds;
using testing::FakeNode;
using testing::make_response;

namespace {

constexpr char kUrl[] = "https://a.example/";

std::string receipt_json() {
  const std::string hash = "\"0x" + std::string(64, '1') + "\"";
  return R"({"status":"0x1","logs":[],"blockNumber":"0x7","gasUsed":"0x5208",)"
         R"("effectiveGasPrice":"0x1","transactionHash":)" +
         hash + "}";
}

struct Bench {
  testing::FakeTransport fake;
  testing::ManualClock clock;
  base::Log log;
  FakeNode node;
  chain::RpcClient rpc{fake, clock, log, {{kUrl}, 11155111, 1}};

  Bench() { node.answers["eth_getTransactionReceipt"] = "\"result\":null"; }
  /// From the n-th wait on, there is a receipt.
  void mine_after(std::size_t waits) {
    clock.on_sleep([this, waits](Milliseconds) {
      if (clock.sleeps().size() >= waits) {
        node.answers["eth_getTransactionReceipt"] = "\"result\":" + receipt_json();
      }
    });
  }
  std::optional<chain::Receipt> wait(const chain::ReceiptWait& how = {}) {
    return chain::wait_for_receipt(rpc, clock, base::Bytes32{}, how);
  }
};

std::vector<Milliseconds> milliseconds(const std::vector<int>& values) {
  std::vector<Milliseconds> out;
  for (const int value : values) out.emplace_back(value);
  return out;
}

}  // namespace

TEST_CASE("a receipt that is there is taken at once", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kUrl, bench.node.handler());
  bench.node.answers["eth_getTransactionReceipt"] = "\"result\":" + receipt_json();
  const auto receipt = bench.wait();
  REQUIRE(receipt);
  CHECK(receipt->block_number == 7);
  CHECK(bench.clock.sleeps().empty());
}

TEST_CASE("a receipt is asked for often, and less often with time", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kUrl, bench.node.handler());
  bench.mine_after(9);
  REQUIRE(bench.wait());
  CHECK(bench.clock.sleeps() == milliseconds({100, 150, 225, 337, 505, 757, 1000, 1000, 1000}));
}

TEST_CASE("when the time is up there is no receipt, after a last look", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kUrl, bench.node.handler());
  chain::ReceiptWait how;
  how.timeout = Milliseconds(400);

  SECTION("nothing") {
    CHECK_FALSE(bench.wait(how));
    CHECK(bench.clock.sleeps() == milliseconds({100, 150, 150}));
    CHECK(bench.node.asked.size() == 4);
  }
  SECTION("the last look finds it") {
    bench.mine_after(3);
    CHECK(bench.wait(how));
  }
  SECTION("no time at all is one look") {
    how.timeout = Milliseconds(0);
    CHECK_FALSE(bench.wait(how));
    CHECK(bench.node.asked.size() == 1);
  }
}

TEST_CASE("failures of the node are waited out", "[chain]") {
  Bench bench;
  bench.fake.once("POST", kUrl, Error(Category::kNetwork, "net.timeout", "https://a.example: slow"))
      .once("POST", kUrl, make_response(503, ""))
      .once("POST", kUrl, make_response(200, "<html>"))
      .once("POST", kUrl,
            make_response(200, R"([{"id":1,"result":"0xaa36a7"},)"
                               R"({"id":2,"result":{"blockNumber":"soon"}}])"))
      .always("POST", kUrl, bench.node.handler());
  bench.mine_after(4);
  CHECK(bench.wait());
  CHECK(bench.fake.complaints() == "");
}

TEST_CASE("a node on another chain and Ctrl-C are not waited out", "[chain]") {
  const auto code_of = [](Bench& bench) {
    try {
      bench.wait();
    } catch (const Error& error) {
      return error.code();
    }
    return std::string("none");
  };
  Bench wrong;
  wrong.node.chain_id = "0x1";
  wrong.fake.always("POST", kUrl, wrong.node.handler());
  CHECK(code_of(wrong) == "chain.wrong_chain");

  Bench stopped;
  stopped.fake.always("POST", kUrl, stopped.node.handler());
  stopped.clock.on_sleep(
      [](Milliseconds) { throw Error(Category::kInterrupted, "interrupted", "interrupted"); });
  CHECK(code_of(stopped) == "interrupted");
}
