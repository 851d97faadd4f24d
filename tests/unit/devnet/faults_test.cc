// Faults, latency and the request log, as a client meets them.
#include <chrono>
#include <thread>

#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

using devnet::FaultAction;

TEST_CASE("an answer goes wrong in the way that was asked for", "[devnet]") {
  DevnetFixture net;
  const auto skus = [&] { return net.get("/userapi/skus"); };
  SECTION("a status") {
    net.devnet.add_fault({.kind = "userapi:/skus",
                          .action = FaultAction::kStatus,
                          .status = 503,
                          .headers = {{"Retry-After", "2"}}});
    const ProbeAnswer answer = skus();
    CHECK(answer.status == 503);
    CHECK(answer.header("retry-after") == "2");
    CHECK(answer.body == R"({"error":"injected fault"})");
  }
  SECTION("a page of HTML") {
    net.devnet.add_fault(
        {.kind = "userapi:/skus", .action = FaultAction::kBody, .body = "<html>hello</html>"});
    const ProbeAnswer answer = skus();
    CHECK(answer.status == 200);
    CHECK(answer.header("content-type").starts_with("text/html"));
    CHECK(answer.body == "<html>hello</html>");
  }
  SECTION("garbage") {
    net.devnet.add_fault({.kind = "userapi:/skus", .action = FaultAction::kGarbage});
    const ProbeAnswer answer = skus();
    CHECK(answer.status == 200);
    CHECK(answer.body.size() == 256);
    CHECK_FALSE(base::Json::try_parse(answer.body));
  }
  SECTION("JSON of another shape") {
    net.devnet.add_fault({.kind = "userapi:/skus", .action = FaultAction::kWrongShape});
    const base::Json answer = DevnetFixture::json(skus());
    CHECK_FALSE(answer["skus"].exists());
  }
  SECTION("a connection that is closed without a word") {
    net.devnet.add_fault({.kind = "userapi:/skus", .action = FaultAction::kClose});
    const ProbeAnswer answer = skus();
    CHECK(answer.status == 0);
    CHECK_FALSE(answer.reset);
  }
  SECTION("a connection that is reset") {
    net.devnet.add_fault({.kind = "userapi:/skus", .action = FaultAction::kReset});
    const ProbeAnswer answer = skus();
    CHECK(answer.status == 0);
    CHECK(answer.reset);
  }
  SECTION("half an answer") {
    net.devnet.add_fault({.kind = "userapi:/skus", .action = FaultAction::kCut});
    const ProbeAnswer answer = skus();
    CHECK(answer.status == 200);
    CHECK(answer.cut());
    CHECK(answer.body.starts_with(R"({"skus":[)"));
  }
  // Only once.
  CHECK(skus().status == 200);
  CHECK(DevnetFixture::json(skus())["skus"].size() == 8);
}

TEST_CASE("a call in a batch goes wrong by itself", "[devnet]") {
  DevnetFixture net;
  const auto batch = [&] {
    return net.rpc_text(R"([{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]},
                            {"jsonrpc":"2.0","id":2,"method":"eth_gasPrice","params":[]}])");
  };
  SECTION("with an error") {
    net.devnet.add_fault({.kind = "rpc:eth_gasPrice",
                          .action = FaultAction::kRpcError,
                          .code = -32005,
                          .body = "limit exceeded"});
    const base::Json answers = batch();
    CHECK(answers.at(0)["result"].as_string() == "0x7a69");
    CHECK(DevnetFixture::error_of(answers.at(1)) == "-32005 limit exceeded");
    CHECK(answers.at(1)["id"].as_u64() == 2);
  }
  SECTION("with null") {
    net.devnet.add_fault({.kind = "rpc:eth_gasPrice", .action = FaultAction::kNull});
    CHECK(batch().at(1)["result"].is_null());
  }
  SECTION("with another shape") {
    net.devnet.add_fault({.kind = "rpc:eth_gasPrice", .action = FaultAction::kWrongShape});
    CHECK(batch().at(1)["result"].is_object());
  }
  SECTION("under the id of another call") {
    net.devnet.add_fault({.kind = "rpc:eth_gasPrice", .action = FaultAction::kWrongId});
    const base::Json answers = batch();
    CHECK(answers.at(0)["id"].as_u64() == 1);
    CHECK(answers.at(1)["id"].as_u64() == 1002);
    CHECK(answers.at(1)["result"].as_string() == "0x77359400");
  }
  SECTION("and the batch as such") {
    net.devnet.add_fault({.kind = "rpc:batch", .action = FaultAction::kStatus, .status = 400});
    CHECK(probe(net.devnet.port(), "POST", "/rpc", {},
                R"([{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}])")
              .status == 400);
    CHECK(net.result("eth_chainId").as_string() == "0x7a69");
  }
  CHECK(batch().at(1)["result"].as_string() == "0x77359400");
}

TEST_CASE("a request that had its effect can lose its answer", "[devnet]") {
  DevnetFixture net;
  const eth::Transaction tx = net.transaction(0, DevnetFixture::address(1));
  const std::string raw =
      base::to_hex_prefixed(eth::sign_transaction(DevnetFixture::key(0), tx).raw);
  const std::string body =
      base::Json::object(
          {{"id", 1}, {"method", "eth_sendRawTransaction"}, {"params", base::Json::array({raw})}})
          .dump();
  SECTION("after acting") {
    net.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = FaultAction::kClose,
                          .after_acting = true});
    CHECK(probe(net.devnet.port(), "POST", "/rpc", {}, body).status == 0);
    CHECK(net.devnet.block_number() == 1);
  }
  SECTION("before acting") {
    net.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction", .action = FaultAction::kClose});
    CHECK(probe(net.devnet.port(), "POST", "/rpc", {}, body).status == 0);
    CHECK(net.devnet.block_number() == 0);
  }
  SECTION("as often as it arrives") {
    net.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction", .action = FaultAction::kDuplicate});
    CHECK(DevnetFixture::error_of(net.rpc_text(body)).starts_with("-32000 nonce too low"));
    CHECK(net.devnet.block_number() == 1);
  }
  SECTION("with an error of the node after acting") {
    net.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = FaultAction::kRpcError,
                          .after_acting = true});
    CHECK(DevnetFixture::error_of(net.rpc_text(body)) == "-32603 injected fault");
    CHECK(net.devnet.block_number() == 1);
  }
}

TEST_CASE("a transaction is made to revert", "[devnet]") {
  DevnetFixture net;
  net.devnet.add_fault(
      {.kind = "rpc:eth_sendRawTransaction", .action = FaultAction::kRevert, .body = "0x609749e2"});
  const base::Json sent =
      net.rpc("eth_sendRawTransaction", base::Json::array({vectors()["deployFour"]}));
  CHECK(net.receipt(sent["result"])["status"].as_string() == "0x0");
  CHECK(net.devnet.apps().empty());
  net.devnet.add_fault(
      {.kind = "rpc:eth_call", .action = FaultAction::kRevert, .body = "0x609749e2"});
  CHECK(DevnetFixture::error_of(net.call(0, DevnetFixture::address(1), {})) ==
        "3 execution reverted 0x609749e2");
  // What Solidity's require says is in the message too: Error("no").
  const std::string reason = base::to_hex_prefixed(eth::abi_encode_call("Error(string)", {"no"}));
  net.devnet.add_fault({.kind = "rpc:eth_call", .action = FaultAction::kRevert, .body = reason});
  CHECK(DevnetFixture::error_of(net.call(0, DevnetFixture::address(1), {})) ==
        "3 execution reverted: no " + reason);
}

TEST_CASE("latency is waited out before the answer", "[devnet]") {
  DevnetFixture net;
  net.devnet.set_latency("userapi", std::chrono::milliseconds(60));
  net.get("/userapi/skus");
  net.get("/v2/");
  const auto requests = net.devnet.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].finished_ms - requests[0].started_ms >= 60);
  CHECK(requests[1].finished_ms - requests[1].started_ms < 60);
}

TEST_CASE("stopping does not wait for delays", "[devnet]") {
  DevnetFixture net;
  net.devnet.add_fault(
      {.kind = "userapi:/skus", .action = FaultAction::kDelay, .delay = std::chrono::hours(1)});
  std::thread client([&] { net.get("/userapi/skus"); });
  while (net.devnet.requests().empty()) std::this_thread::yield();
  net.devnet.stop();
  client.join();
  CHECK(net.devnet.requests().size() == 1);
  net.devnet.start();
  CHECK(net.get("/userapi/skus").status == 200);
}

TEST_CASE("what is late can be waited for", "[devnet]") {
  DevnetFixture net;
  const bool acts_first = GENERATE(false, true);
  const eth::Transaction tx = net.transaction(0, DevnetFixture::address(1));
  const std::string raw =
      base::to_hex_prefixed(eth::sign_transaction(DevnetFixture::key(0), tx).raw);
  net.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                        .action = FaultAction::kDelay,
                        .after_acting = acts_first,
                        .delay = std::chrono::hours(1)});
  std::thread client([&] { net.rpc("eth_sendRawTransaction", base::Json::array({raw})); });
  while (net.devnet.requests().empty()) std::this_thread::yield();
  if (!acts_first) CHECK(net.devnet.block_number() == 0);
  net.devnet.settle();
  CHECK(net.devnet.block_number() == 1);
  client.join();
  // Nothing is under way now.
  net.devnet.settle();
}

TEST_CASE("requests are kept with what they asked and where from", "[devnet]") {
  DevnetFixture net;
  net.get("/userapi/skus?x=1");
  net.rpc_text(R"([{"id":1,"method":"eth_chainId"},{"id":2,"method":"eth_chainId"}])");
  net.get("/_devnet/requests");
  const auto requests = net.devnet.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].number == 1);
  CHECK(requests[0].kinds == std::vector<std::string>{"userapi:/skus"});
  CHECK(requests[0].method == "GET");
  CHECK(requests[0].path == "/userapi/skus?x=1");
  CHECK(requests[0].status == 200);
  CHECK(requests[0].client_id == "ecloud-cli/v0.2.0");
  CHECK(requests[1].kinds ==
        std::vector<std::string>{"rpc:batch", "rpc:eth_chainId", "rpc:eth_chainId"});
  CHECK(net.devnet.count("rpc:eth_chainId") == 2);
  CHECK(net.devnet.count("userapi") == 1);
  CHECK(net.devnet.count("hub") == 0);
  net.devnet.clear_requests();
  CHECK(net.devnet.requests().empty());
}

TEST_CASE("a devnet that was stopped answers nobody, and then again", "[devnet]") {
  DevnetFixture net;
  net.create_app();
  const std::uint16_t port = net.devnet.port();
  net.devnet.stop();
  CHECK_THROWS(probe(port, "GET", "/v2/"));
  CHECK(net.devnet.apps().size() == 1);
  net.devnet.start();
  CHECK(net.devnet.port() == port);
  CHECK(net.get("/v2/").status == 200);
  CHECK(net.devnet.apps().size() == 1);
}

TEST_CASE("a port that is taken is said so", "[devnet]") {
  DevnetFixture net;
  devnet::Options options;
  options.port = net.devnet.port();
  try {
    const devnet::Devnet second(with_test_keys(std::move(options)));
    FAIL("two devnets on one port");
  } catch (const Error& error) {
    CHECK(error.code() == "devnet.port");
    CHECK(error.message() ==
          "port " + std::to_string(net.devnet.port()) + " on 127.0.0.1 is taken");
  }
}

TEST_CASE("many clients are served at the same time", "[devnet]") {
  DevnetFixture net;
  net.devnet.set_latency("", std::chrono::milliseconds(100));
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> clients;
  std::atomic<int> served{0};
  for (int i = 0; i < 60; ++i) {
    clients.emplace_back([&] { served += net.get("/userapi/skus").status == 200 ? 1 : 0; });
  }
  for (std::thread& client : clients) client.join();
  CHECK(served == 60);
  // One after the other they would take six seconds.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
}

}  // namespace
}  // namespace ecloud::testing
