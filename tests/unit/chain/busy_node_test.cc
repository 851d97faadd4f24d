// Nodes that cannot answer just now, or not in that form. The error objects are those that people
// have reported of public providers (viem #5082, base/node #368, mud #1522, arc-node #207,
// hemilabs/ui-monorepo PR 887, reth #24181).
#include <algorithm>
#include <string>
#include <vector>

#include "ecloud/base/hex.h"
#include "ecloud/chain/chain.h"
#include "ecloud/chain/rpc_client.h"
#include "ecloud/crypto/secp256k1.h"
#include "fake_node.h"
#include "support/catch.h"
#include "support/manual_clock.h"

using namespace ecloud;
using base::Milliseconds;
using testing::FakeNode;
using testing::FakeTransport;
using testing::make_response;

namespace {

constexpr char kA[] = "https://a.example/";
constexpr char kB[] = "https://b.example/";

std::string error_of(const std::string& code, const std::string& message) {
  return "\"error\":{\"code\":" + code + ",\"message\":\"" + message + "\"}";
}

struct Nodes {
  FakeTransport fake;
  testing::ManualClock clock;
  base::Log log;
  FakeNode a, b;

  Nodes() { fake.always("POST", kA, a.handler()).always("POST", kB, b.handler()); }
  chain::RpcClient one() { return {fake, clock, log, {{kA}, 11155111, 3}}; }
  chain::RpcClient both() { return {fake, clock, log, {{kA, kB}, 11155111, 3}}; }
};

eth::SignedTransaction transaction_with_tip(std::uint64_t wei) {
  eth::Transaction tx;
  tx.chain_id = eth::U256(11155111);
  tx.max_priority_fee_per_gas = eth::U256(wei);
  tx.max_fee_per_gas = eth::U256(3'000'000'000);
  tx.gas_limit = 21'000;
  base::Bytes32 number{};
  number.back() = 7;
  return eth::sign_transaction(*crypto::PrivateKey::from_bytes(number), tx);
}

std::string text_of(const chain::RpcResult& result) {
  return std::get<base::Json>(result).as_string();
}

struct BusyWords {
  const char* code;
  const char* message;
};
const std::vector<BusyWords> kBusy = {
    {"-32005", "daily request count exceeded, request rate limited"},
    {"-32007", "50/second request limit reached - reduce calls per second or upgrade"},
    {"-32016", "over rate limit"},
    {"-32012", "slow down"},
    {"-32011", "request limit reached"},
    {"429", "Your app has exceeded its compute units per second capacity"},
    {"-32000", "429 Too Many Requests"},
    {"-32097", "Rate limit exceeded for eth_estimateGas"},
    {"null", "too many requests"},
    {"-32603", "request timed out"},
    {"-32000", "service temporarily unavailable"},
    {"-32000", "header not found"},
    {"-32000", "missing trie node 00aa (path ) state is not available"},
    {"-32000", "required historical state unavailable (reexec=128)"},
    {"-32001", "Unknown block"},
    {"-32603", "Internal error"},
    {"-32000", "limit exceeded"},
    {"-32029", "Too many concurrent requests"},
    {"19", "Temporary internal error. Please retry, trace-id: 7"},
    {"26", "Unable to perform request: no available upstreams"},
    {"-32000", "context canceled"},
};

}  // namespace

TEST_CASE("an error that says that the node is busy is waited out", "[chain][busy]") {
  for (const BusyWords& busy : kBusy) {
    for (const char* method : {"eth_call", "eth_estimateGas", "eth_getTransactionCount"}) {
      INFO(busy.code << " " << busy.message << " " << method);
      Nodes nodes;
      nodes.a.answers[method] = error_of(busy.code, busy.message);
      nodes.clock.on_sleep([&](Milliseconds) { nodes.a.answers[method] = "\"result\":\"0x1\""; });
      CHECK(text_of(nodes.one().batch({{method}}).front()) == "0x1");
      CHECK(nodes.clock.sleeps() == std::vector<Milliseconds>{Milliseconds(500)});
    }
  }
}

TEST_CASE("an error that says that the node is busy is another node's turn", "[chain][busy]") {
  for (const BusyWords& busy : kBusy) {
    INFO(busy.code << " " << busy.message);
    Nodes nodes;
    nodes.a.answers["eth_call"] = error_of(busy.code, busy.message);
    nodes.b.answers["eth_call"] = "\"result\":\"0x2\"";
    CHECK(text_of(nodes.both().batch({{"eth_call"}}).front()) == "0x2");
    CHECK(nodes.clock.sleeps().empty());
  }
}

TEST_CASE("a node that is too busy for a transaction has not refused it", "[chain][busy]") {
  const eth::SignedTransaction signed_tx = transaction_with_tip(1);
  for (const BusyWords& busy : kBusy) {
    INFO(busy.code << " " << busy.message);
    Nodes nodes;
    nodes.a.answers["eth_sendRawTransaction"] = error_of(busy.code, busy.message);
    nodes.b.answers["eth_sendRawTransaction"] =
        "\"result\":\"" + base::to_hex_prefixed(signed_tx.hash) + "\"";
    CHECK_FALSE(nodes.both().send_raw_transaction(signed_tx.raw));
    Nodes alone;
    alone.a.answers["eth_sendRawTransaction"] = error_of(busy.code, busy.message);
    try {
      alone.one().send_raw_transaction(signed_tx.raw);
      FAIL("it was told as sent or refused");
    } catch (const Error& error) {
      CHECK(error.category() == Category::kNetwork);
      CHECK(error.code() == "chain.unreachable");
      CHECK(error.message().find(busy.message) != std::string::npos);
    }
  }
}

// Besu uses these codes for transactions, and Infura's -32005 is also about wide ranges.
TEST_CASE("the codes of rate limits do not hide what is wrong with a call", "[chain][busy]") {
  const std::vector<BusyWords> about_call = {
      {"-32005", "Transaction gas limit exceeds block gas limit"},
      {"-32007", "Sender account not authorized to send transactions"},
      {"-32012", "nonce too low: next nonce 5, tx nonce 4"},
      {"-32005", "query returned more than 10000 results"},
      {"-32005", "eth_getLogs is limited to a 1000 block range"},
      {"-32011", "insufficient funds for gas * price + value"},
      {"3", "execution reverted: quota exceeded, rate limit"},
      {"-32601", "the method eth_call does not exist/is not available, timeout"},
  };
  for (const BusyWords& words : about_call) {
    INFO(words.code << " " << words.message);
    Nodes nodes;
    nodes.a.answers["eth_call"] = error_of(words.code, words.message);
    const auto results = nodes.both().batch({{"eth_call"}});
    CHECK(std::get<chain::RpcError>(results.front()).message == words.message);
    CHECK(nodes.clock.sleeps().empty());
  }
}

TEST_CASE("a refusal that may be the node's own is another node's turn", "[chain][busy]") {
  const std::vector<BusyWords> of_node = {
      {"-32601", "the method eth_call does not exist/is not available"},
      {"-32602", "too many arguments, want at most 2"},
      {"-32000", "API key is not allowed to access the method"},
      {"-32600", "Project ID does not have access to this network"},
      {"-32052", "This key is suspended"},
      {"-32000", "archive data needs another plan"},
  };
  for (const BusyWords& words : of_node) {
    INFO(words.code << " " << words.message);
    Nodes nodes;
    nodes.a.answers["eth_call"] = error_of(words.code, words.message);
    nodes.b.answers["eth_call"] = "\"result\":\"0x2\"";
    chain::RpcClient rpc = nodes.both();
    CHECK(text_of(rpc.batch({{"eth_call"}}).front()) == "0x2");
    // The one that has an answer is asked first from then on.
    CHECK(text_of(rpc.batch({{"eth_call"}}).front()) == "0x2");
    CHECK(nodes.a.asked.size() == 1);
    CHECK(nodes.clock.sleeps().empty());

    nodes.b.answers["eth_call"] = error_of("-32000", "another reason");
    const auto refused = nodes.both().batch({{"eth_call"}});
    CHECK(std::get<chain::RpcError>(refused.front()).message == words.message);
    CHECK(nodes.clock.sleeps().empty());

    Nodes alone;
    alone.a.answers["eth_call"] = error_of(words.code, words.message);
    CHECK(std::holds_alternative<chain::RpcError>(alone.one().batch({{"eth_call"}}).front()));
    CHECK(alone.a.asked.size() == 1);
  }
}

TEST_CASE("a refused transaction is not sent to other nodes for a reason that all have",
          "[chain][busy]") {
  const eth::SignedTransaction signed_tx = transaction_with_tip(1);
  for (const char* message :
       {"nonce too low: next nonce 5, tx nonce 4", "insufficient funds",
        "in-flight transaction limit reached for delegated accounts", "execution reverted: no"}) {
    INFO(message);
    Nodes nodes;
    nodes.a.answers["eth_sendRawTransaction"] = error_of("-32000", message);
    const auto refusal = nodes.both().send_raw_transaction(signed_tx.raw);
    REQUIRE(refusal);
    CHECK(refusal->error.message == message);
    CHECK(nodes.b.asked.empty());
  }
}

TEST_CASE("a range of blocks that a node refuses in any words is for the caller to split",
          "[chain][busy]") {
  const chain::RpcCall range = chain::get_logs(eth::Address(), 100, 5'000, {});
  for (const BusyWords& words : std::vector<BusyWords>{
           {"-32005", "limit exceeded"},
           {"-32000", "query timeout exceeded"},
           {"35", "ranges over 10000 blocks are not supported on freetier"},
           {"-32600", "You can make eth_getLogs requests with up to a 10 block range"},
           {"-32602", "exceed maximum block range: 50000"},
           {"-32614", "eth_getLogs is limited to a 10,000 range"},
           {"-32603", "Internal error"},
       }) {
    INFO(words.message);
    Nodes nodes;
    nodes.a.answers["eth_getLogs"] = error_of(words.code, words.message);
    const auto results = nodes.both().batch({range});
    CHECK(std::get<chain::RpcError>(results.front()).message == words.message);
    CHECK(nodes.clock.sleeps().empty());
    CHECK(nodes.b.asked.empty());
  }
  Nodes nodes;
  nodes.a.answers["eth_getLogs"] = error_of("-32005", "rate limit exceeded");
  nodes.b.answers["eth_getLogs"] = "\"result\":[]";
  CHECK(std::holds_alternative<base::Json>(nodes.both().batch({range}).front()));
}

namespace {

/// A node that takes batches of up to `limit` calls and refuses longer ones with `refusal`.
struct LimitedNode {
  std::size_t limit = 3;
  net::Response refusal;
  FakeNode node;
  std::mutex mutex;
  std::vector<std::size_t> sizes;  ///< of the requests, in order

  net::Response answer(const net::Request& request) {
    const base::Json body = base::Json::parse(request.body, "request");
    const std::size_t size = body.is_array() ? body.size() : 1;
    {
      const std::lock_guard lock(mutex);
      sizes.push_back(size);
    }
    return size > limit ? refusal : node.answer(request);
  }
};

std::vector<chain::RpcCall> seven_calls() {
  std::vector<chain::RpcCall> out;
  for (const char* digit : {"1", "2", "3", "4", "5", "6", "7"}) {
    out.push_back({"eth_call" + std::string(digit)});
  }
  return out;
}

}  // namespace

TEST_CASE("a batch that is too long is split as the node says", "[chain][busy]") {
  struct Row {
    net::Response refusal;
    std::vector<std::size_t> sizes;  ///< of the requests of two rounds, sorted in each
  };
  const std::string words = "Batch of more than 3 requests are not allowed on free tier";
  const std::vector<std::size_t> by_number = {2, 3, 3, 8, 1, 3, 3};
  const std::vector<std::size_t> by_half = {2, 2, 2, 2, 4, 8, 1, 2, 2, 2};
  const std::vector<std::size_t> singly = {1, 1, 1, 1, 1, 1, 1, 1, 8, 1, 1, 1, 1, 1, 1, 1};
  const std::string lone = R"([{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":")";
  const std::vector<Row> rows = {
      // dRPC.
      {make_response(
           500, R"({"id":1,"jsonrpc":"2.0","error":{"message":")" + words + R"(","code":31}})"),
       by_number},
      {make_response(
           200,
           R"({"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"batch limit of 3 exceeded"}})"),
       by_number},
      // geth.
      {make_response(200, lone + R"(batch too large"}}])"), by_half},
      {make_response(500, "Internal Server Error"), singly},
      {make_response(413, "Request Entity Too Large"), singly},
      {make_response(400, "batch requests are not supported"), singly},
  };
  for (const Row& row : rows) {
    INFO(row.refusal.body);
    Nodes nodes;
    LimitedNode limited;
    limited.refusal = row.refusal;
    for (const chain::RpcCall& call : seven_calls()) {
      limited.node.answers[call.method] = "\"result\":\"" + call.method + "\"";
    }
    nodes.fake.always("POST", "https://c.example/",
                      [&](const net::Request& request) { return limited.answer(request); });
    chain::RpcClient rpc(nodes.fake, nodes.clock, nodes.log, {{"https://c.example/"}, 11155111, 1});
    std::vector<std::size_t> sizes;
    for (int round = 0; round < 2; ++round) {
      const auto results = rpc.batch(seven_calls());
      REQUIRE(results.size() == 7);
      for (std::size_t i = 0; i < 7; ++i) CHECK(text_of(results[i]) == seven_calls()[i].method);
      std::sort(limited.sizes.begin(), limited.sizes.end());
      sizes.insert(sizes.end(), limited.sizes.begin(), limited.sizes.end());
      limited.sizes.clear();
    }
    CHECK(sizes == row.sizes);
    CHECK(nodes.clock.sleeps().empty());
  }
}

TEST_CASE("a node that is broken is left after few requests", "[chain][busy]") {
  Nodes nodes;
  nodes.fake.always("POST", "https://c.example/",
                    [](const net::Request&) { return make_response(500, "oops"); });
  for (const chain::RpcCall& call : seven_calls())
    nodes.b.answers[call.method] = "\"result\":\"0x1\"";
  chain::RpcClient rpc(nodes.fake, nodes.clock, nodes.log,
                       {{"https://c.example/", kB}, 11155111, 3});
  CHECK(rpc.batch(seven_calls()).size() == 7);
  CHECK(nodes.fake.requests().size() == 3);
}

TEST_CASE("ids as text, and an error without a code, are read", "[chain][busy]") {
  Nodes nodes;
  nodes.fake.always("POST", "https://c.example/", [](const net::Request& request) {
    const base::Json body = base::Json::parse(request.body, "request");
    if (!body.is_array()) {
      return make_response(200, R"({"jsonrpc":"2.0","id":"1","result":"0x5"})");
    }
    return make_response(
        200, R"([{"jsonrpc":"2.0","id":"2","error":{"code":null,"message":"no such thing"}},)"
             R"({"jsonrpc":"2.0","id":"1","result":"0xaa36a7"}])");
  });
  chain::RpcClient rpc(nodes.fake, nodes.clock, nodes.log, {{"https://c.example/"}, 11155111, 1});
  const auto results = rpc.batch({{"eth_call"}});
  const auto& error = std::get<chain::RpcError>(results.at(0));
  CHECK(error.code == 0);
  CHECK(error.message == "no such thing");
  CHECK(rpc.call("eth_gasPrice", base::Json::array()).as_string() == "0x5");
}

TEST_CASE("a latest block without a base fee is no answer", "[chain][busy]") {
  Nodes nodes;
  nodes.a.answers["eth_getBlockByNumber"] = R"("result":{"number":"0x7","timestamp":"0x1"})";
  nodes.b.answers["eth_getBlockByNumber"] =
      R"("result":{"number":"0x7","timestamp":"0x1","baseFeePerGas":"0x9"})";
  const auto found = nodes.both().batch({chain::latest_block()});
  CHECK(chain::read_block_header(std::get<base::Json>(found[0])).base_fee_per_gas == eth::U256(9));
  try {
    nodes.one().batch({chain::latest_block()});
    FAIL("it was believed");
  } catch (const Error& error) {
    CHECK(error.message() ==
          "no node gives an answer that can be used: https://a.example answered with a block "
          "without a base fee");
  }
}

TEST_CASE("logs that one node lacks are asked of another", "[chain][busy]") {
  const auto contract = *eth::Address::parse("0x00000000000000000000000000000000000000cc");
  const std::string logs =
      R"([{"address":"0x00000000000000000000000000000000000000cc","topics":[],"data":"0x","blockNumber":"0x7"}])";
  const chain::RpcCall known = chain::get_logs(contract, 7, {});
  const chain::RpcCall listed = chain::get_logs(contract, 7, 7, {});
  const chain::RpcCall range = chain::get_logs(contract, 6, 7, {});
  Nodes nodes;
  nodes.a.answers["eth_getLogs"] = "\"result\":[]";
  SECTION("and found there") {
    nodes.b.answers["eth_getLogs"] = "\"result\":" + logs;
    CHECK(std::get<base::Json>(nodes.both().batch({known})[0]).size() == 1);
    CHECK(std::get<base::Json>(nodes.both().batch({listed})[0]).size() == 1);
    // In a range there may be none.
    CHECK(std::get<base::Json>(nodes.both().batch({range})[0]).size() == 0);
    CHECK(nodes.clock.sleeps().empty());
  }
  SECTION("which lacks them too") {
    nodes.b.answers["eth_getLogs"] = "\"result\":[]";
    CHECK(std::get<base::Json>(nodes.both().batch({listed})[0]).size() == 0);
    CHECK(nodes.clock.sleeps().empty());
    try {
      nodes.both().batch({known});
      FAIL("the block was told to hold nothing");
    } catch (const Error& error) {
      CHECK(error.category() == Category::kNetwork);
      CHECK(error.code() == "chain.logs_missing");
      CHECK(error.message() ==
            "no node has the logs that are needed: https://a.example has no logs of block 7, which "
            "holds an event; https://b.example has no logs of block 7, which holds an event");
      CHECK(error.hint() == "free nodes do not keep all logs; give another --rpc-url");
    }
  }
  SECTION("which does not answer") {
    nodes.b.answers["eth_getLogs"] = error_of("-32005", "rate limited");
    CHECK(std::get<base::Json>(nodes.both().batch({listed})[0]).size() == 0);
  }
  SECTION("of which there is none, until the node has them") {
    nodes.clock.on_sleep(
        [&](Milliseconds) { nodes.a.answers["eth_getLogs"] = "\"result\":" + logs; });
    CHECK(std::get<base::Json>(nodes.one().batch({known})[0]).size() == 1);
  }
}

TEST_CASE("a transaction pays a tip of one wei at least", "[chain][busy]") {
  CHECK(chain::suggest_fees(eth::U256(5), eth::U256()).max_priority_fee_per_gas == eth::U256(1));
  CHECK(chain::suggest_fees(eth::U256(5), eth::U256()).max_fee_per_gas == eth::U256(11));
  CHECK(chain::suggest_fees(eth::U256(5), eth::U256(3)).max_fee_per_gas == eth::U256(13));
}

TEST_CASE("the base fee is what the fees were made of", "[chain][busy]") {
  constexpr std::uint64_t kGwei = 1'000'000'000;
  for (std::uint64_t base_fee = 0; base_fee <= 500 * kGwei; base_fee += kGwei / 2 + 12'345'678'9) {
    for (std::uint64_t tip = 0; tip <= 5 * kGwei; tip += kGwei / 4 + 1) {
      const auto fees = chain::suggest_fees(eth::U256(base_fee), eth::U256(tip));
      CHECK(chain::base_fee_of(fees) == eth::U256(base_fee));
    }
  }
  for (const std::uint64_t base_fee : {0ULL, 1ULL, 7ULL, 499'999'999ULL, 649'626'282ULL}) {
    CHECK(chain::base_fee_of(chain::suggest_fees(eth::U256(base_fee), eth::U256(kGwei))) ==
          eth::U256(base_fee));
  }
  // Fees of somebody else.
  CHECK(chain::base_fee_of({eth::U256(kGwei), eth::U256(1)}).is_zero());
  CHECK(chain::base_fee_of({eth::U256(1), eth::U256(4)}) == eth::U256(1));
}

TEST_CASE("a refusal that demands a tip is remembered", "[chain][busy]") {
  struct Row {
    const char* message;
    std::uint64_t tip;
    const char* demanded;  ///< in wei; empty: nothing
    const char* suggested_next;
  };
  const Row row = GENERATE(values<Row>({
      // geth, before and after its renaming; reth; nethermind; besu; erigon.
      {"transaction underpriced: gas tip cap 0, minimum needed 1", 0, "1", "0x5"},
      {"transaction gas price below minimum: gas tip cap 5, minimum needed 1000000", 5, "1000000",
       "0xf4240"},
      {"transaction priority fee below minimum required priority fee 30000000000", 5, "30000000000",
       "0x6fc23ac00"},
      {"FeeTooLow", 5, "1000000000", "0x3b9aca00"},
      {"Gas price below configured minimum gas price", 2'000'000'000, "4000000000", "0xee6b2800"},
      {"underpriced", 0, "1000000000", "0x3b9aca00"},
      // More than is ever paid, another transaction's price, and something else.
      {"transaction underpriced: gas tip cap 1, minimum needed 100000000001", 1, "", "0x5"},
      {"replacement transaction underpriced", 1, "", "0x5"},
      {"insufficient funds for gas * price + value", 1, "", "0x5"},
  }));
  INFO(row.message);
  Nodes nodes;
  nodes.a.answers["eth_sendRawTransaction"] = error_of("-32000", row.message);
  nodes.a.answers["eth_maxPriorityFeePerGas"] = "\"result\":\"0x5\"";
  chain::RpcClient rpc = nodes.one();
  const auto refusal = rpc.send_raw_transaction(transaction_with_tip(row.tip).raw);
  REQUIRE(refusal);
  CHECK((refusal->demanded_tip ? refusal->demanded_tip->to_decimal() : "") == row.demanded);
  CHECK(text_of(rpc.batch({chain::max_priority_fee_per_gas()})[0]) == row.suggested_next);
  // Also when the node cannot suggest one.
  nodes.a.answers.erase("eth_maxPriorityFeePerGas");
  const auto without = rpc.batch({chain::max_priority_fee_per_gas()});
  CHECK(std::holds_alternative<base::Json>(without[0]) == (std::string(row.demanded) != ""));
}

TEST_CASE("a refusal tells that the account has to wait for its other transaction",
          "[chain][busy]") {
  for (const char* message :
       {"in-flight transaction limit reached for delegated accounts",
        "gapped-nonce tx from delegated accounts",
        "gapped-nonce tx from delegated accounts is temporarily not allowed",
        "NotCurrentNonceForDelegation", "DelegatorHasPendingTx", "authority already reserved"}) {
    INFO(message);
    Nodes nodes;
    nodes.a.answers["eth_sendRawTransaction"] = error_of("-32000", message);
    const auto refusal = nodes.both().send_raw_transaction(transaction_with_tip(1).raw);
    REQUIRE(refusal);
    CHECK(refusal->account_is_busy);
    CHECK_FALSE(refusal->maybe_delivered);
    CHECK(nodes.clock.sleeps().empty());
  }
  Nodes nodes;
  nodes.a.answers["eth_sendRawTransaction"] = error_of("-32000", "nonce too low");
  CHECK_FALSE(nodes.one().send_raw_transaction(transaction_with_tip(1).raw)->account_is_busy);
}
