// A controller whose version does not say which releases it takes.

#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

using namespace ecloud;
using devnet::ControllerKind;
using testing::RunResult;
using testing::World;

namespace {

constexpr const char* kNote =
    "the AppController calls itself 1.5.0 and takes the releases of 1.4.0";

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("The other encoding is tried when the contract does not know the call, and remembered",
          "[e2e][encoding]") {
  World world;
  world.devnet.set_controller(ControllerKind::kTeams);
  const RunResult first = world.user.run(world.deploy({"--json"}));
  INFO(first.describe());
  REQUIRE(first.code == 0);
  CHECK(has(first.err, kNote));
  const std::string app = first.json()["appId"].as_string();

  world.devnet.clear_requests();
  const RunResult second =
      world.user.run({"compute", "app", "deploy", "--name", "second", "--image-ref",
                      world.devnet.image("sample/hello:1.0"), "--json"});
  INFO(second.describe());
  REQUIRE(second.code == 0);
  CHECK_FALSE(has(second.err, kNote));

  const RunResult upgrade =
      world.user.run({"compute", "app", "upgrade", app, "--image-ref",
                      world.devnet.image("sample/hello:1.0"), "--yes", "--json", "--no-wait"});
  INFO(upgrade.describe());
  REQUIRE(upgrade.code == 0);
  const RunResult list = world.user.run({"compute", "app", "list", "--json"});
  INFO(list.describe());
  REQUIRE(list.code == 0);
  REQUIRE(list.json()["apps"].size() == 2);
  CHECK(list.json()["apps"].at(0)["chainStatus"].as_string() == "started");
  CHECK(list.json()["apps"].at(0)["pendingReleaseBlock"].is_null());
}

TEST_CASE("What was remembered is found out again when the contract is replaced",
          "[e2e][encoding]") {
  World world;
  world.devnet.set_controller(ControllerKind::kTeams);
  REQUIRE(world.user.run(world.deploy()).code == 0);
  world.devnet.set_controller(ControllerKind::kV1_5);
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--name", "second", "--image-ref",
                      world.devnet.image("sample/hello:1.0"), "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(has(run.err, "the AppController calls itself 1.5.0 and takes the releases of 1.5.0"));
  const RunResult third =
      world.user.run({"compute", "app", "deploy", "--name", "third", "--image-ref",
                      world.devnet.image("sample/hello:1.0"), "--json"});
  CHECK(third.code == 0);
  CHECK_FALSE(has(third.err, "calls itself"));
}

TEST_CASE("The permission that is looked for is the one of the call that is sent",
          "[e2e][encoding]") {
  const std::string verb = GENERATE("upgrade", "rollback");
  World world;
  world.devnet.set_controller(ControllerKind::kTeams);
  const RunResult first = world.user.run(world.deploy({"--wallet", "kms", "--json"}));
  INFO(first.describe());
  REQUIRE(first.code == 0);
  const std::string app = first.json()["appId"].as_string();
  const auto change = [&](const std::string& key, const std::vector<std::string>& arguments) {
    world.user.set("ECLOUD_PRIVATE_KEY", key);
    return world.user.run(arguments);
  };
  const auto& other = devnet::Devnet::accounts().at(1);
  const std::string owner = world.user.env().at("ECLOUD_PRIVATE_KEY");
  const std::string colleague = base::to_hex_prefixed(other.private_key.reveal());
  const std::string they = other.address.to_string();
  const std::vector<std::string> upgrade = {
      "compute", "app", "upgrade", app, world.devnet.image("sample/hello:1.0"), "--yes", "--json"};
  const std::vector<std::string> grant = {"compute", "app",     "permissions", "grant", app,
                                          they,      "--allow", "upgrade",     "--yes"};
  REQUIRE(change(owner, upgrade).code == 0);
  REQUIRE(change(owner, grant).code == 0);

  // The same address takes other releases now, so that what was remembered is tried first.
  world.devnet.set_controller(ControllerKind::kV1_5);
  world.devnet.clear_requests();
  std::vector<std::string> changed = upgrade;
  if (verb == "rollback") changed = {"compute", "app", "rollback", app, "--yes", "--json"};
  const RunResult refused = change(colleague, changed);
  INFO(refused.describe());
  CHECK(refused.code == 5);
  CHECK(refused.error()["code"].as_string() == "app.not_permitted");
  CHECK(has(refused.error()["hint"].as_string(),
            "ecloud compute app permissions grant " + app + " " + they + " --allow upgrade"));
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);

  REQUIRE(change(owner, grant).code == 0);
  const RunResult allowed = change(colleague, changed);
  INFO(allowed.describe());
  CHECK(allowed.code == 0);
}

TEST_CASE("A reason that the other encoding brings out is shown", "[e2e][encoding]") {
  World world;
  world.devnet.set_controller(ControllerKind::kTeams);
  world.devnet.set_global_max_active_apps(0);
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(has(run.error()["message"].as_string(), "(GlobalMaxActiveAppsExceeded)"));
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
}

TEST_CASE("A salt that was used is named as that", "[e2e][encoding]") {
  World world;
  const std::string salt = "0x" + std::string(64, '7');
  REQUIRE(world.user.run(world.deploy({"--salt", salt})).code == 0);
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--name", "second", "--salt", salt, "--image-ref",
                      world.devnet.image("sample/hello:1.0"), "--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(has(run.error()["message"].as_string(),
            "this account has already used this salt for an app (Create2: Failed on deploy)"));
  CHECK(run.error()["hint"].as_string() == "leave out --salt, or give another one");
}
