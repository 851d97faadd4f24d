#include "ecloud/chain/rpc_client.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "ecloud/base/concurrent.h"
#include "ecloud/base/hex.h"
#include "fake_node.h"
#include "support/catch.h"
#include "support/manual_clock.h"

using namespace ecloud;
using base::Milliseconds;
using testing::FakeNode;
using testing::FakeTransport;
using testing::make_response;
using testing::ManualClock;

namespace {

constexpr char kA[] = "https://a.example/v3/0123456789abcdef0123456789abcdef";
constexpr char kB[] = "https://b.example/rpc";
constexpr std::uint64_t kSepolia = 11155111;

struct Bench {
  FakeTransport fake;
  ManualClock clock;
  std::mutex mutex;
  std::vector<std::string> lines;
  base::Log log{[this](std::string_view topic, std::string_view line) {
    const std::lock_guard lock(mutex);
    lines.push_back(std::string(topic) + ": " + std::string(line));
  }};

  chain::RpcClient client(std::vector<std::string> urls, int max_attempts = 3) {
    return chain::RpcClient(fake, clock, log, {std::move(urls), kSepolia, max_attempts});
  }
};

/// How two reads end when the only URL answers `first` to the first request.
Error failure_after(const net::Response& first) {
  Bench bench;
  bench.fake.always("POST", kB, [&](const net::Request&) { return first; });
  chain::RpcClient rpc = bench.client({kB}, 1);
  try {
    rpc.batch({{"eth_gasPrice"}, {"eth_blockNumber"}});
  } catch (const Error& error) {
    CHECK(error.category() == Category::kNetwork);
    return error;
  }
  return Error(Category::kBug, "answered", "answered");
}

Error failure_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return Error(Category::kBug, "none", "no error");
}

std::string reason_after(const std::string& body, int status = 200) {
  const Error error = failure_after(make_response(status, body));
  CHECK(error.code() == "chain.unreachable");
  const std::string prefix = "the chain cannot be reached: https://b.example: ";
  REQUIRE(error.message().rfind(prefix, 0) == 0);
  return error.message().substr(prefix.size());
}

std::string text_of(const chain::RpcResult& result) {
  return std::get<base::Json>(result).as_string();
}

}  // namespace

TEST_CASE("reads go out in one request, with the chain id before the first", "[chain]") {
  Bench bench;
  FakeNode node;
  node.answers = {{"eth_gasPrice", "\"result\":\"0x1\""},
                  {"eth_blockNumber", "\"result\":\"0x2\""}};
  bench.fake.always("POST", kA, node.handler());
  chain::RpcClient rpc = bench.client({kA});
  for (int i = 0; i < 2; ++i) {
    const auto results = rpc.batch({{"eth_gasPrice"}, {"eth_blockNumber"}});
    REQUIRE(results.size() == 2);
    CHECK(text_of(results[0]) == "0x1");
    CHECK(text_of(results[1]) == "0x2");
  }
  CHECK(text_of(rpc.batch({{"eth_gasPrice"}}).at(0)) == "0x1");
  CHECK(rpc.batch({}).empty());
  CHECK(rpc.chain_id() == kSepolia);
  CHECK(node.asked == std::vector<std::string>{"[eth_chainId,eth_gasPrice,eth_blockNumber]",
                                               "[eth_gasPrice,eth_blockNumber]", "eth_gasPrice"});
}

// The form of a request: JSON-RPC 2.0 specification, sections 4 and 6.
TEST_CASE("a request has the form of JSON-RPC 2.0", "[chain]") {
  Bench bench;
  FakeNode node;
  node.answers = {{"eth_getBalance", "\"result\":\"0x1\""}};
  bench.fake.always("POST", kA, node.handler());
  chain::RpcClient rpc = bench.client({kA});
  rpc.call("eth_getBalance", base::Json::strings({"0x00", "latest"}));
  rpc.call("eth_getBalance", base::Json::strings({"0x00", "latest"}));
  const std::vector<net::Request> requests = bench.fake.requests();
  CHECK(requests.at(0).body ==
        R"([{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]},)"
        R"({"jsonrpc":"2.0","id":2,"method":"eth_getBalance","params":["0x00","latest"]}])");
  CHECK(requests.at(1).body ==
        R"({"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x00","latest"]})");
  CHECK(requests.at(0).secret_path);
  CHECK_FALSE(requests.at(0).follow_redirects);
}

TEST_CASE("an error of the node is the answer to its call alone", "[chain]") {
  Bench bench;
  FakeNode node;
  node.answers = {
      {"eth_gasPrice", "\"result\":null"},
      {"eth_call", R"("error":{"code":3,"message":"execution\nreverted","data":"0x08c379a0"})"}};
  bench.fake.always("POST", kA, node.handler());
  chain::RpcClient rpc = bench.client({kA});
  const auto results = rpc.batch({{"eth_call"}, {"eth_gasPrice"}});
  const auto& error = std::get<chain::RpcError>(results.at(0));
  CHECK(error.code == 3);
  CHECK(error.message == "execution reverted");
  CHECK(error.data == base::from_hex("08c379a0"));
  CHECK(std::get<base::Json>(results.at(1)).is_null());

  const Error thrown = failure_of([&] { rpc.call("eth_call", base::Json::array()); });
  CHECK(thrown.category() == Category::kNetwork);
  CHECK(thrown.code() == "chain.rpc_error");
  CHECK(thrown.message() == "eth_call failed: execution reverted (code 3)");
}

TEST_CASE("revert data is found where nodes put it", "[chain]") {
  const std::vector<std::string> errors = {
      R"({"code":3,"message":"m","data":"0x82d7ade6"})",
      R"({"code":-32015,"message":"m","data":"Reverted 0x82d7ade6"})",
      R"({"code":3,"message":"m","data":{"data":"0x82d7ade6"}})",
      R"({"code":3,"message":"m","data":{"message":"0x00","originalError":{"data":"0x82d7ade6"}}})",
      R"({"code":3,"message":"m","data":{"error":{"data":{"data":"0x82d7ade6"}}}})",
      R"({"code":3,"message":"m","originalError":{"code":3,"data":"0x82d7ade6"}})",
  };
  const std::vector<std::string> without = {
      R"({"code":3,"message":"0x82d7ade6"})", R"({"code":3,"message":"m","data":null})",
      R"({"code":3,"message":"m","data":"reverted"})", R"({"code":3,"message":"m","data":"0x8"})",
      R"({"code":3,"message":"m","data":[1]})"};
  const auto data_of = [](const std::string& error) {
    Bench bench;
    FakeNode node;
    node.answers = {{"eth_call", "\"error\":" + error}};
    bench.fake.always("POST", kA, node.handler());
    return std::get<chain::RpcError>(bench.client({kA}).batch({{"eth_call"}}).at(0)).data;
  };
  for (const std::string& error : errors) {
    INFO(error);
    CHECK(data_of(error) == base::from_hex("82d7ade6"));
  }
  for (const std::string& error : without) {
    INFO(error);
    CHECK_FALSE(data_of(error));
  }
}

TEST_CASE("a node on another chain gets nothing more", "[chain]") {
  Bench bench;
  FakeNode node;
  node.chain_id = "0x1";
  node.answers = {{"eth_gasPrice", "\"result\":\"0x1\""}};
  bench.fake.always("POST", kB, node.handler());
  chain::RpcClient rpc = bench.client({kB});
  for (int i = 0; i < 2; ++i) {
    const Error error = failure_of([&] { rpc.batch({{"eth_gasPrice"}}); });
    CHECK(error.category() == Category::kNetwork);
    CHECK(error.code() == "chain.wrong_chain");
    CHECK(error.message() ==
          "https://b.example is on chain 1 (Ethereum mainnet), not 11155111 (Sepolia)");
    CHECK(error.hint() == "give an --rpc-url of chain 11155111 (Sepolia)");
  }
  CHECK(node.asked.size() == 1);
  CHECK(bench.clock.sleeps().empty());
}

TEST_CASE("a transaction is never sent to a node whose chain is not known", "[chain]") {
  Bench bench;
  FakeNode wrong;
  wrong.chain_id = "0x1";
  FakeNode right;
  // keccak256 of "raw", of viem 2.38.6.
  right.answers = {
      {"eth_sendRawTransaction",
       R"("result":"0x6013ea4dca6d99afecdb862def57bf5a6a89b958a13c112c63ecb0d8d8b2656f")"}};
  bench.fake.always("POST", kA, wrong.handler()).always("POST", kB, right.handler());
  chain::RpcClient rpc = bench.client({kA, kB});
  CHECK_FALSE(rpc.send_raw_transaction(base::to_bytes("raw")));
  CHECK(wrong.asked == std::vector<std::string>{"eth_chainId"});
  CHECK(right.asked == std::vector<std::string>{"eth_chainId", "eth_sendRawTransaction"});
  CHECK(bench.fake.requests().back().body ==
        R"({"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x726177"]})");
  // What the transport repeats by itself nobody knows of when the node refuses the second one.
  CHECK_FALSE(bench.fake.requests().back().safe_to_repeat);
  CHECK(bench.fake.requests().front().safe_to_repeat);
}

TEST_CASE("a wrong chain among several URLs is told only when none is right", "[chain]") {
  Bench bench;
  FakeNode wrong;
  wrong.chain_id = "0x4268";
  FakeNode right;
  right.answers = {{"eth_gasPrice", "\"result\":\"0x1\""}};

  SECTION("one is right") {
    bench.fake.always("POST", kA, wrong.handler()).always("POST", kB, right.handler());
    CHECK(text_of(bench.client({kA, kB}).batch({{"eth_gasPrice"}}).at(0)) == "0x1");
  }
  SECTION("the other does not answer") {
    bench.fake.always("POST", kA, wrong.handler()).once("POST", kB, make_response(503, "busy"));
    const Error error = failure_of([&] { bench.client({kA, kB}, 1).batch({{"eth_gasPrice"}}); });
    CHECK(error.code() == "chain.unreachable");
    CHECK(error.message() ==
          "the chain cannot be reached: https://a.example is on chain 17000 (Holesky), not "
          "11155111 (Sepolia); https://b.example: answered 503");
  }
}

TEST_CASE("a URL that fails is left for the next, which is asked first from then on", "[chain]") {
  Bench bench;
  FakeNode node;
  node.answers = {{"eth_gasPrice", "\"result\":\"0x1\""}};
  bench.fake.once("POST", kA, make_response(502, "<html>bad gateway</html>"))
      .always("POST", kB, node.handler());
  chain::RpcClient rpc = bench.client({kA, kB});
  CHECK(text_of(rpc.batch({{"eth_gasPrice"}}).at(0)) == "0x1");
  CHECK(text_of(rpc.batch({{"eth_gasPrice"}}).at(0)) == "0x1");
  CHECK(bench.fake.requests().size() == 3);
  CHECK(bench.clock.sleeps().empty());
  CHECK(bench.fake.complaints() == "");
}

TEST_CASE("when all URLs fail, each is named with its reason", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kA, [](const net::Request&) { return make_response(503, ""); });
  bench.fake.always("POST", kB, [](const net::Request&) -> net::Response {
    throw Error(Category::kNetwork, "net.refused", "https://b.example: connection refused");
  });
  chain::RpcClient rpc = bench.client({kA, kB});
  const Error error = failure_of([&] { rpc.batch({{"eth_gasPrice"}}); });
  CHECK(error.category() == Category::kNetwork);
  CHECK(error.code() == "chain.unreachable");
  CHECK(error.message() ==
        "the chain cannot be reached: https://a.example: answered 503; https://b.example: "
        "connection refused");
  CHECK(bench.fake.requests().size() == 6);
  CHECK(bench.clock.sleeps() == std::vector<Milliseconds>{Milliseconds(500), Milliseconds(1000)});
}

TEST_CASE("the next round waits as long as the server asks", "[chain]") {
  Bench bench;
  FakeNode node;
  node.answers = {{"eth_gasPrice", "\"result\":\"0x1\""}};
  bench.fake.once("POST", kA, make_response(429, "", {{"Retry-After", "7"}}))
      .once("POST", kB, make_response(429, "", {{"Retry-After", "3"}}))
      .once("POST", kA, make_response(429, "", {{"Retry-After", "3600"}}))
      .once("POST", kB, make_response(200, "<html>"))
      .always("POST", kA, node.handler());
  CHECK(text_of(bench.client({kA, kB}).batch({{"eth_gasPrice"}}).at(0)) == "0x1");
  CHECK(bench.clock.sleeps() ==
        std::vector<Milliseconds>{Milliseconds(3000), Milliseconds(30'000)});
}

TEST_CASE("a rate limit inside JSON-RPC is one too", "[chain]") {
  Bench bench;
  FakeNode limited;
  limited.answers = {{"eth_gasPrice", R"("error":{"code":-32005,"message":"slow down"})"}};
  bench.fake.always("POST", kA, limited.handler());
  const Error error = failure_of([&] { bench.client({kA}, 2).batch({{"eth_gasPrice"}}); });
  CHECK(error.message() ==
        "the chain cannot be reached: https://a.example: limits our rate: slow down");
  CHECK(reason_after(R"({"jsonrpc":"2.0","id":null,"error":{"code":429,"message":"wait"}})") ==
        "limits our rate: wait");
}

TEST_CASE("an answer that is no JSON-RPC is told for what it is", "[chain]") {
  const std::string one = R"({"jsonrpc":"2.0","id":1,"result":"0xaa36a7"})";
  const std::string two = R"({"jsonrpc":"2.0","id":2,"result":"0x2"})";
  const std::string three = R"({"jsonrpc":"2.0","id":3,"result":"0x3"})";
  const std::string four = R"({"jsonrpc":"2.0","id":4,"result":"0x4"})";
  CHECK(reason_after("") == "answered nothing");
  CHECK(reason_after("\n <!doctype html><title>x") ==
        "answered with a web page instead of JSON-RPC");
  CHECK(reason_after("garbage") == "answered with something that is not JSON-RPC");
  CHECK(reason_after("[" + one + "," + two + ",{\"js") ==
        "answered with something that is not JSON-RPC");
  CHECK(reason_after("[" + one + "," + two + "]") == "left call 3 of 3 unanswered");
  CHECK(reason_after("[" + one + "," + two + "," + two + "]") == "answered call 2 of 3 twice");
  CHECK(reason_after("[" + one + "," + two + "," + four + "]") ==
        "answered a call that was not made");
  CHECK(reason_after("[" + one + "," + two + "," + three + "," + four + "]") ==
        "answered a call that was not made");
  CHECK(reason_after("[" + one + "," + two + R"(,{"jsonrpc":"2.0","id":"x3","result":1}])") ==
        "answered a call that was not made");
  CHECK(reason_after("[" + one + "," + two + R"(,{"jsonrpc":"2.0","id":3}])") ==
        "answered with something that is not JSON-RPC");
  CHECK(reason_after("[1,2,3]") == "answered with something that is not JSON-RPC");
  CHECK(reason_after(std::string(100, '[')) == "answered with something that is not JSON-RPC");
  CHECK(reason_after("", 301) == "answered 301");
  CHECK(reason_after(R"({"error":"\u001b[2Jout\nof\torder"})", 500) ==
        "answered 500: ?[2Jout of order");
  CHECK(reason_after(R"([{"jsonrpc":"2.0","id":1,"result":"Sepolia"},)" + two + "," + three +
                     "]") == "answered eth_chainId with something that is no number");
}

TEST_CASE("a node that refuses batches gets single requests from then on", "[chain]") {
  Bench bench;
  FakeNode node;
  node.takes_batches = false;
  node.answers = {{"eth_gasPrice", "\"result\":\"0x1\""},
                  {"eth_blockNumber", "\"result\":\"0x2\""}};
  bench.fake.always("POST", kA, node.handler());
  chain::RpcClient rpc = bench.client({kA});
  for (int i = 0; i < 2; ++i) {
    const auto results = rpc.batch({{"eth_gasPrice"}, {"eth_blockNumber"}});
    CHECK(text_of(results.at(0)) == "0x1");
    CHECK(text_of(results.at(1)) == "0x2");
  }
  std::vector<std::string> asked = node.asked;
  REQUIRE(asked.size() == 6);
  CHECK(asked[0] == "[eth_chainId,eth_gasPrice,eth_blockNumber]");
  std::sort(asked.begin() + 1, asked.end());
  CHECK(std::vector<std::string>(asked.begin() + 1, asked.end()) ==
        std::vector<std::string>{"eth_blockNumber", "eth_blockNumber", "eth_chainId",
                                 "eth_gasPrice", "eth_gasPrice"});
}

TEST_CASE("batches are refused in several ways", "[chain]") {
  const std::vector<net::Response> refusals = {
      make_response(400, "batch requests are not supported"),
      make_response(405, ""),
      make_response(413, R"({"error":"too many"})"),
      make_response(200, "{\"error\":{\"code\":-32600}}"),
      // What geth says to a batch over its limit.
      make_response(
          200, R"([{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"batch too large"}}])"),
  };
  for (const net::Response& refusal : refusals) {
    INFO(refusal.body);
    Bench bench;
    FakeNode node;
    node.answers = {{"eth_gasPrice", "\"result\":\"0x1\""}};
    bench.fake.once("POST", kA, refusal).always("POST", kA, node.handler());
    CHECK(text_of(bench.client({kA}, 1).batch({{"eth_gasPrice"}}).at(0)) == "0x1");
  }
}

TEST_CASE("a node that refuses single requests too is left", "[chain]") {
  Bench bench;
  bench.fake.always("POST", kA, [](const net::Request&) {
    return make_response(
        401, R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"no such project"}})");
  });
  const Error error = failure_of([&] { bench.client({kA}, 1).batch({{"eth_gasPrice"}}); });
  CHECK(error.message() ==
        "the chain cannot be reached: https://a.example: answered 401: no such project");
}

TEST_CASE("an error object with a status of 400 is an answer", "[chain]") {
  Bench bench;
  FakeNode node;
  node.answers = {{"eth_gasPrice", "\"result\":\"0x1\""}};
  chain::RpcClient rpc = bench.client({kA}, 1);
  bench.fake.once("POST", kA, node.handler())
      .once("POST", kA,
            make_response(400,
                          R"({"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"reverted"}})"));
  rpc.batch({{"eth_gasPrice"}});
  CHECK(std::get<chain::RpcError>(rpc.batch({{"eth_call"}}).at(0)).message == "reverted");
}

TEST_CASE("the key in a URL is shown nowhere", "[chain]") {
  const std::string key = "0123456789abcdef0123456789abcdef";
  Bench bench;
  bench.fake.always("POST", kA, [&](const net::Request&) {
    return make_response(403, "{\"error\":\"project " + key + " is over its quota\"}");
  });
  const Error error = failure_of([&] { bench.client({kA}, 1).batch({{"eth_gasPrice"}}); });
  CHECK(error.message() ==
        "the chain cannot be reached: https://a.example: answered 403: project ... is over its "
        "quota");
  FakeNode node;
  node.answers = {{"eth_gasPrice", R"("error":{"code":1,"message":"bad key )" + key + "\"}"}};
  bench.fake.always("POST", "https://me:" + key + "@c.example/", node.handler());
  const auto results =
      bench.client({"https://me:" + key + "@c.example/"}).batch({{"eth_gasPrice"}});
  CHECK(std::get<chain::RpcError>(results.at(0)).message == "bad key ...");
  CHECK_FALSE(bench.lines.empty());
  for (const std::string& line : bench.lines) CHECK(line.find(key) == std::string::npos);
}

TEST_CASE("errors that no other URL mends end at once", "[chain]") {
  for (const Category category : {Category::kUsage, Category::kInterrupted, Category::kFailure}) {
    Bench bench;
    bench.fake.once("POST", kA, Error(category, "some.code", "some words"));
    const Error error = failure_of([&] { bench.client({kA, kB}).batch({{"eth_gasPrice"}}); });
    CHECK(error.code() == "some.code");
    CHECK(bench.fake.requests().size() == 1);
  }
}

TEST_CASE("many threads share one client", "[chain]") {
  Bench bench;
  FakeNode node;
  node.takes_batches = false;
  node.answers = {{"eth_gasPrice", "\"result\":\"0x1\""},
                  {"eth_blockNumber", "\"result\":\"0x2\""}};
  bench.fake.always("POST", kA, node.handler());
  chain::RpcClient rpc = bench.client({kA}, 1);
  std::atomic<int> right{0};
  std::vector<std::function<void()>> tasks(6, [&] {
    for (int i = 0; i < 10; ++i) {
      const auto results = rpc.batch({{"eth_gasPrice"}, {"eth_blockNumber"}});
      if (text_of(results.at(0)) == "0x1" && text_of(results.at(1)) == "0x2") ++right;
    }
  });
  base::run_concurrently(std::move(tasks));
  CHECK(right == 60);
}
