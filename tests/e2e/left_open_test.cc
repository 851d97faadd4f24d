// What a run leaves open after its transaction, and what the next one makes of it.

#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

TEST_CASE("A profile that could not be set is set by the next run", "[e2e][interrupt]") {
  World world;
  world.devnet.add_fault({.kind = "userapi:/profile", .status = 500});
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.err.find("its profile is not set") != std::string::npos);
  CHECK(run.err.find("the same command sets it when it is run again") != std::string::npos);
  CHECK(world.devnet.apps().front().profile_name.empty());

  const RunResult again = world.user.run(world.deploy({"--json"}));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.json()["appId"].as_string() == run.json()["appId"].as_string());
  CHECK(world.devnet.apps().front().profile_name == "hello");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 1);
  // And then it is over.
  CHECK(world.user.run(world.deploy({"--json"})).error()["code"].as_string() ==
        "deploy.name_taken");
}

TEST_CASE("An app that was terminated while its deployment was open is not taken for the next one",
          "[e2e][interrupt]") {
  World world;
  world.clock.on_sleep([&](base::Milliseconds) {
    for (const auto& app : world.devnet.apps()) world.devnet.set_run_state(app.app, "Deploying");
  });
  REQUIRE(world.user.run(world.deploy({"--timeout", "30", "--json"})).code == 8);
  world.clock.on_sleep({});
  const std::string first = world.devnet.apps().front().app.to_string();
  REQUIRE(world.user.run({"compute", "app", "terminate", first, "--yes", "--no-wait"}).code == 0);

  const RunResult again = world.user.run(world.deploy({"--json"}));
  INFO(again.describe());
  REQUIRE(again.code == 0);
  CHECK(again.json()["appId"].as_string() != first);
  CHECK(world.devnet.apps().size() == 2);
}
