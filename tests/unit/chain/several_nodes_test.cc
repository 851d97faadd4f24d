// Nodes that disagree: one is behind, or answers what was not asked.
#include <functional>
#include <string>
#include <vector>

#include "ecloud/chain/chain.h"
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

std::string hash_text(char digit) {
  return "0x" + std::string(64, digit);
}

base::Bytes32 hash_of(std::uint8_t octet) {
  base::Bytes32 out{};
  out.fill(octet);
  return out;
}

/// Two nodes of one chain; what differs between them is set by the test.
struct TwoNodes {
  FakeTransport fake;
  testing::ManualClock clock;
  std::vector<std::string> lines;
  base::Log log{[this](std::string_view, std::string_view line) { lines.emplace_back(line); }};
  FakeNode a;
  FakeNode b;
  chain::RpcClient rpc{fake, clock, log, {{kA, kB}, 11155111, 3}};

  TwoNodes() { fake.always("POST", kA, a.handler()).always("POST", kB, b.handler()); }
  void both(const std::string& method, const std::string& result) {
    a.answers[method] = b.answers[method] = "\"result\":" + result;
  }
  base::Json ask(const chain::RpcCall& call) { return rpc.call(call.method, call.params); }
  Error failure(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error;
    }
    return Error(Category::kBug, "none", "no error");
  }
};

/// What becomes of a call when the first node answers `wrong` and the second `right`.
std::string message_when(const chain::RpcCall& call, const std::string& wrong,
                         const std::string& right) {
  INFO(wrong);
  TwoNodes nodes;
  nodes.a.answers[call.method] = "\"result\":" + wrong;
  nodes.b.answers[call.method] = "\"result\":" + right;
  CHECK(nodes.ask(call).dump() == right);
  // From here on the second one is asked first; alone the first has no answer at all.
  CHECK(nodes.ask(call).dump() == right);
  CHECK(nodes.a.asked.size() == 1);
  REQUIRE(nodes.lines.size() > 1);

  TwoNodes liars;
  liars.both(call.method, wrong);
  const Error error = liars.failure([&] { liars.ask(call); });
  CHECK(error.category() == Category::kNetwork);
  CHECK(error.code() == "chain.bad_answer");
  CHECK(error.hint() == "give another --rpc-url");
  CHECK(liars.clock.sleeps().size() == 2);
  const std::string prefix = "no node gives an answer that can be used: https://a.example ";
  REQUIRE(error.message().rfind(prefix, 0) == 0);
  const std::string rest = error.message().substr(prefix.size());
  return rest.substr(0, rest.find(';'));
}

}  // namespace

TEST_CASE("a node that is behind a block that we have seen is not believed", "[chain]") {
  TwoNodes nodes;
  nodes.a.answers = {{"eth_gasPrice", "\"result\":\"0xa\""},
                     {"eth_blockNumber", "\"result\":\"0x6\""}};
  nodes.b.answers = {{"eth_gasPrice", "\"result\":\"0xb\""},
                     {"eth_blockNumber", "\"result\":\"0x7\""}};
  CHECK(nodes.ask({"eth_gasPrice"}).as_string() == "0xa");
  CHECK(nodes.a.asked.back() == "[eth_chainId,eth_gasPrice]");
  nodes.rpc.require_block(7);
  CHECK(nodes.ask({"eth_gasPrice"}).as_string() == "0xb");
  CHECK(nodes.a.asked.back() == "[eth_gasPrice,eth_blockNumber]");
  CHECK(nodes.b.asked.back() == "[eth_chainId,eth_gasPrice,eth_blockNumber]");
  CHECK(nodes.clock.sleeps().empty());
  CHECK(nodes.lines.back() == "https://b.example: eth_chainId, eth_gasPrice, eth_blockNumber");
  // A lower number says nothing new, and the answers are as many as the questions.
  nodes.rpc.require_block(3);
  CHECK(nodes.rpc.batch({{"eth_gasPrice"}, {"eth_blockNumber"}}).size() == 2);
  CHECK(nodes.b.asked.back() == "[eth_gasPrice,eth_blockNumber,eth_blockNumber]");
}

TEST_CASE("nodes that are behind are given time", "[chain]") {
  TwoNodes nodes;
  nodes.both("eth_gasPrice", "\"0xa\"");
  nodes.both("eth_blockNumber", "\"0x6\"");
  nodes.rpc.require_block(7);
  SECTION("and one catches up") {
    int asked = 0;
    FakeTransport fake;
    FakeNode node;
    node.answers = nodes.a.answers;
    fake.always("POST", kA, [&](const net::Request& request) {
      if (++asked == 5) node.answers["eth_blockNumber"] = "\"result\":\"0x8\"";
      return node.answer(request);
    });
    chain::RpcClient rpc(fake, nodes.clock, nodes.log, {{kA}, 11155111, 3});
    rpc.require_block(7);
    CHECK(rpc.call("eth_gasPrice", base::Json::array()).as_string() == "0xa");
    CHECK(nodes.clock.sleeps() == std::vector<Milliseconds>{Milliseconds(500), Milliseconds(1000),
                                                            Milliseconds(2000),
                                                            Milliseconds(4000)});
  }
  SECTION("and none does") {
    const Error error = nodes.failure([&] { nodes.ask({"eth_gasPrice"}); });
    CHECK(error.category() == Category::kNetwork);
    CHECK(error.code() == "chain.behind");
    CHECK(error.message() ==
          "no node is up to date: https://a.example is at block 6 and has not seen block 7; "
          "https://b.example is at block 6 and has not seen block 7");
    CHECK(error.hint() == "try again in a minute, or give another --rpc-url");
    // 500 ms, doubling, until 15 s are over.
    CHECK(nodes.clock.sleeps().size() == 5);
  }
  SECTION("and the one that is not does not answer") {
    nodes.b.answers.erase("eth_blockNumber");
    const Error error = nodes.failure([&] { nodes.ask({"eth_gasPrice"}); });
    CHECK(error.code() == "chain.behind");
    CHECK(error.message() ==
          "no node is up to date: https://a.example is at block 6 and has not seen block 7; "
          "https://b.example answered eth_blockNumber with something that is no number");
  }
}

TEST_CASE("another node is asked first when one has nothing to say", "[chain]") {
  TwoNodes nodes;
  nodes.a.answers = {{"eth_gasPrice", "\"result\":\"0xa\""}};
  nodes.b.answers = {{"eth_gasPrice", "\"result\":\"0xb\""}};
  CHECK(nodes.ask({"eth_gasPrice"}).as_string() == "0xa");
  nodes.rpc.prefer_another();
  CHECK(nodes.ask({"eth_gasPrice"}).as_string() == "0xb");
  CHECK(nodes.ask({"eth_gasPrice"}).as_string() == "0xb");
  nodes.rpc.prefer_another();
  CHECK(nodes.ask({"eth_gasPrice"}).as_string() == "0xa");
}

TEST_CASE("a node without batches is asked for its block too", "[chain]") {
  TwoNodes nodes;
  nodes.both("eth_gasPrice", "\"0xa\"");
  nodes.both("eth_blockNumber", "\"0x7\"");
  nodes.a.takes_batches = false;
  nodes.rpc.require_block(7);
  CHECK(nodes.ask({"eth_gasPrice"}).as_string() == "0xa");
  CHECK(nodes.b.asked.empty());
}

TEST_CASE("a receipt and a transaction are those asked for", "[chain]") {
  const std::string right = hash_text('1');
  const auto with = [](const char* member, const std::string& hash) {
    return "{\"" + std::string(member) + "\":\"" + hash + "\"}";
  };
  const chain::RpcCall receipt = chain::get_transaction_receipt(hash_of(0x11));
  CHECK(message_when(receipt, with("transactionHash", hash_text('2')),
                     with("transactionHash", right)) ==
        "answered with another receipt than the one asked for");
  CHECK(message_when(receipt, "{}", "null") ==
        "answered eth_getTransactionReceipt with something that is no receipt");
  CHECK(message_when(receipt, "[7]", "null") ==
        "answered eth_getTransactionReceipt with something that is no receipt");
  const chain::RpcCall transaction = chain::get_transaction_by_hash(hash_of(0x11));
  CHECK(message_when(transaction, with("hash", hash_text('2')), with("hash", right)) ==
        "answered with another transaction than the one asked for");
  TwoNodes nodes;
  nodes.both("eth_getTransactionReceipt", with("transactionHash", "0x" + std::string(64, 'A')));
  CHECK(nodes.ask(chain::get_transaction_receipt(hash_of(0xaa))).is_object());
}

TEST_CASE("a block is the one asked for", "[chain]") {
  const chain::RpcCall seven = chain::block_by_number(7);
  CHECK(message_when(seven, R"({"number":"0x8"})", R"({"number":"0x7"})") ==
        "answered with another block than the one asked for");
  CHECK(message_when(seven, "{}", "null") == "answered with another block than the one asked for");
  TwoNodes nodes;
  nodes.both("eth_getBlockByNumber", R"({"number":"0x8","baseFeePerGas":"0x1"})");
  CHECK(nodes.ask(chain::latest_block())["number"].as_string() == "0x8");
}

TEST_CASE("logs are those asked for", "[chain]") {
  const auto contract = *eth::Address::parse("0x00000000000000000000000000000000000000cc");
  const chain::RpcCall call =
      chain::get_logs(contract, 7, {hash_of(0x11), std::nullopt, hash_of(0x33)});
  const auto log = [](const std::string& address, const std::string& block,
                      const std::string& last) {
    return R"([{"address":"0x)" + std::string(38, '0') + address + R"(","blockNumber":")" + block +
           R"(","topics":[")" + hash_text('1') + "\",\"" + hash_text('9') + "\",\"" + last +
           "\"]}]";
  };
  const std::string right = log("cc", "0x7", hash_text('3'));
  const std::string reason = "answered with logs that were not asked for";
  CHECK(message_when(call, log("cd", "0x7", hash_text('3')), right) == reason);
  CHECK(message_when(call, log("cc", "0x8", hash_text('3')), right) == reason);
  CHECK(message_when(call, log("cc", "0x7", hash_text('4')), right) == reason);
  CHECK(message_when(call, "[{}]", "[]") == reason);
  const chain::RpcCall range =
      chain::get_logs(contract, 6, 8, {hash_of(0x11), std::nullopt, hash_of(0x33)});
  CHECK(message_when(range, log("cc", "0x5", hash_text('3')), right) == reason);
  CHECK(message_when(range, log("cc", "0x9", hash_text('3')), right) == reason);
}

TEST_CASE("fees that nobody pays are no answer", "[chain]") {
  const chain::RpcCall tip = chain::max_priority_fee_per_gas();
  // 100 gwei, and a wei more.
  CHECK(message_when(tip, "\"0x174876e801\"", "\"0x174876e800\"") ==
        "names a tip of 100.000000001 gwei, and more than 100 gwei is never paid");
  CHECK(message_when(tip, "\"0x" + std::string(64, 'f') + "\"", "\"0x0\"")
            .starts_with("names a tip of 115792"));
  // 450 gwei, and a wei more.
  CHECK(message_when(chain::latest_block(), R"({"baseFeePerGas":"0x68c6171401"})",
                     R"({"baseFeePerGas":"0x68c6171400"})") ==
        "names a base fee of 450.000000001 gwei, and more than 450 gwei is never paid");
  // What stands in an old block is history.
  TwoNodes nodes;
  nodes.both("eth_getBlockByNumber", R"({"number":"0x7","baseFeePerGas":"0x68c6171401"})");
  CHECK(nodes.ask(chain::block_by_number(7)).is_object());
}
