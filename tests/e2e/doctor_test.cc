// `ecloud doctor` in front of everything that can be wrong.

#include <algorithm>
#include <set>

#include "e2e/terminal_session.h"
#include "ecloud/base/text.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

struct Check {
  std::string status, message, hint;
};

/// The first finding of a check; of the worst status when there are several.
Check check_of(const RunResult& run, const std::string& name) {
  static const std::vector<std::string> kOrder = {"failed", "warning", "ok", "skipped"};
  for (const std::string& status : kOrder) {
    for (const base::Json& check : run.json()["checks"].elements()) {
      if (check["check"].as_string() != name || check["status"].as_string() != status) continue;
      return {status, check["message"].as_string(), check["hint"].opt_string().value_or("")};
    }
  }
  return {};
}

std::set<std::string> checks_with(const RunResult& run, const std::string& status) {
  std::set<std::string> out;
  for (const base::Json& check : run.json()["checks"].elements()) {
    if (check["status"].as_string() == status) out.insert(check["check"].as_string());
  }
  return out;
}

using Names = std::set<std::string>;

RunResult doctor(testing::Session& user, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"doctor", "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return user.run(arguments);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("doctor finds nothing wrong where nothing is", "[e2e][doctor]") {
  World world;
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(checks_with(run, "failed") == Names{});
  CHECK(checks_with(run, "warning") == Names{});
  CHECK(checks_with(run, "ok") == Names{"state", "unfinished", "key", "environment", "runtime",
                                        "rpc", "controller", "block", "user-api", "billing",
                                        "clock", "subscription", "balance", "delegation", "quota"});
  CHECK(checks_with(run, "skipped") == Names{"project", "config", "wallets", "builder", "keyring",
                                             "image", "env-file", "dockerfile"});
  CHECK(check_of(run, "key").message == world.account().to_string() + " (ECLOUD_PRIVATE_KEY)");
  CHECK(check_of(run, "balance").message == "10000 ETH");
  CHECK(check_of(run, "quota").message == "0 of 10 apps in use");
  CHECK(check_of(run, "clock").message == "right, by that of the platform's API");
  CHECK(contains(check_of(run, "controller").message, "AppController 1.5.0 at 0x"));
  CHECK(run.err.empty());
}

TEST_CASE("doctor asks every service once, signs nothing on chain and writes nothing",
          "[e2e][doctor]") {
  World world;
  REQUIRE(doctor(world.user).code == 0);
  std::size_t chain = 0;
  for (const auto& request : world.devnet.requests()) {
    CHECK((request.path.rfind("/rpc", 0) == 0 || request.method == "GET"));
    if (request.path.rfind("/rpc", 0) == 0) ++chain;
  }
  CHECK(chain == 1);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.count("userapi:/skus") == 1);
  CHECK(world.devnet.count("billing:/subscription") == 1);
  CHECK_FALSE(std::filesystem::exists(world.user.state()));
}

TEST_CASE("in a pipe doctor prints a line a check, tab-separated, in words", "[e2e][doctor]") {
  World world;
  world.devnet.set_balance(world.account(), eth::U256());
  const RunResult run = world.user.run({"doctor"});
  INFO(run.describe());
  CHECK(run.code == 4);
  const std::string address = world.account().to_string();
  CHECK(contains(run.out, "\nok\tquota\t0 of 10 apps in use\t\n"));
  CHECK(contains(run.out, "\nfailed\tbalance\t" + address + " has no ETH on devnet\tsend ETH on " +
                              "devnet to " + address + "\n"));
  CHECK(contains(run.out, "skipped\tproject\tthere is no ecloud.yaml in this folder\t\n"));
  CHECK_FALSE(contains(run.out, "✓"));
  CHECK(run.err == "error: not all is well: balance\nhint: first, balance: send ETH on devnet to " +
                       address + "\n");
}

TEST_CASE("at a terminal doctor puts marks under headings", "[e2e][doctor]") {
  const testing::TerminalWorld world;
  world.user.write(".env", "TOKEN=abc\n");
  testing::PtyProcess child(world.start({"doctor"}), {100, 60});
  CHECK(child.wait_exit() == 0);
  const std::string text = child.screen().text();
  INFO(text);
  CHECK(child.screen().problems().empty());
  for (const char* row :
       {"MACHINE\n", "NETWORK\n", "ACCOUNT\n", "IMAGE\n", "PROJECT\n",
        "  ✓ balance         10000 ETH\n", "  ! env-file ",
        "                    → chmod 600 .env\n", "note: nothing stands in the way\n"}) {
    INFO(row);
    CHECK(contains(text, row));
  }
}

TEST_CASE("a fresh user without network and key sees what to do first", "[e2e][doctor]") {
  World world;
  world.user.unset("ECLOUD_PRIVATE_KEY");
  world.devnet.stop();
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 5);
  CHECK(checks_with(run, "failed") == Names{"key", "rpc", "user-api", "billing"});
  for (const char* name : {"balance", "delegation", "quota", "subscription"}) {
    CHECK(check_of(run, name).status == "skipped");
    CHECK(check_of(run, name).message == "no key");
  }
  CHECK(check_of(run, "state").status == "ok");
  CHECK(run.error()["code"].as_string() == "doctor.failed");
  CHECK(contains(run.error()["hint"].as_string(), "first, key: `ecloud auth login` stores one"));
  CHECK(contains(run.error()["hint"].as_string(), "or set ECLOUD_PRIVATE_KEY"));
}

TEST_CASE("doctor tells a node of another chain", "[e2e][doctor]") {
  World world;
  world.user.write("ecloud.yaml", "environments:\n  devnet:\n    chainId: 17\n");
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(checks_with(run, "failed") == Names{"rpc"});
  CHECK(contains(check_of(run, "rpc").message, "31337"));
  CHECK(contains(check_of(run, "rpc").hint, "--rpc-url"));
  CHECK(check_of(run, "balance").message == "the chain does not answer");
}

TEST_CASE("doctor tells a contract that is not there", "[e2e][doctor]") {
  World world;
  world.user.write("ecloud.yaml",
                   "environments:\n  devnet:\n    appController: "
                   "\"0x000000000000000000000000000000000000dEaD\"\n");
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(check_of(run, "controller").message ==
        "there is no AppController at 0x000000000000000000000000000000000000dEaD");
  CHECK(check_of(run, "quota").status == "skipped");
}

TEST_CASE("doctor warns when the balance may not do", "[e2e][doctor]") {
  World world;
  world.devnet.set_balance(world.account(), eth::U256(1'000'000'000));
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(check_of(run, "balance").status == "warning");
  CHECK(contains(check_of(run, "balance").message, "0.000000001 ETH; a deployment may cost up to"));
}

TEST_CASE("doctor tells whose delegation the account has", "[e2e][doctor]") {
  World world;
  world.devnet.set_delegate(world.account(), devnet::Devnet::accounts()[1].address);
  const RunResult foreign = doctor(world.user);
  INFO(foreign.describe());
  CHECK(foreign.code == 0);
  CHECK(check_of(foreign, "delegation").status == "warning");
  CHECK(contains(check_of(foreign, "delegation").message,
                 devnet::Devnet::accounts()[1].address.to_string()));
  world.devnet.set_delegate(world.account(), world.devnet.environment().delegator);
  CHECK(check_of(doctor(world.user), "delegation").message == "to the platform's delegator");
}

TEST_CASE("doctor tells that there is no subscription", "[e2e][doctor]") {
  World world;
  world.devnet.set_subscription(world.account(), "inactive");
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(checks_with(run, "failed") == Names{"subscription", "quota"});
  CHECK(check_of(run, "subscription").hint == "subscribe: ecloud billing subscribe");
  world.devnet.set_subscription(world.account(), "past_due");
  CHECK(contains(check_of(doctor(world.user), "subscription").message, "a payment is due"));
}

TEST_CASE("doctor tells that the quota is used up", "[e2e][doctor]") {
  World world;
  world.devnet.set_max_active_apps(world.account(), 1);
  REQUIRE(world.user.run(world.deploy()).code == 0);
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(checks_with(run, "failed") == Names{"quota"});
  CHECK(check_of(run, "quota").message ==
        "1 of 1 apps in use; no other can be deployed, and stopped apps count too");
  // The deployment left a wallet and a delegation.
  CHECK(contains(check_of(run, "wallets").message, "1 wallet in "));
  CHECK(check_of(run, "delegation").message == "to the platform's delegator");
}

TEST_CASE("doctor tells which service is down, and still shows the others", "[e2e][doctor]") {
  World world;
  world.devnet.add_fault(
      {.kind = "userapi", .action = devnet::FaultAction::kStatus, .times = 0, .status = 503});
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(checks_with(run, "failed") == Names{"user-api"});
  CHECK(contains(check_of(run, "user-api").message, "503"));
  CHECK(check_of(run, "balance").status == "ok");
  CHECK(world.devnet.count("userapi:/skus") == 1);
}

TEST_CASE("doctor does not wait for a service that keeps silent", "[e2e][doctor]") {
  World world;
  world.devnet.set_latency("billing", std::chrono::minutes(5));
  world.user.set_request_timeout(base::Milliseconds(300));
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(checks_with(run, "failed") == Names{"billing"});
  CHECK(contains(check_of(run, "billing").message, "no complete answer within"));
  CHECK(check_of(run, "subscription").message == "the billing service does not answer");
  CHECK(world.clock.sleeps().empty());
}

TEST_CASE("doctor compares the clock with that of the platform", "[e2e][doctor]") {
  World world;
  testing::ManualClock late;
  testing::Session user(world.devnet, late);
  const auto set_ahead = [&](std::int64_t seconds) {
    const auto target = base::Milliseconds((world.clock.unix_seconds() + seconds) * 1000);
    late.sleep(target - late.monotonic());
  };
  set_ahead(15);
  const RunResult near = doctor(user);
  INFO(near.describe());
  CHECK(near.code == 0);
  CHECK(check_of(near, "clock").message == "the clock of this machine is 15 s ahead");
  set_ahead(600);
  const RunResult far = doctor(user);
  INFO(far.describe());
  CHECK(check_of(far, "clock").status == "failed");
  CHECK(check_of(far, "clock").message ==
        "the clock of this machine is 10 min ahead; signed requests may be refused");
  CHECK(contains(check_of(far, "clock").hint, "timedatectl"));
  // The platform's clock moves on: ours is behind, and signatures have expired.
  world.clock.sleep(std::chrono::seconds(900));
  const RunResult behind = doctor(user);
  CHECK(contains(check_of(behind, "clock").message, "is 5 min behind"));
  CHECK(behind.code != 0);
}

TEST_CASE("doctor looks at the image as the platform does", "[e2e][doctor]") {
  World world;
  const RunResult good =
      doctor(world.user, {"--image-ref", world.devnet.image("sample/hello:1.0")});
  INFO(good.describe());
  CHECK(good.code == 0);
  CHECK(contains(check_of(good, "image").message, "is public and runs on linux/amd64 (sha256:"));
  const RunResult arm = doctor(world.user, {"--image-ref", world.devnet.image("sample/arm64:1.0")});
  INFO(arm.describe());
  CHECK(arm.code == 3);
  CHECK(checks_with(arm, "failed") == Names{"image"});
  CHECK(contains(check_of(arm, "image").hint, "docker buildx build --platform linux/amd64"));
  world.user.set("ECLOUD_IMAGE_REF", world.devnet.image("sample/none:1.0"));
  CHECK(doctor(world.user).code == 6);
  world.user.set("ECLOUD_IMAGE_REF", "Not An Image");
  CHECK(doctor(world.user).code == 2);
}

TEST_CASE("doctor reads the env file as a deployment would", "[e2e][doctor]") {
  World world;
  const auto path = world.user.write(".env", "TOKEN=abc\nURL_PUBLIC=https://a.example\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  CHECK(check_of(doctor(world.user), "env-file").message ==
        ".env: 1 private and 1 public variables");

  std::filesystem::permissions(path, std::filesystem::perms(0644));
  const Check open = check_of(doctor(world.user), "env-file");
  CHECK(open.status == "warning");
  CHECK(open.hint == "chmod 600 .env");

  world.user.write(".env", "TOKEN=abc\nSECRET=\"never ends\n");
  const RunResult broken = doctor(world.user);
  INFO(broken.describe());
  CHECK(broken.code == 2);
  CHECK(contains(check_of(broken, "env-file").message, ".env:2: the quote that opens"));
  CHECK_FALSE(contains(broken.out, "never ends\n"));

  world.user.write(".env", "EIGEN_MACHINE_TYPE_PUBLIC=g1\n");
  CHECK(contains(check_of(doctor(world.user), "env-file").message, "is set by the platform"));

  world.user.write(".env", "PRICE='5$marker'\n");
  const RunResult unsafe = doctor(world.user);
  CHECK(unsafe.code == 0);
  CHECK(contains(unsafe.out, "the value of PRICE holds a dollar sign"));
  CHECK_FALSE(contains(unsafe.out, "marker"));
}

TEST_CASE("doctor misses the names that ecloud.yaml wants", "[e2e][doctor]") {
  World world;
  world.user.write("ecloud.yaml", "name: shop\nenv: [API_KEY, OTHER]\n");
  const RunResult none = doctor(world.user);
  INFO(none.describe());
  CHECK(none.code == 2);
  CHECK(check_of(none, "project").message == "ecloud.yaml is understood");
  CHECK(contains(check_of(none, "env-file").message, "there is no env file: API_KEY, OTHER"));
  world.user.write(".env", "API_KEY=a\n");
  CHECK(contains(check_of(doctor(world.user), "env-file").message, "lists under env: OTHER"));
}

TEST_CASE("doctor goes on when ecloud.yaml cannot be read", "[e2e][doctor]") {
  World world;
  world.user.write("ecloud.yaml", "nmae: shop\n");
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(contains(check_of(run, "project").message, "ecloud.yaml"));
  CHECK(check_of(run, "key").status == "ok");
  CHECK(check_of(run, "environment").message == "the configuration cannot be read");
}

TEST_CASE("doctor reads the Dockerfile", "[e2e][doctor]") {
  World world;
  world.user.write("Dockerfile", "FROM node:20\nUSER node\nCMD [\"node\", \"server.js\"]\n");
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(contains(run.out, "Dockerfile:"));
  CHECK(check_of(run, "dockerfile").status != "skipped");
  // Nothing on PATH builds it.
  CHECK(check_of(run, "builder").status == "warning");
}

TEST_CASE("doctor asks the builder whether it works", "[e2e][doctor]") {
  World world;
  world.user.write("Dockerfile",
                   "FROM --platform=linux/amd64 node:20\nCMD [\"node\", \"server.js\"]\n");
  const std::filesystem::path programs = world.user.folder().parent_path() / "bin";
  const auto program = [&](const std::string& name, const std::string& script) {
    const auto path = world.user.write("../bin/" + name, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  };
  world.user.set("PATH", programs.string());
  program("docker", "echo no daemon listens >&2; exit 1");
  RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(check_of(run, "builder").status == "warning");
  CHECK(check_of(run, "builder").message ==
        "no builder works: docker: no daemon listens; podman is not installed; buildah is not "
        "installed");

  program("buildah", "[ \"$*\" = info ]");
  run = doctor(world.user);
  CHECK(check_of(run, "builder").status == "ok");
  CHECK(check_of(run, "builder").message ==
        (programs / "buildah").string() + " works; passing over docker: no daemon listens");
  run = doctor(world.user, {"--builder", "docker"});
  CHECK(check_of(run, "builder").status == "warning");
  CHECK(check_of(run, "builder").message == "the builder does not work: docker: no daemon listens");
}

TEST_CASE("doctor takes a user in the Dockerfile as deploy does", "[e2e][doctor]") {
  World world;
  world.user.write("Dockerfile",
                   "FROM --platform=linux/amd64 node:20\nUSER node\nEXPOSE 80\nCMD [\"node\"]\n");
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(check_of(run, "dockerfile").status == "ok");
}

TEST_CASE("doctor names what was cut off", "[e2e][doctor]") {
  World world;
  const RunResult deployed = world.user.run(world.deploy({"--json"}));
  REQUIRE(deployed.code == 0);
  const std::string app = deployed.json()["appId"].as_string();
  CHECK(check_of(doctor(world.user), "unfinished").message == "nothing was cut off");
  world.devnet.pause_mining();
  const auto cut_off = [&](const std::vector<std::string>& arguments) {
    world.interrupt_at_first_wait();
    const RunResult run = world.user.run(arguments);
    INFO(run.describe());
    REQUIRE(run.code == 130);
    world.clock.on_sleep({});
    world.clock.sleep(base::Milliseconds(2'000));
  };
  const std::string again = "go on with it: ecloud resume; or run the same command again";

  SECTION("a deployment") {
    auto arguments = world.deploy();
    arguments[4] = "second";
    cut_off(arguments);
    const RunResult run = doctor(world.user);
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(check_of(run, "unfinished").status == "warning");
    CHECK(check_of(run, "unfinished").message.starts_with("cut off: a deploy of second (0x"));
    CHECK(check_of(run, "unfinished").hint == again + ", in " + world.user.folder().string());
  }
  SECTION("a purchase and what came after it") {
    cut_off({"billing", "top-up", "--amount", "50", "--yes"});
    const std::string purchase =
        "a purchase of credits: 50.00 USDC for " + world.account().to_string();
    RunResult run = doctor(world.user);
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(check_of(run, "unfinished").status == "warning");
    CHECK(check_of(run, "unfinished").message == "cut off: " + purchase);

    world.devnet.drop_pending();
    world.devnet.resume_mining();
    world.devnet.pause_mining();
    cut_off({"compute", "app", "stop", app, "--yes"});
    run = doctor(world.user);
    CHECK(check_of(run, "unfinished").message ==
          "2 operations were cut off, the last one a stop of " + app);
  }
}

TEST_CASE("doctor knows the account of a key file without its password", "[e2e][doctor]") {
  World world;
  world.user.set("ECLOUD_KEYSTORE_PASSWORD", "pass");
  REQUIRE(world.user.run({"auth", "login", "--store", "file"}).code == 0);
  world.user.unset("ECLOUD_PRIVATE_KEY");
  CHECK(check_of(doctor(world.user), "subscription").status == "ok");
  world.user.unset("ECLOUD_KEYSTORE_PASSWORD");
  const RunResult closed = doctor(world.user);
  INFO(closed.describe());
  CHECK(closed.code == 0);
  CHECK(contains(check_of(closed, "key").message, world.account().to_string()));
  CHECK(contains(check_of(closed, "key").message, "which is opened with a password"));
  CHECK(check_of(closed, "balance").message == "10000 ETH");
  CHECK(check_of(closed, "subscription").message == "the key is not open: it needs its password");
  CHECK(check_of(closed, "billing").status == "ok");
  world.user.set("ECLOUD_KEYSTORE_PASSWORD", "wrong");
  const RunResult wrong = doctor(world.user);
  CHECK(wrong.code == 5);
  CHECK(check_of(wrong, "key").status == "failed");
}

TEST_CASE("doctor tells a malformed key without showing it", "[e2e][doctor]") {
  World world;
  world.user.set("ECLOUD_PRIVATE_KEY", "0xmarker");
  const RunResult run = doctor(world.user);
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(check_of(run, "key").status == "failed");
  CHECK(check_of(run, "balance").message == "no key");
  CHECK_FALSE(contains(run.out + run.err, "marker"));
}

TEST_CASE("doctor tells an unknown environment", "[e2e][doctor]") {
  World world;
  const RunResult run = doctor(world.user, {"--environment", "sepola"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(contains(check_of(run, "environment").hint, "did you mean sepolia?"));
  CHECK(check_of(run, "state").status == "ok");
}
