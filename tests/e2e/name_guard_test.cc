// A second app under a name that the account uses already is most often meant as an upgrade.

#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

std::size_t sent(World& world) {
  return world.devnet.count("rpc:eth_sendRawTransaction");
}

std::vector<std::string> deploy_as(World& world, const std::string& name,
                                   std::vector<std::string> more = {}) {
  std::vector<std::string> out = {"compute",
                                  "app",
                                  "deploy",
                                  "--name",
                                  name,
                                  "--image-ref",
                                  world.devnet.image("sample/layered:1.0")};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::string deployed(World& world, Session& user, const std::string& name) {
  const RunResult run = user.run(deploy_as(world, name, {"--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run.json()["appId"].as_string();
}

}  // namespace

TEST_CASE("A name that another machine gave an app is not used again", "[e2e][names]") {
  World world;
  Session elsewhere(world.devnet, world.clock);
  const std::string app = deployed(world, elsewhere, "hello");
  const std::size_t before = sent(world);
  const std::string wanted = GENERATE("hello", "HELLO", "Hello");
  const bool dry = GENERATE(false, true);
  std::vector<std::string> more;
  if (dry) more.emplace_back("--dry-run");
  const RunResult run = world.user.run(deploy_as(world, wanted, more));
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.out.empty());
  CHECK(run.err.find("error: you have an app named hello already: " + app + " (started)\n") !=
        std::string::npos);
  CHECK(run.err.find("ecloud compute app upgrade " + wanted + " IMAGE") != std::string::npos);
  CHECK(run.err.find("--force-new") != std::string::npos);
  CHECK(sent(world) == before);

  const RunResult forced = world.user.run(deploy_as(world, wanted, {"--force-new", "--json"}));
  INFO(forced.describe());
  CHECK(forced.code == 0);
  CHECK(forced.json()["appId"].as_string() != app);
}

TEST_CASE("The option --force-new also overrides this machine's own record", "[e2e][names]") {
  World world;
  const std::string app = deployed(world, world.user, "hello");
  CHECK(world.user.run(deploy_as(world, "hello")).code == 2);
  const RunResult forced = world.user.run(deploy_as(world, "hello", {"--force-new", "--json"}));
  INFO(forced.describe());
  CHECK(forced.code == 0);
  CHECK(forced.json()["appId"].as_string() != app);
}

TEST_CASE("The names of terminated apps are free, and those of other accounts", "[e2e][names]") {
  World world;
  Session elsewhere(world.devnet, world.clock);
  const std::string app = deployed(world, elsewhere, "hello");
  REQUIRE(elsewhere.run({"compute", "app", "terminate", app, "--yes"}).code == 0);
  world.devnet.seed_apps(devnet::Devnet::accounts().at(1).address, 1, "greeting-");
  CHECK(world.user.run(deploy_as(world, "hello")).code == 0);
  CHECK(world.user.run(deploy_as(world, "greeting-1")).code == 0);
}

TEST_CASE("Every page of the account's apps is compared", "[e2e][names]") {
  World world;
  world.devnet.seed_apps(world.account(), 230, "app-");
  world.devnet.set_max_active_apps(world.account(), 1000);
  CHECK(world.user.run(deploy_as(world, "APP-1")).code == 2);
  CHECK(world.user.run(deploy_as(world, "app-230")).code == 2);
  CHECK(world.user.run(deploy_as(world, "app-231")).code == 0);
}

TEST_CASE("A platform that does not tell names costs a warning", "[e2e][names]") {
  World world;
  Session elsewhere(world.devnet, world.clock);
  deployed(world, elsewhere, "hello");
  world.devnet.add_fault({.kind = "userapi:/info", .times = 0, .status = 500});
  const RunResult run = world.user.run(deploy_as(world, "hello", {"--no-wait"}));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("warning: whether another app of the account is named hello could not be "
                     "checked: the UserAPI (") != std::string::npos);
}

TEST_CASE("An interrupted deployment is resumed and is not its own namesake", "[e2e][names]") {
  World world;
  world.interrupt_at_first_wait();
  const RunResult cut = world.user.run(deploy_as(world, "hello"));
  INFO(cut.describe());
  REQUIRE(cut.code == 130);
  world.clock.on_sleep({});
  const RunResult again = world.user.run(deploy_as(world, "hello", {"--json"}));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("With nobody to ask, a missing name and image are told at once", "[e2e][names]") {
  World world;
  const RunResult run = world.user.run({"compute", "app", "deploy"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.err.find("--name is missing: ") != std::string::npos);
  CHECK(run.err.find("; --image-ref is missing: ") != std::string::npos);
  CHECK(run.err.find("ECLOUD_NAME") != std::string::npos);
  CHECK(run.err.find("ECLOUD_IMAGE_REF") != std::string::npos);
}
