// Apps that pay for themselves: credits for the ID first, then the app.

#include "e2e/session.h"
#include "ecloud/base/error.h"
#include "support/catch.h"

using namespace ecloud;
using devnet::ControllerKind;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A world whose account has no quota of its own.
struct PayingWorld : World {
  explicit PayingWorld(ControllerKind kind = ControllerKind::kV1_5) {
    devnet.set_controller(kind);
    devnet.set_max_active_apps(account(), 0);
  }
  RunResult run(Words more = {}) {
    Words words = {"--bill-to", "app", "--yes", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return user.run(deploy(words));
  }
  /// What has been spent of the account's 10,000 USDC.
  std::string spent() const {
    return (eth::U256(10'000'000'000) - devnet.usdc_balance(account())).to_decimal();
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }
};

/// A platform that takes its time to see credits.
struct SlowCredits {
  explicit SlowCredits(double crediting_seconds) : devnet(options(clock, crediting_seconds)) {}
  RunResult deploy() {
    return user.run({"compute", "app", "deploy", "--name", "hello", "--image-ref",
                     devnet.image("sample/hello:1.0"), "--bill-to", "app", "--credits", "20",
                     "--yes", "--json"});
  }

  testing::ManualClock clock;
  devnet::Devnet devnet;
  testing::Session user{devnet, clock};

 private:
  static devnet::Options options(testing::ManualClock& clock, double crediting_seconds) {
    devnet::Options out = testing::devnet_options(clock);
    out.timings.crediting_seconds = crediting_seconds;
    return out;
  }
};

}  // namespace

TEST_CASE("An app that pays for itself takes no place of its account's quota", "[e2e][isolated]") {
  const ControllerKind kind = GENERATE(ControllerKind::kV1_4, ControllerKind::kV1_5);
  PayingWorld world(kind);
  const RunResult run = world.run({"--credits", "20"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const auto app = *eth::Address::parse(run.json()["appId"].as_string());
  CHECK(run.json()["status"].as_string() == "Running");
  CHECK(world.spent() == "20000000");
  CHECK(world.devnet.credits(app) == eth::U256(20'000'000));
  // The purchase, and the deployment.
  CHECK(world.sent() == 2);
  const RunResult info = world.user.run({"compute", "app", "info", app.to_string(), "--json"});
  INFO(info.describe());
  CHECK(info.json()["billTo"].as_string() == "app");
  CHECK(info.json()["billingAccount"].as_string() == app.to_string());
  CHECK(has(world.user.run({"compute", "app", "info", app.to_string()}).out, "the app itself"));
}

TEST_CASE("The credits take their time, and are waited for every five seconds", "[e2e][isolated]") {
  SlowCredits world(31);
  const RunResult run = world.deploy();
  INFO(run.describe());
  REQUIRE(run.code == 0);
}

TEST_CASE(
    "Credits that the platform does not see leave the deployment pending, and are not bought "
    "again",
    "[e2e][isolated]") {
  SlowCredits world(400);
  const eth::Address account = devnet::Devnet::accounts().front().address;
  const RunResult first = world.deploy();
  INFO(first.describe());
  CHECK(first.code == 8);
  CHECK(first.error()["code"].as_string() == "deploy.quota_pending");
  CHECK(world.devnet.usdc_balance(account) == eth::U256(9'980'000'000));
  CHECK(world.devnet.apps().empty());
  // It is still not there, and then it is.
  CHECK(world.deploy().code == 8);
  const RunResult last = world.deploy();
  INFO(last.describe());
  REQUIRE(last.code == 0);
  CHECK(world.devnet.usdc_balance(account) == eth::U256(9'980'000'000));
  CHECK(world.devnet.apps().size() == 1);
  CHECK(world.devnet.credits(world.devnet.apps().front().app) == eth::U256(20'000'000));
}

TEST_CASE("A run that was interrupted after the purchase continues with the same app",
          "[e2e][isolated]") {
  PayingWorld world;
  // Nothing but the purchase gets through.
  world.devnet.set_global_max_active_apps(0);
  const RunResult first = world.run({"--credits", "20"});
  INFO(first.describe());
  REQUIRE(first.code == 4);
  CHECK(has(first.error()["message"].as_string(), "GlobalMaxActiveAppsExceeded"));
  CHECK(world.spent() == "20000000");
  world.devnet.set_global_max_active_apps({});
  const RunResult second = world.run();
  INFO(second.describe());
  REQUIRE(second.code == 0);
  CHECK(has(second.err, "an earlier run bought credits for app"));
  CHECK(world.spent() == "20000000");
  const auto app = *eth::Address::parse(second.json()["appId"].as_string());
  CHECK(world.devnet.credits(app) == eth::U256(20'000'000));
  // The next one of another name is another app, with credits of its own.
  const RunResult third = world.user.run({"compute", "app", "deploy", "--name", "other",
                                          "--image-ref", world.devnet.image("sample/hello:1.0"),
                                          "--bill-to", "app", "--credits", "5", "--yes", "--json"});
  INFO(third.describe());
  REQUIRE(third.code == 0);
  CHECK(world.spent() == "25000000");
}

TEST_CASE("A rehearsal shows both steps and spends nothing", "[e2e][isolated]") {
  PayingWorld world;
  const std::string salt = "0x" + std::string(64, '5');
  const RunResult run = world.run({"--credits", "20", "--dry-run", "--salt", salt});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const std::string app = run.json()["appId"].as_string();
  CHECK(run.json()["billTo"].as_string() == "app");
  CHECK(run.json()["billingAccount"].as_string() == app);
  CHECK(run.json()["needsCredits"].as_bool());
  CHECK(run.json()["purchase"]["account"].as_string() == app);
  CHECK(run.json()["gas"].is_null());
  const RunResult words = world.user.run(
      world.deploy({"--bill-to", "app", "--credits", "20", "--dry-run", "--salt", salt}));
  CHECK(has(words.out, "the app itself, with its own credits"));
  CHECK(has(words.out, "none yet: they are bought first"));
  CHECK(world.sent() == 0);
  CHECK(world.spent() == "0");
  // Bought beforehand, the deployment has all that it needs.
  REQUIRE(world.user
              .run({"billing", "top-up", "--account", app, "--amount", "20", "--yes", "--no-wait"})
              .code == 0);
  const RunResult plan = world.run({"--dry-run", "--salt", salt});
  INFO(plan.describe());
  CHECK_FALSE(plan.json()["needsCredits"].as_bool());
  CHECK(plan.json()["calls"].at(0)["function"].as_string() == "createAppWithIsolatedBilling");
  const RunResult done = world.run({"--salt", salt});
  INFO(done.describe());
  CHECK(done.code == 0);
  CHECK(done.json()["appId"].as_string() == app);
  CHECK(world.spent() == "20000000");
}

TEST_CASE("What an app that pays for itself lacks is refused before anything is spent",
          "[e2e][isolated]") {
  SECTION("an amount") {
    PayingWorld world;
    const RunResult run = world.run();
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "cli.missing_value");
    CHECK(world.sent() == 0);
  }
  SECTION("a contract that knows such apps") {
    PayingWorld world(ControllerKind::kV1_1);
    const RunResult run = world.run({"--credits", "20"});
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "deploy.no_isolated_billing");
    CHECK(world.sent() == 0);
  }
  SECTION("an amount without an app that pays") {
    PayingWorld world;
    const RunResult run = world.user.run(world.deploy({"--credits", "20", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "cli.conflict");
  }
  SECTION("USDC") {
    PayingWorld world;
    world.devnet.set_usdc_balance(world.account(), eth::U256(1));
    const RunResult run = world.run({"--credits", "20"});
    INFO(run.describe());
    CHECK(run.code == 4);
    CHECK(run.error()["code"].as_string() == "billing.insufficient_usdc");
    CHECK(world.sent() == 0);
  }
}
