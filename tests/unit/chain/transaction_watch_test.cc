#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ecloud/chain/transaction_watch.h"
#include "fake_node.h"
#include "support/catch.h"
#include "support/manual_clock.h"

using namespace ecloud;
using base::Milliseconds;
using testing::FakeNode;
using testing::make_response;

namespace {

constexpr char kUrl[] = "https://a.example/";

std::string hex_word(char digit) {
  return "0x" + std::string(64, digit);
}

std::string receipt_json(char transaction = '1', int block = 7, char block_hash = 'b') {
  return R"({"status":"0x1","logs":[],"gasUsed":"0x5208","effectiveGasPrice":"0x1",)"
         R"("blockNumber":"0x)" +
         std::to_string(block) + R"(","blockHash":")" + hex_word(block_hash) +
         R"(","transactionHash":")" + hex_word(transaction) + "\"}";
}

base::Bytes32 word(unsigned char digit) {
  base::Bytes32 out;
  out.fill(static_cast<std::uint8_t>(digit * 0x11));
  return out;
}

using End = chain::Watched::End;

struct Bench {
  testing::FakeTransport fake;
  testing::ManualClock clock;
  base::Log log;
  FakeNode node;
  chain::RpcClient rpc{fake, clock, log, {{kUrl}, 11155111, 1}};
  chain::WatchedTransaction transaction{{word(1)}, {}, 4};

  Bench() {
    set_receipt("null");
    node.answers["eth_getTransactionByHash"] = "\"result\":null";
    set_nonce(4);
    set_head(7);
  }
  void set_receipt(const std::string& json) {
    node.answers["eth_getTransactionReceipt"] = "\"result\":" + json;
  }
  void set_nonce(int next) {
    node.answers["eth_getTransactionCount"] = "\"result\":\"0x" + std::to_string(next) + "\"";
  }
  void set_head(int block) {
    node.answers["eth_blockNumber"] = "\"result\":\"0x" + std::to_string(block) + "\"";
  }
  /// Runs after the n-th wait, counted from 1.
  void after(std::map<std::size_t, std::function<void()>> steps) {
    clock.on_sleep([this, steps = std::move(steps)](Milliseconds) {
      const auto step = steps.find(clock.sleeps().size());
      if (step != steps.end()) step->second();
    });
  }
  void mine_after(std::size_t waits) {
    after({{waits, [this] { set_receipt(receipt_json()); }}});
  }
  chain::Watched watch(const chain::WatchOptions& how = {}) {
    return chain::watch_transaction(rpc, clock, transaction, how);
  }
  std::optional<chain::Receipt> wait(const chain::WatchOptions& how = {}) {
    return watch(how).receipt;
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
  chain::WatchOptions how;
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
                               R"({"id":2,"result":{"blockNumber":"soon"}},)"
                               R"({"id":3,"result":"0x4"}])"))
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

TEST_CASE("the receipt of another transaction than the one asked for is no answer", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kUrl, bench.node.handler());
  bench.set_receipt(receipt_json('2'));
  bench.mine_after(3);
  const auto receipt = bench.wait();
  REQUIRE(receipt);
  CHECK(receipt->transaction_hash == word(1));
  CHECK(bench.clock.sleeps().size() == 3);
}

TEST_CASE("a nonce that another transaction took is noticed once the receipt had its time",
          "[chain]") {
  Bench bench;
  bench.fake.always("POST", kUrl, bench.node.handler());
  chain::WatchOptions how;

  SECTION("it never comes") {
    bench.set_nonce(5);
    const auto watched = bench.watch(how);
    CHECK(watched.end == End::kNonceTaken);
    CHECK_FALSE(watched.receipt);
    Milliseconds slept{0};
    for (const Milliseconds one : bench.clock.sleeps()) slept += one;
    CHECK(slept == how.late_receipt);
  }
  SECTION("it comes late") {
    bench.set_nonce(5);
    bench.mine_after(5);
    CHECK(bench.watch(how).end == End::kMined);
  }
  SECTION("one look waits for it too") {
    how.timeout = Milliseconds(0);
    bench.set_nonce(5);
    CHECK(bench.watch(how).end == End::kNonceTaken);
  }
  SECTION("a node that knows the transaction has only lost the receipt") {
    bench.set_nonce(5);
    bench.node.answers["eth_getTransactionByHash"] =
        R"("result":{"hash":")" + hex_word('1') + R"(","blockNumber":"0x7"})";
    const auto watched = bench.watch(how);
    CHECK(watched.end == End::kTimeOut);
    CHECK_FALSE(watched.receipt);
  }
  SECTION("a node that has it in its pool still settles nothing") {
    bench.set_nonce(5);
    bench.node.answers["eth_getTransactionByHash"] =
        R"("result":{"hash":")" + hex_word('1') + R"(","blockNumber":null})";
    CHECK(bench.watch(how).end == End::kTimeOut);
  }
  SECTION("a node that cannot say whether it knows the transaction settles nothing") {
    bench.set_nonce(5);
    bench.node.answers.erase("eth_getTransactionByHash");
    CHECK(bench.watch(how).end == End::kTimeOut);
  }
  SECTION("a node that was wrong about the nonce is believed when it changes its mind") {
    bench.set_nonce(5);
    how.timeout = Milliseconds(20'000);
    bench.after({{3, [&] { bench.set_nonce(4); }}});
    CHECK(bench.watch(how).end == End::kTimeOut);
  }
}

TEST_CASE("more confirmations wait for more blocks", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kUrl, bench.node.handler());
  bench.set_receipt(receipt_json());
  int seen = 0;
  chain::WatchOptions how;
  how.confirmations = 3;
  how.on_seen = [&](const chain::Receipt&) { ++seen; };

  SECTION("until they are there") {
    bench.after({{2, [&] { bench.set_head(8); }}, {4, [&] { bench.set_head(9); }}});
    const auto watched = bench.watch(how);
    CHECK(watched.end == End::kMined);
    CHECK(bench.clock.sleeps().size() == 4);
    CHECK(seen == 1);
  }
  SECTION("or the time is up, and the receipt is told") {
    const auto watched = bench.watch(how);
    CHECK(watched.end == End::kTimeOut);
    REQUIRE(watched.receipt);
    CHECK(watched.receipt->block_number == 7);
  }
}

TEST_CASE("a block that is replaced takes its receipt with it", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kUrl, bench.node.handler());
  bench.set_receipt(receipt_json());
  int lost = 0, sent = 0;
  chain::WatchOptions how;
  how.confirmations = 2;
  how.on_reorganised = [&](const chain::Receipt& receipt) {
    ++lost;
    CHECK(receipt.block_hash == word(0xb));
  };
  how.resend = [&] { ++sent; };

  SECTION("the transaction is out of the chain, is sent again and mined later") {
    bench.after({{2, [&] { bench.set_receipt("null"); }}, {5, [&] {
                                                             bench.set_receipt(
                                                                 receipt_json('1', 8, 'c'));
                                                             bench.set_head(9);
                                                           }}});
    const auto watched = bench.watch(how);
    CHECK(watched.end == End::kMined);
    CHECK(watched.receipt->block_number == 8);
    CHECK(lost == 1);
    CHECK(sent == 1);
  }
  SECTION("it is in another block at once") {
    bench.after({{2, [&] {
                    bench.set_receipt(receipt_json('1', 7, 'c'));
                    bench.set_head(8);
                  }}});
    const auto watched = bench.watch(how);
    CHECK(watched.end == End::kMined);
    CHECK(watched.receipt->block_hash == word(0xc));
    CHECK(lost == 1);
  }
  SECTION("a node that is behind has lost nothing") {
    bench.after({{2,
                  [&] {
                    bench.set_receipt("null");
                    bench.set_head(6);
                  }},
                 {4, [&] {
                    bench.set_receipt(receipt_json());
                    bench.set_head(8);
                  }}});
    CHECK(bench.watch(how).end == End::kMined);
    CHECK(lost == 0);
    CHECK(sent == 0);
  }
}

TEST_CASE("of a transaction and its replacement the one that was mined is found", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kUrl, [&](const net::Request& request) {
    const base::Json body = base::Json::parse(request.body, "request");
    std::string answers;
    for (const base::Json& call : body.elements()) {
      const std::string method = call["method"].as_string();
      const bool second = method == "eth_getTransactionReceipt" &&
                          call["params"].elements()[0].as_string() == hex_word('2');
      const std::string result = second                                  ? receipt_json('2')
                                 : method == "eth_getTransactionReceipt" ? "null"
                                                                         : "\"0xaa36a7\"";
      answers += (answers.empty() ? "[" : ",") + (R"({"id":)" + call["id"].dump()) +
                 ",\"result\":" + result + "}";
    }
    return make_response(200, answers + "]");
  });
  bench.transaction.hashes.push_back(word(2));
  const auto receipt = bench.wait();
  REQUIRE(receipt);
  CHECK(receipt->transaction_hash == word(2));
}

TEST_CASE("a transaction without a trace is sent again now and then", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kUrl, bench.node.handler());
  int sent = 0;
  chain::WatchOptions how;
  how.timeout = Milliseconds(100'000);
  how.resend = [&] { ++sent; };
  CHECK(bench.watch(how).end == End::kTimeOut);
  CHECK(sent == 3);
}
