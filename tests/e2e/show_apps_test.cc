// info, list and status: what they show, and what they say when somebody does not answer.

#include <chrono>
#include <iostream>
#include <set>

#include "e2e/session.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/step_script.h"

using namespace ecloud;
using devnet::FaultAction;
using testing::play;
using testing::RunResult;
using testing::World;

namespace {

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

std::string deploy(World& world, std::vector<std::string> more = {"--json"}) {
  const RunResult run = world.user.run(world.deploy(std::move(more)));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run.json()["appId"].as_string();
}

}  // namespace

TEST_CASE("A thousand apps are listed without a question too many", "[e2e][list]") {
  const auto generation =
      GENERATE(platform::Generation::kThreeFields, platform::Generation::kFourFields);
  World world(generation);
  world.devnet.seed_apps(world.account(), 1000, "app-");
  // The devnet derives each app's addresses when they are first asked for.
  REQUIRE(world.user.run({"compute", "app", "list", "--json"}).code == 0);
  world.devnet.clear_requests();

  const auto start = std::chrono::steady_clock::now();
  const RunResult run = world.user.run({"compute", "app", "list", "--json"});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  REQUIRE(run.code == 0);
  const base::Json apps = run.json()["apps"];
  REQUIRE(apps.size() == 1000);
  CHECK(apps.at(0)["name"].as_string() == "app-1");
  CHECK(apps.at(999)["name"].as_string() == "app-1000");
  CHECK(apps.at(999)["status"].as_string() == "Running");
  CHECK(apps.at(999)["kmsAddresses"]["evm"].size() == 1);
  CHECK(apps.at(999)["releasedAt"].is_string());

  std::set<int> connections;
  for (const auto& request : world.devnet.requests()) {
    connections.insert(request.client_port);
    const std::size_t ids = occurrences(request.path, "0x");
    CHECK(ids <= 10);
  }
  CHECK(world.devnet.count("userapi:/info") == 100);
  CHECK(world.devnet.count("rpc:batch") == 2);
  CHECK(world.devnet.count("rpc:eth_getBlockByNumber") == 1);
  CHECK(world.devnet.count("rpc:eth_call") == 13);
  CHECK(world.devnet.requests().size() == 103);
  CHECK(connections.size() <= 10);
  std::cerr << "list of 1000 apps: " << took.count() << " s, " << world.devnet.requests().size()
            << " requests, " << connections.size() << " connections\n";
}

TEST_CASE("list leaves out terminated apps unless told and shows times and wallets",
          "[e2e][list]") {
  World world;
  const std::string app = deploy(world);
  world.devnet.seed_apps(world.account(), 2, "old-");
  const RunResult some = world.user.run({"compute", "app", "list"});
  INFO(some.describe());
  CHECK(some.code == 0);
  CHECK(some.out.starts_with("hello\t" + app +
                             "\tstarted\tRunning\t203.0.113.1\tg1-standard-4t\t2027-01-15T08:00:00Z"
                             "\n"));
  CHECK(occurrences(some.out, "\n") == 3);

  const RunResult wallets = world.user.run({"compute", "app", "list", "--address-count", "2"});
  CHECK(occurrences(wallets.out.substr(0, wallets.out.find('\n')), " ") == 3);
  CHECK(world.user.run({"compute", "app", "list", "--address-count", "6"}).code == 2);
  const RunResult json =
      world.user.run({"compute", "app", "list", "--address-count", "3", "--json"});
  CHECK(json.json()["apps"].at(0)["kmsAddresses"]["evm"].size() == 3);
  CHECK(json.json()["apps"].at(0)["createdAt"].as_string() == "2027-01-15T08:00:00Z");

  world.clock.sleep(base::Milliseconds(7'200'000));
  world.user.set_columns(160);
  const RunResult live = world.user.run({"compute", "app", "list"});
  CHECK(live.out.find("RELEASED") != std::string::npos);
  CHECK(live.out.find("2 hours ago") != std::string::npos);
}

TEST_CASE("One app that the platform does not know yet costs the others nothing", "[e2e][list]") {
  World world;
  world.devnet.seed_apps(world.account(), 3, "app-");
  world.devnet.add_fault(
      {.kind = "userapi:/info", .action = FaultAction::kStatus, .times = 2, .status = 404});
  const RunResult run = world.user.run({"compute", "app", "list"});
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(occurrences(run.out, "Running") == 2);
  CHECK(occurrences(run.out, "\t?\t?") == 1);
  CHECK(run.err.find("answered 404") != std::string::npos);
}

TEST_CASE("A node that lists apps for ever is left", "[e2e][list]") {
  World world;
  world.devnet.seed_apps(world.account(), 1, "app-");
  world.devnet.add_fault({.kind = "rpc:eth_call", .action = FaultAction::kWrongShape, .times = 0});
  const RunResult run = world.user.run({"compute", "app", "list"});
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.out.empty());
}

TEST_CASE("info shows the release the profile and the wallets", "[e2e][info]") {
  World world;
  world.user.write(".env", "GREETING_PUBLIC=hello\nTOKEN=abc\n");
  const std::string app = deploy(world, {"--website", "https://example.com", "--json"});
  const RunResult run = world.user.run({"compute", "app", "info", "hello", "--address-count", "2"});
  INFO(run.describe());
  CHECK(run.code == 0);
  for (const char* line :
       {"\n  Name: hello\n", "\n  Status: Running\n", "\n  On chain: started\n",
        "\n  Released: 2027-01-15T08:00:00Z\n", "\n  Release block: 1\n",
        "\n  Public variables: GREETING_PUBLIC\n", "\n  Website: https://example.com\n",
        "\n  CPU: 1.5 %\n", "\n  Memory: 2.0 GiB of 16.0 GiB\n", "\n  Wallet: generated\n"}) {
    INFO(line);
    CHECK(run.out.find(line) != std::string::npos);
  }
  CHECK(run.out.starts_with("App ID: " + app + "\n  Name: hello\n"));
  // The wallet in force; that of the KMS only when it is asked for.
  CHECK(occurrences(run.out, "\n  EVM Address: 0x") == 1);
  CHECK(occurrences(run.out, "\n  Solana Address: ") == 1);
  CHECK(occurrences(run.out, "KMS") == 0);
  const RunResult all =
      world.user.run({"compute", "app", "info", "hello", "--address-count", "2", "--all-wallets"});
  CHECK(occurrences(all.out, "\n  EVM Address: 0x") == 1);
  CHECK(occurrences(all.out, "\n  KMS EVM address: 0x") == 2);
  CHECK(world.user.run({"compute", "app", "info", "hello", "--address-count", "0"}).code == 2);
}

TEST_CASE("When the platform refuses or fails info shows the rest and says which it was",
          "[e2e][info]") {
  World world;
  const std::string app = deploy(world);
  for (const auto& [status, code] :
       std::vector<std::pair<int, int>>{{403, 5}, {500, 7}, {404, 8}}) {
    world.devnet.clear_faults();
    world.devnet.add_fault({.kind = "userapi:/info", .times = 0, .status = status});
    const RunResult run = world.user.run({"compute", "app", "info", app});
    INFO(run.describe());
    CHECK(run.code == code);
    CHECK(run.out.find("On chain: started\n") != std::string::npos);
    CHECK(run.out.find("Status: unknown\n") != std::string::npos);
    CHECK(run.err.find("answered " + std::to_string(status)) != std::string::npos);
    CHECK(run.err.find("there is no app") == std::string::npos);
  }
  world.devnet.clear_faults();
  const std::string nobody = "0x00000000000000000000000000000000000000aa";
  const RunResult none = world.user.run({"compute", "app", "info", nobody});
  CHECK(none.code == 6);
  CHECK(none.out.empty());
  CHECK(none.err.find("there is no app") != std::string::npos);
}

TEST_CASE("info says when the list of releases lags behind the chain", "[e2e][info]") {
  testing::ManualClock clock;
  devnet::Options options = testing::devnet_options(clock);
  options.timings.indexing_seconds = 1'000'000;
  devnet::Devnet devnet(options);
  testing::Session user(devnet, clock);
  const RunResult deployed = user.run({"compute", "app", "deploy", "--name", "hello", "--image-ref",
                                       devnet.image("sample/layered:1.0"), "--json"});
  REQUIRE(deployed.code == 0);
  const RunResult run = user.run({"compute", "app", "info", "hello"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out.find("Image:") == std::string::npos);
  CHECK(run.err.find("has not listed the release of block 1 yet") != std::string::npos);
}

TEST_CASE("info watches: one block a change in a log and Ctrl-C ends it well", "[e2e][info]") {
  World world;
  const std::string app = deploy(world);
  const auto id = *eth::Address::parse(app);
  play(world.clock, {
                        [] {},
                        [&] { world.devnet.set_run_state(id, "Failed"); },
                        [] {},
                        [&] { world.devnet.add_fault({.kind = "userapi:/info", .times = 1}); },
                        [] {},
                    });
  const RunResult run = world.user.run({"compute", "app", "info", app, "--watch"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(occurrences(run.out, "\nStatus: Running\n") == 1);
  CHECK(occurrences(run.out, "\nStatus: Failed\n") == 1);
  CHECK(occurrences(run.out, "App ID: ") == 2);
  CHECK(occurrences(run.out, "\n\nTime: ") == 1);
  CHECK(occurrences(run.err, "answered 500") == 1);
}

TEST_CASE("On a terminal info redraws in place and only what has changed", "[e2e][info]") {
  World world;
  const std::string app = deploy(world);
  const auto id = *eth::Address::parse(app);
  world.user.set_columns(40);
  play(world.clock, {
                        [] {},
                        [&] { world.devnet.set_run_state(id, "Failed"); },
                        [] {},
                    });
  const RunResult run = world.user.run({"compute", "app", "info", app, "-w", "--color", "never"});
  CHECK(run.code == 0);
  CHECK(occurrences(run.out, "Running") == 1);
  CHECK(occurrences(run.out, "Failed") == 1);
  // Up by as many rows as a terminal of 40 columns made of the first picture, once.
  std::size_t rows = 0;
  const std::string first = run.out.substr(0, run.out.find("\x1b[J"));
  for (const std::string& line : base::split(first, '\n')) {
    const std::size_t width = line.size() - 3 * occurrences(line, "\x1b[K");
    if (!line.empty()) rows += (width + 39) / 40;
  }
  CHECK(occurrences(run.out, "\x1b[" + std::to_string(rows) + "A\r") == 1);
  CHECK(occurrences(run.out, "\x1b[2J") == 0);
}

TEST_CASE("info stops to watch an app that is terminated and one that it may not see",
          "[e2e][info]") {
  World world;
  const std::string app = deploy(world);
  play(world.clock,
       {[&] { world.devnet.add_fault({.kind = "userapi:/info", .times = 0, .status = 403}); }});
  const RunResult run = world.user.run({"compute", "app", "info", app, "--watch"});
  INFO(run.describe());
  CHECK(run.code == 5);
  CHECK(run.err.find("answered 403") != std::string::npos);
  CHECK(world.user.run({"compute", "app", "info", app, "--watch", "--interval", "10ms"}).code == 2);
}

TEST_CASE("With --json each change is a document", "[e2e][info]") {
  World world;
  const std::string app = deploy(world);
  const auto id = *eth::Address::parse(app);
  play(world.clock, {[&] { world.devnet.set_run_state(id, "Suspended"); }, [] {}});
  const RunResult run = world.user.run({"compute", "app", "info", app, "--watch", "--json"});
  CHECK(run.code == 0);
  const auto lines = base::split(run.out, '\n');
  REQUIRE(lines.size() == 3);
  CHECK(base::Json::parse(lines[0], "first")["status"].as_string() == "Running");
  CHECK(base::Json::parse(lines[1], "second")["status"].as_string() == "Suspended");
}

TEST_CASE("status tells a refusal from an app that is not there", "[e2e][status]") {
  World world;
  const std::string app = deploy(world);
  world.devnet.add_fault({.kind = "userapi:/status", .status = 403});
  const RunResult refused = world.user.run({"compute", "app", "status", app});
  CHECK(refused.code == 5);
  CHECK(refused.err.find("answered 403") != std::string::npos);
  CHECK(refused.err.find("there is no app") == std::string::npos);

  world.devnet.add_fault({.kind = "userapi:/status", .status = 404});
  const RunResult early = world.user.run({"compute", "app", "status", app});
  INFO(early.describe());
  CHECK(early.code == 8);
  CHECK(early.err.find("is on chain, and the platform does not know it yet") != std::string::npos);

  const RunResult none =
      world.user.run({"compute", "app", "status", "0x00000000000000000000000000000000000000aa"});
  CHECK(none.code == 6);
  CHECK(none.err.find("there is no app 0x") != std::string::npos);
}
