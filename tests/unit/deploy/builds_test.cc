#include "ecloud/deploy/builds.h"

#include "ecloud/base/error.h"
#include "support/catch.h"
#include "unit/deploy/deploy_support.h"

using namespace ecloud;
using deploy::grown_part;
using testing::FakeServices;
using testing::make_response;

namespace {

const std::string kHost = platform::builtin_environments().front().user_api_url;
const std::string kBuild = kHost + "/builds/b-1";
const std::string kCommit(40, 'a');
const std::string kHex(64, 'b');

std::string record(const std::string& status, const std::string& more = {}) {
  return R"({"build_id":"b-1","repo_url":"https://github.com/me/app","git_ref":")" + kCommit +
         R"(","status":")" + status + "\"" + more + "}";
}

std::string statement(const std::string& hex, const std::string& repo, const std::string& commit) {
  return R"({"subject":[{"digest":{"sha256":")" + hex + R"("}}],"predicate":{"repo_url":")" + repo +
         R"(","git_ref":")" + commit +
         R"(","dockerfile_path":"Dockerfile","build_context_path":"."}})";
}

struct Scene {
  FakeServices world;
  crypto::PrivateKey key = testing::test_key();
  deploy::Signer signer{key};
  platform::BuildApi api{world.transport, world.clock, world.environment, &key};

  void answer(const std::string& url, const std::string& body, int status = 200) {
    world.transport.once("GET", url, make_response(status, body));
  }
  platform::Build follow(deploy::FollowOptions options = {}) {
    options.wait_command = "WAIT";
    return deploy::follow_build(world.services, api, "b-1", options);
  }
  std::string error(deploy::FollowOptions options = {}) {
    try {
      follow(std::move(options));
      return "no error";
    } catch (const Error& error) {
      return std::to_string(exit_code(error.category())) + " " + error.code() + ": " +
             error.message() + " | " + error.hint();
    }
  }
  std::string verify_error(const std::string& what, const deploy::BuildExpectation& expected = {}) {
    try {
      deploy::verify_build(world.services, api, what, expected);
      return "no error";
    } catch (const Error& error) {
      return std::to_string(exit_code(error.category())) + " " + error.code() + ": " +
             error.message();
    }
  }
};

platform::BuildRequest sample_request() {
  return {.repo = "https://github.com/me/app",
          .commit = kCommit,
          .dockerfile = "Dockerfile",
          .context = ".",
          .caddyfile = {},
          .dependencies = {}};
}

std::string verdict(const std::string& payload, const std::string& digest_hex = kHex) {
  return record("verified", R"(,"image_url":"docker.io/x/y","image_digest":"sha256:)" + digest_hex +
                                R"(","payload_type":"t","payload":)" + base::Json(payload).dump());
}

}  // namespace

TEST_CASE("A build is asked about every two seconds until it has ended", "[deploy][build]") {
  Scene scene;
  scene.answer(kBuild, record("building"));
  scene.answer(kBuild, record("building"));
  scene.answer(kBuild, record("success"));
  CHECK(scene.follow().state == platform::BuildState::kSuccess);
  CHECK(scene.world.clock.sleeps() ==
        std::vector<base::Milliseconds>(2, base::Milliseconds(2'000)));
}

TEST_CASE("A failed build ends with its message and where its log is", "[deploy][build]") {
  Scene scene;
  scene.answer(kBuild, record("failed", R"(,"error_message":"no Dockerfile")"));
  CHECK(scene.error() ==
        "3 build.failed: build b-1 failed: no Dockerfile | see its log: ecloud compute build logs "
        "b-1");
}

TEST_CASE("The wait for a build has an end", "[deploy][build]") {
  Scene scene;
  scene.world.transport.always(
      "GET", kBuild, [](const net::Request&) { return make_response(200, record("building")); });
  CHECK(scene.error({.timeout = base::Milliseconds(5'000), .wait_command = {}, .log = {}}) ==
        "8 build.still_pending: build b-1 has not ended after 5 s (last: building) | the build "
        "continues; wait again with: WAIT");
  CHECK(scene.world.clock.sleeps() == std::vector<base::Milliseconds>{base::Milliseconds(2'000),
                                                                      base::Milliseconds(2'000),
                                                                      base::Milliseconds(1'000)});
  CHECK(scene.error().find("after 30 minutes") != std::string::npos);
}

TEST_CASE("A service that is down is waited out, one that refuses is not", "[deploy][build]") {
  Scene scene;
  scene.answer(kBuild, "busy", 503);
  scene.answer(kBuild, record("success"));
  CHECK(scene.follow().id == "b-1");
  Scene refused;
  refused.answer(kBuild, "no", 403);
  CHECK(refused.error().starts_with("5 build.forbidden"));
  CHECK(refused.world.clock.sleeps().empty());
}

TEST_CASE("A build that stays unknown is not waited for long", "[deploy][build]") {
  Scene scene;
  scene.world.transport.always("GET", kBuild,
                               [](const net::Request&) { return make_response(404, "unknown"); });
  CHECK(scene.error().starts_with("6 build.not_found"));
  CHECK(scene.world.clock.sleeps().size() == 15);
}

TEST_CASE("Ctrl-C while following names the command that waits again", "[deploy][build]") {
  Scene scene;
  scene.answer(kBuild, record("building"));
  scene.world.clock.on_sleep([](base::Milliseconds) {
    throw Error(Category::kInterrupted, "interrupted", "interrupted");
  });
  CHECK(scene.error() ==
        "130 interrupted: interrupted | the build goes on without you; wait again with: WAIT");
}

TEST_CASE("The log is given out as it grows", "[deploy][build]") {
  Scene scene;
  std::vector<std::string> parts;
  const deploy::FollowOptions options{
      .wait_command = {}, .log = [&](std::string_view part) { parts.emplace_back(part); }};
  scene.answer(kBuild, record("building"));
  scene.answer(kBuild + "/logs", "one\ntw");
  scene.answer(kBuild, record("building"));
  scene.answer(kBuild + "/logs", "one\ntwo\n");
  scene.answer(kBuild, record("success"));
  scene.answer(kBuild + "/logs", "one\ntwo\n\x1b[2Jend");
  scene.follow(options);
  CHECK(parts == std::vector<std::string>{"one\n", "two\n", "?[2Jend\n"});
}

TEST_CASE("A build whose log cannot be read is followed all the same", "[deploy][build]") {
  Scene scene;
  const deploy::FollowOptions options{.wait_command = {}, .log = [](std::string_view) {}};
  scene.answer(kBuild, record("building"));
  scene.answer(kBuild + "/logs", "no", 403);
  scene.answer(kBuild, record("success"));
  scene.answer(kBuild + "/logs", "no", 403);
  CHECK(scene.follow(options).state == platform::BuildState::kSuccess);
  REQUIRE(scene.world.observer.lines.size() == 2);
  CHECK(scene.world.observer.lines[0].starts_with("warning: the build's log cannot be read"));
}

TEST_CASE("A log that begins anew is shown anew", "[deploy][build]") {
  std::string shown;
  CHECK(grown_part("a\nb\n", shown, false) == "a\nb\n");
  CHECK(grown_part("a\nb\n", shown, false) == "");
  CHECK(grown_part("x\n", shown, false) == "x\n");
  CHECK(grown_part("x\ny", shown, false) == "");
  CHECK(grown_part("x\ny", shown, true) == "y\n");
}

TEST_CASE("A build of exactly the same source is found", "[deploy][build]") {
  Scene scene;
  const std::string url =
      kHost + "/builds?billing_address=" + scene.signer.address.to_string() + "&limit=100&offset=0";
  const std::string good = statement(kHex, "https://github.com/me/app", kCommit);
  const auto find = [&](const platform::BuildRequest& request, const std::string& status,
                        const std::string& provenance) {
    scene.answer(
        url, "[" + record(status, R"(,"provenance_json":)" + base::Json(provenance).dump()) + "]");
    return deploy::find_build(scene.world.services, scene.api, scene.signer, request).has_value();
  };
  CHECK(find(sample_request(), "success", good));
  CHECK(find(sample_request(), "building", good));
  CHECK_FALSE(find(sample_request(), "failed", good));
  // Nobody knows which Dockerfile it was.
  CHECK_FALSE(find(sample_request(), "success", ""));
  platform::BuildRequest other = sample_request();
  other.dockerfile = "docker/Dockerfile";
  CHECK_FALSE(find(other, "success", good));
  other = sample_request();
  other.commit = std::string(40, 'c');
  CHECK_FALSE(find(other, "success", good));
  other = sample_request();
  other.dependencies = {*oci::Digest::parse("sha256:" + kHex)};
  CHECK_FALSE(find(other, "success", good));
  other = sample_request();
  other.repo = "https://github.com/Me/App.git";
  other.dockerfile = "./Dockerfile";
  CHECK(find(other, "success", good));
}

TEST_CASE("This machine remembers what it submitted", "[deploy][build]") {
  Scene scene;
  scene.world.transport.once("POST", kHost + "/builds",
                             make_response(200, R"({"build_id":"b-1"})"));
  CHECK(deploy::submit_build(scene.world.services, scene.api, scene.signer, sample_request()) ==
        "b-1");
  scene.answer(
      kHost + "/builds?billing_address=" + scene.signer.address.to_string() + "&limit=100&offset=0",
      "[" + record("building") + "]");
  CHECK(deploy::find_build(scene.world.services, scene.api, scene.signer, sample_request()));
}

TEST_CASE("A verified build says what was compared", "[deploy][build]") {
  Scene scene;
  scene.answer(kHost + "/builds/verify/b-1",
               verdict(statement(kHex, "https://github.com/me/app", kCommit)));
  const auto verified = deploy::verify_build(scene.world.services, scene.api, "b-1", {});
  CHECK(verified.digest.to_string() == "sha256:" + kHex);
  CHECK(verified.repository == deploy::Match::kMatches);
  CHECK(verified.commit == deploy::Match::kMatches);
  scene.answer(kHost + "/builds/verify/b-1",
               verdict(R"({"subject":[{"digest":{"sha256":")" + kHex + R"("}}]})"));
  const auto bare = deploy::verify_build(scene.world.services, scene.api, "b-1", {});
  CHECK(bare.repository == deploy::Match::kNotNamed);
  CHECK(bare.commit == deploy::Match::kNotNamed);
}

TEST_CASE("A verdict that contradicts itself is not believed", "[deploy][build]") {
  Scene scene;
  const std::string other(64, 'c');
  const std::string repo = "https://github.com/me/app";
  const auto error = [&](const std::string& what, const std::string& answer,
                         const deploy::BuildExpectation& expected = {}) {
    scene.answer(kHost + "/builds/verify/" + what, answer);
    return scene.verify_error(what, expected);
  };
  const std::string start = "9 build.provenance_mismatch: ";
  CHECK(error("b-1", R"({"status":"failed","error":"no"})") ==
        "9 build.not_verified: the server does not call b-1 verified: no");
  CHECK(error("b-1", verdict(statement(other, repo, kCommit))) ==
        start + "the provenance is about image sha256:" + other + ", not about sha256:" + kHex);
  CHECK(error("b-1", verdict(statement(kHex, "https://github.com/evil/app", kCommit))) ==
        start + "the provenance names the repository https://github.com/evil/app, not " + repo);
  CHECK(error("b-1", verdict(statement(kHex, repo, std::string(40, 'c')))) ==
        start + "the provenance names the commit " + std::string(40, 'c') + ", not " + kCommit);
  CHECK(error("b-1", verdict("")).starts_with("9 build.bad_provenance: "));
  const std::string good = verdict(statement(kHex, repo, kCommit));
  CHECK(error("b-2", good) ==
        start + "the server calls b-2 verified, but its record is of build b-1");
  CHECK(error("sha256:" + other, good) ==
        start + "the server calls sha256:" + other +
            " verified, but its record is of image sha256:" + kHex);
  CHECK(error(std::string(40, 'c'), good) == start + "the server calls " + std::string(40, 'c') +
                                                 " verified, but its record is of commit " +
                                                 kCommit);
  CHECK(error("b-1", good, {.digests = {}, .repo = "https://github.com/me/other", .commit = {}})
            .starts_with(start));
  CHECK(error("b-1", good, {.digests = {}, .repo = {}, .commit = std::string(40, 'c')})
            .starts_with(start));
  CHECK(error("b-1", good, {.digests = {}, .repo = repo + ".git", .commit = kCommit}) ==
        "no error");
}

TEST_CASE("A build whose state can never be read is not followed for half an hour",
          "[deploy][build]") {
  const std::string answer = GENERATE(R"({"build_id":"b-1"})", R"({"build_id":"b-1","status":7})",
                                      R"({"build_id":"b-1","status":""})", "[]", "<html>");
  CAPTURE(answer);
  Scene scene;
  for (int i = 0; i < 5; ++i) scene.answer(kBuild, answer);
  const std::string error = scene.error();
  CHECK(error.starts_with("7 json.s"));
  CHECK(error.find("the service's answers about build b-1 cannot be read: build service: ") !=
        std::string::npos);
  CHECK(error.ends_with(" | the build continues; wait again with: WAIT"));
  CHECK(scene.world.transport.complaints() == "");
}

TEST_CASE("Four unreadable answers in a row are waited out", "[deploy][build]") {
  Scene scene;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 4; ++i) scene.answer(kBuild, "<html>one moment</html>");
    scene.answer(kBuild, record(round == 0 ? "building" : "success"));
  }
  CHECK(scene.follow().state == platform::BuildState::kSuccess);
}
