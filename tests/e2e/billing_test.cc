#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

TEST_CASE("A subscription is opened, waited for, and shown", "[e2e][billing]") {
  World world;
  world.devnet.set_subscription(world.account(), "inactive");
  CHECK(world.user.run({"billing", "status", "--fields", "status"}).out == "inactive\n");

  SECTION("paid while we wait") {
    world.clock.on_sleep(
        [&](base::Milliseconds) { world.devnet.set_subscription(world.account(), "active"); });
    const RunResult run = world.user.run({"billing", "subscribe", "--json"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.json()["status"].as_string() == "active");
    CHECK(run.json()["checkoutUrl"].as_string().starts_with(world.devnet.url()));
    CHECK(world.user.run(world.deploy({"--no-wait"})).code == 0);
  }
  SECTION("never paid") {
    const RunResult run = world.user.run({"billing", "subscribe", "--timeout", "60", "--json"});
    INFO(run.describe());
    CHECK(run.code == 8);
    CHECK(run.error()["code"].as_string() == "billing.still_pending");
  }
  SECTION("without waiting") {
    const RunResult run = world.user.run({"billing", "subscribe", "--no-wait"});
    CHECK(run.code == 0);
    CHECK(run.out.find("/billing/checkout/") != std::string::npos);
  }
  SECTION("a dry run opens nothing") {
    world.devnet.clear_requests();
    CHECK(world.user.run({"billing", "subscribe", "--dry-run"}).code == 0);
    for (const auto& request : world.devnet.requests()) CHECK(request.method == "GET");
  }
}

TEST_CASE("An account that is subscribed stays as it is", "[e2e][billing]") {
  World world;
  const RunResult run = world.user.run({"billing", "subscribe"});
  CHECK(run.code == 0);
  CHECK(run.out == "active\n");
  CHECK(run.err.find("has a subscription already") != std::string::npos);
}

TEST_CASE("A payment that is due leads to the portal", "[e2e][billing]") {
  World world;
  world.devnet.set_subscription(world.account(), "past_due");
  const RunResult run = world.user.run({"billing", "subscribe", "--json"});
  INFO(run.describe());
  CHECK(run.code == 1);
  CHECK(run.error()["code"].as_string() == "billing.overdue");
  CHECK(run.error()["hint"].as_string().starts_with("settle it at http"));
}

TEST_CASE("A billing service that fails is told as such", "[e2e][billing]") {
  World world;
  world.devnet.add_fault({.kind = "billing", .times = 0, .status = 500});
  CHECK(world.user.run({"billing", "status"}).code == 7);
  world.devnet.clear_faults();
  world.devnet.add_fault({.kind = "billing", .times = 0, .status = 401});
  CHECK(world.user.run({"billing", "status"}).code == 5);
}
