// permissions: who may act on an app, as users grant it and as a restricted key finds it.

#include "ecloud/platform/permissions.h"
#include "e2e/liar.h"
#include "e2e/session.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// The running app "hello", whose wallet is the KMS's, and a colleague with a machine and a key of
/// their own.
struct TeamWorld : World {
  explicit TeamWorld(platform::Generation generation = platform::Generation::kFourFields)
      : World(generation), colleague(devnet, clock) {
    const auto& other = devnet::Devnet::accounts().at(1);
    them = other.address;
    colleague.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(other.private_key.reveal()));
    user.write(".env", "TOKEN=old\n");
    const RunResult run = user.run(deploy({"--wallet", "kms", "--json"}));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    devnet.clear_requests();
  }

  RunResult permissions(const std::string& verb, Words more, Session* by = nullptr) {
    Words arguments = {"compute", "app", "permissions", verb, app.to_string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return (by != nullptr ? *by : user).run(arguments);
  }
  RunResult grant(Words more) {
    more.insert(more.begin(), them.to_string());
    return permissions("grant", std::move(more));
  }
  RunResult revoke(Words more) {
    more.insert(more.begin(), them.to_string());
    return permissions("revoke", std::move(more));
  }
  void must(const RunResult& run) const {
    INFO(run.describe());
    REQUIRE(run.code == 0);
  }
  /// The names of all that the colleague may do on the chain, in whatever generation.
  std::string rights() const {
    std::string out;
    for (const auto& one : platform::named_permissions(devnet.environment())) {
      const auto& [target, selector] = one.permission;
      if (devnet.can_call(app, them, target, selector)) out += (out.empty() ? "" : " ") + one.name;
    }
    return out;
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }
  std::size_t posted() const {
    std::size_t out = 0;
    for (const auto& request : devnet.requests()) {
      out += request.method == "POST" && request.path.starts_with("/userapi") ? 1 : 0;
    }
    return out;
  }

  Session colleague;
  eth::Address them;
  eth::Address app;
};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("The permissions of a restricted key hold - it can upgrade and nothing else",
          "[e2e][permissions]") {
  const auto generation =
      GENERATE(platform::Generation::kThreeFields, platform::Generation::kFourFields);
  TeamWorld world(generation);
  world.must(world.grant({"--allow", "upgrade", "--json"}));
  CHECK(world.rights() == "upgrade");
  world.must(world.user.run({"compute", "app", "stop", "hello", "--json"}));
  const std::string app = world.app.to_string();
  const std::string colleague = world.them.to_string();
  const std::string other = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
  world.devnet.clear_requests();

  struct Refused {
    Words command;
    std::string lacks;
  };
  const std::vector<Refused> while_stopped = {
      {{"compute", "app", "start", app}, "start"},
      {{"compute", "app", "terminate", app, "--yes"}, "terminate"},
      {{"compute", "app", "rename", app, "mine"}, "profile"},
      {{"compute", "app", "profile", "set", app, "--website", "https://example.com"}, "profile"},
      {{"compute", "app", "permissions", "grant", app, other, "--allow", "upgrade"}, "admin"},
      {{"compute", "app", "permissions", "grant", app, colleague, "--admin"}, "admin"},
      {{"compute", "app", "permissions", "revoke", app, world.account().to_string(), "--admin",
        "--yes"},
       "admin"},
      {{"compute", "app", "permissions", "revoke", app, colleague, "--all"}, "admin"},
      {{"compute", "app", "share", app, "anyone", "--allow", "logs"}, "admin"},
      {{"compute", "app", "upgrade", app, world.devnet.image("sample/layered:1.0"),
        "--log-visibility", "public"},
       "admin"},
  };
  const auto check = [&](const Refused& one) {
    Words command = one.command;
    command.push_back("--json");
    const RunResult run = world.colleague.run(command);
    INFO(run.describe());
    CHECK(run.code == 5);
    REQUIRE(run.err.find("app.not_permitted") != std::string::npos);
    const std::string hint = run.error()["hint"].as_string();
    CHECK(hint.find(world.account().to_string()) != std::string::npos);
    CHECK(hint.find("ecloud compute app permissions grant " + app + " " + colleague +
                    (one.lacks == "admin" ? " --admin" : " --allow " + one.lacks)) !=
          std::string::npos);
  };
  for (const Refused& one : while_stopped) check(one);
  const RunResult accept = world.permissions("accept", {"--json"}, &world.colleague);
  CHECK(accept.code == 5);
  CHECK(accept.error()["code"].as_string() == "permissions.not_proposed");
  world.must(world.user.run({"compute", "app", "start", "hello", "--json"}));
  world.devnet.clear_requests();
  check({{"compute", "app", "stop", app}, "stop"});
  for (const char* verb : {"logs", "info"}) {
    const RunResult run = world.colleague.run({"compute", "app", verb, app, "--json"});
    INFO(run.describe());
    if (std::string(verb) == "logs") CHECK(run.code == 5);
    CHECK(run.out.find("203.0.113.") == std::string::npos);
  }
  CHECK(world.sent() == 0);
  CHECK(world.posted() == 0);
  CHECK(world.rights() == "upgrade");

  world.colleague.write(".env", "TOKEN=new\n");
  const RunResult upgrade = world.colleague.run(
      {"compute", "app", "upgrade", app, world.devnet.image("sample/layered:1.0"), "--json"});
  INFO(upgrade.describe());
  REQUIRE(upgrade.code == 0);
  CHECK(upgrade.json()["status"].as_string() == "Running");
  CHECK(upgrade.json()["ip"].is_null());
  CHECK(upgrade.err.find("only the app's state is waited for") != std::string::npos);
  CHECK(world.sent() == 1);
  for (const auto& [name, value] : world.devnet.tee_environment(world.app)) {
    if (name == "TOKEN") CHECK(std::string(value.reveal_text()) == "new");
  }
}

TEST_CASE("A key without any permission is told so", "[e2e][permissions]") {
  TeamWorld world;
  world.colleague.write(".env", "TOKEN=new\n");
  const RunResult run = world.colleague.run({"compute", "app", "upgrade", world.app.to_string(),
                                             world.devnet.image("sample/layered:1.0")});
  INFO(run.describe());
  CHECK(run.code == 5);
  CHECK(run.err.find("account " + world.them.to_string() + " may not upgrade app " +
                     world.app.to_string() +
                     ": it is no admin of the app, and the permission upgrade was not granted to "
                     "it") != std::string::npos);
  CHECK(world.sent() == 0);
}

TEST_CASE("A permission to upgrade is the live contract's and is granted again after a change",
          "[e2e][permissions]") {
  TeamWorld world(platform::Generation::kThreeFields);
  world.must(world.grant({"--allow", "upgrade"}));
  world.devnet.set_generation(platform::Generation::kFourFields);
  world.colleague.write(".env", "TOKEN=new\n");
  const Words upgrade = {
      "compute", "app", "upgrade", world.app.to_string(), world.devnet.image("sample/layered:1.0"),
      "--json"};
  CHECK(world.colleague.run(upgrade).code == 5);
  const RunResult list = world.permissions("list", {});
  CHECK(list.out.find("upgrade (of controllers before 1.5.0)") != std::string::npos);
  const RunResult json = world.permissions("list", {"--json"});
  CHECK_FALSE(json.json()["appointees"].at(0)["permissions"].at(0)["inForce"].as_bool());
  world.must(world.grant({"--allow", "upgrade"}));
  CHECK(world.colleague.run(upgrade).code == 0);
  // And both go.
  world.must(world.revoke({"--allow", "upgrade"}));
  CHECK(world.rights().empty());
  CHECK(world.colleague.run(upgrade).code == 5);
}

TEST_CASE("Several permissions are granted in one transaction and what is there is left out",
          "[e2e][permissions]") {
  TeamWorld world;
  world.must(world.grant({"--allow", "start"}));
  const RunResult run = world.grant({"--allow", "start,stop", "--allow", "logs", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.sent() == 2);
  CHECK(world.rights() == "start stop logs");
  CHECK(run.json()["changed"].as_bool());
  const base::Json changes = run.json()["changes"];
  REQUIRE(changes.size() == 3);
  CHECK(changes.at(0)["skipped"].as_string() == "was granted already");
  CHECK(changes.at(1)["permission"].as_string() == "stop");
  CHECK(changes.at(1)["selector"].as_string() == "0xe70b81b1");
  CHECK(changes.at(1)["skipped"].is_null());
  CHECK(changes.at(2)["selector"].as_string() == "0x2fd3f2fe");

  const RunResult plan = world.grant({"--allow", "start,stop,logs", "--dry-run", "--json"});
  CHECK(plan.json()["dryRun"].as_bool());
  CHECK_FALSE(plan.json()["changed"].as_bool());
  const RunResult again = world.grant({"--allow", "start,stop,logs"});
  CHECK(again.code == 0);
  CHECK(again.err.find("nothing to do") != std::string::npos);
  CHECK(world.sent() == 2);
  // The colleague may do that now, and sees the logs.
  CHECK(world.colleague.run({"compute", "app", "stop", world.app.to_string()}).code == 0);
  CHECK(world.colleague.run({"compute", "app", "start", world.app.to_string()}).code == 0);
}

TEST_CASE("A dry run of a grant shows the calls and signs nothing", "[e2e][permissions]") {
  TeamWorld world;
  const RunResult run = world.grant({"--allow", "upgrade,logs", "--admin", "--dry-run", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json calls = run.json()["calls"];
  REQUIRE(calls.size() == 3);
  CHECK(calls.at(0)["contract"].as_string() == "PermissionController");
  CHECK(calls.at(0)["function"].as_string() == "setAppointee");
  CHECK(calls.at(0)["arguments"]["permission"].as_string() == "upgrade");
  CHECK(calls.at(0)["arguments"]["target"].as_string() == "AppController");
  CHECK(calls.at(1)["arguments"]["permission"].as_string() == "view logs");
  CHECK(calls.at(2)["function"].as_string() == "addPendingAdmin");
  CHECK(run.json()["dryRun"].as_bool());
  CHECK_FALSE(run.json()["changed"].as_bool());
  CHECK(world.sent() == 0);
}

TEST_CASE("An admin is proposed and becomes one by accepting", "[e2e][permissions]") {
  TeamWorld world;
  const RunResult proposed = world.grant({"--admin"});
  INFO(proposed.describe());
  REQUIRE(proposed.code == 0);
  CHECK(proposed.err.find("is an admin when it has accepted, with its own key: ecloud compute app "
                          "permissions accept " +
                          world.app.to_string()) != std::string::npos);
  CHECK(world.rights().empty());
  CHECK(world.permissions("list", {"--json"}).json()["pendingAdmins"].at(0).as_string() ==
        world.them.to_string());
  CHECK(world.grant({"--admin"}).err.find("nothing to do") != std::string::npos);

  const RunResult accepted = world.permissions("accept", {"--json"}, &world.colleague);
  INFO(accepted.describe());
  REQUIRE(accepted.code == 0);
  CHECK(accepted.json()["operation"].as_string() == "accept");
  CHECK(world.rights() == "upgrade upgrade start stop terminate logs info profile");
  CHECK(world.permissions("accept", {}, &world.colleague).err.find("nothing to do") !=
        std::string::npos);
  const RunResult redundant = world.grant({"--allow", "stop", "--json"});
  CHECK(redundant.json()["changes"].at(0)["skipped"].as_string() ==
        "is an admin, who may do everything");

  // Both may remove the other, nobody the last one.
  const Words first = {world.account().to_string(), "--admin", "--json"};
  world.must(world.permissions("revoke", first, &world.colleague));
  const RunResult late = world.revoke({"--admin", "--json"});
  CHECK(late.code == 5);
  const RunResult last =
      world.permissions("revoke", {world.them.to_string(), "--admin", "--json"}, &world.colleague);
  INFO(last.describe());
  CHECK(last.code == 4);
  CHECK(last.error()["code"].as_string() == "permissions.last_admin");
  // Whoever deployed it has no rights left.
  CHECK(world.user.run({"compute", "app", "stop", world.app.to_string()}).code == 5);
}

TEST_CASE("Taking the own rights is asked first", "[e2e][permissions]") {
  TeamWorld world;
  world.must(world.grant({"--admin"}));
  world.must(world.permissions("accept", {}, &world.colleague));
  world.devnet.clear_requests();
  const RunResult run = world.permissions("revoke", {world.account().to_string(), "--all"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.err.find("--yes") != std::string::npos);
  CHECK(world.sent() == 0);
  world.must(world.permissions("revoke", {world.account().to_string(), "--all", "--yes"}));
}

TEST_CASE("Everything that an account has goes with one command", "[e2e][permissions]") {
  TeamWorld world;
  const std::string target = "0x1111111111111111111111111111111111111111";
  world.must(world.grant({"--allow", "upgrade,0xdeadbeef", "--target", target, "--admin"}));
  const RunResult list = world.permissions("list", {});
  INFO(list.describe());
  CHECK(list.out.find("0xdeadbeef of " + target) != std::string::npos);
  const RunResult run = world.revoke({"--all", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["changes"].size() == 3);
  CHECK(world.sent() == 2);
  const base::Json after = world.permissions("list", {"--json"}).json();
  CHECK(after["appointees"].size() == 0);
  CHECK(after["pendingAdmins"].size() == 0);
  const RunResult none = world.revoke({"--all"});
  CHECK(none.code == 0);
  CHECK(none.err.find("nothing to do") != std::string::npos);
}

TEST_CASE("The list names admins and appointees and marks logs for anyone", "[e2e][permissions]") {
  TeamWorld world;
  world.must(world.user.run(
      {"compute", "app", "share", world.app.to_string(), "anyone", "--allow", "logs"}));
  world.must(world.grant({"--allow", "info"}));
  const RunResult run = world.permissions("list", {});
  INFO(run.describe());
  CHECK(first_line(run.out) ==
        world.account().to_string() + " (you) (deployed it)\tadmin\teverything");
  CHECK(run.out.find("anyone\tappointee\tlogs\n") != std::string::npos);
  CHECK(run.out.find(world.them.to_string() + "\tappointee\tinfo\n") != std::string::npos);
  const base::Json document = world.permissions("list", {"--json"}).json();
  CHECK(document["creator"].as_string() == world.account().to_string());
  CHECK(document["controllerVersion"].as_string() == "1.5.0");
  CHECK(document["admins"].size() == 1);
  CHECK(document["appointees"].at(0)["anyone"].as_bool());
  // Without any key.
  world.user.unset("ECLOUD_PRIVATE_KEY");
  CHECK(world.user.run({"compute", "app", "logs", world.app.to_string()}).code == 0);
  CHECK(world.permissions("list", {}).code == 0);
}

TEST_CASE("What holds a selector without a name alone is found by asking for it",
          "[e2e][permissions]") {
  TeamWorld world;
  world.must(world.grant({"--allow", "0xdeadbeef", "--target", "controller"}));
  CHECK(world.permissions("list", {"--json"}).json()["appointees"].size() == 0);
  const RunResult run = world.permissions("list", {"--of", world.them.to_string(), "--json"});
  INFO(run.describe());
  CHECK(run.json()["appointees"].at(0)["permissions"].at(0)["selector"].as_string() ==
        "0xdeadbeef");
}

TEST_CASE("Bad words about permissions are refused before anything is asked",
          "[e2e][permissions]") {
  TeamWorld world;
  const std::string them = world.them.to_string();
  struct Bad {
    Words words;
    std::string says;
  };
  for (const Bad& one : std::vector<Bad>{
           {{"grant", "hello", them}, "--allow"},
           {{"grant", "hello", "somebody", "--allow", "stop"}, "ADDRESS"},
           {{"grant", "hello", "0x0000000000000000000000000000000000000000", "--admin"},
            "zero address"},
           {{"grant", "hello", them, "--allow", "0x1234", "--target", "api"}, "8 hex digits"},
           {{"grant", "hello", them, "--allow", "0x12345678"}, "--target"},
           {{"grant", "hello", them, "--allow", "stop", "--target", "api"}, "--target"},
           {{"grant", "hello", "anyone", "--allow", "upgrade"}, "anyone"},
           {{"revoke", "hello", them}, "--allow"},
           {{"revoke", "hello", them, "--all", "--admin"}, "--all"},
           {{"grant", "hello", them, "--allow", "upgrad"}, "did you mean --allow upgrade?"}}) {
    Words words = {"compute", "app", "permissions"};
    words.insert(words.end(), one.words.begin(), one.words.end());
    const RunResult run = world.user.run(words);
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.err.find(one.says) != std::string::npos);
  }
  CHECK(world.sent() == 0);
  const RunResult unknown = world.user.run(
      {"compute", "app", "permissions", "list", "0x1111111111111111111111111111111111111111"});
  CHECK(unknown.code == 6);
}

TEST_CASE("A grant that was cut off is seen through", "[e2e][permissions]") {
  TeamWorld world;
  const std::uint64_t nonce = world.devnet.nonce(world.account());
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  CHECK(world.grant({"--allow", "upgrade"}).code == 130);
  world.clock.on_sleep({});
  const bool by_resume = GENERATE(false, true);
  if (by_resume) world.devnet.drop_pending();
  world.devnet.resume_mining();
  const RunResult listed = world.user.run({"resume", "--list", "--json"});
  CHECK(listed.json()["operations"].at(0)["operation"].as_string() == "grant");
  const RunResult run =
      by_resume ? world.user.run({"resume", "--yes"}) : world.grant({"--allow", "upgrade"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.rights() == "upgrade");
  CHECK(world.user.run({"resume", "--json"}).json()["operations"].size() == 0);
  CHECK(world.devnet.nonce(world.account()) == nonce + 1);
}

TEST_CASE("A grant whose receipt lacks the event is not called done", "[e2e][permissions]") {
  TeamWorld world;
  testing::Liar node(
      world.devnet,
      testing::lies_of_node([](const std::string& method, const base::Json&,
                               const base::Json& result) -> std::optional<base::Json> {
        if (method != "eth_getTransactionReceipt" || !result.is_object()) return {};
        base::Json receipt = testing::copy_of(result);
        receipt.set("logs", base::Json::array());
        return receipt;
      }));
  const RunResult run =
      world.grant({"--allow", "stop,start", "--rpc-url", node.url("/rpc"), "--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "deploy.no_effect");
  CHECK(run.error()["message"].as_string().find("did not grant rights on app " +
                                                world.app.to_string()) != std::string::npos);
  CHECK(run.out.empty());
}
