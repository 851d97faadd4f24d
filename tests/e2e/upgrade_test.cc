// upgrade: what changes, what stays, and whose wallet the app has afterwards.

#include "e2e/session.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/bip39.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

constexpr char kJunk[] = "test test test test test test test test test test test junk";

/// A world with the running app "hello".
struct AppWorld : World {
  explicit AppWorld(std::vector<std::string> more = {},
                    platform::Generation generation = platform::Generation::kFourFields)
      : World(generation) {
    // So that the app starts with any wallet.
    devnet.set_persistent_disks(false);
    user.write(".env", std::string("TOKEN=old\nGREETING_PUBLIC=hi\nMNEMONIC=\"") + kJunk + "\"\n");
    more.push_back("--json");
    const RunResult run = user.run(deploy(std::move(more)));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    image = devnet.app(app)->image;
    devnet.clear_requests();
  }

  RunResult upgrade(std::vector<std::string> more = {}) {
    return upgrade_as(user, std::move(more));
  }
  RunResult upgrade_as(Session& session, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"compute", "app", "upgrade", app.to_string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return session.run(arguments);
  }
  std::string tee(const std::string& name) const {
    for (const auto& [key, value] : devnet.tee_environment(app)) {
      if (key == name) return std::string(value.reveal_text());
    }
    return "(none)";
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }

  eth::Address app;
  std::string image;
};

/// Another user's machine, with the key of the first one.
struct OtherMachine {
  explicit OtherMachine(AppWorld& world) : session(world.devnet, world.clock) {}
  Session session;
};

}  // namespace

TEST_CASE("An upgrade changes variables and keeps the wallet in both generations",
          "[e2e][upgrade]") {
  const auto generation =
      GENERATE(platform::Generation::kThreeFields, platform::Generation::kFourFields);
  AppWorld world({}, generation);
  const std::string words = world.tee("MNEMONIC");
  REQUIRE(words != kJunk);
  world.user.write(".env", "TOKEN=new\n");

  const RunResult run = world.upgrade({world.devnet.image("sample/layered:1.0"), "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["appId"].as_string() == world.app.to_string());
  CHECK(run.json()["status"].as_string() == "Running");
  CHECK(run.json()["instanceType"].as_string() == "g1-standard-4t");
  CHECK(run.json()["logVisibility"].as_string() == "private");
  CHECK(run.json()["wallet"]["source"].as_string() == "generated");
  CHECK(world.tee("TOKEN") == "new");
  CHECK(world.tee("GREETING_PUBLIC") == "(none)");
  CHECK(world.tee("MNEMONIC") == words);
  CHECK(
      run.err.find("the variable GREETING_PUBLIC of the release that runs is not in the new one") !=
      std::string::npos);
  CHECK(world.devnet.app(world.app)->pending_release_block == 0);
  CHECK(world.devnet.app(world.app)->latest_release_block == run.json()["blockNumber"].as_u64());
  CHECK(world.sent() == 1);
}

TEST_CASE("What is not given stays as it is", "[e2e][upgrade]") {
  AppWorld world({"--instance-type", "g1-standard-8t", "--log-visibility", "public"});
  const RunResult run = world.upgrade({"--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["instanceType"].as_string() == "g1-standard-8t");
  CHECK(run.json()["logVisibility"].as_string() == "public");
  CHECK(world.devnet.app(world.app)->image == world.image);
  CHECK(world.devnet.can_call(world.app, platform::anyone_appointee(),
                              platform::api_permission_target(), platform::kViewLogsPermission));
}

TEST_CASE("Log visibility is changed in the same transaction and only when it differs",
          "[e2e][upgrade]") {
  AppWorld world;
  const auto is_public = [&] {
    return world.devnet.can_call(world.app, platform::anyone_appointee(),
                                 platform::api_permission_target(), platform::kViewLogsPermission);
  };
  const RunResult plan = world.upgrade({"--log-visibility", "public", "--dry-run", "--json"});
  REQUIRE(plan.code == 0);
  CHECK(plan.json()["calls"].size() == 2);
  CHECK(plan.json()["calls"].at(1)["function"].as_string() == "setAppointee");
  CHECK(world.upgrade({"--log-visibility", "public"}).code == 0);
  CHECK(is_public());
  const RunResult same = world.upgrade({"--log-visibility", "public", "--dry-run", "--json"});
  CHECK(same.json()["calls"].size() == 1);
  CHECK(world.upgrade({"--log-visibility", "private"}).code == 0);
  CHECK_FALSE(is_public());
  CHECK(world.sent() == 2);
}

TEST_CASE("A dry run of an upgrade shows what changes and sends nothing", "[e2e][upgrade]") {
  AppWorld world;
  const RunResult run = world.upgrade({"--instance-type", "g1-standard-2t", "--dry-run"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.out.find("g1-standard-4t -> g1-standard-2t") != std::string::npos);
  CHECK(run.out.find("AppController.upgradeApp(app " + world.app.to_string()) != std::string::npos);
  CHECK(run.out.find("kept: the words stored here go along") != std::string::npos);
  CHECK(run.out.find("old") == std::string::npos);
  CHECK(world.sent() == 0);
}

TEST_CASE("A KMS wallet and one of the env file are kept", "[e2e][upgrade]") {
  SECTION("kms") {
    AppWorld world({"--wallet", "kms"});
    const std::string words = world.tee("MNEMONIC");
    const RunResult run = world.upgrade({"--json"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.json()["wallet"]["source"].as_string() == "kms");
    CHECK(world.tee("MNEMONIC") == words);
  }
  SECTION("env") {
    AppWorld world({"--wallet", "env"});
    CHECK(world.upgrade().code == 0);
    CHECK(world.tee("MNEMONIC") == kJunk);
    // Without its words the wallet would be another one.
    world.user.write(".env", "TOKEN=new\n");
    const RunResult run = world.upgrade({"--json"});
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "wallet.no_mnemonic");
    // And other words have to be confirmed.
    world.user.write(".env",
                     "MNEMONIC=\"legal winner thank year wave sausage worth useful legal "
                     "winner thank yellow\"\n");
    const RunResult other = world.upgrade({"--json"});
    CHECK(other.code == 2);
    CHECK(other.error()["code"].as_string() == "wallet.change_unconfirmed");
    CHECK(world.tee("MNEMONIC") == kJunk);
  }
}

TEST_CASE("Giving up a generated wallet has to be confirmed", "[e2e][upgrade]") {
  AppWorld world;
  const std::string words = world.tee("MNEMONIC");
  const RunResult run = world.upgrade({"--wallet", "kms", "--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "wallet.change_unconfirmed");
  CHECK(run.error()["message"].as_string().starts_with("The app gives up its wallet 0x"));
  CHECK(run.error()["message"].as_string().find("which was generated for it, and gets another") !=
        std::string::npos);
  CHECK(run.error()["message"].as_string().find("/mnt/disks/userdata") != std::string::npos);
  CHECK(run.error()["hint"].as_string().find("--confirm-wallet-change hello") != std::string::npos);
  const RunResult agreed = world.upgrade({"--wallet", "kms", "--yes", "--json"});
  CHECK(agreed.code == 2);
  CHECK(agreed.error()["code"].as_string() == "wallet.change_unconfirmed");
  const RunResult other =
      world.upgrade({"--wallet", "kms", "--confirm-wallet-change", "other", "--json"});
  CHECK(other.code == 2);
  CHECK(other.error()["message"].as_string() ==
        "--confirm-wallet-change names other, and the app is hello");
  CHECK(world.sent() == 0);
  CHECK(world.upgrade({"--wallet", "kms", "--yes", "--confirm-wallet-change", "hello"}).code == 0);
  CHECK(world.tee("MNEMONIC") != words);
  // And stays given up, though its words are still in the store.
  CHECK(world.upgrade().code == 0);
  CHECK(world.tee("MNEMONIC") != words);
}

TEST_CASE("A generated wallet whose words are lost is not replaced silently", "[e2e][upgrade]") {
  AppWorld world({"--wallet-backup", "none"});
  std::filesystem::remove_all(world.user.state() / "wallets");
  const RunResult run = world.upgrade({"--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "wallet.not_here");
  CHECK(run.error()["hint"].as_string().find("ecloud compute app wallet import") !=
        std::string::npos);
  CHECK(world.sent() == 0);
}

TEST_CASE("On another machine the user brings the wallet or gives it up", "[e2e][upgrade]") {
  AppWorld world({"--wallet-backup", "none"});
  OtherMachine other(world);
  other.session.write(".env", "TOKEN=new\n");
  const std::string id = world.app.to_string();
  const std::string words = world.tee("MNEMONIC");
  const RunResult run = world.upgrade_as(other.session, {"--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "wallet.not_here");
  CHECK(run.error()["hint"].as_string().find("--wallet kms") != std::string::npos);
  CHECK(world.sent() == 0);

  SECTION("with the words imported") {
    const RunResult exported =
        world.user.run({"compute", "app", "wallet", "export", world.app.to_string(), "--yes"});
    CHECK(exported.out == words + "\n");
    const RunResult imported = other.session.run_with_input(
        {"compute", "app", "wallet", "import", world.app.to_string(), "--words-file", "-"},
        exported.out);
    INFO(imported.describe());
    CHECK(imported.code == 0);
    CHECK(imported.out.find(words) == std::string::npos);
    CHECK(world.upgrade_as(other.session).code == 0);
    CHECK(world.tee("MNEMONIC") == words);
  }
  SECTION("with the words in the env file") {
    other.session.write(".env", "MNEMONIC=\"" + words + "\"\n");
    // Nothing here shows that these words are the app's.
    CHECK(world.upgrade_as(other.session, {"--wallet", "env"}).code == 2);
    CHECK(
        world.upgrade_as(other.session, {"--wallet", "env", "--confirm-wallet-change", id}).code ==
        0);
    CHECK(world.tee("MNEMONIC") == words);
    // From then on this machine knows.
    CHECK(world.upgrade_as(other.session).code == 0);
    CHECK(world.tee("MNEMONIC") == words);
  }
  SECTION("as kms") {
    CHECK(world.upgrade_as(other.session, {"--wallet", "kms"}).code == 2);
    CHECK(
        world.upgrade_as(other.session, {"--wallet", "kms", "--confirm-wallet-change", id}).code ==
        0);
    CHECK(world.tee("MNEMONIC") != words);
  }
}

TEST_CASE("A release too short for a mnemonic shows that the wallet is the KMS's",
          "[e2e][upgrade]") {
  World world;
  const RunResult deployed = world.user.run(world.deploy({"--wallet", "kms", "--json"}));
  REQUIRE(deployed.code == 0);
  Session other(world.devnet, world.clock);
  const RunResult run =
      other.run({"compute", "app", "upgrade", deployed.json()["appId"].as_string(), "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["wallet"]["source"].as_string() == "kms");
}

TEST_CASE("An upgrade of what cannot be upgraded is refused", "[e2e][upgrade]") {
  AppWorld world;
  REQUIRE(world.user.run({"compute", "app", "terminate", "hello", "--yes", "--no-wait"}).code == 0);
  world.devnet.clear_requests();
  const RunResult run = world.upgrade({"--json"});
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "app.wrong_status");
  CHECK(world.sent() == 0);
  CHECK(world.user.run({"compute", "app", "upgrade", "0x1111111111111111111111111111111111111111"})
            .code == 6);
}

TEST_CASE("A stopped app is upgraded and stays stopped", "[e2e][upgrade]") {
  const auto generation =
      GENERATE(platform::Generation::kThreeFields, platform::Generation::kFourFields);
  AppWorld world({}, generation);
  REQUIRE(world.user.run({"compute", "app", "stop", "hello"}).code == 0);
  const RunResult run = world.upgrade({"--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["status"].as_string() == "Stopped");
}

TEST_CASE("An upgrade that the platform does not confirm is waited for and told",
          "[e2e][upgrade]") {
  AppWorld world;
  world.clock.on_sleep(
      [&](base::Milliseconds) { world.devnet.set_run_state(world.app, "Upgrading"); });
  const RunResult run = world.upgrade({"--timeout", "30", "--json"});
  INFO(run.describe());
  CHECK(run.code == 8);
  CHECK(run.error()["code"].as_string() == "app.still_pending");
  world.clock.on_sleep({});
  CHECK(world.devnet.app(world.app)->pending_release_block > 0);

  SECTION("the same command waits again") {
    world.devnet.set_run_state(world.app, "Running");
    const RunResult again = world.upgrade({"--json"});
    INFO(again.describe());
    CHECK(again.code == 0);
    CHECK(world.sent() == 1);
  }
  SECTION("another image replaces the pending one and says so") {
    const RunResult other = world.upgrade({world.image, "--dry-run", "--json"});
    INFO(other.describe());
    CHECK(other.code == 0);
    CHECK(other.err.find("waits for the platform; this one takes its place") != std::string::npos);
  }
}

TEST_CASE("A lost answer to an upgrade does not send a second one", "[e2e][upgrade]") {
  AppWorld world;
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kClose,
                          .times = 0,
                          .after_acting = true});
  world.devnet.add_fault(
      {.kind = "rpc:eth_getTransactionReceipt", .action = devnet::FaultAction::kClose, .times = 0});
  const RunResult run = world.upgrade({"--json"});
  INFO(run.describe());
  CHECK((run.code == 7 || run.code == 8));
  world.devnet.clear_faults();
  const RunResult again = world.upgrade({"--json"});
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(world.devnet.nonce(world.account()) == 3);
}

TEST_CASE("A deploy of a taken name leads to upgrade", "[e2e][upgrade]") {
  AppWorld world;
  const RunResult run = world.user.run(world.deploy({"--json"}));
  CHECK(run.code == 2);
  CHECK(run.error()["hint"].as_string().starts_with(
      "put a new release on it: ecloud compute app upgrade hello"));
}

TEST_CASE("Apps of one ecloud.yaml are upgraded one after the other", "[e2e][upgrade]") {
  World world;
  const std::string image = world.devnet.image("sample/layered:1.0");
  world.user.write("web.env", "TOKEN=web\n");
  world.user.write("ecloud.yaml", "image: " + image +
                                      "\napps:\n  web:\n    envFile: web.env\n  worker:\n"
                                      "    instanceType: g1-standard-8t\n");
  const RunResult deployed = world.user.run({"compute", "app", "deploy", "--all"});
  INFO(deployed.describe());
  REQUIRE(deployed.code == 0);
  world.user.write("web.env", "TOKEN=changed\n");
  world.devnet.clear_requests();

  const RunResult one = world.user.run({"compute", "app", "upgrade", "web", "--json"});
  INFO(one.describe());
  CHECK(one.code == 0);
  CHECK(one.json()["instanceType"].as_string() == "g1-standard-4t");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 1);

  const RunResult all = world.user.run({"compute", "app", "upgrade", "--all", "--json"});
  INFO(all.describe());
  REQUIRE(all.code == 0);
  REQUIRE(all.json()["apps"].size() == 2);
  CHECK(all.json()["apps"].at(1)["instanceType"].as_string() == "g1-standard-8t");
  CHECK(all.json()["apps"].at(1)["wallet"]["source"].as_string() == "generated");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 3);
}

TEST_CASE("A wallet that would be lost is told before a build begins", "[e2e][upgrade]") {
  AppWorld world({"--wallet-backup", "none"});
  std::filesystem::remove_all(world.user.state() / "wallets");
  const std::vector<std::string> verifiable = {"--verifiable", "--repo",
                                               "https://github.com/me/app", "--commit",
                                               "0123456789abcdef0123456789abcdef01234567"};
  std::vector<std::string> more = verifiable;
  more.push_back("--json");
  const RunResult run = world.upgrade(more);
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "wallet.not_here");
  for (const auto& request : world.devnet.requests()) {
    CHECK_FALSE((request.method == "POST" && request.path.ends_with("/builds")));
  }
  // With the wallet given up, the platform builds it, and the digest goes on chain.
  std::vector<std::string> anyway = more;
  anyway.insert(anyway.end(), {"--wallet", "kms", "--yes", "--confirm-wallet-change", "hello"});
  const RunResult built = world.upgrade(anyway);
  INFO(built.describe());
  REQUIRE(built.code == 0);
  CHECK(world.devnet.app(world.app)->image ==
        built.json()["registry"].as_string() + "@" + built.json()["imageDigest"].as_string());
}

TEST_CASE("One app and all apps of the file are not upgraded at once", "[e2e][upgrade]") {
  World world;
  world.user.write("ecloud.yaml", "image: " + world.devnet.image("sample/layered:1.0") +
                                      "\napps:\n  web:\n  worker:\n");
  REQUIRE(world.user.run({"compute", "app", "deploy", "--all"}).code == 0);
  const std::string app = world.devnet.apps().front().app.to_string();
  world.devnet.clear_requests();
  const RunResult run = world.user.run({"compute", "app", "upgrade", app, "--all", "--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "cli.conflict");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
}
