// Purchases that are cut off, refused or reverted: nothing is paid twice.

#include "e2e/top_up_support.h"
#include "ecloud/base/error.h"

using namespace ecloud;
using testing::check_nothing_paid;
using testing::dollars;
using testing::RunResult;
using testing::sent;
using testing::spent;
using testing::top_up;
using testing::World;

TEST_CASE("A lost answer to the payment does not pay twice", "[e2e][top-up]") {
  World world;
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kReset,
                          .after_acting = true});
  const RunResult run = world.user.run(top_up("50"));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(spent(world) == dollars(50));
}

TEST_CASE("A node that dies after the payment leaves a run that can go on", "[e2e][top-up]") {
  World world;
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kClose,
                          .times = 0,
                          .after_acting = true});
  world.devnet.add_fault(
      {.kind = "rpc:eth_getTransactionReceipt", .action = devnet::FaultAction::kClose, .times = 0});
  const RunResult run = world.user.run(top_up("50"));
  INFO(run.describe());
  CHECK((run.code == 7 || run.code == 8));
  CHECK(run.error()["hint"].as_string() == "run the same command again: it finds out and goes on");
  REQUIRE(spent(world) == dollars(50));

  world.devnet.clear_faults();
  const RunResult again = world.user.run(top_up("50"));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.json()["resumed"].as_bool());
  CHECK(again.json()["remainingCredits"].as_double() == 48.8);
  CHECK(again.err.find("nothing more was paid now") != std::string::npos);
  CHECK(spent(world) == dollars(50));

  // That purchase is over: the next run is another one.
  const RunResult third = world.user.run(top_up("50"));
  CHECK_FALSE(third.json()["resumed"].as_bool());
  CHECK(spent(world) == dollars(100));
}

TEST_CASE("Ctrl-C after sending a payment says that it is out", "[e2e][top-up]") {
  World world;
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  const RunResult run = world.user.run(top_up("50"));
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.error()["message"].as_string().find(
            "which pays 50.00 USDC for " + world.account().to_string() + ", may be on its way") !=
        std::string::npos);
  world.clock.on_sleep({});

  SECTION("mined meanwhile") {
    world.devnet.resume_mining();
    CHECK(world.user.run(top_up("50")).json()["resumed"].as_bool());
    CHECK(spent(world) == dollars(50));
  }
  SECTION("dropped meanwhile, and sent again as it was") {
    world.devnet.drop_pending();
    world.devnet.resume_mining();
    CHECK(world.user.run(top_up("50")).json()["resumed"].as_bool());
    CHECK(spent(world) == dollars(50));
  }
  SECTION("its nonce taken by another transaction meanwhile") {
    world.devnet.drop_pending();
    world.devnet.resume_mining();
    REQUIRE(world.user.run(world.deploy({"--no-wait"})).code == 0);
    const RunResult again = world.user.run(top_up("50"));
    INFO(again.describe());
    CHECK(again.code == 0);
    CHECK_FALSE(again.json()["resumed"].as_bool());
    CHECK(spent(world) == dollars(50));
  }
  SECTION("and then another amount is wanted") {
    world.devnet.resume_mining();
    const RunResult other = world.user.run(top_up("7"));
    INFO(other.describe());
    CHECK(other.code == 0);
    CHECK_FALSE(other.json()["resumed"].as_bool());
    CHECK(other.err.find("it was mined: 50.00 USDC for") != std::string::npos);
    CHECK(spent(world) == dollars(57));
  }
  SECTION("dropped meanwhile, and then another amount is wanted") {
    world.devnet.drop_pending();
    world.devnet.resume_mining();
    const RunResult other = world.user.run(top_up("7"));
    INFO(other.describe());
    CHECK(other.code == 8);
    CHECK(other.error()["code"].as_string() == "deploy.not_mined");
    CHECK(other.error()["message"].as_string().ends_with(
        "which pays 50.00 USDC for " + world.account().to_string() + ", and no node knows it"));
    CHECK(other.error()["hint"].as_string().starts_with(
        "finish it: ecloud billing top-up --amount 50 --account " + world.account().to_string() +
        "\n"));
    CHECK(spent(world) == dollars(0));
  }
  SECTION("still on its way, and then another amount is wanted") {
    world.clock.on_sleep([&](base::Milliseconds) { world.devnet.resume_mining(); });
    const RunResult other = world.user.run(top_up("7"));
    INFO(other.describe());
    CHECK(other.code == 0);
    CHECK(other.err.find("it was mined: 50.00 USDC for") != std::string::npos);
    // Waited for, and not sent again.
    CHECK(sent(world) == 2);
    CHECK(spent(world) == dollars(57));
  }
  SECTION("and a journal that cannot be read stops everything") {
    for (const auto& file : std::filesystem::recursive_directory_iterator(world.user.state())) {
      if (file.path().extension() == ".json") {
        std::filesystem::resize_file(file.path(), 20);
      }
    }
    world.devnet.drop_pending();
    const RunResult again = world.user.run(top_up("50"));
    CHECK(again.code == 1);
    CHECK(again.error()["code"].as_string() == "journal.damaged");
    CHECK(spent(world).is_zero());
  }
}

TEST_CASE("A refused or reverted payment pays nothing", "[e2e][top-up]") {
  World world;
  SECTION("refused by the node") {
    world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                            .action = devnet::FaultAction::kRpcError,
                            .times = 0,
                            .body = "txpool is full"});
    const RunResult run = world.user.run(top_up("50"));
    INFO(run.describe());
    CHECK(run.code == 4);
    CHECK(run.error()["code"].as_string() == "chain.refused");
    world.devnet.clear_faults();
  }
  SECTION("reverted on chain") {
    world.devnet.add_fault(
        {.kind = "rpc:eth_sendRawTransaction", .action = devnet::FaultAction::kRevert, .body = ""});
    const RunResult run = world.user.run(top_up("50"));
    INFO(run.describe());
    CHECK(run.code == 4);
    CHECK(run.error()["code"].as_string() == "chain.reverted");
  }
  CHECK(spent(world).is_zero());
  const RunResult again = world.user.run(top_up("50"));
  CHECK(again.code == 0);
  CHECK_FALSE(again.json()["resumed"].as_bool());
  CHECK(spent(world) == dollars(50));
}

TEST_CASE("A payment that was reverted after it was cut off is made anew", "[e2e][top-up]") {
  World world;
  world.devnet.pause_mining();
  world.devnet.add_fault(
      {.kind = "rpc:eth_sendRawTransaction", .action = devnet::FaultAction::kRevert, .body = ""});
  world.interrupt_at_first_wait();
  REQUIRE(world.user.run(top_up("50")).code == 130);
  world.clock.on_sleep({});
  world.devnet.resume_mining();
  const RunResult again = world.user.run(top_up("50"));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.err.find("was reverted: ") != std::string::npos);
  CHECK(again.err.find("; nothing was paid but gas\n") != std::string::npos);
  CHECK_FALSE(again.json()["resumed"].as_bool());
  CHECK(spent(world) == dollars(50));
}

TEST_CASE("What the contract would refuse is not sent", "[e2e][top-up]") {
  World world;
  // Error(string) "Blacklistable: account is blacklisted", encoded by viem.
  world.devnet.add_fault(
      {.kind = "rpc:eth_estimateGas",
       .action = devnet::FaultAction::kRevert,
       .body = "08c379a00000000000000000000000000000000000000000000000000000000000000020"
               "0000000000000000000000000000000000000000000000000000000000000025"
               "426c61636b6c69737461626c653a206163636f756e7420697320626c61636b6c"
               "6973746564000000000000000000000000000000000000000000000000000000"});
  const RunResult run = world.user.run(top_up("50"));
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "chain.would_revert");
  CHECK(run.error()["message"].as_string().find("Blacklistable: account is blacklisted") !=
        std::string::npos);
  check_nothing_paid(world);
}

TEST_CASE("A success that paid nothing is told as such", "[e2e][top-up]") {
  World world;
  // The delegation is lost between estimate and mining: the transaction runs no code.
  world.devnet.set_delegate(world.account(), world.devnet.environment().delegator);
  world.devnet.pause_mining();
  world.clock.on_sleep([&](base::Milliseconds) {
    world.devnet.set_delegate(world.account(), eth::Address());
    world.devnet.resume_mining();
  });
  const RunResult run = world.user.run(top_up("50"));
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "billing.no_effect");
  CHECK(spent(world).is_zero());
  world.clock.on_sleep({});
  CHECK(world.user.run(top_up("50")).code == 0);
  CHECK(spent(world) == dollars(50));
}

TEST_CASE("A payment that one node may have taken is not given up when another refuses it",
          "[e2e][top-up]") {
  World world;
  const bool taken = GENERATE(true, false);
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kReset,
                          .after_acting = taken});
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kRpcError,
                          .nth = 2,
                          .body = "txpool is full"});
  world.devnet.add_fault(
      {.kind = "rpc:eth_getTransactionByHash", .action = devnet::FaultAction::kNull});
  const RunResult run = world.user.run(top_up("50"));
  INFO(run.describe());
  CHECK(run.code == 8);
  CHECK(run.error()["code"].as_string() == "deploy.not_mined");
  CHECK(run.error()["message"].as_string().find("txpool is full") != std::string::npos);
  CHECK(run.error()["hint"].as_string().starts_with("run the same command again"));
  CHECK(spent(world) == dollars(taken ? 50 : 0));

  const RunResult again = world.user.run(top_up("50"));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.json()["resumed"].as_bool());
  CHECK(spent(world) == dollars(50));
}

TEST_CASE("A payment that is sent again and refused is not given up", "[e2e][top-up]") {
  World world;
  // A nonce that is used may have been used by this very payment.
  const auto [words, told] = GENERATE(table<std::string, std::string>(
      {{"nonce too low: next nonce 1, tx nonce 0", "was sent and is not mined yet"},
       {"txpool is full", "txpool is full"}}));
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  REQUIRE(world.user.run(top_up("50")).code == 130);
  world.clock.on_sleep({});
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kRpcError,
                          .body = words});
  world.devnet.add_fault(
      {.kind = "rpc:eth_getTransactionByHash", .action = devnet::FaultAction::kNull});
  const RunResult refused = world.user.run(top_up("50"));
  INFO(refused.describe());
  CHECK(refused.code == 8);
  CHECK(refused.error()["message"].as_string().find(told) != std::string::npos);

  world.devnet.resume_mining();
  const RunResult again = world.user.run(top_up("50"));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.json()["resumed"].as_bool());
  CHECK(spent(world) == dollars(50));
}
