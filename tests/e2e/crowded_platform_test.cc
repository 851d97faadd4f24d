// Lists and names on a platform with so many apps that no node searches all of them in one call.

#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

/// As the issue of the real contracts has it: 50 million gas for a call are used up by about 7,400.
constexpr std::uint32_t kCrowd = 10'000;

std::string deploy_hello(World& world) {
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run.json()["appId"].as_string();
}

}  // namespace

TEST_CASE("A list survives a platform with 10,000 apps, and says what may be missing",
          "[e2e][crowd]") {
  World world;
  const std::string app = deploy_hello(world);
  world.devnet.seed_apps(world.account(), 3, "old-");
  world.devnet.seed_strangers(kCrowd);
  world.devnet.clear_requests();
  const RunResult list = world.user.run({"compute", "app", "list", "--json"});
  INFO(list.describe());
  REQUIRE(list.code == 0);
  REQUIRE(list.json()["apps"].size() == 4);
  CHECK(list.json()["apps"].at(0)["appId"].as_string() == app);
  CHECK(list.json()["apps"].at(0)["chainStatus"].as_string() == "started");
  CHECK(list.json()["apps"].at(3)["name"].as_string() == "old-3");
  const std::string reason =
      "the platform has 10004 apps, too many for the node to search for all that the account "
      "administers; apps that other accounts created may be missing";
  CHECK(list.err.find(reason) != std::string::npos);
  CHECK_FALSE(list.json()["complete"].as_bool());
  CHECK(list.json()["incompleteReason"].as_string() == reason);
  // All apps in pages of 200, ten in a batch.
  CHECK(world.devnet.count("rpc:batch") < 12);
  const RunResult ids =
      world.user.run({"compute", "app", "list", "--all", "--json", "--fields", "appId"});
  INFO(ids.describe());
  REQUIRE(ids.json()["apps"].size() == 4);
  CHECK(ids.json()["apps"].at(0).members().size() == 1);
  CHECK_FALSE(ids.json()["complete"].as_bool());
}

TEST_CASE("A name is found on a crowded platform, and a wrong one is not called absent",
          "[e2e][crowd]") {
  World world;
  const std::string app = deploy_hello(world);
  world.devnet.seed_strangers(kCrowd);
  const RunResult info = world.user.run({"compute", "app", "info", "hello", "--json"});
  INFO(info.describe());
  REQUIRE(info.code == 0);
  CHECK(info.json()["appId"].as_string() == app);
  const RunResult missing = world.user.run({"compute", "app", "info", "nobody", "--json"});
  INFO(missing.describe());
  CHECK(missing.code == 6);
  CHECK(missing.error()["hint"].as_string().find(
            "apps that other accounts created may be missing: give such an app's ID") !=
        std::string::npos);
}

TEST_CASE("A name that cannot be compared with those of all apps is told", "[e2e][crowd]") {
  World world;
  world.devnet.seed_strangers(kCrowd);
  const RunResult run = world.user.run(world.deploy({"--no-wait"}));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("warning: whether another app of the account is named hello could not be "
                     "checked: the platform has 10000 apps, too many for the node to search for "
                     "all that the account administers; apps that other accounts created may be "
                     "missing\n") != std::string::npos);
}

TEST_CASE("A platform that a node can search is searched in one call, with all that it finds",
          "[e2e][crowd]") {
  World world;
  const std::string app = deploy_hello(world);
  world.devnet.seed_strangers(1'000);
  // Another account is made an admin of it, and lists it as well.
  const auto& other = devnet::Devnet::accounts().at(1);
  REQUIRE(world.user
              .run({"compute", "app", "permissions", "grant", app, other.address.to_string(),
                    "--admin", "--yes"})
              .code == 0);
  world.user.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(other.private_key.reveal()));
  REQUIRE(world.user.run({"compute", "app", "permissions", "accept", app, "--yes"}).code == 0);
  const RunResult list = world.user.run({"compute", "app", "list", "--json"});
  INFO(list.describe());
  REQUIRE(list.code == 0);
  REQUIRE(list.json()["apps"].size() == 1);
  CHECK(list.json()["apps"].at(0)["appId"].as_string() == app);
  CHECK(list.json()["complete"].as_bool());
  CHECK(list.json()["incompleteReason"].is_null());
  CHECK(list.err.empty());
}

TEST_CASE("An app that was given away is not in its creator's list", "[e2e][crowd]") {
  const bool crowded = GENERATE(false, true);
  World world;
  const std::string app = deploy_hello(world);
  const auto& other = devnet::Devnet::accounts().at(1);
  REQUIRE(world.user
              .run({"compute", "app", "permissions", "grant", app, other.address.to_string(),
                    "--admin", "--yes"})
              .code == 0);
  const std::string own = world.user.env().at("ECLOUD_PRIVATE_KEY");
  world.user.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(other.private_key.reveal()));
  REQUIRE(world.user.run({"compute", "app", "permissions", "accept", app, "--yes"}).code == 0);
  world.user.set("ECLOUD_PRIVATE_KEY", own);
  REQUIRE(world.user
              .run({"compute", "app", "permissions", "revoke", app, world.account().to_string(),
                    "--admin", "--yes"})
              .code == 0);
  if (crowded) world.devnet.seed_strangers(kCrowd);
  const RunResult list = world.user.run({"compute", "app", "list", "--json"});
  INFO(list.describe());
  REQUIRE(list.code == 0);
  CHECK(list.json()["apps"].size() == 0);
}

TEST_CASE("A contract that is not an AppController is named as that", "[e2e][crowd]") {
  World world;
  const std::string command = GENERATE("list", "info");
  const auto run_with = [&](const std::string& controller) {
    world.user.write("ecloud.yaml",
                     "environments:\n  devnet:\n    appController: \"" + controller + "\"\n");
    std::vector<std::string> words = {"compute", "app", command, "--json"};
    if (command == "info") words.insert(words.begin() + 3, controller);
    return world.user.run(words);
  };
  const std::string nothing = "0x000000000000000000000000000000000000dEaD";
  const RunResult empty = run_with(nothing);
  INFO(empty.describe());
  CHECK(empty.code == 7);
  CHECK(empty.error()["code"].as_string() == "chain.no_contract");
  CHECK(empty.error()["message"].as_string() ==
        "there is no AppController at the address of this environment (" + nothing + " on devnet)");
  const std::string other = world.devnet.environment().permission_controller.to_string();
  const RunResult wrong = run_with(other);
  INFO(wrong.describe());
  CHECK(wrong.code == 7);
  CHECK(wrong.error()["message"].as_string() ==
        "the contract at " + other + " on devnet is not an AppController: it has no version");
}
