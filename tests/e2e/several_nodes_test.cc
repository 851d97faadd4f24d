// Two nodes of one chain, of which one dies in the middle of a workflow or is behind.

#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using devnet::FaultAction;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// The other node of the devnet's chain.
std::string second(const World& world) {
  return world.devnet.url() + "/rpc-lagging";
}

Words with_both(const World& world, Words words) {
  for (const std::string& url : {world.devnet.url() + "/rpc", second(world)}) {
    words.emplace_back("--rpc-url");
    words.push_back(url);
  }
  words.emplace_back("--json");
  return words;
}

/// From the first such request on the first node answers nothing any more.
void dies_at(World& world, const std::string& kind, bool after_acting = false) {
  world.devnet.add_fault(
      {.kind = kind, .action = FaultAction::kClose, .times = 0, .after_acting = after_acting});
}

/// One app that runs, made by one transaction that paid once.
void check_one_app(const World& world, const RunResult& run) {
  INFO(run.describe());
  CHECK(run.code == 0);
  REQUIRE(world.devnet.apps().size() == 1);
  CHECK(world.devnet.apps().at(0).run_state == "Running");
  CHECK(world.devnet.nonce(world.account()) == 2);  // the transaction and its authorization
}

}  // namespace

TEST_CASE("A deployment goes on with the other node wherever the first one dies", "[e2e][nodes]") {
  World world;
  const Words words = with_both(world, world.deploy());
  SECTION("from the start") {
    dies_at(world, "rpc");
    check_one_app(world, world.user.run(words));
    CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  }
  SECTION("at the estimate") {
    dies_at(world, "rpc:eth_estimateGas");
    check_one_app(world, world.user.run(words));
  }
  SECTION("after the estimate, before it takes the transaction") {
    dies_at(world, "rpc:eth_sendRawTransaction");
    check_one_app(world, world.user.run(words));
    CHECK(world.devnet.count("rpc-lagging:eth_sendRawTransaction") == 1);
  }
  SECTION("with the transaction, whose answer is lost") {
    dies_at(world, "rpc:eth_sendRawTransaction", true);
    check_one_app(world, world.user.run(words));
    // The other one is given the same octets, and knows their nonce used.
    CHECK(world.devnet.count("rpc-lagging:eth_sendRawTransaction") == 1);
  }
  SECTION("while the receipt is waited for") {
    dies_at(world, "rpc:eth_getTransactionReceipt");
    check_one_app(world, world.user.run(words));
    CHECK(world.devnet.count("rpc-lagging:eth_sendRawTransaction") == 0);
    CHECK(world.devnet.count("rpc-lagging:eth_getTransactionReceipt") >= 1);
  }
}

TEST_CASE("A deployment does not hang on a node that has stopped in the past", "[e2e][nodes]") {
  World world;
  // Blocks that the second one has not seen, nor what is deployed on top of them.
  for (int i = 0; i < 4; ++i) world.devnet.mine_block();
  world.devnet.set_lag(2);
  const Words words = with_both(world, world.deploy());
  SECTION("when the other one is asked first") {
    check_one_app(world, world.user.run(words));
  }
  SECTION("when the other one dies after the transaction and comes back") {
    int sleeps = 0;
    world.clock.on_sleep([&](base::Milliseconds) {
      if (++sleeps == 6) world.devnet.clear_faults();
    });
    dies_at(world, "rpc:eth_getTransactionReceipt");
    check_one_app(world, world.user.run(words));
    CHECK(sleeps >= 6);
  }
}

// Of the account's code, which is read after the receipt, the node that is behind would say that it
// is not delegated.
TEST_CASE("What follows a receipt is read from a node that has seen it", "[e2e][nodes]") {
  World world;
  for (int i = 0; i < 4; ++i) world.devnet.mine_block();
  world.devnet.set_lag(1);
  const RunResult run = world.user.run(
      world.deploy({"--rpc-url", second(world), "--rpc-url", world.devnet.url() + "/rpc"}));
  check_one_app(world, run);
  CHECK(run.err.find("is not delegated") == std::string::npos);
  CHECK(world.devnet.count("rpc-lagging:eth_sendRawTransaction") == 1);
}

TEST_CASE("An upgrade and a stop survive the death of a node too", "[e2e][nodes]") {
  World world;
  REQUIRE(world.user.run(world.deploy()).code == 0);
  const std::string kind = GENERATE("rpc:eth_estimateGas", "rpc:eth_sendRawTransaction",
                                    "rpc:eth_getTransactionReceipt");
  const bool acting = GENERATE(false, true);
  dies_at(world, kind, acting);
  const RunResult upgrade =
      world.user.run(with_both(world, {"compute", "app", "upgrade", "hello", "--image-ref",
                                       world.devnet.image("sample/layered:1.0"), "--yes"}));
  INFO(upgrade.describe());
  CHECK(upgrade.code == 0);
  CHECK(world.devnet.nonce(world.account()) == 3);
  world.devnet.clear_faults();
  dies_at(world, kind, acting);
  const RunResult stop =
      world.user.run(with_both(world, {"compute", "app", "stop", "hello", "--yes"}));
  INFO(stop.describe());
  CHECK(stop.code == 0);
  CHECK(world.devnet.nonce(world.account()) == 4);
  CHECK(world.devnet.apps().at(0).chain_status == platform::ChainStatus::kStopped);
}
