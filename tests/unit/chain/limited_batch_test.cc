// A node that limits its rate for some members of a batch: those are asked for again, and no
// others.
#include <string>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/chain/rpc_client.h"
#include "fake_node.h"
#include "support/catch.h"
#include "support/manual_clock.h"

using namespace ecloud;
using base::Milliseconds;
using testing::FakeNode;
using testing::FakeTransport;

namespace {

constexpr char kA[] = "https://a.example/";
constexpr char kB[] = "https://b.example/";
constexpr char kLimited[] = R"("error":{"code":-32005,"message":"over rate limit"})";

using Asked = std::vector<std::string>;

struct Nodes {
  FakeTransport fake;
  testing::ManualClock clock;
  base::Log log;
  FakeNode a, b;

  Nodes() {
    fake.always("POST", kA, a.handler()).always("POST", kB, b.handler());
    for (FakeNode* node : {&a, &b}) {
      for (const char* method : {"eth_call", "eth_getBalance", "eth_gasPrice"}) {
        node->answers[method] = result(node == &a ? "0xa" : "0xb");
      }
    }
  }
  static std::string result(const std::string& value) { return "\"result\":\"" + value + "\""; }
  chain::RpcClient one() { return {fake, clock, log, {{kA}, 11155111, 3}}; }
  chain::RpcClient both() { return {fake, clock, log, {{kA, kB}, 11155111, 3}}; }
  /// From the n-th wait on (1 is the first) the node answers that.
  void after_wait(std::size_t n, const std::string& method, const std::string& answer) {
    clock.on_sleep([this, n, method, answer](Milliseconds) {
      if (clock.sleeps().size() >= n) a.answers[method] = answer;
    });
  }
};

std::string values_of(const std::vector<chain::RpcResult>& results) {
  std::string out;
  for (const chain::RpcResult& result : results) {
    const base::Json* value = std::get_if<base::Json>(&result);
    out += (out.empty() ? "" : " ") +
           (value != nullptr ? value->as_string() : std::get<chain::RpcError>(result).message);
  }
  return out;
}

const std::vector<chain::RpcCall> kThree = {{"eth_call"}, {"eth_getBalance"}, {"eth_gasPrice"}};

}  // namespace

TEST_CASE("only the members that the rate limit hit are asked for again", "[chain][busy]") {
  Nodes nodes;
  nodes.a.answers["eth_getBalance"] = kLimited;
  // What was answered is kept: it would be another value by now.
  nodes.clock.on_sleep([&](Milliseconds) {
    nodes.a.answers = {{"eth_call", Nodes::result("0x99")},
                       {"eth_getBalance", Nodes::result("0x2")},
                       {"eth_gasPrice", Nodes::result("0x99")}};
  });
  CHECK(values_of(nodes.one().batch(kThree)) == "0xa 0x2 0xa");
  CHECK(nodes.a.asked ==
        Asked{"[eth_chainId,eth_call,eth_getBalance,eth_gasPrice]", "eth_getBalance"});
  CHECK(nodes.clock.sleeps() == std::vector<Milliseconds>{Milliseconds(500)});
}

TEST_CASE("members that the rate limit hits again become fewer with every attempt",
          "[chain][busy]") {
  Nodes nodes;
  nodes.a.answers["eth_call"] = kLimited;
  nodes.a.answers["eth_gasPrice"] = kLimited;
  nodes.clock.on_sleep([&](Milliseconds) {
    const bool first = nodes.clock.sleeps().size() == 1;
    nodes.a.answers[first ? "eth_gasPrice" : "eth_call"] = Nodes::result(first ? "0x1" : "0x2");
  });
  CHECK(values_of(nodes.one().batch(kThree)) == "0x2 0xa 0x1");
  CHECK(nodes.a.asked == Asked{"[eth_chainId,eth_call,eth_getBalance,eth_gasPrice]",
                               "[eth_call,eth_gasPrice]", "eth_call"});
}

TEST_CASE("the answer to a member may be an error that is no rate limit", "[chain][busy]") {
  Nodes nodes;
  nodes.a.answers["eth_call"] = R"("error":{"code":3,"message":"execution reverted: full"})";
  nodes.a.answers["eth_getBalance"] = kLimited;
  nodes.after_wait(1, "eth_getBalance", Nodes::result("0x2"));
  CHECK(values_of(nodes.one().batch(kThree)) == "execution reverted: full 0x2 0xa");
  CHECK(nodes.a.asked.back() == "eth_getBalance");
}

TEST_CASE("another node is asked for the whole batch, so that answers are never mixed",
          "[chain][busy]") {
  Nodes nodes;
  nodes.a.answers["eth_getBalance"] = kLimited;
  SECTION("and gives it") {
    CHECK(values_of(nodes.both().batch(kThree)) == "0xb 0xb 0xb");
    CHECK(nodes.b.asked == Asked{"[eth_chainId,eth_call,eth_getBalance,eth_gasPrice]"});
    CHECK(nodes.clock.sleeps().empty());
  }
  SECTION("and limits its rate for other members, until the first node has the rest") {
    nodes.b.answers["eth_call"] = kLimited;
    nodes.after_wait(1, "eth_getBalance", Nodes::result("0x2"));
    CHECK(values_of(nodes.both().batch(kThree)) == "0xa 0x2 0xa");
    CHECK(nodes.a.asked ==
          Asked{"[eth_chainId,eth_call,eth_getBalance,eth_gasPrice]", "eth_getBalance"});
    CHECK(nodes.b.asked == Asked{"[eth_chainId,eth_call,eth_getBalance,eth_gasPrice]"});
  }
}

TEST_CASE("a rate limit that stays is told after the last attempt", "[chain][busy]") {
  Nodes nodes;
  nodes.a.answers["eth_getBalance"] = kLimited;
  try {
    static_cast<void>(nodes.one().batch(kThree));
    FAIL("it was answered");
  } catch (const Error& error) {
    CHECK(error.code() == "chain.unreachable");
    CHECK(error.message().find("limits our rate: over rate limit") != std::string::npos);
  }
  CHECK(nodes.a.asked == Asked{"[eth_chainId,eth_call,eth_getBalance,eth_gasPrice]",
                               "eth_getBalance", "eth_getBalance"});
}

TEST_CASE("all is asked for again when the rest of the answers is in doubt", "[chain][busy]") {
  const std::string whole = "[eth_chainId,eth_call,eth_getBalance,eth_gasPrice]";
  Nodes nodes;
  SECTION("the chain is not known") {
    nodes.a.chain_id = "0x1";
    nodes.a.answers["eth_getBalance"] = kLimited;
    CHECK_THROWS_AS(nodes.one().batch(kThree), Error);
    CHECK(nodes.a.asked == Asked{whole});
  }
  SECTION("a member lacks a block") {
    nodes.a.answers["eth_call"] = R"("error":{"code":-32000,"message":"header not found"})";
    nodes.a.answers["eth_getBalance"] = kLimited;
    nodes.clock.on_sleep([&](Milliseconds) {
      for (auto& [method, answer] : nodes.a.answers) answer = Nodes::result("0x7");
    });
    CHECK(values_of(nodes.one().batch(kThree)) == "0x7 0x7 0x7");
    CHECK(nodes.a.asked == Asked{whole, "[eth_call,eth_getBalance,eth_gasPrice]"});
  }
  SECTION("the node is behind") {
    chain::RpcClient rpc = nodes.one();
    rpc.require_block(9);
    nodes.a.answers["eth_blockNumber"] = Nodes::result("0x8");
    nodes.a.answers["eth_getBalance"] = kLimited;
    nodes.clock.on_sleep([&](Milliseconds) {
      nodes.a.answers["eth_getBalance"] = Nodes::result("0x2");
      if (nodes.clock.sleeps().size() == 2)
        nodes.a.answers["eth_blockNumber"] = Nodes::result("0x9");
    });
    CHECK(values_of(rpc.batch(kThree)) == "0xa 0x2 0xa");
    CHECK(nodes.a.asked ==
          Asked{"[eth_chainId,eth_call,eth_getBalance,eth_gasPrice,eth_blockNumber]",
                "eth_getBalance", "[eth_call,eth_getBalance,eth_gasPrice,eth_blockNumber]"});
  }
}
