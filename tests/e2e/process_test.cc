// The program as a user starts it: a process of its own, with signals and a real clock.

#include <sys/resource.h>

#include "e2e/session.h"
#include "ecloud/base/text.h"
#include "ecloud/base/version.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/sanitizers.h"

using namespace ecloud;
using testing::ChildProcess;
using testing::ProcessOptions;
using testing::run_process;
using testing::World;

namespace {

ProcessOptions process(const World& world, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), ECLOUD_BINARY);
  ProcessOptions options;
  options.argv = std::move(arguments);
  options.env = world.user.env();
  options.directory = world.user.folder();
  return options;
}

}  // namespace

TEST_CASE("version says which one it is and opens no network library", "[e2e][process]") {
  const auto result = run_process({ECLOUD_BINARY, "version"});
  CHECK(result.exit_code == 0);
  CHECK(result.out == std::string("ecloud ") + kVersion + "\n");
  CHECK(result.err.empty());
}

TEST_CASE("Ctrl-C while waiting for the transaction ends with 130 and says what is out",
          "[e2e][process]") {
  World world;
  world.devnet.pause_mining();
  ChildProcess child(process(world, world.deploy()));
  REQUIRE(child.wait_for_output("waiting for transaction 0x"));
  child.send_signal(SIGINT);
  const auto result = child.wait(std::chrono::seconds(20));
  INFO(result.describe());
  CHECK(result.exit_code == 130);
  CHECK(result.out.empty());
  CHECK(result.err.find("may be on its way") != std::string::npos);
  CHECK(result.err.find("run the same command again") != std::string::npos);

  world.devnet.resume_mining();
  auto again = process(world, world.deploy({"--no-wait", "--json"}));
  const auto finished = run_process(again);
  INFO(finished.describe());
  CHECK(finished.exit_code == 0);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A process that was killed after sending is continued by the next run",
          "[e2e][process]") {
  World world;
  world.devnet.pause_mining();
  ChildProcess child(process(world, world.deploy()));
  REQUIRE(child.wait_for_output("waiting for transaction 0x"));
  child.send_signal(SIGKILL);
  CHECK(child.wait(std::chrono::seconds(20)).signal == SIGKILL);
  world.devnet.resume_mining();
  const auto result = run_process(process(world, world.deploy({"--no-wait", "--json"})));
  INFO(result.describe());
  CHECK(result.exit_code == 0);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A closed pipe ends the output without a word", "[e2e][process]") {
  const auto result =
      run_process({"/bin/sh", "-c", std::string(ECLOUD_BINARY) + " help --help | true; echo done"});
  CHECK(result.out == "done\n");
  CHECK(result.err.empty());
}

TEST_CASE("No core file is written", "[e2e][process]") {
  World world;
  world.devnet.pause_mining();
  auto options = process(world, world.deploy());
  options.argv.insert(options.argv.begin(),
                      {"/bin/sh", "-c", "ulimit -c unlimited 2>/dev/null; exec \"$@\"", "sh"});
  ChildProcess child(options);
  REQUIRE(child.wait_for_output("waiting for transaction 0x"));
  rlimit limit{};
  REQUIRE(::prlimit(child.pid(), RLIMIT_CORE, nullptr, &limit) == 0);
  CHECK(limit.rlim_max == 0);
}

TEST_CASE("devnet up, status, env, reset and down work as a user runs them", "[e2e][process]") {
  const testing::TempDir home;
  const auto ecloud = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), ECLOUD_BINARY);
    ProcessOptions options;
    options.argv = std::move(arguments);
    options.env = {{"HOME", home.path().string()},
                   {"XDG_STATE_HOME", (home / "state").string()},
                   {"XDG_CONFIG_HOME", (home / "config").string()},
                   {"ECLOUD_DEVNET_BINARY", ECLOUD_DEVNET_BINARY},
                   {"ECLOUD_PRIVATE_KEY",
                    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"}};
    options.directory = home.path();
    return run_process(options);
  };
  CHECK(ecloud({"devnet", "status"}).out == "not running\n");
  CHECK(ecloud({"compute", "app", "list", "--environment", "devnet"}).exit_code == 2);

  const auto up = ecloud({"devnet", "up", "--detach", "--json"});
  INFO(up.describe());
  REQUIRE(up.exit_code == 0);
  const auto info = base::Json::parse(up.out, "up");
  CHECK(info["chainId"].as_u64() == 31337);
  CHECK(info["profile"].as_string() == "strict");
  CHECK(base::Json::parse(ecloud({"devnet", "status", "--json"}).out, "status")["profile"]
            .as_string() == "strict");
  const std::string image = info["registry"].as_string() + "/sample/hello:1.0";
  home.write("app.env", "TOKEN=abc\n");
  const auto deployed = ecloud({"compute", "app", "deploy", "--environment", "devnet", "--name",
                                "hello", "--env-file", "app.env", "--image-ref", image, "--json"});
  INFO(deployed.describe());
  CHECK(deployed.exit_code == 0);
  CHECK(ecloud({"devnet", "env", "hello"}).out.find("TOKEN=abc\n") != std::string::npos);
  CHECK(ecloud({"devnet", "env", "nobody"}).exit_code == 6);
  // Its state outlives the process.
  CHECK(ecloud({"devnet", "down"}).out == "stopped\n");
  CHECK(ecloud({"devnet", "down"}).out.empty());
  CHECK(ecloud({"devnet", "up", "--profile", "kind"}).exit_code == 2);
  REQUIRE(ecloud({"devnet", "up", "--detach", "--profile", "gentle"}).exit_code == 0);
  CHECK(ecloud({"devnet", "status"}).out.find("gentle") != std::string::npos);
  CHECK(ecloud({"compute", "app", "list", "--environment", "devnet"}).out.find("hello\t") == 0);
  CHECK(ecloud({"devnet", "reset"}).out == "reset\n");
  CHECK(ecloud({"compute", "app", "list", "--environment", "devnet"}).out.empty());
  CHECK(ecloud({"devnet", "down"}).exit_code == 0);
}

TEST_CASE("An image on standard input takes no memory of its size", "[e2e][process][image]") {
  World world;
  auto options = process(world, {});
#if defined(ECLOUD_SANITIZED)
  const std::string limit;
#else
  // KiB of data. What getrusage tells of children begins with the memory of this program.
  const std::string limit = "ulimit -d 400000; ";
#endif
  options.argv = {"/bin/sh", "-c",
                  limit + "head -c 600000000 /dev/zero | " + std::string(ECLOUD_BINARY) +
                      " image inspect --image-archive -"};
  const auto result = run_process(options);
  INFO(result.describe());
  CHECK(result.exit_code == 2);
  CHECK(result.err.find("neither index.json nor manifest.json") != std::string::npos);
}
