#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

TEST_CASE("Ctrl-C after sending says that the transaction is out, and the next run goes on",
          "[e2e][interrupt]") {
  World world;
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.error()["message"].as_string().find("may be on its way") != std::string::npos);
  CHECK(run.error()["hint"].as_string() == "run the same command again: it finds out and goes on");

  world.clock.on_sleep({});
  world.devnet.resume_mining();
  const RunResult again = world.user.run(world.deploy({"--json"}));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(world.devnet.apps().size() == 1);
  CHECK(world.devnet.app(*eth::Address::parse(again.json()["appId"].as_string())));
}

TEST_CASE("A lost answer to the transaction does not deploy twice", "[e2e][interrupt]") {
  World world;
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kReset,
                          .after_acting = true});
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A node that dies after the transaction leaves a run that can go on",
          "[e2e][interrupt]") {
  World world;
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kClose,
                          .times = 0,
                          .after_acting = true});
  world.devnet.add_fault(
      {.kind = "rpc:eth_getTransactionReceipt", .action = devnet::FaultAction::kClose, .times = 0});
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK((run.code == 7 || run.code == 8));

  world.devnet.clear_faults();
  const RunResult again = world.user.run(world.deploy({"--json"}));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A transaction that was dropped is sent again as it was", "[e2e][interrupt]") {
  World world;
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  REQUIRE(world.user.run(world.deploy({"--json"})).code == 130);
  world.clock.on_sleep({});
  world.devnet.drop_pending();
  world.devnet.resume_mining();
  const RunResult again = world.user.run(world.deploy({"--json"}));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(world.devnet.apps().size() == 1);
  CHECK(again.err.find("an earlier run began to deploy app") != std::string::npos);
}

TEST_CASE("A transaction that one node may have taken is not given up when another refuses it",
          "[e2e][interrupt]") {
  World world;
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kReset,
                          .after_acting = true});
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kRpcError,
                          .nth = 2,
                          .body = "insufficient funds"});
  world.devnet.add_fault(
      {.kind = "rpc:eth_getTransactionByHash", .action = devnet::FaultAction::kNull});
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 8);
  CHECK(run.error()["code"].as_string() == "deploy.not_mined");
  CHECK(run.error()["message"].as_string().find("insufficient funds") != std::string::npos);

  const RunResult again = world.user.run(world.deploy({"--json"}));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A transaction that is refused at once leaves nothing to go on with",
          "[e2e][interrupt]") {
  World world;
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kRpcError,
                          .body = "intrinsic gas too low"});
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "chain.refused");
  CHECK(run.error()["hint"].as_string() ==
        "nothing is on chain; mend the cause and run the command again");
  const RunResult again = world.user.run(world.deploy({"--json"}));
  CHECK(again.code == 0);
  CHECK(again.err.find("an earlier run") == std::string::npos);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("Ctrl-C before sending leaves nothing behind", "[e2e][interrupt]") {
  World world;
  world.devnet.add_fault(
      {.kind = "rpc", .action = devnet::FaultAction::kStatus, .times = 0, .status = 503});
  world.interrupt_at_first_wait();
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.error()["code"].as_string() == "interrupted");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK_FALSE(std::filesystem::exists(world.user.state() / "journal"));
}
