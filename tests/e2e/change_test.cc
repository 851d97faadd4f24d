// start, stop and terminate, as a user runs them.

#include "e2e/session.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

/// A world with the running app "hello".
struct AppWorld : World {
  explicit AppWorld(std::vector<std::string> more = {}) {
    more.push_back("--json");
    const RunResult run = user.run(deploy(std::move(more)));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    devnet.clear_requests();
  }

  RunResult change(const std::string& verb, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"compute", "app", verb, "hello"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return user.run(arguments);
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }

  eth::Address app;
};

void interrupt(base::Milliseconds) {
  throw Error(Category::kInterrupted, "interrupted", "interrupted");
}

}  // namespace

TEST_CASE("stop and start change the chain and wait for the machine", "[e2e][change]") {
  AppWorld world;
  const RunResult stop = world.change("stop", {"--json"});
  INFO(stop.describe());
  REQUIRE(stop.code == 0);
  CHECK(stop.json()["appId"].as_string() == world.app.to_string());
  CHECK(stop.json()["operation"].as_string() == "stop");
  CHECK(stop.json()["chainStatus"].as_string() == "stopped");
  CHECK(stop.json()["status"].as_string() == "Stopped");
  CHECK(stop.json()["changed"].as_bool());
  CHECK(stop.json()["gas"]["used"].as_u64() <= stop.json()["gas"]["limit"].as_u64());
  CHECK(world.devnet.app(world.app)->chain_status == platform::ChainStatus::kStopped);
  CHECK(world.devnet.app(world.app)->run_state == "Stopped");

  const RunResult start = world.change("start", {"--json"});
  INFO(start.describe());
  REQUIRE(start.code == 0);
  CHECK(start.json()["status"].as_string() == "Running");
  CHECK(start.json()["ip"].as_string().starts_with("203.0.113."));
  CHECK(world.devnet.app(world.app)->chain_status == platform::ChainStatus::kStarted);
  CHECK(world.sent() == 2);
}

TEST_CASE("A stop asks the chain twice before it sends", "[e2e][change]") {
  AppWorld world;
  REQUIRE(world.user.run({"compute", "app", "stop", world.app.to_string(), "--no-wait"}).code == 0);
  std::size_t requests = 0;
  for (const auto& request : world.devnet.requests()) {
    requests += request.path.starts_with("/rpc") ? 1 : 0;
  }
  // State with estimate; transaction; receipt.
  CHECK(requests == 3);
}

TEST_CASE("An app that is what it shall be is left alone", "[e2e][change]") {
  AppWorld world;
  const RunResult run = world.change("start", {"--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK_FALSE(run.json()["changed"].as_bool());
  CHECK(run.err.find("is started already; nothing is sent") != std::string::npos);
  CHECK_FALSE(run.json()["dryRun"].exists());
  const RunResult rehearsed = world.change("start", {"--dry-run", "--json"});
  INFO(rehearsed.describe());
  CHECK(rehearsed.code == 0);
  CHECK_FALSE(rehearsed.json()["changed"].as_bool());
  CHECK(rehearsed.json()["dryRun"].as_bool());
  CHECK(world.sent() == 0);
}

TEST_CASE("A dry run shows the call and sends nothing", "[e2e][change]") {
  AppWorld world;
  for (const char* verb : {"stop", "terminate"}) {
    const RunResult run = world.change(verb, {"--dry-run", "--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    CHECK(run.json()["dryRun"].as_bool());
    CHECK(run.json()["calls"].at(0)["contract"].as_string() == "AppController");
    CHECK(run.json()["calls"].at(0)["function"].as_string() == std::string(verb) + "App");
    CHECK(run.json()["chainStatus"].as_string() == "started");
  }
  const RunResult words = world.change("stop", {"--dry-run"});
  CHECK(words.out.find("AppController.stopApp(app " + world.app.to_string() + ")") !=
        std::string::npos);
  CHECK(world.sent() == 0);
  CHECK(world.devnet.app(world.app)->run_state == "Running");
}

TEST_CASE("What the contract would refuse is refused before anything is sent", "[e2e][change]") {
  AppWorld world;
  REQUIRE(world.change("terminate", {"--yes", "--no-wait"}).code == 0);
  world.devnet.clear_requests();
  for (const char* verb : {"start", "stop"}) {
    const RunResult run = world.change(verb, {"--json"});
    INFO(run.describe());
    CHECK(run.code == 4);
    CHECK(run.error()["code"].as_string() == "app.wrong_status");
    CHECK(run.error()["message"].as_string().find("is terminated: it cannot be st") !=
          std::string::npos);
  }
  const RunResult unknown =
      world.user.run({"compute", "app", "stop", "0x1111111111111111111111111111111111111111"});
  CHECK(unknown.code == 6);
  CHECK(world.sent() == 0);
}

TEST_CASE("Another account's app is refused with what is missing and who can grant it",
          "[e2e][change]") {
  AppWorld world;
  const auto& other = devnet::Devnet::accounts().at(1);
  world.user.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(other.private_key.reveal()));
  const RunResult run = world.user.run({"compute", "app", "stop", world.app.to_string(), "--json"});
  INFO(run.describe());
  CHECK(run.code == 5);
  CHECK(run.error()["code"].as_string() == "app.not_permitted");
  CHECK(run.error()["message"].as_string() ==
        "account " + other.address.to_string() + " may not stop app " + world.app.to_string() +
            ": it is no admin of the app, and the permission stop was not granted to it");
  CHECK(run.error()["hint"].as_string() ==
        "an admin of the app (" + world.account().to_string() +
            ") can do it, or grant it: ecloud compute app permissions grant " +
            world.app.to_string() + " " + other.address.to_string() +
            " --allow stop\nsee who may do what: ecloud compute app permissions list " +
            world.app.to_string());
  CHECK(world.sent() == 0);
}

TEST_CASE("A refusal with another cause keeps the contract's reason", "[e2e][change]") {
  AppWorld world;
  // 0x42ca568f is GlobalMaxActiveAppsExceeded().
  world.devnet.add_fault({.kind = "rpc:eth_estimateGas",
                          .action = devnet::FaultAction::kRevert,
                          .body = "0x42ca568f"});
  const RunResult run = world.change("stop", {"--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "chain.would_revert");
  CHECK(run.error()["message"].as_string().find("(GlobalMaxActiveAppsExceeded)") !=
        std::string::npos);
  CHECK(world.sent() == 0);
}

TEST_CASE("A change that is mined and reverts says why", "[e2e][change]") {
  AppWorld world;
  // 0x609749e2 is InvalidAppStatus().
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kRevert,
                          .body = "0x609749e2"});
  const RunResult run = world.change("stop", {"--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "chain.reverted");
  world.devnet.clear_faults();
  CHECK(world.change("stop").code == 0);
}

TEST_CASE("An account without ETH is told what is missing", "[e2e][change]") {
  AppWorld world;
  world.devnet.set_balance(world.account(), eth::U256(1000));
  const RunResult run = world.change("stop", {"--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "deploy.insufficient_funds");
  CHECK(world.sent() == 0);
}

TEST_CASE("A lost answer to a change does not send a second one", "[e2e][change]") {
  AppWorld world;
  SECTION("the answer alone is lost") {
    world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                            .action = devnet::FaultAction::kReset,
                            .after_acting = true});
    CHECK(world.change("stop").code == 0);
  }
  SECTION("the node dies after it") {
    world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                            .action = devnet::FaultAction::kClose,
                            .times = 0,
                            .after_acting = true});
    world.devnet.add_fault({.kind = "rpc:eth_getTransactionReceipt",
                            .action = devnet::FaultAction::kClose,
                            .times = 0});
    const RunResult run = world.change("stop", {"--json"});
    INFO(run.describe());
    CHECK((run.code == 7 || run.code == 8));
    world.devnet.clear_faults();
    const RunResult again = world.change("stop", {"--json"});
    INFO(again.describe());
    CHECK(again.code == 0);
    CHECK(again.json()["txHash"].as_string().size() == 66);
  }
  // Deploying took one nonce for the transaction and one for the authorization.
  CHECK(world.devnet.nonce(world.account()) == 3);
}

TEST_CASE("A stop that was interrupted is settled before the app is started", "[e2e][change]") {
  AppWorld world;
  world.devnet.pause_mining();
  world.clock.on_sleep(interrupt);
  const RunResult run = world.change("stop", {"--json"});
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.error()["message"].as_string().find("may be on its way") != std::string::npos);
  world.clock.on_sleep({});
  world.devnet.drop_pending();
  world.devnet.resume_mining();

  const RunResult start = world.change("start");
  INFO(start.describe());
  CHECK(start.code == 0);
  CHECK(start.err.find("an earlier run began to stop app") != std::string::npos);
  CHECK(world.devnet.app(world.app)->chain_status == platform::ChainStatus::kStarted);
  CHECK(world.devnet.nonce(world.account()) == 4);
}

TEST_CASE("A terminate that never left is sent by no other command", "[e2e][change]") {
  AppWorld world;
  world.devnet.pause_mining();
  world.clock.on_sleep(interrupt);
  CHECK(world.change("terminate", {"--yes"}).code == 130);
  world.clock.on_sleep({});
  world.devnet.drop_pending();
  world.devnet.resume_mining();
  world.devnet.clear_requests();

  const RunResult stop = world.change("stop", {"--json"});
  INFO(stop.describe());
  CHECK(stop.code == 8);
  CHECK(stop.error()["hint"].as_string().find("ecloud compute app terminate") != std::string::npos);
  CHECK(world.sent() == 0);
  CHECK(world.devnet.app(world.app)->chain_status == platform::ChainStatus::kStarted);
  const RunResult again = world.change("terminate", {"--yes"});
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(world.devnet.app(world.app)->chain_status == platform::ChainStatus::kTerminated);
}

TEST_CASE("A terminate that is on its way is waited for and sent by no other command",
          "[e2e][change]") {
  AppWorld world;
  world.devnet.pause_mining();
  world.clock.on_sleep(interrupt);
  CHECK(world.change("terminate", {"--yes"}).code == 130);
  world.clock.on_sleep([&](base::Milliseconds) { world.devnet.resume_mining(); });
  world.devnet.clear_requests();

  const RunResult stop = world.change("stop", {"--json"});
  INFO(stop.describe());
  CHECK(stop.code == 4);
  CHECK(stop.error()["code"].as_string() == "app.wrong_status");
  CHECK(world.sent() == 0);
  CHECK(world.devnet.app(world.app)->chain_status == platform::ChainStatus::kTerminated);
}

TEST_CASE("A wait that runs out goes on with the same command", "[e2e][change]") {
  AppWorld world;
  world.clock.on_sleep(
      [&](base::Milliseconds) { world.devnet.set_run_state(world.app, "Stopping"); });
  const RunResult run = world.change("stop", {"--timeout", "30", "--json"});
  INFO(run.describe());
  CHECK(run.code == 8);
  CHECK(
      run.error()["hint"].as_string() ==
      "the change is on chain and the platform goes on; wait again with: ecloud compute app stop " +
          world.app.to_string() + " --environment devnet");
  world.clock.on_sleep({});
  world.devnet.set_run_state(world.app, "Stopped");
  const RunResult again = world.change("stop", {"--json"});
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.json()["status"].as_string() == "Stopped");
  CHECK(world.sent() == 1);
}

TEST_CASE("Without waiting the command ends with the transaction", "[e2e][change]") {
  AppWorld world;
  const RunResult run = world.change("stop", {"--no-wait", "--json"});
  CHECK(run.code == 0);
  CHECK(run.json()["status"].is_null());
  CHECK(world.devnet.count("userapi:/status") == 0);
}

TEST_CASE("terminate refuses without a terminal and without --yes", "[e2e][change]") {
  AppWorld world;
  const RunResult run = world.change("terminate", {"--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "cli.confirmation_needed");
  CHECK(world.sent() == 0);
}

TEST_CASE("terminate says what becomes of the wallet and what it holds", "[e2e][change]") {
  SECTION("generated here") {
    AppWorld world;
    const RunResult run = world.change("terminate", {"--force"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.err.find("was generated here and stays: its words are in " +
                       world.user.state().string()) != std::string::npos);
    CHECK(run.err.find(" holds 0 ETH on ") != std::string::npos);
    CHECK(world.devnet.app(world.app)->run_state == "Terminated");
  }
  SECTION("the KMS's") {
    AppWorld world({"--wallet", "kms"});
    const RunResult info =
        world.user.run({"compute", "app", "info", "hello", "--json", "--address-count", "2"});
    const auto second = info.json()["kmsAddresses"]["evm"].at(1)["address"].as_string();
    world.devnet.set_balance(*eth::Address::parse(second),
                             eth::U256(1'500'000'000) * eth::U256(1'000'000'000));
    const RunResult run = world.change("terminate", {"--yes"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.err.find("is the KMS's: it is gone for ever") != std::string::npos);
    CHECK(run.err.find(second + " (m/44'/60'/0'/0/1) holds 1.5 ETH on ") != std::string::npos);
  }
  SECTION("of the env file") {
    World world;
    world.user.write(".env",
                     "MNEMONIC=\"test test test test test test test test test test test "
                     "junk\"\n");
    REQUIRE(world.user.run(world.deploy({"--wallet", "env", "--no-wait"})).code == 0);
    const RunResult run = world.user.run({"compute", "app", "terminate", "hello", "--yes"});
    CHECK(run.code == 0);
    CHECK(run.err.find("is MNEMONIC of your env file") != std::string::npos);
    CHECK(run.err.find("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266") != std::string::npos);
  }
  SECTION("on another machine, with its recovery phrase on chain") {
    AppWorld world;
    const RunResult words =
        world.user.run({"compute", "app", "wallet", "export", world.app.to_string(), "--yes"});
    testing::Session other(world.devnet, world.clock);
    const RunResult run =
        other.run({"compute", "app", "terminate", world.app.to_string(), "--yes"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.err.find("its recovery phrase is on chain and opens with your key") !=
          std::string::npos);
    // And stays there after the app has ended.
    const RunResult exported =
        other.run({"compute", "app", "wallet", "export", world.app.to_string(), "--yes"});
    INFO(exported.describe());
    CHECK(exported.code == 0);
    CHECK(exported.out == words.out);
  }
  SECTION("on another machine, without a backup") {
    World world;
    const RunResult deployed =
        world.user.run(world.deploy({"--wallet-backup", "none", "--no-wait", "--json"}));
    REQUIRE(deployed.code == 0);
    testing::Session other(world.devnet, world.clock);
    const RunResult run =
        other.run({"compute", "app", "terminate", deployed.json()["appId"].as_string(), "--yes"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.err.find("what its addresses hold cannot be moved once the app is terminated") !=
          std::string::npos);
  }
}
