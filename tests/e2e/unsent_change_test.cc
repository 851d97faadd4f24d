// What lets somebody in or brings old secrets back, was signed, and reached no node: nothing sends
// it but the command that asks for just that, or `ecloud resume` after a question.

#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "ecloud/platform/permissions.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// "hello" with two releases, TOKEN=first and TOKEN=second, and a colleague without any rights.
struct UnsentWorld : World {
  UnsentWorld() : colleague(devnet, clock) {
    const auto& other = devnet::Devnet::accounts().at(1);
    them = other.address;
    colleague.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(other.private_key.reveal()));
    user.write(".env", "TOKEN=first\n");
    const RunResult run = user.run(deploy({"--json"}));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    user.write(".env", "TOKEN=second\n");
    must(user, {"compute", "app", "upgrade", "hello"});
  }

  static void must(Session& session, const Words& words) {
    const RunResult run = session.run(words);
    INFO(run.describe());
    REQUIRE(run.code == 0);
  }
  /// Runs it until it waits for its transaction, which no node remembers then.
  void lose(Session& session, const Words& words) {
    devnet.pause_mining();
    interrupt_at_first_wait();
    const RunResult run = session.run(words);
    INFO(run.describe());
    REQUIRE(run.code == 130);
    clock.on_sleep({});
    devnet.drop_pending();
    devnet.resume_mining();
    devnet.clear_requests();
  }
  Words grant(const std::string& what) const {
    return {"compute", "app", "permissions", "grant", "hello", them.to_string(), "--allow", what};
  }
  void lose_grant() { lose(user, grant("upgrade")); }
  void lose_rollback() { lose(user, {"compute", "app", "rollback", "hello", "--yes"}); }

  /// Refused because of what an earlier run signed; nothing is sent.
  void check_refused(const RunResult& run, const std::string& what) const {
    INFO(run.describe());
    CHECK(run.code == 8);
    CHECK(run.error()["code"].as_string() == "deploy.not_mined");
    CHECK(run.error()["message"].as_string().find(what) != std::string::npos);
    CHECK(run.error()["hint"].as_string().find("ecloud resume 0x") != std::string::npos);
    CHECK(sent() == 0);
  }
  bool may_upgrade(const eth::Address& account) const {
    const auto found = platform::find_permission(devnet.environment(), "upgrade",
                                                 platform::Generation::kFourFields);
    return devnet.can_call(app, account, found->permission.target, found->permission.selector);
  }
  std::string token() const {
    for (const auto& [name, value] : devnet.tee_environment(app)) {
      if (name == "TOKEN") return std::string(value.reveal_text());
    }
    return "(none)";
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }
  std::size_t unfinished() {
    return user.run({"resume", "--list", "--json"}).json()["operations"].size();
  }

  Session colleague;
  eth::Address them;
  eth::Address app;
};

}  // namespace

TEST_CASE("An unsent grant is not sent by another command", "[e2e][resume][permissions]") {
  UnsentWorld world;
  world.lose_grant();
  world.check_refused(world.user.run({"compute", "app", "stop", "hello", "--json"}),
                      "to grant rights on app " + world.app.to_string());
  world.check_refused(world.user.run({"compute", "app", "upgrade", "hello", "--json"}),
                      "no node knows it");
  CHECK_FALSE(world.may_upgrade(world.them));
  CHECK(world.devnet.app(world.app)->chain_status == platform::ChainStatus::kStarted);
}

TEST_CASE("An unsent rollback is not sent by another command", "[e2e][resume][rollback]") {
  UnsentWorld world;
  world.lose_rollback();
  world.check_refused(world.user.run({"compute", "app", "upgrade", "hello", "--json"}),
                      "to roll back app " + world.app.to_string() + " to what release 1 was");
  world.check_refused(world.user.run({"compute", "app", "stop", "hello", "--json"}),
                      "no node knows it");
  CHECK(world.token() == "second");
}

TEST_CASE("A grant that a node has does not stand in the way of another command",
          "[e2e][resume][permissions]") {
  UnsentWorld world;
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  REQUIRE(world.user.run(world.grant("upgrade")).code == 130);
  world.clock.on_sleep({});
  world.devnet.resume_mining();
  world.must(world.user, {"compute", "app", "stop", "hello"});
  CHECK(world.may_upgrade(world.them));
  CHECK(world.unfinished() == 0);
}

TEST_CASE("An unsent grant is resumed only when somebody agrees", "[e2e][resume][permissions]") {
  UnsentWorld world;
  world.lose_grant();
  const RunResult refused = world.user.run({"resume", "--json"});
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(refused.error()["code"].as_string() == "cli.confirmation_needed");
  // What it does is told: to whom it gives what.
  const std::string question = refused.error()["message"].as_string();
  CHECK(question.find("PermissionController.setAppointee(") != std::string::npos);
  CHECK(question.find(world.them.to_string()) != std::string::npos);
  CHECK(question.find("upgrade") != std::string::npos);
  CHECK(world.sent() == 0);
  world.must(world.user, {"resume", "--yes"});
  CHECK(world.may_upgrade(world.them));
  CHECK(world.unfinished() == 0);
}

TEST_CASE("An unsent rollback is resumed only when somebody agrees", "[e2e][resume][rollback]") {
  UnsentWorld world;
  world.lose_rollback();
  const RunResult refused = world.user.run({"resume", "--json"});
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(refused.error()["message"].as_string().find(
            "(hello) to what release 1 was, with the private variables and the wallet of then") !=
        std::string::npos);
  CHECK(world.sent() == 0);
  CHECK(world.token() == "second");
  world.must(world.user, {"resume", "--yes"});
  CHECK(world.token() == "first");
  CHECK(world.unfinished() == 0);
  // What came back is the app's wallet still, and this machine knows it.
  world.must(world.user, {"compute", "app", "upgrade", "hello"});
}

TEST_CASE("An unsent acceptance is sent by accepting and after a question alone",
          "[e2e][resume][permissions]") {
  UnsentWorld world;
  const std::string app = world.app.to_string();
  world.must(world.user, {"compute", "app", "permissions", "grant", "hello", world.them.to_string(),
                          "--admin"});
  const Words accept = {"compute", "app", "permissions", "accept", app};
  world.lose(world.colleague, accept);
  world.check_refused(world.colleague.run({"compute", "app", "stop", app, "--json"}),
                      "to become an admin of app " + app);
  const RunResult refused = world.colleague.run({"resume", "--json"});
  CHECK(refused.code == 2);
  CHECK(refused.error()["message"].as_string().find("acceptAdmin") != std::string::npos);
  CHECK(world.sent() == 0);
  world.must(world.colleague, accept);
  CHECK(world.may_upgrade(world.them));
}

TEST_CASE("An unsent grant is sent by the grant that asks for all of it",
          "[e2e][resume][permissions]") {
  UnsentWorld world;
  world.lose(world.user, world.grant("upgrade,logs"));
  SECTION("and not by one for somebody else") {
    const std::string other = devnet::Devnet::accounts().at(2).address.to_string();
    world.check_refused(world.user.run({"compute", "app", "permissions", "grant", "hello", other,
                                        "--allow", "upgrade,logs", "--json"}),
                        "it is not what is asked for now");
    CHECK_FALSE(world.may_upgrade(world.them));
  }
  SECTION("and not by one for less") {
    Words less = world.grant("logs");
    less.push_back("--json");
    world.check_refused(world.user.run(less), "PermissionController.setAppointee(");
    CHECK_FALSE(world.may_upgrade(world.them));
  }
  SECTION("and by one for more") {
    world.must(world.user, world.grant("logs,upgrade,stop"));
    CHECK(world.may_upgrade(world.them));
    CHECK(world.sent() == 2);
    CHECK(world.unfinished() == 0);
  }
}

TEST_CASE("An unsent rollback is sent by the rollback that asks for the same",
          "[e2e][resume][rollback]") {
  UnsentWorld world;
  world.must(world.user,
             {"compute", "app", "share", "hello", world.them.to_string(), "--allow", "upgrade"});
  const std::uint64_t nonce = world.devnet.nonce(world.account());
  world.lose_rollback();
  const Words same = {"compute", "app", "rollback", "hello", "--json"};
  SECTION("which is agreed to again") {
    const RunResult unasked = world.user.run(same);
    INFO(unasked.describe());
    CHECK(unasked.code == 2);
    CHECK(unasked.error()["code"].as_string() == "cli.confirmation_needed");
    CHECK(world.sent() == 0);
    world.must(world.user, {"compute", "app", "rollback", "hello", "--yes"});
    CHECK(world.token() == "first");
    CHECK(world.devnet.nonce(world.account()) == nonce + 1);
    CHECK(world.unfinished() == 0);
  }
  SECTION("and not by one that means another release since") {
    world.devnet.set_persistent_disks(false);
    world.colleague.write(".env", "TOKEN=third\n");
    world.must(world.colleague, {"compute", "app", "upgrade", world.app.to_string(), "--wallet",
                                 "kms", "--yes", "--confirm-wallet-change", world.app.to_string()});
    world.devnet.clear_requests();
    world.check_refused(
        world.user.run({"compute", "app", "rollback", "hello", "--yes", "--json"}),
        "to what release 1 was, no node knows it, and another release is asked for");
    world.check_refused(
        world.user.run({"compute", "app", "rollback", "hello", "--to", "2", "--yes", "--json"}),
        "another release is asked for");
    CHECK(world.token() == "third");
    world.must(world.user, {"compute", "app", "rollback", "hello", "--to", "1", "--yes",
                            "--confirm-wallet-change", "hello"});
    CHECK(world.token() == "first");
  }
}

TEST_CASE("An unsent grant or rollback that is abandoned has no effect and is in nobody's way",
          "[e2e][resume][permissions][rollback]") {
  UnsentWorld world;
  const bool grants = GENERATE(true, false);
  grants ? world.lose_grant() : world.lose_rollback();
  const std::uint64_t nonce = world.devnet.nonce(world.account());
  const RunResult unasked = world.user.run({"resume", "hello", "--abandon", "--json"});
  CHECK(unasked.code == 2);
  CHECK(unasked.error()["message"].as_string().find("--cancel would rule that out") !=
        std::string::npos);
  const RunResult run = world.user.run({"resume", "hello", "--abandon", "--yes", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["operations"].at(0)["result"].as_string() == "abandoned");
  CHECK(run.json()["operations"].at(0)["operation"].as_string() == (grants ? "grant" : "rollback"));
  CHECK(world.sent() == 0);
  CHECK(world.unfinished() == 0);
  CHECK(world.devnet.nonce(world.account()) == nonce);
  world.must(world.user, {"compute", "app", "upgrade", "hello"});
  CHECK(world.token() == "second");
  CHECK_FALSE(world.may_upgrade(world.them));
}

TEST_CASE("An unsent grant or rollback that is cancelled can never be mined",
          "[e2e][resume][permissions][rollback]") {
  UnsentWorld world;
  const bool grants = GENERATE(true, false);
  grants ? world.lose_grant() : world.lose_rollback();
  const std::uint64_t nonce = world.devnet.nonce(world.account());
  const RunResult run = world.user.run({"resume", "hello", "--cancel", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["operations"].at(0)["result"].as_string() == "cancelled");
  CHECK(world.sent() == 1);
  CHECK(world.unfinished() == 0);
  CHECK(world.devnet.nonce(world.account()) == nonce + 1);
  CHECK(world.token() == "second");
  CHECK_FALSE(world.may_upgrade(world.them));
  // The same command begins anew.
  if (grants) {
    world.must(world.user, world.grant("upgrade"));
    CHECK(world.may_upgrade(world.them));
  } else {
    world.must(world.user, {"compute", "app", "rollback", "hello", "--yes"});
    CHECK(world.token() == "first");
  }
}
