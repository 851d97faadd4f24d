// The node of the strict profile: fees that change, geth's pool, limits, and nodes with gaps. The
// words of the pool are those of go-ethereum's core/txpool and of chainlink's list of them.
#include "support/temp_dir.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

const eth::Address kSomebody = *eth::Address::parse("0x00000000000000000000000000000000000000cc");
constexpr std::uint64_t kGwei = 1'000'000'000;

eth::U256 base_fee_of(const DevnetFixture& net, std::uint64_t block) {
  const base::Json header = net.result(
      "eth_getBlockByNumber", base::Json::array({eth::U256(block).to_hex(), base::Json(false)}));
  return *eth::U256::from_hex(header["baseFeePerGas"].as_string());
}

eth::U256 number(const base::Json& text) {
  return *eth::U256::from_hex(text.as_string());
}

std::string control(const DevnetFixture& net, const std::string& what, const std::string& body) {
  const ProbeAnswer answer = probe(net.devnet.port(), "POST", "/_devnet/" + what, {}, body);
  return std::to_string(answer.status) + " " + answer.body;
}

std::string refusal(const DevnetFixture& net, std::size_t account, const eth::Transaction& tx) {
  return DevnetFixture::error_of(net.send(account, tx));
}

ProbeAnswer ask_batch(const DevnetFixture& net, std::size_t calls, const char* path = "/rpc") {
  std::string body;
  for (std::size_t i = 0; i < calls; ++i) {
    body += (i == 0 ? "[" : ",") + std::string(R"({"jsonrpc":"2.0","id":)") +
            std::to_string(i + 40) + R"(,"method":"eth_chainId"})";
  }
  return probe(net.devnet.port(), "POST", path, {}, body + "]");
}

TEST_CASE("the base fee and the tip change with every block, within EIP-1559's bounds",
          "[devnet][strict]") {
  DevnetFixture net;
  DevnetFixture other;
  bool tip_was_larger = false;
  bool base_fee_was_larger = false;
  eth::U256 before = net.devnet.base_fee();
  for (std::uint64_t block = 1; block <= 200; ++block) {
    net.devnet.mine_block();
    other.devnet.mine_block();
    const eth::U256 fee = net.devnet.base_fee();
    const eth::U256 tip = net.devnet.suggested_tip();
    INFO("block " << block << " base fee " << fee.to_decimal() << " tip " << tip.to_decimal());
    CHECK(fee != before);
    CHECK((fee > before ? fee - before : before - fee) <= before / eth::U256(8));
    CHECK(fee <= eth::U256(3 * kGwei));
    CHECK(fee >= eth::U256(kGwei / 20));
    CHECK(tip <= eth::U256(2 * kGwei));
    CHECK_FALSE(tip.is_zero());
    tip_was_larger = tip_was_larger || tip > fee;
    base_fee_was_larger = base_fee_was_larger || fee > tip;
    CHECK(other.devnet.base_fee() == fee);
    CHECK(other.devnet.suggested_tip() == tip);
    before = fee;
  }
  CHECK(tip_was_larger);
  CHECK(base_fee_was_larger);
}

TEST_CASE("every method tells the same fees", "[devnet][strict]") {
  DevnetFixture net;
  for (int i = 0; i < 5; ++i) net.devnet.mine_block();
  const eth::U256 fee = net.devnet.base_fee();
  const eth::U256 tip = net.devnet.suggested_tip();
  CHECK(base_fee_of(net, 5) == fee);
  CHECK(base_fee_of(net, 4) != fee);
  CHECK(number(net.result("eth_maxPriorityFeePerGas")) == tip);
  CHECK(number(net.result("eth_gasPrice")) == fee + tip);
  const base::Json history =
      net.result("eth_feeHistory", base::Json::array({"0x3", "latest", base::Json::array({50})}));
  REQUIRE(history["baseFeePerGas"].size() == 4);
  for (std::uint64_t i = 0; i < 3; ++i) {
    CHECK(number(history["baseFeePerGas"].at(i)) == base_fee_of(net, 3 + i));
  }
  CHECK(number(history["reward"].at(2).at(0)) == tip);
  // The last one is that of the block to come.
  net.devnet.mine_block();
  CHECK(number(history["baseFeePerGas"].at(3)) == net.devnet.base_fee());
}

TEST_CASE("the fees can be set exactly", "[devnet][strict]") {
  DevnetFixture net;
  net.devnet.set_fees(eth::U256(7), eth::U256(2 * kGwei));
  CHECK(net.devnet.block_number() == 1);
  CHECK(base_fee_of(net, 1) == eth::U256(7));
  const base::Json receipt = net.receipt(net.send(0, net.transaction(0, kSomebody))["result"]);
  CHECK(number(receipt["effectiveGasPrice"]) == eth::U256(kGwei + 7));
  CHECK(base_fee_of(net, 2) == eth::U256(7));
  CHECK(control(net, "fees", R"({"baseFeeWei":"0","tipWei":"0"})") == R"(200 {"ok":true})");
  CHECK(net.devnet.base_fee().is_zero());
  CHECK(net.devnet.suggested_tip().is_zero());
  CHECK(control(net, "fees", R"({"baseFeeWei":"many","tipWei":"0"})").starts_with("400 "));
  CHECK(control(net, "fees", R"({"baseFeeWei":"1"})").starts_with("400 "));
  net.devnet.set_fees(eth::U256(kGwei), eth::U256(kGwei));
  CHECK(control(net, "fees", "{}") == R"(200 {"ok":true})");
  net.devnet.mine_block();
  CHECK(net.devnet.base_fee() != eth::U256(kGwei));
}

TEST_CASE("a gentle devnet has steady fees and no limit of its batches", "[devnet][strict]") {
  devnet::Options options;
  options.strictness = devnet::Strictness::kGentle;
  DevnetFixture net(std::move(options));
  for (int i = 0; i < 10; ++i) net.devnet.mine_block();
  CHECK(net.devnet.base_fee() == eth::U256(kGwei));
  CHECK(net.devnet.suggested_tip() == eth::U256(kGwei));
  CHECK(ask_batch(net, 300).status == 200);
  CHECK(net.devnet.info()["profile"].as_string() == "gentle");
  CHECK(DevnetFixture().devnet.info()["profile"].as_string() == "strict");
}

TEST_CASE("fees outlive the process with the chain that they were paid on", "[devnet][strict]") {
  const TempDir directory;
  devnet::Options options;
  options.state_dir = directory / "state";
  std::string before;
  const auto balance = [](const DevnetFixture& net) {
    return net.devnet.balance(DevnetFixture::address(0)).to_decimal();
  };
  {
    DevnetFixture net(options);
    for (int i = 0; i < 6; ++i)
      REQUIRE(net.send(0, net.transaction(0, kSomebody))["result"].exists());
    net.devnet.set_fees(eth::U256(123), eth::U256(kGwei));
    REQUIRE(net.send(0, net.transaction(0, kSomebody))["result"].exists());
    before = balance(net);
  }
  // Also when it is continued in the other profile.
  options.strictness = GENERATE(devnet::Strictness::kStrict, devnet::Strictness::kGentle);
  DevnetFixture net(options);
  CHECK(balance(net) == before);
  CHECK(base_fee_of(net, 8) == eth::U256(123));
}

TEST_CASE("an account with a delegation has one transaction in flight", "[devnet][strict]") {
  DevnetFixture net;
  const eth::Address account = DevnetFixture::address(0);
  const eth::Address delegator = net.environment().delegator;
  eth::Transaction first = net.transaction(0, kSomebody);
  bool raises_twice = false;
  SECTION("that it has already") {
    net.devnet.set_delegate(account, delegator);
  }
  SECTION("that its own transaction brings") {
    first.to = account;
    first.authorizations = {
        eth::sign_authorization(DevnetFixture::key(0), eth::U256(31337), delegator, 1)};
    raises_twice = true;
  }
  SECTION("that a transaction of another account brings") {
    eth::Transaction foreign = net.transaction(1, kSomebody);
    foreign.authorizations = {
        eth::sign_authorization(DevnetFixture::key(0), eth::U256(31337), delegator, 7)};
    net.devnet.pause_mining();
    REQUIRE(net.send(1, foreign)["result"].exists());
  }
  net.devnet.pause_mining();
  REQUIRE(net.send(0, first)["result"].exists());
  eth::Transaction second = net.transaction(0, kSomebody);
  second.nonce = 1;
  CHECK(refusal(net, 0, second) ==
        "-32000 in-flight transaction limit reached for delegated accounts");
  second.nonce = 5;
  CHECK(refusal(net, 0, second) ==
        "-32000 in-flight transaction limit reached for delegated accounts");
  // Another account is not concerned.
  CHECK(net.send(2, net.transaction(2, kSomebody))["result"].exists());
  // The one that waits may be replaced.
  eth::Transaction better = first;
  better.max_fee_per_gas = eth::U256(6 * kGwei);
  better.max_priority_fee_per_gas = eth::U256(2 * kGwei);
  CHECK(net.send(0, better)["result"].exists());

  net.devnet.resume_mining();
  const std::uint64_t next = net.devnet.nonce(account);
  CHECK(next == (raises_twice ? 2u : 1u));
  second.nonce = next;
  CHECK(net.send(0, second)["result"].exists());
}

TEST_CASE("an account with a delegation has no gap before its nonce", "[devnet][strict]") {
  DevnetFixture net;
  eth::Transaction tx = net.transaction(0, kSomebody);
  tx.nonce = 2;
  net.devnet.set_delegate(DevnetFixture::address(0), kSomebody);
  CHECK(refusal(net, 0, tx) == "-32000 gapped-nonce tx from delegated accounts");
  tx.nonce = 0;
  CHECK(net.send(0, tx)["result"].exists());
}

TEST_CASE("another account's later nonces wait until their turn", "[devnet][strict]") {
  DevnetFixture net;
  const auto count = [&](const char* tag) {
    return net
        .result("eth_getTransactionCount",
                base::Json::array({DevnetFixture::address(0).to_string(), tag}))
        .as_string();
  };
  eth::Transaction tx = net.transaction(0, kSomebody);
  tx.nonce = 2;
  const base::Json third = net.send(0, tx)["result"];
  REQUIRE(third.exists());
  CHECK(net.receipt(third).is_null());
  CHECK(count("pending") == "0x0");
  tx.nonce = 0;
  REQUIRE(net.send(0, tx)["result"].exists());
  CHECK(count("latest") == "0x1");
  tx.nonce = 1;
  REQUIRE(net.send(0, tx)["result"].exists());
  CHECK(count("latest") == "0x3");
  CHECK(net.receipt(third)["status"].as_string() == "0x1");
}

TEST_CASE("a cap below the base fee waits until the base fee falls", "[devnet][strict]") {
  DevnetFixture net;
  net.devnet.set_fees(eth::U256(5 * kGwei), eth::U256(kGwei));
  const base::Json hash = net.send(0, net.transaction(0, kSomebody))["result"];
  REQUIRE(hash.exists());
  net.devnet.mine_block();
  CHECK(net.receipt(hash).is_null());
  CHECK(net.result("eth_getTransactionByHash", base::Json::array({hash})).is_object());
  net.devnet.set_fees(eth::U256(3 * kGwei), eth::U256(kGwei));
  CHECK(net.receipt(hash)["status"].as_string() == "0x1");
}

TEST_CASE("a transaction has at most 128 KiB", "[devnet][strict]") {
  DevnetFixture net;
  eth::Transaction tx = net.transaction(0, kSomebody);
  tx.gas_limit = 16'000'000;
  const auto signed_of = [&](std::size_t bytes) {
    tx.data = base::Bytes(bytes, 1);
    return eth::sign_transaction(DevnetFixture::key(0), tx);
  };
  std::size_t most = 130'000 + (131'072 - signed_of(130'000).raw.size()) - 4;
  while (signed_of(most).raw.size() < 131'072) ++most;
  REQUIRE(signed_of(most).raw.size() == 131'072);
  const eth::SignedTransaction larger = signed_of(most + 1);
  CHECK(DevnetFixture::error_of(net.send_raw(larger.raw)) ==
        "-32000 oversized data: transaction size " + std::to_string(larger.raw.size()) +
            ", limit 131072");
  CHECK(net.send_raw(signed_of(most).raw)["result"].exists());
}

TEST_CASE("a node asks for a tip", "[devnet][strict]") {
  DevnetFixture net;
  eth::Transaction tx = net.transaction(0, kSomebody);
  tx.max_priority_fee_per_gas = eth::U256();
  CHECK(refusal(net, 0, tx) == "-32000 transaction underpriced: gas tip cap 0, minimum needed 1");
  CHECK(control(net, "node", R"({"node":"rpc","minimumTipWei":"25000000"})") ==
        R"(200 {"ok":true})");
  tx.max_priority_fee_per_gas = eth::U256(1);
  CHECK(refusal(net, 0, tx) ==
        "-32000 transaction underpriced: gas tip cap 1, minimum needed 25000000");
  CHECK(control(net, "node", R"({"node":"rpc"})") == R"(200 {"ok":true})");
  CHECK(net.send(0, tx)["result"].exists());
}

TEST_CASE("other clients refuse in other words", "[devnet][strict]") {
  struct Row {
    const char* words;
    std::string known, low, replacement, tip, in_flight;
  };
  const std::string flight = "-32000 in-flight transaction limit reached for delegated accounts";
  const Row row = GENERATE_COPY(values<Row>({
      {"reth", "-32000 already known", "-32000 nonce too low: next nonce 1, tx nonce 0",
       "-32000 replacement transaction underpriced",
       "-32000 transaction priority fee below minimum required priority fee 1", flight},
      {"nethermind", "-32010 AlreadyKnown", "-32010 OldNonce", "-32010 ReplacementNotAllowed",
       "-32010 FeeTooLow", "-32010 NotCurrentNonceForDelegation"},
      {"erigon", "-32000 already known", "-32000 nonce too low",
       "-32000 could not replace existing tx", "-32000 underpriced", flight},
      {"besu", "-32000 Known transaction", "-32001 Nonce too low",
       "-32000 Replacement transaction underpriced",
       "-32009 Gas price below configured minimum gas price", flight},
  }));
  DevnetFixture net;
  CHECK(control(net, "node", R"({"node":"rpc","words":")" + std::string(row.words) + "\"}") ==
        R"(200 {"ok":true})");
  net.devnet.set_delegate(DevnetFixture::address(0), kSomebody);
  eth::Transaction tx = net.transaction(0, kSomebody);
  REQUIRE(net.send(0, tx)["result"].exists());
  tx.value = eth::U256(1);
  CHECK(refusal(net, 0, tx) == row.low);
  net.devnet.pause_mining();
  tx.nonce = 1;
  REQUIRE(net.send(0, tx)["result"].exists());
  CHECK(refusal(net, 0, tx) == row.known);
  tx.value = eth::U256(2);
  CHECK(refusal(net, 0, tx) == row.replacement);
  tx.nonce = 2;
  CHECK(refusal(net, 0, tx) == row.in_flight);
  tx.max_priority_fee_per_gas = eth::U256();
  CHECK(refusal(net, 0, tx) == row.tip);
  CHECK(control(net, "node", R"({"node":"rpc","words":"klingon"})").starts_with("400 "));
  CHECK(control(net, "node", R"({"node":"rpc-9"})").starts_with("404 "));
}

TEST_CASE("a node takes a hundred calls in a batch, or as many as it is told to",
          "[devnet][strict]") {
  DevnetFixture net;
  CHECK(base::Json::parse(ask_batch(net, 100).body, "answer").size() == 100);
  CHECK(ask_batch(net, 101).body ==
        R"([{"jsonrpc":"2.0","id":40,"error":{"code":-32600,"message":"batch too large"}}])");
  struct Row {
    const char* refusal;
    int status;
    const char* body;
  };
  const Row row = GENERATE(values<Row>({
      {"lone-error", 200,
       R"([{"jsonrpc":"2.0","id":40,"error":{"code":-32600,"message":"batch too large"}}])"},
      {"error-object", 200,
       R"({"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"batch limit of 3 exceeded"}})"},
      {"server-error", 500,
       R"({"jsonrpc":"2.0","id":40,"error":{"code":31,"message":"Batch of more than 3 requests are not allowed on free tier"}})"},
      {"server-text", 500, "Internal Server Error"},
      {"too-large", 413, "Request Entity Too Large"},
  }));
  const std::string refusal = row.refusal;
  REQUIRE(
      control(net, "node", R"({"node":"rpc","batchLimit":3,"batchRefusal":")" + refusal + "\"}") ==
      R"(200 {"ok":true})");
  CHECK(base::Json::parse(ask_batch(net, 3).body, "answer").size() == 3);
  const ProbeAnswer answer = ask_batch(net, 4);
  CHECK(answer.status == row.status);
  CHECK(answer.body == row.body);
  // Each node for itself.
  CHECK(ask_batch(net, 4, "/rpc-lagging").status == 200);
}

TEST_CASE("a node without logs answers that there are none", "[devnet][strict]") {
  DevnetFixture net;
  net.create_app();
  const std::string body = R"({"id":1,"method":"eth_getLogs","params":[{"fromBlock":"0x0"}]})";
  const auto found = [&](const char* path) {
    return base::Json::parse(probe(net.devnet.port(), "POST", path, {}, body).body,
                             "answer")["result"]
        .size();
  };
  CHECK(found("/rpc") == 4);
  CHECK(found("/rpc-nologs") == 0);
  devnet::NodeBehaviour behaviour;
  behaviour.has_logs = false;
  net.devnet.set_behaviour("rpc", behaviour);
  CHECK(found("/rpc") == 0);
  // Receipts keep theirs.
  const base::Json block = net.result("eth_getBlockByNumber", base::Json::array({"0x1", false}));
  CHECK(net.receipt(block["transactions"].at(0))["logs"].size() == 3);
}

TEST_CASE("a node may answer with ids as text", "[devnet][strict]") {
  DevnetFixture net;
  devnet::NodeBehaviour behaviour;
  behaviour.text_ids = true;
  net.devnet.set_behaviour("rpc", behaviour);
  CHECK(net.rpc("eth_chainId")["id"].as_string() == "7");
  CHECK(net.rpc("nonsense")["id"].as_string() == "7");
}

}  // namespace
}  // namespace ecloud::testing
