#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

const std::string kRepo = "https://github.com/me/app";
const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

using Words = std::vector<std::string>;

Words deploy(const Words& more) {
  Words out = {"compute", "app", "deploy", "--name", "hello"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

Words from_source(const Words& more = {}) {
  Words out = deploy({"--verifiable", "--repo", kRepo, "--commit", kCommit});
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::size_t submissions(const World& world) {
  std::size_t out = 0;
  for (const auto& request : world.devnet.requests()) {
    if (request.method == "POST" && request.path.ends_with("/builds")) ++out;
  }
  return out;
}

}  // namespace

TEST_CASE("A commit is built, verified and deployed by its digest", "[e2e][build][deploy]") {
  World world;
  const RunResult run = world.user.run(from_source({"--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json document = run.json();
  const base::Json source = document["build"];
  CHECK(source["serverVerdict"].as_string() == "verified");
  CHECK(source["commit"].as_string() == kCommit);
  CHECK(source["checks"]["commit"].as_string() == "matches");
  CHECK(document["imageDigest"].as_string() == source["imageDigest"].as_string());
  const auto app = world.devnet.apps().front();
  CHECK(app.image == document["registry"].as_string() + "@" + document["imageDigest"].as_string());
  CHECK(app.run_state == "Running");
  CHECK(submissions(world) == 1);
}

TEST_CASE("The same source is not built twice", "[e2e][build][deploy]") {
  World world;
  REQUIRE(world.user.run(from_source({"--no-wait"})).code == 0);
  Words again = from_source({"--no-wait"});
  again[4] = "second";
  const RunResult run = world.user.run(again);
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("was made from the same source; it is not built again (--rebuild would)") !=
        std::string::npos);
  CHECK(submissions(world) == 1);
  again[4] = "third";
  again.push_back("--rebuild");
  CHECK(world.user.run(again).code == 0);
  CHECK(submissions(world) == 2);
  // Another Dockerfile is another source.
  again.back() = "--build-dockerfile=other/Dockerfile";
  again[4] = "fourth";
  CHECK(world.user.run(again).code == 0);
  CHECK(submissions(world) == 3);
}

TEST_CASE("A run that is cut off while building goes on with the same build",
          "[e2e][build][deploy]") {
  World world;
  world.interrupt_at_first_wait();
  const RunResult run = world.user.run(from_source({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.error()["hint"].as_string().find("ecloud compute build status ") != std::string::npos);
  CHECK(run.error()["hint"].as_string().ends_with("(then run the same command again)"));
  CHECK(world.devnet.apps().empty());
  world.clock.on_sleep({});
  const RunResult again = world.user.run(from_source({"--json"}));
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(submissions(world) == 1);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("An image that was built before is verified and deployed by its digest",
          "[e2e][build][deploy]") {
  World world;
  // Nobody has built it.
  const RunResult unknown = world.user.run(
      deploy({"--verifiable", "--image-ref", world.devnet.image("sample/layered:1.0"), "--json"}));
  INFO(unknown.describe());
  CHECK(unknown.code == 9);
  CHECK(unknown.error()["code"].as_string() == "build.not_verified");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  const RunResult built = world.user.run(
      {"compute", "build", "submit", "--repo", kRepo, "--commit", kCommit, "--json"});
  REQUIRE(built.code == 0);
  const RunResult run = world.user.run(
      deploy({"--verifiable", "--image-ref", built.json()["imageUrl"].as_string(), "--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["build"]["repo"].as_string() == kRepo);
  CHECK(run.json()["imageRef"].as_string() ==
        run.json()["registry"].as_string() + "@" + run.json()["imageDigest"].as_string());
  CHECK(submissions(world) == 1);
}

TEST_CASE("A dry run submits nothing and shows what it would do", "[e2e][build][deploy]") {
  World world;
  const RunResult run = world.user.run(from_source({"--dry-run"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.out.find("Build: would be submitted\n") != std::string::npos);
  CHECK(run.out.find("Source: " + kRepo + " at " + kCommit + ", Dockerfile in .\n") !=
        std::string::npos);
  CHECK(run.out.find("Image: to be built\n") != std::string::npos);
  CHECK(run.out.find("Highest cost") != std::string::npos);
  for (const auto& request : world.devnet.requests()) {
    CHECK((request.method == "GET" || request.path.starts_with("/rpc")));
  }
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  const RunResult json = world.user.run(from_source({"--dry-run", "--json"}));
  REQUIRE(json.code == 0);
  CHECK(json.json()["imageDigest"].is_null());
  CHECK(json.json()["build"]["serverVerdict"].is_null());
  CHECK(json.json()["build"]["commit"].as_string() == kCommit);
  CHECK_FALSE(std::filesystem::exists(world.user.state() / "builds"));

  // With a build that is there already the plan is the whole one.
  REQUIRE(
      world.user.run({"compute", "build", "submit", "--repo", kRepo, "--commit", kCommit}).code ==
      0);
  const RunResult known = world.user.run(from_source({"--dry-run", "--json"}));
  INFO(known.describe());
  REQUIRE(known.code == 0);
  CHECK(known.json()["imageDigest"].as_string().starts_with("sha256:"));
  CHECK(known.json()["build"]["serverVerdict"].as_string() == "verified");
}

TEST_CASE("Quota and funds are looked at before a build that takes its time",
          "[e2e][build][deploy]") {
  World world;
  SECTION("no subscription") {
    world.devnet.set_subscription(world.account(), "inactive");
    const RunResult run = world.user.run(from_source({"--json"}));
    CHECK(run.code == 4);
    CHECK(run.error()["code"].as_string() == "deploy.no_subscription");
  }
  SECTION("no ETH") {
    world.devnet.set_balance(world.account(), eth::U256(1));
    CHECK(world.user.run(from_source({"--json"})).code == 4);
  }
  SECTION("an instance type that does not exist") {
    CHECK(world.user.run(from_source({"--instance-type", "huge"})).code == 2);
  }
  CHECK(submissions(world) == 0);
}

TEST_CASE("A build that fails leaves nothing on chain", "[e2e][build][deploy]") {
  World world;
  const RunResult run = world.user.run(
      deploy({"--verifiable", "--repo", kRepo, "--commit", std::string(40, '0'), "--json"}));
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(run.error()["code"].as_string() == "build.failed");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
}

TEST_CASE("Options that do not go together are refused before anything is sent",
          "[e2e][build][deploy]") {
  World world;
  const std::string image = world.devnet.image("sample/layered:1.0");
  const auto code = [&](const Words& more) {
    Words words = deploy(more);
    words.push_back("--json");
    const RunResult run = world.user.run(words);
    INFO(run.describe());
    CHECK(run.code == 2);
    return run.error()["code"].as_string();
  };
  CHECK(code({"--image-ref", image, "--repo", kRepo}) == "build.not_verifiable");
  CHECK(code({"--image-ref", image, "--build-context", "x"}) == "build.not_verifiable");
  CHECK(code({"--image-ref", image, "--rebuild"}) == "build.not_verifiable");
  CHECK(code({"--verifiable"}) == "build.no_source");
  CHECK(code({"--verifiable", "--repo", kRepo}) == "cli.missing_value");
  CHECK(code({"--verifiable", "--commit", kCommit}) == "cli.missing_value");
  CHECK(code({"--verifiable", "--repo", kRepo, "--commit", "HEAD"}) == "build.bad_commit");
  CHECK(code({"--verifiable", "--image-ref", image, "--commit", kCommit}) ==
        "build.image_and_source");
  CHECK(code({"--verifiable", image, "--repo", kRepo, "--commit", kCommit}) ==
        "build.image_and_source");
  CHECK(code({"--verifiable", "--image-ref", image, "--rebuild"}) == "build.image_and_source");
  CHECK(world.devnet.requests().empty());
}

TEST_CASE("ecloud.yaml may say both, and --verifiable chooses the source", "[e2e][build][deploy]") {
  World world;
  world.user.write("ecloud.yaml", "name: hello\nimage: " + world.devnet.image("sample/hello:1.0") +
                                      "\nbuild:\n  repo: " + kRepo + "\n  commit: " + kCommit +
                                      "\n");
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--verifiable", "--no-wait", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["build"]["commit"].as_string() == kCommit);
  CHECK(run.err.find("has no effect") == std::string::npos);
}

TEST_CASE("A verifiable release says what its ports and TLS serve", "[e2e][build][deploy]") {
  const std::string warning =
      "warning: DOMAIN is not set: images that the platform builds start Caddy only for DOMAIN, so "
      "ports 80 and 443 serve nothing unless the app itself listens there\n";
  World world;
  // Of an image that does not exist yet nothing is known.
  const RunResult plan = world.user.run(from_source({"--dry-run"}));
  INFO(plan.describe());
  CHECK(plan.err.find("DOMAIN") == std::string::npos);
  const RunResult run = world.user.run(from_source({"--no-wait", "--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.err.find(warning) != std::string::npos);

  const std::string app = run.json()["appId"].as_string();
  const auto upgrade = [&] {
    return world.user.run({"compute", "app", "upgrade", app, "--verifiable", "--repo", kRepo,
                           "--commit", kCommit, "--yes", "--no-wait", "--json"});
  };
  world.user.write(".env", "TOKEN=new\n");
  const RunResult without = upgrade();
  INFO(without.describe());
  REQUIRE(without.code == 0);
  CHECK(without.err.find(warning) != std::string::npos);
  world.user.write(".env", "DOMAIN=app.example.com\n");
  const RunResult with = upgrade();
  INFO(with.describe());
  REQUIRE(with.code == 0);
  CHECK(with.err.find("DOMAIN") == std::string::npos);
}
