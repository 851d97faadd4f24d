#include "ecloud/platform/build_api.h"

#include "ecloud/base/version.h"
#include "user_api_fixture.h"

namespace ecloud::platform {
namespace {

using testing::error_of;
using testing::header_of;
using testing::kSampleAccount;
using testing::kUserApi;
using testing::make_response;
using testing::vector_text;

const std::string kCommit(40, 'a');
const std::string kDigest = "sha256:" + std::string(64, 'b');
const std::string kOtherDigest = "sha256:" + std::string(64, 'c');
const std::string kRecord =
    R"({"build_id":"b-1","billing_address":")" + std::string(kSampleAccount) +
    R"(","repo_url":"https://github.com/me/app","git_ref":")" + kCommit +
    R"(","status":"success","build_type":"application","image_name":"n","image_url":"docker.io/x/y",)"
    R"("image_digest":")" +
    kDigest +
    R"(","provenance_json":"{}","provenance_signature":"MEUC","error_message":null,)"
    R"("created_at":"2027-01-15T08:00:00Z","updated_at":"2027-01-15T08:01:00Z","dependencies":{}})";

struct Fixture {
  testing::FakeTransport transport;
  testing::ManualClock clock{1'800'000'000};
  Environment environment = builtin_environments().at(0);
  crypto::PrivateKey key = testing::sample_key();
  BuildApi api{transport, clock, environment, &key};
  BuildApi keyless{transport, clock, environment, nullptr};

  Fixture(std::string_view path, int status, std::string body, std::string_view method = "GET") {
    transport.once(method, kUserApi + std::string(path), make_response(status, std::move(body)));
  }
  net::Request only_request() const {
    REQUIRE(transport.complaints() == "");
    REQUIRE(transport.requests().size() == 1);
    return transport.requests().front();
  }
};

BuildRequest sample_request() {
  return {.repo = "https://github.com/me/app",
          .commit = kCommit,
          .dockerfile = "Dockerfile",
          .context = ".",
          .caddyfile = {},
          .dependencies = {}};
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST_CASE("a build is submitted once, signed as viem signs", "[platform][build]") {
  Fixture f("/builds", 200, R"({"build_id":"b-1"})", "POST");
  BuildRequest wanted = sample_request();
  wanted.dependencies = {*oci::Digest::parse(kDigest)};
  CHECK(f.api.submit(wanted) == "b-1");
  const net::Request request = f.only_request();
  CHECK_FALSE(request.safe_to_repeat);
  CHECK(header_of(request, "Authorization") ==
        "Bearer " + vector_text("signatures", "buildSignature"));
  CHECK(header_of(request, "X-Account") == kSampleAccount);
  CHECK(header_of(request, "X-eigenx-expiry") == "1800000060");
  CHECK(header_of(request, "x-client-id") == "ecloud-cli/v" + std::string(kVersion));
  CHECK(request.body == R"({"repo_url":"https://github.com/me/app","git_ref":")" + kCommit +
                            R"(","dockerfile_path":"Dockerfile","build_context_path":".",)"
                            R"("dependencies":[")" +
                            kDigest + R"("]})");
}

TEST_CASE("a Caddyfile is sent when there is one", "[platform][build]") {
  Fixture f("/builds", 200, R"({"build_id":"b-1"})", "POST");
  BuildRequest wanted = sample_request();
  wanted.caddyfile = "deploy/Caddyfile";
  f.api.submit(wanted);
  CHECK(f.only_request().body.find(R"("caddyfile_path":"deploy/Caddyfile")") != std::string::npos);
}

TEST_CASE("a submission whose answer is lost says how to find out", "[platform][build]") {
  Fixture f("/builds", 503, R"({"error":"busy"})", "POST");
  CHECK(error_of([&] { f.api.submit(sample_request()); }) ==
        "7 build.failed_request: the build service (" + kUserApi +
            ") answered 503 to the request for a build: busy | the build may have been taken all "
            "the same; look before you submit it again: ecloud compute build list");
  Fixture g("/builds", 200, "{}", "POST");
  CHECK(error_of([&] {
          g.api.submit(sample_request());
        }).starts_with("7 json.shape: build service: $.build_id: expected a string"));
  Fixture h("/builds", 400, R"({"error":"repo is private"})", "POST");
  CHECK(error_of([&] { h.api.submit(sample_request()); }) ==
        "2 build.refused: the build service (" + kUserApi +
            ") answered 400 to the request for a build: repo is private | correct what it names");
}

TEST_CASE("a build is read whole and without a key", "[platform][build]") {
  Fixture f("/builds/b-1", 200, kRecord);
  const Build build = f.keyless.build("b-1");
  CHECK(build.id == "b-1");
  REQUIRE(build.account);
  CHECK(build.account->to_string() == kSampleAccount);
  CHECK(build.repo == "https://github.com/me/app");
  CHECK(build.commit == kCommit);
  CHECK(build.state == BuildState::kSuccess);
  CHECK(build.image_url == "docker.io/x/y");
  REQUIRE(build.image_digest);
  CHECK(build.image_digest->to_string() == kDigest);
  CHECK(build.provenance == "{}");
  CHECK(build.provenance_signature == "MEUC");
  CHECK(build.error_message.empty());
  CHECK(build.created_at == "2027-01-15T08:00:00Z");
  CHECK(header_of(f.only_request(), "Authorization") == "none");
}

TEST_CASE("what a build stands on is read with it", "[platform][build]") {
  const std::string inner = replaced(replaced(kRecord, "b-1", "b-0"), kDigest, kOtherDigest);
  Fixture f("/builds/b-1", 200,
            replaced(kRecord, R"("dependencies":{})",
                     R"("dependencies":{")" + kOtherDigest + R"(":)" + inner + "}"));
  const Build build = f.api.build("b-1");
  REQUIRE(build.dependencies.size() == 1);
  CHECK(build.dependencies[0].id == "b-0");
  Fixture g("/builds/b-1", 200,
            replaced(kRecord, R"("dependencies":{})",
                     R"("dependencies":{")" + kDigest + R"(":)" + inner + "}"));
  CHECK(error_of([&] { g.api.build("b-1"); }).find("is a build of another image") !=
        std::string::npos);
}

TEST_CASE("an answer about another build or image is refused", "[platform][build]") {
  Fixture f("/builds/b-2", 200, kRecord);
  CHECK(error_of([&] { f.api.build("b-2"); }) ==
        "7 json.shape: build service: $.build_id: is not the build that was asked for");
  Fixture g("/builds/image/" + kOtherDigest, 200, kRecord);
  CHECK(error_of([&] { g.api.of_image(*oci::Digest::parse(kOtherDigest)); }) ==
        "7 json.shape: build service: $.image_digest: is not the image that was asked for");
}

TEST_CASE("wrong shapes are reported with their place", "[platform][build]") {
  const auto error = [](const std::string& body) {
    Fixture f("/builds/b-1", 200, body);
    return error_of([&] { f.api.build("b-1"); });
  };
  CHECK(error("[]") == "7 json.shape: build service: $: expected an object");
  CHECK(error("<html>").starts_with("7 json.syntax: build service"));
}

TEST_CASE("a malformed member of a build costs that member", "[platform][build]") {
  const auto read = [](const std::string& body) {
    Fixture f("/builds/b-1", 200, body);
    return f.api.build("b-1");
  };
  const Build no_state = read(replaced(kRecord, R"("status":"success")", R"("status":7)"));
  CHECK(no_state.state == BuildState::kUnknown);
  CHECK(no_state.state_problem == "build service: $.status: expected a string, found number");
  CHECK(no_state.image_digest);
  CHECK_FALSE(read(replaced(kRecord, kDigest, "sha256:short")).image_digest);
  CHECK_FALSE(read(replaced(kRecord, kSampleAccount.data(), "0x12")).account);
  CHECK(read(replaced(kRecord, R"("build_id":"b-1",)", "")).id == "b-1");
  CHECK(read(replaced(kRecord, R"("build_id":"b-1")", R"("buildId":"b-1")")).id == "b-1");
  CHECK(read(replaced(kRecord, R"("dependencies":{})", R"("dependencies":["x"])"))
            .dependencies.empty());
  CHECK(read(replaced(kRecord, R"("2027-01-15T08:00:00Z")", R"("1800000000")")).created_at ==
        "2027-01-15T08:00:00Z");
  CHECK(read(replaced(kRecord, R"("2027-01-15T08:00:00Z")", "1800000000")).created_at ==
        "2027-01-15T08:00:00Z");
}

TEST_CASE("texts of a build cannot move the cursor", "[platform][build]") {
  Fixture f(
      "/builds/b-1", 200,
      replaced(kRecord, R"("error_message":null)", R"("error_message":"no \u001b[2J\nfile")"));
  CHECK(f.api.build("b-1").error_message == "no ?[2J file");
}

TEST_CASE("a new word for a state is kept", "[platform][build]") {
  Fixture f("/builds/b-1", 200, replaced(kRecord, R"("success")", R"("queued")"));
  const Build build = f.api.build("b-1");
  CHECK(build.state == BuildState::kUnknown);
  CHECK(build.state_word == "queued");
}

TEST_CASE("builds are listed by account and page, bare or in an object", "[platform][build]") {
  const std::string path =
      "/builds?billing_address=" + std::string(kSampleAccount) + "&limit=100&offset=40";
  for (const std::string& body : {"[" + kRecord + "]", R"({"builds":[)" + kRecord + "]}"}) {
    Fixture f(path, 200, body);
    const auto builds = f.keyless.list(*eth::Address::parse(kSampleAccount), 500, 40);
    REQUIRE(builds.size() == 1);
    CHECK(builds[0].id == "b-1");
  }
  Fixture f(path, 200,
            "[" +
                replaced(kRecord, std::string(kSampleAccount),
                         "0x00000000000000000000000000000000000000aa") +
                "]");
  CHECK(error_of([&] {
          f.api.list(*eth::Address::parse(kSampleAccount), 100, 40);
        }).find("is not the account that was asked for") != std::string::npos);
}

TEST_CASE("logs are asked for with a signature", "[platform][build]") {
  Fixture f("/builds/b-1/logs", 200, "a\nb");
  CHECK(f.api.logs("b-1") == "a\nb");
  CHECK(header_of(f.only_request(), "Authorization") ==
        "Bearer " + vector_text("signatures", "buildSignature"));
}

TEST_CASE("refusals have the category that the shell sees", "[platform][build]") {
  const auto error = [](int status, bool with_key) {
    Fixture f("/builds/b-1/logs", status, R"({"error":"no"})");
    return error_of([&] { (with_key ? f.api : f.keyless).logs("b-1"); });
  };
  const std::string start = "the build service (" + kUserApi + ") answered ";
  CHECK(error(403, true) ==
        "5 build.forbidden: " + start +
            "403 to the request for the log of build b-1: no (asked as " +
            std::string(kSampleAccount) +
            ") | use the key that submitted the build, and check this machine's clock");
  CHECK(error(401, false).find("(no key was given)") != std::string::npos);
  CHECK(error(404, true).starts_with("6 build.not_found: "));
  CHECK(error(500, true).starts_with("7 build.failed_request: "));
}

TEST_CASE("a verdict is the server's", "[platform][build]") {
  Fixture f("/builds/verify/b-1", 200,
            replaced(kRecord, R"("status":"success")",
                     R"("status":"verified","payload_type":"t","payload":"e30=")"));
  const BuildVerdict good = f.keyless.verify("b-1");
  CHECK(good.verified);
  CHECK(good.payload_type == "t");
  CHECK(good.payload == "e30=");
  CHECK(good.build.image_digest->to_string() == kDigest);
  Fixture g("/builds/verify/b-1", 200, R"({"status":"failed","error":"no provenance"})");
  const BuildVerdict bad = g.api.verify("b-1");
  CHECK_FALSE(bad.verified);
  CHECK(bad.error == "no provenance");
  Fixture h("/builds/verify/b-1", 200, R"({"status":"yes"})");
  CHECK(error_of([&] { h.api.verify("b-1"); }) ==
        "7 json.shape: build service: $.status: is neither verified nor failed");
}

TEST_CASE("an id that would lead elsewhere is not asked for", "[platform][build]") {
  for (const char* id : {"", "a/b", "..", "a?b", "a b", "a%2fb", "x\n"}) {
    Fixture f("/unused", 200, "");
    CHECK(error_of([&] { f.api.build(id); }).starts_with("2 build.bad_id: "));
    CHECK(f.transport.requests().empty());
  }
}

TEST_CASE("what the platform would refuse is refused here", "[platform][build]") {
  const auto problem = [](auto change) {
    BuildRequest request = sample_request();
    change(request);
    return build_request_problem(request);
  };
  CHECK(problem([](BuildRequest&) {}) == "");
  CHECK(problem([](BuildRequest& r) { r.repo = "git@github.com:me/app"; }) ==
        "the repository \"git@github.com:me/app\" is no https:// address");
  const std::string leak =
      problem([](BuildRequest& r) { r.repo = "https://me:token@github.com/me/app"; });
  CHECK(leak.find("token") == std::string::npos);
  CHECK(leak.find("github.com holds a user name or a password") != std::string::npos);
  CHECK(problem([](BuildRequest& r) {
          r.repo = "https://github.com/";
        }).find("names no repository") != std::string::npos);
  CHECK(problem([](BuildRequest& r) { r.commit = "main"; }) ==
        "the commit \"main\" is not 40 hex digits");
  CHECK(problem([](BuildRequest& r) { r.dockerfile = "/Dockerfile"; }).find("is absolute") !=
        std::string::npos);
  CHECK(problem([](BuildRequest& r) {
          r.context = "a/../..";
        }).find("leads out of the repository") != std::string::npos);
  CHECK(problem([](BuildRequest& r) { r.caddyfile = "a\nb"; }).find("holds a control character") !=
        std::string::npos);
}

TEST_CASE("spellings of one repository are the same", "[platform][build]") {
  const std::string key = "github.com/me/app";
  for (const char* url :
       {"https://github.com/me/app", "https://github.com/Me/App.git", "https://GitHub.com/me/app/",
        "git+https://github.com/me/app.git@refs/heads/main", "git+https://github.com/me/app#abc"}) {
    CHECK(repository_key(url) == key);
  }
  CHECK(repository_key("https://github.com/me/app2") != key);
  CHECK(repository_key("https://example.org/Me/App") == "example.org/Me/App");
}

}  // namespace
}  // namespace ecloud::platform
