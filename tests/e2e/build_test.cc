#include "e2e/session.h"
#include "ecloud/base/base64.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

const std::string kRepo = "https://github.com/me/app";
const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

using Words = std::vector<std::string>;

Words build(const std::string& verb, const Words& more = {}) {
  Words out = {"compute", "build", verb};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

Words submit(const Words& more = {}) {
  Words out = build("submit", {"--repo", kRepo, "--commit", kCommit});
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::string submitted(World& world, const Words& more = {}) {
  Words words = submit({"--no-follow", "--fields", "buildId"});
  words.insert(words.end(), more.begin(), more.end());
  const RunResult run = world.user.run(words);
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run.out.substr(0, run.out.size() - 1);
}

void interrupt_at_first_sleep(World& world) {
  world.interrupt_at_first_wait();
}

}  // namespace

TEST_CASE("A build is submitted and followed to its image", "[e2e][build]") {
  World world;
  const RunResult run = world.user.run(submit());
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.out.find("Status: success\n") != std::string::npos);
  CHECK(run.out.find("Digest: sha256:") != std::string::npos);
  CHECK(run.out.find("Created: 2027-01-15T08:00:00Z\n") != std::string::npos);
  // The log came as it grew, each line once, and on stderr.
  const std::size_t cloning = run.err.find("cloning " + kRepo + "\n");
  const std::size_t built = run.err.find("built sha256:");
  CHECK(cloning < built);
  CHECK(built != std::string::npos);
  CHECK(run.err.find("cloning " + kRepo, cloning + 1) == std::string::npos);
  std::size_t posts = 0;
  for (const auto& request : world.devnet.requests()) posts += request.method == "POST" ? 1 : 0;
  CHECK(posts == 1);
}

TEST_CASE("The JSON document of a build is alone on stdout", "[e2e][build]") {
  World world;
  const RunResult run = world.user.run(submit({"--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.err.empty());
  CHECK(run.json()["status"].as_string() == "success");
  CHECK(run.json()["commit"].as_string() == kCommit);
  CHECK(run.json()["account"].as_string() == world.account().to_string());
  // The tag is the commit and the time of the build, in Unix seconds.
  const std::string url = run.json()["imageUrl"].as_string();
  const std::string tagged = "/eigenlayer/eigencloud-containers:" + kCommit + "-";
  REQUIRE(url.find(tagged) != std::string::npos);
  CHECK(url.substr(url.find(tagged) + tagged.size()) == "1800000003");
}

TEST_CASE("A build can be described by variables and by ecloud.yaml", "[e2e][build]") {
  World world;
  world.user.write("ecloud.yaml", "build:\n  repo: " + kRepo + "\n  commit: " + kCommit +
                                      "\n  dockerfile: from/file\n  context: app\n");
  world.user.set("ECLOUD_BUILD_DOCKERFILE", "from/variable");
  const RunResult run = world.user.run(build("submit", {"--dry-run", "--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["dryRun"].as_bool());
  CHECK(run.json()["repo"].as_string() == kRepo);
  CHECK(run.json()["dockerfile"].as_string() == "from/variable");
  CHECK(run.json()["context"].as_string() == "app");
  CHECK(run.json()["account"].as_string() == world.account().to_string());
  CHECK(world.devnet.requests().empty());
}

TEST_CASE("A build that makes no sense is refused before anything is sent", "[e2e][build]") {
  World world;
  const auto error = [&](const Words& more) {
    Words words = build("submit", more);
    words.push_back("--json");
    const RunResult run = world.user.run(words);
    INFO(run.describe());
    CHECK(run.code == 2);
    return run.error();
  };
  const base::Json commit = error({"--repo", kRepo, "--commit", "main"});
  CHECK(commit["code"].as_string() == "build.bad_commit");
  CHECK(commit["hint"].as_string() == "see the commit that is checked out: git rev-parse HEAD");
  CHECK(error({"--repo", kRepo})["code"].as_string() == "cli.missing_value");
  CHECK(error({"--commit", kCommit})["message"].as_string().starts_with("--repo is missing"));
  CHECK(error({"--repo", "git@github.com:me/app", "--commit", kCommit})["code"].as_string() ==
        "build.bad_request");
  CHECK(error({"--repo", kRepo, "--commit", kCommit, "--dependencies", "latest"})["code"]
            .as_string() == "build.bad_request");
  CHECK(error({"--repo", kRepo, "--commit", kCommit, "--dockerfile", "/Dockerfile"})["code"]
            .as_string() == "build.bad_request");
  CHECK(world.devnet.requests().empty());
}

TEST_CASE("A build that fails ends with 3 and says where its log is", "[e2e][build]") {
  World world;
  const RunResult run = world.user.run(
      build("submit", {"--repo", kRepo, "--commit", std::string(40, '0'), "--json"}));
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(run.out.empty());
  CHECK(run.error()["code"].as_string() == "build.failed");
  CHECK(run.error()["message"].as_string().find("failed: commit not found") != std::string::npos);
  const std::string hint = run.error()["hint"].as_string();
  CHECK(hint.starts_with("see its log: ecloud compute build logs "));
  CHECK(hint.ends_with(" --environment devnet"));
  // What the hint names works.
  const RunResult log = world.user.run(build("logs"));
  CHECK(log.code == 0);
  CHECK(log.out.ends_with("commit not found\n"));
  CHECK(world.user.run(build("logs", {"-f"})).code == 3);
  CHECK(world.user.run(build("status")).out == "failed\n");
  CHECK(world.user.run(build("status", {"--wait"})).code == 3);
}

TEST_CASE("A build that takes too long goes on, and the hint waits again", "[e2e][build]") {
  World world;
  const RunResult run = world.user.run(submit({"--timeout", "1", "--json"}));
  INFO(run.describe());
  CHECK(run.code == 8);
  CHECK(run.error()["code"].as_string() == "build.still_pending");
  const std::string hint = run.error()["hint"].as_string();
  const std::string command = "ecloud compute build status ";
  const std::size_t at = hint.find(command);
  REQUIRE(at != std::string::npos);
  const std::string id = hint.substr(at + command.size(), 36);
  CHECK(hint.ends_with(id + " --wait --environment devnet"));
  const RunResult waited = world.user.run(build("status", {id, "--wait"}));
  CHECK(waited.code == 0);
  CHECK(waited.out == "success\n");
}

TEST_CASE("Ctrl-C while a build is followed names the command that waits again", "[e2e][build]") {
  World world;
  interrupt_at_first_sleep(world);
  const RunResult run = world.user.run(submit({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.error()["hint"].as_string().starts_with(
      "the build goes on without you; wait again with: ecloud compute build status "));
  const RunResult logs = world.user.run(build("logs", {"-f", "--json"}));
  CHECK(logs.code == 130);
  CHECK(logs.error()["hint"].as_string().ends_with(" --follow --environment devnet"));
}

TEST_CASE("Without an id the newest build is shown, and said", "[e2e][build]") {
  World world;
  const RunResult none = world.user.run(build("status", {"--json"}));
  CHECK(none.code == 6);
  CHECK(none.error()["code"].as_string() == "build.none");
  submitted(world);
  world.clock.sleep(base::Milliseconds(5'000));
  const std::string id = submitted(world);
  const RunResult run = world.user.run(build("status"));
  INFO(run.describe());
  CHECK(run.out == "building\n");
  CHECK(run.err ==
        "note: build " + id + " (" + kRepo + " at " + kCommit + "), the account's newest one\n");
}

TEST_CASE("Builds are listed for people and for programs", "[e2e][build]") {
  World world;
  CHECK(world.user.run(build("list")).out.empty());
  const std::string first = submitted(world);
  world.clock.sleep(base::Milliseconds(60'000));
  const std::string second = submitted(world);
  const RunResult run = world.user.run(build("list"));
  INFO(run.describe());
  CHECK(run.out.starts_with(second + "\tbuilding\t2027-01-15T08:01:00Z\t" + kCommit + "\t" + kRepo +
                            "\t-\n" + first + "\tsuccess\t2027-01-15T08:00:00Z\t"));
  CHECK(
      world.user.run(build("list", {"--limit", "1", "--offset", "1", "--fields", "buildId"})).out ==
      first + "\n");
  CHECK(world.user.run(build("list", {"--limit", "101"})).code == 2);
  CHECK(world.user.run(build("list", {"--limit", "0"})).code == 2);
  // Anybody's builds are public.
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const RunResult other =
      world.user.run(build("list", {"--account", world.account().to_string(), "--json"}));
  INFO(other.describe());
  CHECK(other.json().size() == 2);
  CHECK(world.user.run(build("list")).code == 5);
  CHECK(world.user.run(build("status", {first})).out == "success\n");
  CHECK(world.user.run(build("info", {first})).code == 0);
  CHECK(world.user.run(build("verify", {first})).code == 0);
  CHECK(world.user.run(build("logs", {first})).code == 5);
}

TEST_CASE("What a build stands on is shown with it", "[e2e][build]") {
  World world;
  const RunResult first = world.user.run(submit({"--json"}));
  REQUIRE(first.code == 0);
  const std::string digest = first.json()["imageDigest"].as_string();
  const RunResult second = world.user.run(submit({"--dependencies", digest, "--json"}));
  INFO(second.describe());
  REQUIRE(second.code == 0);
  const RunResult info = world.user.run(build("info", {"--json"}));
  INFO(info.describe());
  const base::Json dependency = info.json()["dependencies"].at(0);
  CHECK(dependency["buildId"].as_string() == first.json()["buildId"].as_string());
  CHECK(dependency["imageDigest"].as_string() == digest);
  CHECK(info.json()["provenance"]["predicateType"].as_string() ==
        "https://slsa.dev/provenance/v0.1");
  const RunResult words = world.user.run(build("info"));
  CHECK(words.out.find("Dependency: " + digest + " (build ") != std::string::npos);
}

TEST_CASE("The log of a build can be followed and cut", "[e2e][build]") {
  World world;
  const std::string id = submitted(world);
  const RunResult followed = world.user.run(build("logs", {id, "--follow"}));
  INFO(followed.describe());
  CHECK(followed.code == 0);
  CHECK(followed.out.starts_with(
      "cloning " + kRepo + "\nchecking out " + kCommit +
      "\nbuilding Dockerfile\nadding the platform's layer\nbuilt sha256:"));
  CHECK(followed.err.empty());
  const RunResult tail = world.user.run(build("logs", {id, "--tail", "2"}));
  CHECK(tail.out.starts_with("adding the platform's layer\nbuilt sha256:"));
  CHECK(world.user.run(build("logs", {id, "--json"})).json()["log"].as_string() == followed.out);
}

TEST_CASE("A build is verified by id, by digest and by commit", "[e2e][build]") {
  World world;
  const RunResult built = world.user.run(submit({"--json"}));
  REQUIRE(built.code == 0);
  const std::string digest = built.json()["imageDigest"].as_string();
  const std::string id = built.json()["buildId"].as_string();
  for (const std::string& what : {id, digest, kCommit}) {
    const RunResult run = world.user.run(build("verify", {what, "--json"}));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    const base::Json document = run.json();
    CHECK(document["serverVerdict"].as_string() == "verified");
    CHECK(document["buildId"].as_string() == id);
    CHECK(document["imageDigest"].as_string() == digest);
    CHECK(document["payloadType"].as_string() == "application/vnd.in-toto+json");
    CHECK(document["checks"]["digest"].as_string() == "matches");
    CHECK(document["checks"]["repository"].as_string() == "matches");
    CHECK(document["checks"]["commit"].as_string() == "matches");
    CHECK(document["checks"]["signature"].as_string() == "not checked");
  }
  const RunResult words = world.user.run(build("verify", {digest}));
  CHECK(words.out.find("Server's verdict: verified\n") != std::string::npos);
  CHECK(words.out.find("Commit: " + kCommit + " (as in the provenance)\n") != std::string::npos);
  CHECK(words.out.find("Signature: not checked here") != std::string::npos);
  CHECK(world.user.run(build("verify", {digest, "--repo", kRepo})).code == 0);
  CHECK(world.user.run(build("verify", {digest, "--repo", "https://github.com/me/b"})).code == 9);
  CHECK(world.user.run(build("verify", {digest, "--commit", std::string(40, 'b')})).code == 9);
}

TEST_CASE("What is not verified ends with 9 and prints nothing", "[e2e][build]") {
  World world;
  const RunResult run = world.user.run(build("verify", {std::string(40, 'e'), "--json"}));
  INFO(run.describe());
  CHECK(run.code == 9);
  CHECK(run.out.empty());
  CHECK(run.error()["code"].as_string() == "build.not_verified");
  CHECK(world.user.run(build("verify", {"../x"})).code == 2);
}

TEST_CASE("A provenance of another image is not believed", "[e2e][build]") {
  World world;
  const RunResult built = world.user.run(submit({"--json"}));
  REQUIRE(built.code == 0);
  const std::string other(64, 'c');
  const std::string payload = R"({"subject":[{"digest":{"sha256":")" + other + R"("}}]})";
  base::Json answer = base::Json::object({{"status", "verified"},
                                          {"build_id", built.json()["buildId"].as_string()},
                                          {"repo_url", kRepo},
                                          {"git_ref", kCommit},
                                          {"image_digest", built.json()["imageDigest"].as_string()},
                                          {"image_url", built.json()["imageUrl"].as_string()},
                                          {"payload_type", "application/vnd.in-toto+json"},
                                          {"payload", base::to_base64(base::as_bytes(payload))}});
  world.devnet.add_fault({.kind = "userapi:/builds/verify",
                          .action = devnet::FaultAction::kBody,
                          .times = 0,
                          .body = answer.dump()});
  const RunResult run = world.user.run(build("verify", {kCommit, "--json"}));
  INFO(run.describe());
  CHECK(run.code == 9);
  CHECK(run.error()["code"].as_string() == "build.provenance_mismatch");
  CHECK(run.error()["message"].as_string().find(other) != std::string::npos);
  // And nothing of it gets on chain.
  const RunResult deploy =
      world.user.run({"compute", "app", "deploy", "--name", "hello", "--verifiable", "--repo",
                      kRepo, "--commit", kCommit, "--json"});
  INFO(deploy.describe());
  CHECK(deploy.code == 9);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
}

TEST_CASE("A build service that is down is told as such", "[e2e][build]") {
  World world;
  world.devnet.add_fault({.kind = "userapi:/builds", .times = 0, .status = 500});
  for (const Words& words :
       {submit({"--json"}), build("list", {"--json"}), build("status", {"abc", "--json"}),
        build("logs", {"abc", "--json"}), build("info", {"abc", "--json"}),
        build("verify", {"abc", "--json"})}) {
    const RunResult run = world.user.run(words);
    INFO(run.describe());
    CHECK(run.code == 7);
    CHECK(run.out.empty());
  }
  world.devnet.clear_faults();
  CHECK(world.user.run(build("status", {"abc"})).code == 6);
  CHECK(world.user.run(build("info", {"abc"})).code == 6);
  CHECK(world.user.run(build("logs", {"abc"})).code == 6);
}
