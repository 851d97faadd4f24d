// Blocks that are taken back, and a node that is behind.
#include "support/temp_dir.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

const eth::Address kSomebody = *eth::Address::parse("0x00000000000000000000000000000000000000cc");

eth::Transaction payment(const DevnetFixture& net, std::uint64_t wei) {
  eth::Transaction tx = net.transaction(0, kSomebody);
  tx.value = eth::U256(wei);
  return tx;
}

base::Json count(const DevnetFixture& net, const char* tag) {
  return net.result("eth_getTransactionCount",
                    base::Json::array({DevnetFixture::address(0).to_string(), tag}));
}

bool known(const DevnetFixture& net, const base::Json& hash) {
  return !net.result("eth_getTransactionByHash", base::Json::array({hash})).is_null();
}

TEST_CASE("a block is taken back with its receipts and its effects", "[devnet][reorganise]") {
  DevnetFixture net;
  const eth::U256 before = net.devnet.balance(DevnetFixture::address(0));
  net.send(0, payment(net, 1));
  const base::Json hash = net.send(0, payment(net, 2))["result"];
  const base::Json receipt = net.receipt(hash);
  CHECK(net.devnet.balance(kSomebody) == eth::U256(3));
  CHECK(receipt["blockNumber"].as_string() == "0x2");

  net.devnet.pause_mining();
  SECTION("its transactions wait again") {
    net.devnet.reorganise(1, true);
    CHECK(net.devnet.block_number() == 1);
    CHECK(net.devnet.balance(kSomebody) == eth::U256(1));
    CHECK(net.receipt(hash).is_null());
    CHECK(known(net, hash));
    CHECK(count(net, "latest").as_string() == "0x1");
    CHECK(count(net, "pending").as_string() == "0x2");
    CHECK(net.result("eth_getBlockByNumber", base::Json::array({"0x2", false})).is_null());
    CHECK(net.result("eth_getBlockByHash", base::Json::array({receipt["blockHash"], false}))
              .is_null());

    net.devnet.resume_mining();
    const base::Json again = net.receipt(hash);
    CHECK(again["blockNumber"].as_string() == "0x2");
    CHECK(again["blockHash"].as_string() != receipt["blockHash"].as_string());
    CHECK(net.devnet.balance(kSomebody) == eth::U256(3));
    CHECK(again["gasUsed"].as_string() == receipt["gasUsed"].as_string());
  }
  SECTION("its transactions vanish") {
    net.devnet.reorganise(2, false);
    net.devnet.resume_mining();
    CHECK(net.devnet.block_number() == 0);
    CHECK_FALSE(known(net, hash));
    CHECK(count(net, "pending").as_string() == "0x0");
    CHECK(net.devnet.balance(DevnetFixture::address(0)) == before);
    // The nonce is free for another one.
    CHECK(net.receipt(net.send(0, payment(net, 7))["result"])["status"].as_string() == "0x1");
    CHECK(net.devnet.balance(kSomebody) == eth::U256(7));
  }
  SECTION("they come before those that waited already") {
    const base::Json waiting = net.send(0, payment(net, 4))["result"];
    net.devnet.reorganise(2, true);
    net.devnet.resume_mining();
    CHECK(net.devnet.block_number() == 1);
    CHECK(net.receipt(waiting)["transactionIndex"].as_string() == "0x2");
    CHECK(net.devnet.balance(kSomebody) == eth::U256(7));
  }
}

TEST_CASE("while blocks are made those taken back are replaced with the next request",
          "[devnet][reorganise]") {
  DevnetFixture net;
  const base::Json hash = net.send(0, payment(net, 1))["result"];
  const std::string old = net.receipt(hash)["blockHash"].as_string();
  net.devnet.reorganise(1, true);
  CHECK(net.receipt(hash)["blockHash"].as_string() != old);
  net.devnet.mine_block();
  CHECK(net.result("eth_blockNumber").as_string() == "0x2");
  const base::Json empty = net.result("eth_getBlockByNumber", base::Json::array({"0x2", false}));
  CHECK(empty["transactions"].size() == 0);
  CHECK(empty["parentHash"].as_string() == net.receipt(hash)["blockHash"].as_string());
}

TEST_CASE("a transaction that was made to revert reverts again", "[devnet][reorganise]") {
  DevnetFixture net;
  net.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                        .action = devnet::FaultAction::kRevert,
                        .body = "82d7ade6"});
  const base::Json hash = net.send(0, payment(net, 1))["result"];
  CHECK(net.receipt(hash)["status"].as_string() == "0x0");
  net.devnet.reorganise(1, true);
  CHECK(net.receipt(hash)["status"].as_string() == "0x0");
}

TEST_CASE("an app goes with the block that made it and comes back with it",
          "[devnet][reorganise]") {
  DevnetFixture net;
  const eth::Address first = net.create_app(0, 1);
  net.pass(5);
  CHECK(net.devnet.app(first)->run_state == "Running");
  const eth::Address second = net.create_app(0, 2);
  net.pass(5);
  net.devnet.reorganise(2, false);
  CHECK_FALSE(net.devnet.app(second));
  CHECK(net.devnet.app(first)->run_state == "Running");
  CHECK(net.get("/userapi/logs/" + second.to_string()).status != 200);
  net.create_app(0, 2);
  CHECK(net.devnet.app(second)->run_state == "Deploying");
  net.pass(5);
  CHECK(net.devnet.app(second)->ip == "203.0.113.2");
}

TEST_CASE("an upgrade whose confirmation is taken back is confirmed again",
          "[devnet][reorganise]") {
  DevnetFixture net;
  const eth::Address app = net.create_app();
  net.pass(5);
  net.run(0, net.environment().app_controller,
          platform::encode_upgrade_app(net.generation(), app, net.release(app)));
  net.pass(5);
  const std::uint64_t confirmed = net.devnet.block_number();
  CHECK(net.devnet.app(app)->pending_release_block == 0);
  CHECK(net.devnet.app(app)->latest_release_block == confirmed - 1);

  net.devnet.reorganise(1, true);
  CHECK(net.devnet.block_number() == confirmed);
  CHECK(net.devnet.app(app)->latest_release_block == confirmed - 1);
  // And the upgrade itself: it waits, is mined, runs and is confirmed.
  net.devnet.reorganise(2, true);
  CHECK(net.devnet.app(app)->run_state == "Upgrading");
  net.pass(5);
  CHECK(net.devnet.block_number() == confirmed);
  CHECK(net.devnet.app(app)->pending_release_block == 0);
  CHECK(net.devnet.app(app)->run_state == "Running");
}

TEST_CASE("only blocks that are remembered are taken back", "[devnet][reorganise]") {
  DevnetFixture net;
  CHECK_THROWS_AS(net.devnet.reorganise(1, true), Error);
  for (int i = 0; i < 20; ++i) net.devnet.mine_block();
  CHECK_THROWS_AS(net.devnet.reorganise(17, true), Error);
  net.devnet.reorganise(16, true);
  CHECK(net.devnet.block_number() == 4);
  CHECK_THROWS_AS(net.devnet.reorganise(1, true), Error);
}

TEST_CASE("what was taken back is not there after a restart either", "[devnet][reorganise]") {
  const TempDir directory;
  devnet::Options options;
  options.state_dir = directory / "state";
  std::string hash, block;
  {
    DevnetFixture net(options);
    hash = net.send(0, payment(net, 1))["result"].as_string();
    net.send(0, payment(net, 2));
    net.devnet.pause_mining();
    net.devnet.reorganise(2, true);
    net.devnet.mine_block();
    block = net.receipt(base::Json(hash))["blockHash"].as_string();
    net.devnet.mine_block();
    net.devnet.reorganise(1, false);
  }
  DevnetFixture net(options);
  CHECK(net.devnet.block_number() == 1);
  CHECK(net.receipt(base::Json(hash))["blockHash"].as_string() == block);
  CHECK(net.devnet.balance(kSomebody) == eth::U256(3));
}

TEST_CASE("a block is made of what waits while mining is paused", "[devnet][reorganise]") {
  DevnetFixture net;
  net.devnet.pause_mining();
  const base::Json hash = net.send(0, payment(net, 1))["result"];
  net.devnet.mine_block();
  CHECK(net.receipt(hash)["blockNumber"].as_string() == "0x1");
  net.devnet.mine_block();
  CHECK(net.devnet.block_number() == 2);
}

base::Json lagging(const DevnetFixture& net, const std::string& method, const base::Json& params) {
  const ProbeAnswer answer = net.post(
      "/rpc-lagging",
      base::Json::object({{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}})
          .dump());
  return DevnetFixture::json(answer)["result"];
}

TEST_CASE("a second node of the chain is behind and has not heard of the latest",
          "[devnet][reorganise]") {
  DevnetFixture net;
  const base::Json first = net.send(0, payment(net, 1))["result"];
  const base::Json second = net.send(0, payment(net, 2))["result"];
  const auto ask = [&](const std::string& method, const base::Json& params) {
    return lagging(net, method, params);
  };
  const base::Json self = base::Json::array({DevnetFixture::address(0).to_string(), "pending"});
  CHECK(ask("eth_blockNumber", base::Json::array()).as_string() == "0x2");
  net.devnet.set_lag(1);
  CHECK(ask("eth_chainId", base::Json::array()).as_string() == "0x7a69");
  CHECK(ask("eth_blockNumber", base::Json::array()).as_string() == "0x1");
  CHECK(ask("eth_getBlockByNumber", base::Json::array({"latest", false}))["number"].as_string() ==
        "0x1");
  CHECK(ask("eth_getTransactionCount", self).as_string() == "0x1");
  CHECK(ask("eth_getBalance", base::Json::array({kSomebody.to_string(), "latest"})).as_string() ==
        "0x1");
  CHECK(ask("eth_getTransactionReceipt", base::Json::array({first}))["status"].as_string() ==
        "0x1");
  CHECK(ask("eth_getTransactionReceipt", base::Json::array({second})).is_null());
  CHECK(ask("eth_getTransactionByHash", base::Json::array({second})).is_null());
  CHECK(net.receipt(second)["status"].as_string() == "0x1");
  // What it is sent reaches the others.
  const std::string raw =
      base::to_hex_prefixed(eth::sign_transaction(DevnetFixture::key(0), payment(net, 4)).raw);
  const base::Json third = ask("eth_sendRawTransaction", base::Json::array({raw}));
  CHECK(net.receipt(third)["status"].as_string() == "0x1");
  CHECK(ask("eth_blockNumber", base::Json::array()).as_string() == "0x2");
  net.devnet.set_lag(16);
  CHECK(ask("eth_blockNumber", base::Json::array()).as_string() == "0x0");
  CHECK_THROWS_AS(net.devnet.set_lag(17), Error);
}

TEST_CASE("the lagging node fails by itself", "[devnet][reorganise]") {
  DevnetFixture net;
  net.devnet.add_fault(
      {.kind = "rpc", .action = devnet::FaultAction::kStatus, .times = 0, .status = 503});
  CHECK(probe(net.devnet.port(), "POST", "/rpc", {}, "{}").status == 503);
  CHECK(lagging(net, "eth_chainId", base::Json::array()).as_string() == "0x7a69");
  net.devnet.clear_faults();
  net.devnet.add_fault(
      {.kind = "rpc-lagging:eth_chainId", .action = devnet::FaultAction::kNull, .times = 0});
  CHECK(net.result("eth_chainId").as_string() == "0x7a69");
  CHECK(lagging(net, "eth_chainId", base::Json::array()).is_null());
  CHECK(net.devnet.count("rpc-lagging:eth_chainId") == 2);
}

TEST_CASE("blocks are made and taken back over HTTP", "[devnet][reorganise]") {
  DevnetFixture net;
  const auto mining = [&](const std::string& body) {
    const ProbeAnswer answer = probe(net.devnet.port(), "POST", "/_devnet/mining", {}, body);
    return std::to_string(answer.status) + " " + answer.body;
  };
  const std::string done = R"(200 {"ok":true})";
  CHECK(mining(R"({"mine":3})") == done);
  CHECK(net.devnet.block_number() == 3);
  const base::Json hash = net.send(0, payment(net, 1))["result"];
  CHECK(mining(R"({"paused":true,"reorganise":2})") == done);
  CHECK(net.devnet.block_number() == 2);
  CHECK(known(net, hash));
  CHECK(mining(R"({"reorganise":1,"keepTransactions":false})") == done);
  CHECK(known(net, hash));
  CHECK(mining(R"({"dropPending":true,"lag":1})") == done);
  CHECK_FALSE(known(net, hash));
  CHECK(lagging(net, "eth_blockNumber", base::Json::array()).as_string() == "0x0");
  CHECK(mining(R"({"reorganise":5})") ==
        R"(400 {"error":"only the last 1 blocks can be taken back, not 5"})");
  CHECK(mining(R"({"lag":99})") ==
        R"(400 {"error":"a node can be behind by 16 blocks at most, not by 99"})");
  CHECK(mining(R"({"mine":1001})") == R"(400 {"error":"at most 1000 blocks at once"})");
}

TEST_CASE("a replacement pays a tenth more of both fees", "[devnet][reorganise]") {
  DevnetFixture net;
  net.devnet.pause_mining();
  const eth::Transaction first = payment(net, 1);  // 3 gwei, tip 1 gwei
  net.send(0, first);
  const auto replaced = [&](std::uint64_t fee, std::uint64_t tip) {
    eth::Transaction other = first;
    other.max_fee_per_gas = eth::U256(fee);
    other.max_priority_fee_per_gas = eth::U256(tip);
    const base::Json answer = net.send(0, other);
    return answer["result"].exists() ? "replaced" : DevnetFixture::error_of(answer);
  };
  const std::string no = "-32000 replacement transaction underpriced";
  CHECK(replaced(3'299'999'999, 1'100'000'000) == no);
  CHECK(replaced(3'300'000'000, 1'099'999'999) == no);
  CHECK(replaced(9'000'000'000, 1'000'000'000) == no);
  CHECK(replaced(3'000'000'000, 1'000'000'000) == "-32000 already known");
  CHECK(replaced(3'300'000'000, 1'100'000'000) == "replaced");
  CHECK(count(net, "pending").as_string() == "0x1");
}

}  // namespace
}  // namespace ecloud::testing
