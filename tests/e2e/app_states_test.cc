// What may be done with an app in which state, by the release of the contracts.

#include "e2e/direct_call.h"
#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "ecloud/eth/abi.h"
#include "support/catch.h"

using namespace ecloud;
using devnet::ControllerKind;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// A world with the running app "hello".
struct AppWorld : World {
  explicit AppWorld(ControllerKind kind = ControllerKind::kV1_5) {
    devnet.set_controller(kind);
    const RunResult run = user.run(deploy({"--json"}));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    devnet.clear_requests();
  }
  RunResult run(const std::string& verb, Words more = {}) {
    Words words = {"compute", "app", verb, app.to_string()};
    words.insert(words.end(), more.begin(), more.end());
    return user.run(words);
  }
  RunResult upgrade() {
    return run("upgrade", {"--image-ref", devnet.image("sample/hello:1.0"), "--wallet", "generated",
                           "--yes", "--json", "--no-wait"});
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }
  platform::ChainStatus status() const { return devnet.app(app)->chain_status; }

  eth::Address app;
};

/// Exit 4 before anything is signed, in these words.
void check_refused(AppWorld& world, const RunResult& run, const std::string& code,
                   const std::string& message, const std::string& hint) {
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == code);
  CHECK(run.error()["message"].as_string() == message);
  CHECK(run.error()["hint"].as_string() == hint);
  CHECK(world.sent() == 0);
}

}  // namespace

TEST_CASE("A suspended app starts again once its account has quota", "[e2e][states]") {
  const ControllerKind kind =
      GENERATE(ControllerKind::kV1_1, ControllerKind::kV1_4, ControllerKind::kV1_5);
  AppWorld world(kind);
  world.devnet.suspend(world.account());
  REQUIRE(world.status() == platform::ChainStatus::kSuspended);

  check_refused(world, world.run("start", {"--json"}), "deploy.no_subscription",
                "account " + world.account().to_string() +
                    " has neither a subscription nor credits: its quota is 0 apps",
                "subscribe first (ecloud billing subscribe), or buy credits (ecloud billing "
                "top-up)");
  world.devnet.set_max_active_apps(world.account(), 1);
  const RunResult start = world.run("start", {"--json"});
  INFO(start.describe());
  REQUIRE(start.code == 0);
  CHECK(start.json()["chainStatus"].as_string() == "started");
  CHECK(start.json()["status"].as_string() == "Running");
  CHECK(world.status() == platform::ChainStatus::kStarted);
  CHECK(world.devnet.app(world.app)->run_state == "Running");
}

TEST_CASE("Before 1.5.0 a suspended app must be started first", "[e2e][states]") {
  const ControllerKind kind = GENERATE(ControllerKind::kV1_1, ControllerKind::kV1_4);
  AppWorld world(kind);
  world.devnet.suspend(world.account());
  const std::string app = world.app.to_string();
  const std::string hint =
      "the platform suspends apps that are not paid for. Pay (ecloud billing status), then start "
      "it again: ecloud compute app start " +
      app;
  check_refused(world, world.upgrade(), "app.wrong_status",
                "app " + app + " is suspended: it cannot be upgraded", hint);
  check_refused(world, world.run("terminate", {"--yes", "--json"}), "app.wrong_status",
                "app " + app + " is suspended: it cannot be terminated", hint);
  check_refused(world, world.run("stop", {"--json"}), "app.wrong_status",
                "app " + app + " is suspended: it cannot be stopped", hint);
}

TEST_CASE("From 1.5.0 a suspended app takes a release and can be terminated", "[e2e][states]") {
  AppWorld world;
  world.devnet.suspend(world.account());
  SECTION("a release, which runs when the app is started") {
    const RunResult upgrade = world.upgrade();
    INFO(upgrade.describe());
    REQUIRE(upgrade.code == 0);
    CHECK(world.status() == platform::ChainStatus::kSuspended);
    CHECK(world.devnet.app(world.app)->pending_release_block > 0);
    world.devnet.set_max_active_apps(world.account(), 1);
    const RunResult start = world.run("start", {"--json"});
    INFO(start.describe());
    REQUIRE(start.code == 0);
    CHECK(world.devnet.app(world.app)->pending_release_block == 0);
  }
  SECTION("terminated") {
    const RunResult end = world.run("terminate", {"--yes", "--json"});
    INFO(end.describe());
    REQUIRE(end.code == 0);
    CHECK(world.status() == platform::ChainStatus::kTerminated);
  }
}

TEST_CASE("Stopping an app frees no quota, and nobody says that it does", "[e2e][states]") {
  AppWorld world;
  world.devnet.set_max_active_apps(world.account(), 1);
  REQUIRE(world.run("stop", {"--no-wait"}).code == 0);
  world.devnet.clear_requests();
  const RunResult second =
      world.user.run({"compute", "app", "deploy", "--name", "second", "--image-ref",
                      world.devnet.image("sample/hello:1.0"), "--json"});
  check_refused(world, second, "deploy.quota",
                "account " + world.account().to_string() +
                    " has 1 of the 1 apps that its quota allows; stopped apps count too",
                "terminate one first (stopping frees no quota): ecloud compute app list");
  REQUIRE(world.run("terminate", {"--yes", "--no-wait"}).code == 0);
  CHECK(world.user
            .run({"compute", "app", "deploy", "--name", "second", "--image-ref",
                  world.devnet.image("sample/hello:1.0"), "--json"})
            .code == 0);
}

TEST_CASE("An empty app comes to life by an upgrade and a start", "[e2e][states]") {
  World world;
  const auto& environment = world.devnet.environment();
  base::Bytes32 salt{};
  salt.fill(7);
  testing::send_call(world, environment.app_controller,
                     eth::abi_encode_call("createEmptyApp(bytes32)", {salt}));
  const eth::Address app =
      platform::compute_app_id(environment.app_controller, environment.app_beacon,
                               environment.app_proxy, world.account(), salt);
  testing::send_call(world, environment.permission_controller, platform::encode_accept_admin(app));
  const RunResult stop = world.user.run({"compute", "app", "stop", app.to_string(), "--json"});
  INFO(stop.describe());
  CHECK(stop.code == 4);
  CHECK(stop.error()["message"].as_string() ==
        "app " + app.to_string() + " is created: it cannot be stopped");
  const RunResult upgrade =
      world.user.run({"compute", "app", "upgrade", app.to_string(), "--image-ref",
                      world.devnet.image("sample/hello:1.0"), "--instance-type", "g1-standard-4t",
                      "--wallet", "kms", "--yes", "--json", "--no-wait"});
  INFO(upgrade.describe());
  REQUIRE(upgrade.code == 0);
  const RunResult start = world.user.run({"compute", "app", "start", app.to_string(), "--json"});
  INFO(start.describe());
  REQUIRE(start.code == 0);
  CHECK(start.json()["status"].as_string() == "Running");
  CHECK(world.devnet.app(app)->chain_status == platform::ChainStatus::kStarted);
  CHECK(world.devnet.app(app)->latest_release_block > 0);
  CHECK(world.devnet.app(app)->pending_release_block == 0);
}

TEST_CASE("An app whose status the contract misreads is named as that", "[e2e][states]") {
  AppWorld world;
  world.devnet.set_chain_status(world.app, platform::ChainStatus::kNone);
  const std::string app = world.app.to_string();
  const std::string hint =
      "the platform's contract was replaced by one that misreads the records of older apps; only "
      "the platform can repair that";
  for (const std::string verb : {"start", "stop", "terminate"}) {
    const std::string participle = verb == "stop"    ? "stopped"
                                   : verb == "start" ? "started"
                                                     : "terminated";
    Words more = {"--json"};
    if (verb == "terminate") more.push_back("--yes");
    check_refused(world, world.run(verb, more), "app.wrong_status",
                  "app " + app + " exists, but the chain does not know its status: it cannot be " +
                      participle,
                  hint);
  }
  check_refused(
      world, world.upgrade(), "app.wrong_status",
      "app " + app + " exists, but the chain does not know its status: it cannot be upgraded",
      hint);
}
