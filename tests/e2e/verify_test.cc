// What `verify` says of an app with which all is well, and of evidence that is not there.

#include "e2e/liar.h"
#include "e2e/verify_support.h"
#include "ecloud/base/text.h"

using namespace ecloud;
using testing::changed;
using testing::Findings;
using testing::RunResult;
using testing::VerifyWorld;
using testing::Words;

namespace {

/// Requests that go to any of the platform's services.
std::size_t requests(const testing::World& world) {
  return world.devnet.requests().size();
}

}  // namespace

TEST_CASE("The evidence of a layered app is verified link by link", "[e2e][verify]") {
  VerifyWorld world;
  const RunResult run = world.verify();
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(found.result("release") == "verified");
  CHECK(found.text("release", "nodes").find("it alone was asked") != std::string::npos);
  CHECK(found.result("image") == "verified");
  CHECK(found.text("image", "layering") == "made again from the base it has the same digest");
  CHECK(found.result("image", "release-digest") == "(none)");
  CHECK(found.result("release", "container-policy") == "verified");
  CHECK(found.result("client-binaries") == "verified");
  CHECK(found.result("addresses") == "verified");
  // Nothing is called verified that was not looked at.
  CHECK(found.result("provenance") == "not checked");
  CHECK(found.text("provenance", "build-record").find("has no verified build of sha256:") !=
        std::string::npos);
  CHECK(found.text("live", "live-answer") == "no URL of the app was given: --url URL");
  CHECK(found.text("attestation", "attestation") ==
        "none was given: --attestation FILE or --attestation-url URL");
  CHECK(found.document()["result"].as_string() == "not checked");
  CHECK(found.document()["evmAddresses"].size() == 5);
  CHECK(world.devnet.app(*eth::Address::parse(world.app))->image ==
        found.document()["image"].as_string());
}

TEST_CASE("An app with TLS and without a log is layered again the same", "[e2e][verify][tls]") {
  testing::World other;
  other.user.write("Caddyfile", ":443 {\n}\n");
  other.user.write(".env", "DOMAIN=app.example.org\n");
  const RunResult deployed =
      other.user.run({"compute", "app", "deploy", "--name", "hello", "--image-ref",
                      other.devnet.image("sample/hello:1.0"), "--log-visibility", "off",
                      "--resource-usage-monitoring", "disable", "--json"});
  INFO(deployed.describe());
  REQUIRE(deployed.code == 0);
  const RunResult run = other.user.run({"compute", "app", "verify", "hello", "--json"});
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(found.result("image") == "verified");
  CHECK(found.result("client-binaries", "caddy") == "verified");
  CHECK(found.result("client-binaries", "tls-client") == "verified");
}

TEST_CASE("Without a key all but the addresses is checked", "[e2e][verify]") {
  VerifyWorld world;
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const RunResult run = world.verify();
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(found.result("image") == "verified");
  CHECK(found.result("addresses") == "not checked");
  CHECK(found.text("addresses", "kms-signature").find("a key that may see the app is needed") !=
        std::string::npos);
}

TEST_CASE("A bundle is judged without a network and says what only the chain can",
          "[e2e][verify][bundle]") {
  VerifyWorld world;
  const base::Json bundle = world.bundle();
  CHECK(bundle["format"].as_string() == "ecloud-evidence");
  world.devnet.clear_requests();
  const RunResult run = world.offline(bundle);
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(requests(world) == 0);
  CHECK(found.document()["offline"].as_bool());
  CHECK(found.result("release") == "not checked");
  CHECK(found.text("release", "release-event").find("what the maker of the bundle saw") !=
        std::string::npos);
  // What the image is was seen, and not that it is the release's.
  CHECK(found.result("image") == "not checked");
  CHECK(found.result("image", "layering") == "verified");
  CHECK(found.result("client-binaries") == "not checked");
  CHECK(found.result("client-binaries", "kms-client") == "verified");
  for (const char* link : {"image", "client-binaries"}) {
    CHECK(found.result(link, "release-digest") == "not checked");
    CHECK(found.text(link, "release-digest").find("which the bundle names") != std::string::npos);
  }
  CHECK(found.text("image", "manifest").starts_with("the octets that the bundle has for sha256:"));
  CHECK(found.result("addresses") == "verified");
  // The app may be named, and has to be that of the bundle.
  world.user.write("given.json", bundle.dump());
  CHECK(world.user.run({"compute", "app", "verify", "hello", "--offline", "given.json"}).code == 0);
  const RunResult other =
      world.user.run({"compute", "app", "verify", "0x00000000000000000000000000000000000a9900",
                      "--offline", "given.json", "--json"});
  CHECK(other.code == 2);
  CHECK(other.error()["code"].as_string() == "cli.conflict");
}

TEST_CASE("A bundle holds no secret and is never written over another file",
          "[e2e][verify][bundle]") {
  VerifyWorld world;
  const std::string text = world.bundle().dump();
  CHECK(text.find(world.user.env().at("ECLOUD_PRIVATE_KEY").substr(2)) == std::string::npos);
  for (const auto& [name, value] : world.devnet.tee_environment(*eth::Address::parse(world.app))) {
    if (name == "MNEMONIC") CHECK(text.find(value.reveal_text()) == std::string::npos);
  }
  // That is found out before anything is asked.
  const std::string before = testing::slurp(world.user.folder() / "evidence-1.json");
  world.devnet.clear_requests();
  const RunResult again = world.verify({"--bundle", "evidence-1.json"});
  CHECK(again.code == 2);
  CHECK(again.error()["code"].as_string() == "file.exists");
  CHECK(requests(world) == 0);
  CHECK(testing::slurp(world.user.folder() / "evidence-1.json") == before);
}

TEST_CASE("What was found out is shown also when the bundle cannot be written",
          "[e2e][verify][bundle]") {
  VerifyWorld world;
  world.user.write("file", "x");
  const RunResult run = world.verify({"--bundle", "file/evidence.json"});
  INFO(run.describe());
  CHECK(run.code == 1);
  CHECK(run.error()["code"].as_string() == "file.unwritable");
  CHECK(Findings(run).result("image") == "verified");
  CHECK(Findings(run).document()["bundle"].is_null());
  // A link that failed is what the exit code says.
  world.user.write("quote", "something else");
  const RunResult worse =
      world.verify({"--bundle", "file/evidence.json", "--attestation", "quote"});
  testing::check_caught(worse, {"attestation/quote-format"});
  CHECK(worse.err.find("warning: there is no bundle: ") != std::string::npos);
}

TEST_CASE("What is no bundle is refused", "[e2e][verify][bundle]") {
  VerifyWorld world;
  const base::Json bundle = world.bundle();
  const auto check_refused = [&](const base::Json& given, const std::string& words) {
    const RunResult run = world.offline(given);
    INFO(run.describe());
    CHECK(run.code == 9);
    CHECK(run.out.empty());
    CHECK(run.error()["code"].as_string() == "verify.bad_bundle");
    CHECK(run.error()["message"].as_string().find(words) != std::string::npos);
  };
  check_refused(base::Json::object(), "of the format ecloud-evidence");
  check_refused(changed(bundle, {"version"}, 2), "version 2");
  check_refused(changed(bundle, {"takenAt"}, "2200-01-01T00:00:00Z"), "made at 2200-01-01");
  check_refused(changed(bundle, {"nodes"}, base::Json()), "$.nodes");
  check_refused(changed(bundle, {"blobs"}, base::Json::object({{"sha256:00", "?"}})), "base64");
  const RunResult other = world.offline(changed(bundle, {"environment"}, "sepolia"));
  CHECK(other.code == 2);
  CHECK(other.error()["hint"].as_string() == "select it: --environment sepolia");
}

TEST_CASE("Two nodes are asked alone and compared", "[e2e][verify][nodes]") {
  VerifyWorld world;
  const Words both = {"--rpc-url", world.devnet.url() + "/rpc", "--rpc-url",
                      world.devnet.url() + "/rpc-lagging"};
  const Findings found(world.verify(both));
  INFO(found.describe());
  CHECK(found.result("release") == "verified");
  CHECK(found.text("release", "nodes").starts_with("2 say the same, each asked alone: "));

  SECTION("and one that is behind is no liar") {
    world.devnet.set_lag(1);
    const RunResult run = world.verify(both);
    const Findings less(run);
    INFO(less.describe());
    CHECK(run.code == 0);
    CHECK(less.result("release", "nodes") == "not checked");
    CHECK(less.result("release", "release-event") == "verified");
  }
  SECTION("and one that does not answer is not counted") {
    testing::ClosedPort closed;
    const RunResult run =
        world.verify({"--rpc-url", world.devnet.url() + "/rpc", "--rpc-url", closed.url()});
    const Findings less(run);
    INFO(less.describe());
    CHECK(run.code == 0);
    CHECK(less.result("release") == "not checked");
    CHECK(less.result("release", "nodes") == "not checked");
    CHECK(less.result("release", "release-event") == "verified");
  }
}

TEST_CASE("The words for people name each finding and hold no marks in a file", "[e2e][verify]") {
  VerifyWorld world;
  const RunResult run = world.user.run({"compute", "app", "verify", "hello"});
  INFO(run.describe());
  CHECK(run.out.find("image\tlayering\tverified\tmade again") != std::string::npos);
  CHECK(run.out.find("live\tlive-answer\tnot checked\tno URL") != std::string::npos);
  CHECK(run.out.find("✓") == std::string::npos);
  world.user.set_columns(120);
  const RunResult shown = world.user.run({"compute", "app", "verify", "hello", "--color", "never"});
  INFO(shown.describe());
  CHECK(shown.out.find("image: verified\n  ✓ manifest") != std::string::npos);
  CHECK(shown.out.find("  - live-answer") != std::string::npos);
}

TEST_CASE("Services that do not answer leave their links unchecked", "[e2e][verify]") {
  VerifyWorld world;
  SECTION("the registry") {
    world.devnet.add_fault({.kind = "registry", .times = 0, .status = 500});
    const RunResult run = world.verify();
    const Findings found(run);
    INFO(found.describe());
    CHECK(run.code == 0);
    CHECK(found.result("image") == "not checked");
    CHECK(found.result("client-binaries") == "not checked");
    CHECK(found.result("addresses") == "verified");
  }
  SECTION("the platform") {
    world.devnet.add_fault({.kind = "userapi", .times = 0, .status = 500});
    const RunResult run = world.verify();
    const Findings found(run);
    INFO(found.describe());
    CHECK(run.code == 0);
    CHECK(found.result("image") == "verified");
    CHECK(found.result("addresses") == "not checked");
    CHECK(found.result("provenance") == "not checked");
  }
  SECTION("the chain") {
    world.devnet.add_fault({.kind = "rpc", .times = 0, .status = 500});
    const RunResult run = world.verify();
    const Findings found(run);
    INFO(found.describe());
    CHECK(run.code == 0);
    CHECK(found.result("release") == "not checked");
    CHECK(found.result("image") == "not checked");
    CHECK(found.document()["image"].is_null());
  }
}

TEST_CASE("An app that there is not is not found", "[e2e][verify]") {
  VerifyWorld world;
  const RunResult run = world.user.run(
      {"compute", "app", "verify", "0x00000000000000000000000000000000000a9900", "--json"});
  CHECK(run.code == 6);
  CHECK(run.error()["code"].as_string() == "app.not_found");
}

TEST_CASE("Options that make no sense together are refused before anything is asked",
          "[e2e][verify]") {
  VerifyWorld world;
  world.user.write("given.json", "{}");
  world.user.write("token", "x");
  world.devnet.clear_requests();
  const auto code = [&](const Words& more) {
    const RunResult run = world.verify(more);
    INFO(run.describe());
    CHECK(run.code == 2);
    return run.error()["code"].as_string();
  };
  CHECK(code({"--offline", "given.json", "--url", "https://a.example"}) == "cli.conflict");
  CHECK(code({"--attestation", "token", "--attestation-url", "https://a.example"}) ==
        "cli.conflict");
  CHECK(code({"--url", "ftp://a.example"}) == "cli.bad_value");
  CHECK(code({"--url", "https://user:pass@a.example"}) == "cli.bad_value");
  CHECK(code({"--url", "https://a.example", "--proof-message", "hello"}) == "cli.bad_value");
  CHECK(code({"--attestation", "token", "--mr-td", "00"}) == "cli.bad_value");
  CHECK(code({"--attestation", "token", "--collateral", "."}) == "cli.bad_value");
  CHECK(requests(world) == 0);
}
