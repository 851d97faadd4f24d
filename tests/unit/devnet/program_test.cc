// The program ecloud-devnet as the shell sees it.
#include <signal.h>

#include <thread>

#include "support/child_process.h"
#include "support/temp_dir.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

std::vector<std::string> command(const std::vector<std::string>& arguments) {
  std::vector<std::string> out{ECLOUD_DEVNET_BINARY};
  out.insert(out.end(), arguments.begin(), arguments.end());
  return out;
}

base::Json wait_ready(const std::filesystem::path& file, const ChildProcess& child) {
  while (child.running() && !std::filesystem::exists(file)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  INFO(child.err());
  REQUIRE(std::filesystem::exists(file));
  return base::Json::parse(slurp(file), "ready file");
}

TEST_CASE("the program serves until it is told to end, and keeps its state", "[devnet]") {
  const TempDir directory;
  const auto ready = directory / "devnet.json";
  const std::vector<std::string> arguments{"--state",      (directory / "state").string(),
                                           "--keys",       test_data_path("devnet").string(),
                                           "--ready-file", ready.string(),
                                           "--generation", "1.1"};
  std::uint64_t port = 0;
  for (const int signal_number : {SIGTERM, SIGINT}) {
    std::filesystem::remove(ready);
    ChildProcess child({.argv = command(arguments)});
    const base::Json info = wait_ready(ready, child);
    CHECK(info["generation"].as_string() == "1.1.1");
    CHECK(info["pid"].as_i64() == child.pid());
    const std::string registry = info["registry"].as_string();
    const auto now = static_cast<std::uint64_t>(std::stoul(registry.substr(10)));
    if (port != 0) CHECK(now == port);
    port = now;
    const ProbeAnswer answer = probe(static_cast<std::uint16_t>(port), "POST", "/rpc", {},
                                     R"({"id":1,"method":"eth_chainId"})");
    CHECK(base::Json::parse(answer.body, "rpc")["result"].as_string() == "0x7a69");
    child.send_signal(signal_number);
    const ProcessResult result = child.wait(std::chrono::seconds(20));
    INFO(result.describe());
    CHECK(result.exit_code == 0);
    CHECK(result.out.empty());
  }
}

TEST_CASE("the program ends with its parent", "[devnet]") {
  const TempDir directory;
  ChildProcess parent({.argv = {"sleep", "1000"}});
  ChildProcess child({.argv = command({"--keys", test_data_path("devnet").string(), "--ready-file",
                                       (directory / "ready").string(), "--parent-pid",
                                       std::to_string(parent.pid())})});
  wait_ready(directory / "ready", child);
  CHECK(child.running());
  parent.stop();
  const ProcessResult result = child.wait(std::chrono::seconds(20));
  INFO(result.describe());
  CHECK(result.exit_code == 0);
}

TEST_CASE("wrong arguments are named", "[devnet]") {
  const auto run = [](const std::vector<std::string>& arguments) {
    const ProcessResult result = run_process(command(arguments));
    return std::to_string(result.exit_code) + " " + result.err;
  };
  const std::string hint = "\nhint: ecloud-devnet --help\n";
  CHECK(run({"--nonsense"}) == "2 error: unknown option --nonsense" + hint);
  CHECK(run({"--port"}) == "2 error: --port needs a value" + hint);
  CHECK(run({"--port", "70000"}) == "2 error: --port: 70000 is no number up to 65535" + hint);
  CHECK(run({"--block-time", "soon"}) ==
        "2 error: --block-time: soon is no number of seconds" + hint);
  CHECK(run({"--generation", "2"}) ==
        "2 error: unknown generation 2: it must be one of 1.1, 1.4, 1.5, 1.5.0-teams\n");
  const ProcessResult help = run_process(command({"--help"}));
  CHECK(help.exit_code == 0);
  CHECK(help.out.starts_with("Usage: ecloud-devnet [options]\n"));
  CHECK(run_process(command({"--version"})).out.starts_with("ecloud-devnet "));
}

}  // namespace
}  // namespace ecloud::testing
