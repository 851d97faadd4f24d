#include <sys/stat.h>
#include <unistd.h>

#include "e2e/session.h"
#include "ecloud/base/text.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

/// What a failed deployment must look like: the exit code, one message, no result, nothing sent.
void check_refused(World& world, const RunResult& run, int code, const std::string& error_code) {
  INFO(run.describe());
  CHECK(run.code == code);
  CHECK(run.out.empty());
  CHECK(run.error()["code"].as_string() == error_code);
  CHECK(run.error()["exitCode"].as_u64() == static_cast<std::uint64_t>(code));
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.apps().empty());
  CHECK_FALSE(std::filesystem::exists(world.user.state() / "wallets"));
  CHECK_FALSE(std::filesystem::exists(world.user.state() / "journal"));
}

RunResult deploy(World& world, std::vector<std::string> more = {}) {
  more.push_back("--json");
  return world.user.run(world.deploy(std::move(more)));
}

RunResult deploy_image(World& world, const std::string& image) {
  return world.user.run(
      {"compute", "app", "deploy", "--name", "hello", "--image-ref", image, "--json"});
}

}  // namespace

TEST_CASE("An unknown environment is refused with a suggestion", "[e2e][bad]") {
  World world;
  const RunResult run = deploy(world, {"--environment", "sepola"});
  check_refused(world, run, 2, "environment.unknown");
  CHECK(run.error()["hint"].as_string().find("sepolia") != std::string::npos);
}

TEST_CASE("A malformed key is refused without being repeated", "[e2e][bad]") {
  World world;
  world.user.set("ECLOUD_PRIVATE_KEY", "0xnot-a-key-marker");
  const RunResult run = deploy(world);
  check_refused(world, run, 2, "auth.malformed_key");
  CHECK(run.err.find("marker") == std::string::npos);
  CHECK(run.err.find("ECLOUD_PRIVATE_KEY") != std::string::npos);
}

TEST_CASE("Without a key the ways to give one are named", "[e2e][bad]") {
  World world;
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const RunResult run = deploy(world);
  check_refused(world, run, 5, "auth.no_key");
  CHECK(run.error()["hint"].as_string().find("--private-key-file") != std::string::npos);
}

TEST_CASE("An env file that cannot be used is refused by name", "[e2e][bad]") {
  World world;
  SECTION("missing") {
    const RunResult run = deploy(world, {"--env-file", "nothing.env"});
    check_refused(world, run, 2, "file.missing");
    CHECK(run.err.find("nothing.env") != std::string::npos);
  }
  SECTION("missing, named by the variable: no fall-back to .env") {
    world.user.write(".env", "A=1\n");
    world.user.set("ECLOUD_ENVFILE_PATH", "nothing.env");
    check_refused(world, deploy(world), 2, "file.missing");
  }
  SECTION("a directory") {
    std::filesystem::create_directories(world.user.folder() / "dir");
    check_refused(world, deploy(world, {"--env-file", "dir"}), 2, "file.directory");
  }
  SECTION("unreadable") {
    if (::geteuid() == 0) {
      // root reads everything: a loop of links cannot be opened by anybody.
      std::filesystem::create_symlink("loop.env", world.user.folder() / "loop.env");
    } else {
      world.user.write("loop.env", "A=1\n");
      ::chmod((world.user.folder() / "loop.env").c_str(), 0);
    }
    check_refused(world, deploy(world, {"--env-file", "loop.env"}), 2, "file.unreadable");
  }
  SECTION("binary") {
    world.user.write(".env", std::string("\x7f"
                                         "ELF\0\0\0",
                                         7));
    check_refused(world, deploy(world), 2, "dotenv.binary");
  }
  SECTION("10 MB") {
    world.user.write(".env", "A=" + std::string(10'000'000, 'x') + "\n");
    check_refused(world, deploy(world), 2, "file.too_large");
  }
  SECTION("a line that cannot be read, by its number") {
    world.user.write(".env", "A=1\n\nB=\"never ends\n");
    const RunResult run = deploy(world);
    check_refused(world, run, 2, "dotenv.syntax");
    CHECK(run.error()["message"].as_string().starts_with(".env:3: "));
    CHECK(run.err.find("never ends\n") == std::string::npos);
  }
  SECTION("a variable that ecloud.yaml wants is missing") {
    world.user.write(".env", "A=1\n");
    world.user.write("ecloud.yaml", "name: hello\nenv:\n  - A\n  - DATABASE_URL\n");
    const RunResult run = deploy(world);
    check_refused(world, run, 2, "dotenv.missing_names");
    CHECK(run.error()["message"].as_string().ends_with(": DATABASE_URL"));
  }
  SECTION("no words for --wallet env") {
    world.user.write(".env", "A=1\n");
    check_refused(world, deploy(world, {"--wallet", "env"}), 2, "wallet.no_mnemonic");
  }
  SECTION("wrong words for --wallet env") {
    world.user.write(".env", "MNEMONIC=test test test\n");
    check_refused(world, deploy(world, {"--wallet", "env"}), 2, "wallet.bad_mnemonic");
  }
}

TEST_CASE("An image that cannot run is refused before anything is sent", "[e2e][bad]") {
  World world;
  SECTION("not found") {
    const RunResult run = deploy_image(world, world.devnet.image("sample/nothing:1.0"));
    check_refused(world, run, 6, "image.not_found");
  }
  SECTION("arm64 only") {
    const RunResult run = deploy_image(world, world.devnet.image("sample/arm64:1.0"));
    check_refused(world, run, 3, "image.platform");
    CHECK(run.error()["message"].as_string().find("arm64") != std::string::npos);
  }
  SECTION("a registry that answers HTML") {
    world.devnet.add_fault({.kind = "registry:/manifests",
                            .action = devnet::FaultAction::kBody,
                            .times = 0,
                            .status = 200,
                            .body = "<html>sign in</html>"});
    const RunResult run = deploy_image(world, world.devnet.image("sample/hello:1.0"));
    check_refused(world, run, 3, "image.not_an_image");
  }
  SECTION("private") {
    world.devnet.add_fault(
        {.kind = "registry:/manifests",
         .action = devnet::FaultAction::kStatus,
         .times = 0,
         .status = 401,
         .body = R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})",
         .headers = {{"WWW-Authenticate", "Basic realm=\"test\""}}});
    const RunResult run = deploy_image(world, world.devnet.image("sample/hello:1.0"));
    check_refused(world, run, 5, "image.unauthorized");
  }
  SECTION("a malformed reference") {
    check_refused(world, deploy_image(world, "Me/App:1.0"), 2, "image.invalid_reference");
  }
  SECTION("an unknown machine") {
    const RunResult run = deploy(world, {"--instance-type", "g1-standard-4x"});
    check_refused(world, run, 2, "deploy.unknown_instance_type");
    CHECK(run.error()["hint"].as_string().find("g1-standard-4") != std::string::npos);
  }
}

TEST_CASE("A node that cannot be used is told by its address", "[e2e][bad]") {
  World world;
  SECTION("garbage") {
    world.devnet.add_fault({.kind = "rpc", .action = devnet::FaultAction::kGarbage, .times = 0});
    check_refused(world, deploy(world), 7, "chain.unreachable");
  }
  SECTION("rate limiting") {
    world.devnet.add_fault(
        {.kind = "rpc", .action = devnet::FaultAction::kStatus, .times = 0, .status = 429});
    const RunResult run = deploy(world);
    check_refused(world, run, 7, "chain.unreachable");
    CHECK(run.error()["message"].as_string().find("429") != std::string::npos);
  }
  SECTION("silent") {
    world.user.set_request_timeout(base::Milliseconds(100));
    world.devnet.add_fault({.kind = "rpc",
                            .action = devnet::FaultAction::kDelay,
                            .times = 0,
                            .delay = std::chrono::seconds(1)});
    const RunResult run = deploy(world);
    check_refused(world, run, 7, "chain.unreachable");
    CHECK(run.error()["message"].as_string().find("no complete answer") != std::string::npos);
  }
  SECTION("nobody listens") {
    const RunResult run = deploy(world, {"--rpc-url", "http://127.0.0.1:1"});
    check_refused(world, run, 7, "chain.unreachable");
  }
  SECTION("another chain") {
    world.devnet.add_fault({.kind = "rpc:eth_chainId",
                            .action = devnet::FaultAction::kRpcError,
                            .times = 0,
                            .code = -32601,
                            .body = "no such method"});
    const RunResult run = deploy(world);
    INFO(run.describe());
    CHECK(run.code == 7);
    CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  }
  SECTION("plain http to another machine") {
    check_refused(world, deploy(world, {"--rpc-url", "http://node.example:8545"}), 2,
                  "environment.insecure_url");
  }
  SECTION("the second one answers") {
    const RunResult run = deploy(world, {"--rpc-url", "http://127.0.0.1:1", "--rpc-url",
                                         world.devnet.environment().rpc_urls.front()});
    INFO(run.describe());
    CHECK(run.code == 0);
  }
}

TEST_CASE("An account that cannot deploy is told why before anything is signed", "[e2e][bad]") {
  World world;
  SECTION("no subscription") {
    world.devnet.set_subscription(world.account(), "inactive");
    const RunResult run = deploy(world);
    check_refused(world, run, 4, "deploy.no_subscription");
    CHECK(run.error()["hint"].as_string().find("ecloud billing subscribe") != std::string::npos);
  }
  SECTION("no ETH: how much is missing, and where to send it") {
    world.devnet.set_balance(world.account(), eth::U256(1000));
    const RunResult run = deploy(world);
    check_refused(world, run, 4, "deploy.insufficient_funds");
    CHECK(run.error()["message"].as_string().find("are missing") != std::string::npos);
    CHECK(run.error()["hint"].as_string().find(world.account().to_string()) != std::string::npos);
  }
  SECTION("delegated elsewhere, and nobody to ask") {
    world.devnet.set_delegate(world.account(),
                              *eth::Address::parse("0x1111111111111111111111111111111111111111"));
    const RunResult run = deploy(world);
    check_refused(world, run, 2, "cli.confirmation_needed");
    CHECK(run.err.find("0x1111111111111111111111111111111111111111") != std::string::npos);
    CHECK(deploy(world, {"--yes"}).code == 0);
  }
  SECTION("a name with blanks") {
    check_refused(world,
                  world.user.run({"compute", "app", "deploy", "--name", "my app", "--image-ref",
                                  world.devnet.image("sample/hello:1.0"), "--json"}),
                  2, "deploy.bad_name");
  }
  SECTION("no name") {
    const RunResult run = world.user.run({"compute", "app", "deploy", "--json"});
    check_refused(world, run, 2, "cli.missing_value");
    CHECK(run.err.find("ECLOUD_NAME") != std::string::npos);
  }
  SECTION("a salt that is too short") {
    check_refused(world, deploy(world, {"--salt", "0x1234"}), 2, "deploy.bad_salt");
  }
}

TEST_CASE("A quota that is used up is told before anything is signed", "[e2e][bad]") {
  World world;
  world.devnet.set_max_active_apps(world.account(), 1);
  REQUIRE(deploy(world, {"--no-wait"}).code == 0);
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--name", "second", "--image-ref",
                      world.devnet.image("sample/hello:1.0"), "--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "deploy.quota");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 1);
}

TEST_CASE("A name that is in use is not deployed twice", "[e2e][bad]") {
  World world;
  REQUIRE(deploy(world).code == 0);
  const RunResult run = deploy(world);
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "deploy.name_taken");
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A reverted transaction is explained", "[e2e][bad]") {
  World world;
  world.devnet.add_fault({.kind = "rpc:eth_estimateGas",
                          .action = devnet::FaultAction::kRevert,
                          .body = "0x42ca568f"});
  const RunResult run = deploy(world);
  check_refused(world, run, 4, "chain.would_revert");
  CHECK(run.error()["message"].as_string().find("GlobalMaxActiveAppsExceeded") !=
        std::string::npos);
}

TEST_CASE("A project cannot change a built-in environment unnoticed", "[e2e][bad]") {
  World world;
  world.user.write("ecloud.yaml",
                   "environments:\n  sepolia:\n    rpcUrl: http://127.0.0.1:1\n"
                   "    delegator: \"0x1111111111111111111111111111111111111111\"\n");
  const RunResult run = world.user.run({"compute", "environment", "show", "sepolia"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err ==
        "warning: ecloud.yaml line 4 changes delegator of the built-in environment sepolia\n");
}

TEST_CASE("An environment's name cannot lead out of the state directory", "[e2e][bad]") {
  World world;
  world.user.write("ecloud.yaml", "environments:\n  else/where:\n    chainId: 1\n");
  check_refused(world, deploy(world, {"--environment", "else/where"}), 2, "config.unknown_key");
}

TEST_CASE("A private key where a file belongs is not repeated", "[e2e][bad]") {
  World world;
  const std::string key = world.user.env().at("ECLOUD_PRIVATE_KEY");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"auth", "whoami", "--private-key-file", key},
        std::vector<std::string>{"auth", "whoami", key},
        std::vector<std::string>{"auth", "login", key, "--store", "file"}}) {
    const RunResult run = world.user.run(words);
    INFO(words[1]);
    CHECK(run.code == 2);
    CHECK(run.err.find("(hidden)") != std::string::npos);
    CHECK(run.err.find(key.substr(2)) == std::string::npos);
  }
}

TEST_CASE("Control characters of a project's file never reach the terminal", "[e2e][bad]") {
  World world;
  world.user.write("ecloud.yaml", "profile:\n  description: \"\\e[2Jgone\"\n");
  const RunResult run = world.user.run({"config", "show"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.err.find("ecloud.yaml line 2: profile.description holds a control character") !=
        std::string::npos);
  CHECK(run.err.find('\x1b') == std::string::npos);
}
