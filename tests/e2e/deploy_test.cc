#include "e2e/session.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/deploy/wallets.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

std::string tee_value(const devnet::Devnet& devnet, const std::string& app,
                      const std::string& name) {
  for (const auto& [key, value] : devnet.tee_environment(*eth::Address::parse(app))) {
    if (key == name) return std::string(value.reveal_text());
  }
  return "(none)";
}

constexpr char kDotenv[] =
    "API_TOKEN=s3cret-marker\n"
    "GREETING_PUBLIC=hello\n"
    "MNEMONIC=\"test test test test test test test test test test test junk\"\n";

}  // namespace

TEST_CASE("One command deploys to both generations of the contracts", "[e2e][deploy]") {
  const auto generation =
      GENERATE(platform::Generation::kThreeFields, platform::Generation::kFourFields);
  World world(generation);
  world.user.write(".env", kDotenv);

  const RunResult run = world.user.run(world.deploy({"--log-visibility", "public", "--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json document = run.json();
  const std::string app = document["appId"].as_string();
  CHECK(document["name"].as_string() == "hello");
  CHECK(document["environment"].as_string() == "devnet");
  CHECK(document["chainId"].as_u64() == 31337);
  CHECK(document["status"].as_string() == "Running");
  CHECK(document["ip"].as_string().starts_with("203.0.113."));
  CHECK(document["registry"].as_string() + ":1.0" == world.devnet.image("sample/layered:1.0"));
  CHECK(document["instanceType"].as_string() == "g1-standard-4t");
  CHECK(document["logVisibility"].as_string() == "public");
  CHECK(document["wallet"]["source"].as_string() == "generated");
  CHECK(document["gas"]["used"].as_u64() <= document["gas"]["limit"].as_u64());

  const auto view = world.devnet.app(*eth::Address::parse(app));
  REQUIRE(view);
  CHECK(view->image ==
        document["registry"].as_string() + "@" + document["imageDigest"].as_string());
  CHECK(view->profile_name == "hello");
  CHECK(world.devnet.can_call(view->app, platform::anyone_appointee(),
                              platform::api_permission_target(), platform::kViewLogsPermission));
  CHECK(tee_value(world.devnet, app, "API_TOKEN") == "s3cret-marker");
  CHECK(tee_value(world.devnet, app, "GREETING_PUBLIC") == "hello");
  CHECK(tee_value(world.devnet, app, "EIGEN_MACHINE_TYPE_PUBLIC") == "g1-standard-4t");
  CHECK(world.devnet.apps().size() == 1);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 1);
}

TEST_CASE("The generated wallet is in the TEE, on this machine, and nowhere else",
          "[e2e][deploy]") {
  World world;
  world.user.write(".env", kDotenv);
  const RunResult run = world.user.run(world.deploy({"--json", "--verbose"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const std::string app = run.json()["appId"].as_string();

  const std::string words = tee_value(world.devnet, app, "MNEMONIC");
  CHECK(crypto::mnemonic_problem(words).empty());
  CHECK(base::split(words, ' ').size() == 24);
  CHECK(run.out.find(words) == std::string::npos);
  CHECK(run.err.find(words) == std::string::npos);
  CHECK(run.err.find("MNEMONIC in .env is left out") != std::string::npos);

  const auto& account = devnet::Devnet::accounts().front();
  const auto key = crypto::PrivateKey::from_bytes(account.private_key.reveal());
  const deploy::Signer signer(*key);
  const deploy::WalletStore store(world.user.state(), "devnet");
  const auto stored = store.load(signer, *eth::Address::parse(app));
  REQUIRE(stored);
  CHECK(stored->reveal_text() == words);
  CHECK(run.json()["wallet"]["evmAddress"].as_string() == deploy::wallet_addresses(*stored).evm);
  using std::filesystem::perms;
  CHECK(std::filesystem::status(store.file_of(*eth::Address::parse(app))).permissions() ==
        (perms::owner_read | perms::owner_write));
}

TEST_CASE("the option --wallet kms leaves the words to the KMS", "[e2e][deploy]") {
  World world;
  world.user.write(".env", kDotenv);
  const RunResult run = world.user.run(world.deploy({"--wallet", "kms", "--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["wallet"]["evmAddress"].is_null());
  CHECK(tee_value(world.devnet, run.json()["appId"].as_string(), "MNEMONIC").find("test junk") ==
        std::string::npos);
  CHECK_FALSE(std::filesystem::exists(world.user.state() / "wallets"));
}

TEST_CASE("the option --wallet env takes the words of the env file", "[e2e][deploy]") {
  World world;
  world.user.write(".env", kDotenv);
  const RunResult run = world.user.run(world.deploy({"--wallet", "env", "--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(tee_value(world.devnet, run.json()["appId"].as_string(), "MNEMONIC") ==
        "test test test test test test test test test test test junk");
  // The first address of that phrase, as every development chain shows it.
  CHECK(run.json()["wallet"]["evmAddress"].as_string() ==
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
}

TEST_CASE("the option --dry-run shows the plan and signs and sends nothing", "[e2e][deploy]") {
  World world;
  world.user.write(".env", kDotenv);
  const RunResult run = world.user.run(world.deploy({"--dry-run"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.out.find("createApp(") != std::string::npos);
  CHECK(run.out.find("API_TOKEN") != std::string::npos);
  CHECK(run.out.find("s3cret-marker") == std::string::npos);
  CHECK(run.out.find("Highest cost") != std::string::npos);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.count("userapi:/profile") == 0);
  CHECK_FALSE(std::filesystem::exists(world.user.state() / "wallets"));
  CHECK_FALSE(std::filesystem::exists(world.user.state() / "journal"));
  // Nothing signed: every call that estimated gas had no authorization.
  const RunResult json = world.user.run(world.deploy({"--dry-run", "--json"}));
  REQUIRE(json.code == 0);
  CHECK(json.json()["dryRun"].as_bool());
  CHECK(json.json()["calls"].at(0)["function"].as_string() == "createApp");
  CHECK(json.json()["calls"].at(1)["function"].as_string() == "acceptAdmin");
}

TEST_CASE("An account that is delegated already needs no authorization", "[e2e][deploy]") {
  World world;
  REQUIRE(world.user.run(world.deploy({"--no-wait"})).code == 0);
  const auto arguments = std::vector<std::string>{"compute",
                                                  "app",
                                                  "deploy",
                                                  "--name",
                                                  "second",
                                                  "--image-ref",
                                                  world.devnet.image("sample/layered:1.0"),
                                                  "--dry-run",
                                                  "--json"};
  const RunResult run = world.user.run(arguments);
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK_FALSE(run.json()["delegates"].as_bool());
}

TEST_CASE("A deploy of a known digest needs five dependent round trips", "[e2e][deploy]") {
  World world;
  const RunResult first = world.user.run(world.deploy({"--no-wait", "--json"}));
  REQUIRE(first.code == 0);
  const std::string by_digest =
      first.json()["registry"].as_string() + "@" + first.json()["imageDigest"].as_string();
  world.devnet.clear_requests();
  const RunResult run = world.user.run({"compute", "app", "deploy", "--name", "second", "--no-wait",
                                        "--skip-profile", "--image-ref", by_digest});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  // Each request starts after how many others, at least, had ended: the longest chain of those.
  const auto requests = world.devnet.requests();
  std::size_t rpc = 0;
  std::size_t registry = 0;
  for (const auto& request : requests) {
    rpc += request.path.starts_with("/rpc") ? 1 : 0;
    registry += request.path.starts_with("/v2") ? 1 : 0;
  }
  // One of them lists the account's apps, whose names are compared.
  CHECK(rpc == 5);
  // The third finds the KMS client, whose bytes show the generation of the runtime.
  CHECK(registry == 3);
}

TEST_CASE("An app that fails ends the wait at once", "[e2e][deploy]") {
  World world;
  world.clock.on_sleep([&](base::Milliseconds) {
    for (const auto& app : world.devnet.apps()) world.devnet.set_run_state(app.app, "Failed");
  });
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 1);
  CHECK(run.out.empty());
  CHECK(run.error()["code"].as_string() == "app.failed");
  CHECK(run.error()["hint"].as_string().starts_with("see why: ecloud compute app logs 0x"));
}

TEST_CASE("A wait that runs out says how to wait again, and running again goes on",
          "[e2e][deploy]") {
  World world;
  world.clock.on_sleep([&](base::Milliseconds) {
    for (const auto& app : world.devnet.apps()) world.devnet.set_run_state(app.app, "Deploying");
  });
  const RunResult run = world.user.run(world.deploy({"--timeout", "30", "--json"}));
  INFO(run.describe());
  CHECK(run.code == 8);
  CHECK(run.error()["code"].as_string() == "app.still_pending");
  CHECK(run.error()["hint"].as_string().find("--wait --environment devnet") != std::string::npos);

  world.clock.on_sleep({});
  world.devnet.set_run_state(world.devnet.apps().front().app, "Running");
  const RunResult again = world.user.run(world.deploy({"--json"}));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.json()["appId"].as_string() == world.devnet.apps().front().app.to_string());
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A malformed ECLOUD_WATCH_TIMEOUT_SECONDS is the default of 600 seconds, and named",
          "[e2e][deploy]") {
  const std::string value = GENERATE("ten minutes", "0", "-1");
  World world;
  world.user.set("ECLOUD_WATCH_TIMEOUT_SECONDS", value);
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const std::string warning = "warning: ECLOUD_WATCH_TIMEOUT_SECONDS \"" + value +
                              "\" is not a time above 0, such as 600 or 10m; using the default of "
                              "10m\n";
  const std::size_t first = run.err.find(warning);
  REQUIRE(first != std::string::npos);
  CHECK(run.err.find(warning, first + 1) == std::string::npos);

  const std::string app = run.json()["appId"].as_string();
  world.clock.on_sleep([&](base::Milliseconds) {
    world.devnet.set_run_state(*eth::Address::parse(app), "Deploying");
  });
  world.devnet.set_run_state(*eth::Address::parse(app), "Deploying");
  const auto before = world.clock.monotonic();
  const RunResult wait = world.user.run({"compute", "app", "status", app, "--wait", "--json"});
  INFO(wait.describe());
  CHECK(wait.code == 8);
  CHECK(wait.err.find(warning) != std::string::npos);
  CHECK(world.clock.monotonic() - before >= base::Milliseconds(590'000));
  CHECK(world.clock.monotonic() - before <= base::Milliseconds(610'000));
}

TEST_CASE("info, status, logs and list show the app by name", "[e2e][app]") {
  World world;
  world.user.write(".env", kDotenv);
  const RunResult deployed = world.user.run(world.deploy({"--json"}));
  REQUIRE(deployed.code == 0);
  const std::string app = deployed.json()["appId"].as_string();

  const RunResult info = world.user.run({"compute", "app", "info", "hello", "--json"});
  INFO(info.describe());
  REQUIRE(info.code == 0);
  CHECK(info.json()["appId"].as_string() == app);
  CHECK(info.json()["status"].as_string() == "Running");
  CHECK(info.json()["kmsAddresses"]["verified"].as_bool());
  CHECK(info.json()["kmsAddresses"]["evm"].size() == 1);
  CHECK(info.json()["storedWallet"]["evmAddress"].as_string() ==
        deployed.json()["wallet"]["evmAddress"].as_string());

  const RunResult status = world.user.run({"compute", "app", "status", app});
  CHECK(status.out == "Running\n");
  CHECK(status.code == 0);

  world.devnet.append_log(*eth::Address::parse(app), "a line with \x1b[31mcolour");
  const RunResult logs = world.user.run({"compute", "app", "logs", "hello", "--tail", "1"});
  INFO(logs.describe());
  CHECK(logs.code == 0);
  // Octet by octet where there is no terminal.
  CHECK(logs.out.find("a line with \x1b[31mcolour\n") != std::string::npos);

  const RunResult list = world.user.run({"compute", "app", "list"});
  INFO(list.describe());
  CHECK(list.code == 0);
  CHECK(list.out.starts_with("hello\t" + app + "\tstarted\tRunning\t203.0.113."));

  // Without a name: the last one deployed from this folder.
  const RunResult last = world.user.run({"compute", "app", "status"});
  CHECK(last.out == "Running\n");
  CHECK(last.err.find("the last one deployed from this folder") != std::string::npos);
}

TEST_CASE("With the UserAPI down list still shows the chain's apps and says so", "[e2e][app]") {
  World world;
  REQUIRE(world.user.run(world.deploy({"--no-wait"})).code == 0);
  world.devnet.add_fault({.kind = "userapi", .times = 0, .status = 500});
  const RunResult list = world.user.run({"compute", "app", "list"});
  INFO(list.describe());
  CHECK(list.code == 7);
  CHECK(list.out.find("started\t?\t?") != std::string::npos);
  CHECK(list.err.find("answered 500") != std::string::npos);
}

TEST_CASE("ecloud.yaml says what to deploy, and what it says without effect is named",
          "[e2e][deploy]") {
  World world;
  world.user.write("prod.env", "TOKEN=abc\n");
  world.user.write("ecloud.yaml",
                   "name: hello\nimage: " + world.devnet.image("sample/layered:1.0") +
                       "\nenvFile: prod.env\ninstanceType: g1-standard-8t\n"
                       "logVisibility: public\nprofile:\n  name: Greeter\n"
                       "build:\n  context: app\ntls:\n  domain: example.com\n");
  world.user.write("Caddyfile", "{$DOMAIN}\n");
  const RunResult run = world.user.run({"compute", "app", "deploy", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["name"].as_string() == "hello");
  CHECK(run.json()["instanceType"].as_string() == "g1-standard-8t");
  CHECK(run.json()["logVisibility"].as_string() == "public");
  CHECK(world.devnet.apps().front().profile_name == "Greeter");
  CHECK(run.err.find("ecloud.yaml line 9: build.context has no effect on this deployment") !=
        std::string::npos);
  CHECK(tee_value(world.devnet, run.json()["appId"].as_string(), "DOMAIN") == "example.com");
  world.user.write("prod.env", "TOKEN=abc\nDOMAIN=other.example.com\n");
  const RunResult other = world.user.run({"compute", "app", "deploy", "--name", "b"});
  CHECK(other.code == 2);
  CHECK(other.err.find("ecloud.yaml line 11: tls.domain is example.com, and DOMAIN in prod.env is "
                       "another one") != std::string::npos);
  // Both names lead to it.
  CHECK(world.user.run({"compute", "app", "status", "hello"}).out == "Running\n");
  CHECK(world.user.run({"compute", "app", "status", "Greeter"}).out == "Running\n");
}
