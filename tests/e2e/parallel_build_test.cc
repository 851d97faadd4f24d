// A second build while one runs: refused, or made in parallel for credits when asked to.

#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

constexpr char kCommit[] = "1111111111111111111111111111111111111111";

std::vector<std::string> submit(const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {
      "compute",  "build", "submit", "--repo", "https://github.com/me/app",
      "--commit", kCommit, "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// The service refuses the next submission as the platform does.
void refuse_once(World& world) {
  world.devnet.add_fault({.kind = "userapi:/builds",
                          .times = 1,
                          .status = 409,
                          .body = R"({"error":"a build is already in progress"})"});
}

std::size_t submissions(const World& world) {
  std::size_t count = 0;
  for (const auto& request : world.devnet.requests()) {
    if (request.method == "POST" && request.path == "/userapi/builds") ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("A second build is refused with both amounts", "[e2e][build]") {
  World world;
  world.devnet.add_coupon("C", 2'500);
  REQUIRE(world.user.run({"billing", "redeem", "C"}).code == 0);
  refuse_once(world);
  const RunResult run = world.user.run(submit());
  INFO(run.describe());
  CHECK(run.code == 1);
  CHECK(run.error()["code"].as_string() == "build.running");
  CHECK(run.error()["message"].as_string() ==
        "another build of this account is running, and nothing was submitted; a parallel build "
        "uses credits and needs at least 5.00 USD of them; the account has 23.80 USD");
  CHECK(run.error()["hint"].as_string() ==
        "wait for it: ecloud compute build list --environment devnet; or build in parallel: add "
        "--force");
  CHECK(submissions(world) == 1);
}

TEST_CASE("A parallel build needs five dollars of credits", "[e2e][build]") {
  World world;
  // The next invoice takes 1.20 dollars of them.
  const auto [cents, enough] = GENERATE(table<std::uint64_t, bool>(
      {{0, false}, {500, false}, {619, false}, {620, true}, {10'000, true}}));
  if (cents > 0) {
    world.devnet.add_coupon("C", cents);
    REQUIRE(world.user.run({"billing", "redeem", "C"}).code == 0);
  }
  refuse_once(world);
  const RunResult run = world.user.run(submit({"--force", "--no-follow"}));
  INFO(cents << run.describe());
  if (enough) {
    CHECK(run.code == 0);
    CHECK(submissions(world) == 2);
    CHECK(run.err.find("building in parallel, which uses credits") != std::string::npos);
    return;
  }
  CHECK(run.code == 1);
  CHECK(run.error()["code"].as_string() == "build.parallel_credits");
  const std::string has = cents == 0 ? "0.00" : cents == 500 ? "3.80" : "4.99";
  CHECK(run.error()["message"].as_string().find(
            "needs at least 5.00 USD of them; the account has " + has + " USD") !=
        std::string::npos);
  CHECK(submissions(world) == 1);
}

TEST_CASE("Without a running build nothing is forced", "[e2e][build]") {
  World world;
  const RunResult run = world.user.run(submit({"--force", "--no-follow"}));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(submissions(world) == 1);
  CHECK(world.devnet.count("billing") == 0);
}

TEST_CASE("Credits that cannot be read pay for no parallel build", "[e2e][build]") {
  World world;
  refuse_once(world);
  world.devnet.add_fault({.kind = "billing", .times = 0, .status = 403});
  const RunResult run = world.user.run(submit({"--force"}));
  INFO(run.describe());
  CHECK(run.code == 1);
  CHECK(run.error()["code"].as_string() == "build.parallel_credits");
  CHECK(run.error()["message"].as_string().find("credits could not be read") != std::string::npos);
  CHECK(submissions(world) == 1);
}

TEST_CASE("A deployment from source can build in parallel too", "[e2e][build]") {
  World world;
  world.devnet.add_coupon("C", 2'500);
  REQUIRE(world.user.run({"billing", "redeem", "C"}).code == 0);
  const auto deploy = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"compute",  "app",   "deploy", "--verifiable",
                                      "--name",   "built", "--repo", "https://github.com/me/app",
                                      "--commit", kCommit, "--yes",  "--json",
                                      "--no-wait"};
    words.insert(words.end(), more.begin(), more.end());
    return world.user.run(words);
  };
  // The first request lists builds, the second one submits.
  world.devnet.add_fault({.kind = "userapi:/builds", .nth = 2, .times = 1, .status = 409});
  const RunResult refused = deploy({});
  INFO(refused.describe());
  CHECK(refused.code == 1);
  CHECK(refused.error()["code"].as_string() == "build.running");
  CHECK(refused.error()["hint"].as_string().ends_with("add --force-build"));

  world.devnet.clear_faults();
  world.devnet.add_fault({.kind = "userapi:/builds", .nth = 2, .times = 1, .status = 409});
  const RunResult forced = deploy({"--force-build"});
  INFO(forced.describe());
  CHECK(forced.code == 0);
  CHECK(forced.err.find("building in parallel, which uses credits") != std::string::npos);
}

TEST_CASE("The option --force-build needs --verifiable", "[e2e][build]") {
  World world;
  const RunResult run = world.user.run(world.deploy({"--force-build", "--json"}));
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "build.not_verifiable");
}
