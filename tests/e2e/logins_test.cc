// Logins of Docker and Podman that are broken, refused or in unusual places, before a registry that
// wants a token for everything.

#include <sys/stat.h>

#include <filesystem>

#include "e2e/session.h"
#include "ecloud/base/base64.h"
#include "ecloud/oci/image.h"
#include "support/catch.h"
#include "support/scripted_server.h"
#include "unit/oci/sample_image.h"

using namespace ecloud;
using testing::Reply;
using testing::RunResult;
using testing::ScriptedServer;
using testing::ServerRequest;
using testing::World;

namespace {

std::string basic(const std::string& pair) {
  return "Basic " + base::to_base64(base::as_bytes(pair));
}

/// One image, for whoever has a token. Without a login there is one for public images.
class TokenRegistry {
 public:
  bool is_public = true;
  std::string accepted = basic("robot:right");  ///< the login that gets a token

  std::string host() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  std::string image() const { return host() + "/team/web:3"; }

 private:
  Reply answer(const ServerRequest& request) {
    const std::string sent = request.header("Authorization");
    if (request.path.starts_with("/token")) {
      if (sent == accepted || (sent.empty() && is_public)) {
        return testing::json_reply(R"({"token":"good"})");
      }
      return testing::json_reply(R"({"errors":[{"code":"DENIED","message":"no"}]})", 401);
    }
    if (sent != "Bearer good") {
      Reply refused = testing::json_reply("{}", 401);
      refused.headers.push_back(
          {"WWW-Authenticate", "Bearer realm=\"" + server_.url("/token") + "\",service=\"r\""});
      return refused;
    }
    if (request.path.starts_with("/v2/team/web/manifests/")) {
      Reply manifest = testing::json_reply(oci::kAmd64Manifest);
      manifest.headers = {{"Content-Type", std::string(oci::kOciManifestType)}};
      return manifest;
    }
    return testing::json_reply(oci::kAmd64Config);
  }

  ScriptedServer server_{[this](const ServerRequest& request) { return answer(request); }};
};

std::string config_with(const std::string& key, const std::string& pair) {
  return R"({"auths":{")" + key + R"(":{"auth":")" + base::to_base64(base::as_bytes(pair)) +
         R"("}}})";
}

/// Standard output of `image digest` for an image that was read.
const std::string kDigestLine = oci::kAmd64ManifestDigest;

}  // namespace

TEST_CASE("A broken file of logins is a warning before a public image", "[e2e][image][logins]") {
  const TokenRegistry registry;
  World world;
  const std::string config = (world.user.home() / ".docker/config.json").string();
  struct Case {
    std::string content, problem;
  };
  for (const Case& c : {
           Case{"", ""},
           Case{R"({"auths":{")" + registry.host() + R"(":null},"credsStore":null})", ""},
           Case{"{", "not valid JSON at line 1, column 2"},
           Case{"[1]", "$: expected an object"},
           Case{R"({"auths":{")" + registry.host() + R"(":{"auth":"%%"}}})",
                "$.auths." + registry.host() + ".auth: not base64 of user:password"},
       }) {
    INFO(c.content);
    world.user.write("../.docker/config.json", c.content);
    const RunResult run = world.user.run({"image", "digest", registry.image()});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.out.find(kDigestLine) != std::string::npos);
    const std::string warning = "warning: " + config + ": " + c.problem + "; " + registry.host() +
                                "/team/web is read without a login\n";
    CHECK((run.err.find(warning) != std::string::npos) == !c.problem.empty());
  }
}

TEST_CASE("A login that is refused is a warning before a public image", "[e2e][image][logins]") {
  TokenRegistry registry;
  World world;
  world.user.write("../.docker/config.json", config_with(registry.host(), "robot:stale"));
  const std::string config = (world.user.home() / ".docker/config.json").string();
  RunResult run = world.user.run({"image", "digest", registry.image()});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out.find(kDigestLine) != std::string::npos);
  CHECK(run.err.find("warning: " + registry.host() + " refuses the login of \"robot\" (from " +
                     config + "); " + registry.host() + "/team/web is read without it\n") !=
        std::string::npos);
  CHECK(run.err.find("stale") == std::string::npos);

  registry.is_public = false;
  run = world.user.run({"image", "digest", registry.image()});
  CHECK(run.code == 5);
  CHECK(
      run.err.ends_with("refuses the credentials of \"robot\": DENIED: no\nhint: log in again "
                        "with: docker login " +
                        registry.host() + "\n"));
}

TEST_CASE("A private image is read with a login of Podman", "[e2e][image][logins]") {
  TokenRegistry registry;
  registry.is_public = false;
  World world;
  const std::string login = config_with(registry.host() + "/team", "robot:right");
  const auto digest = [&] { return world.user.run({"image", "digest", registry.image()}); };
  CHECK(digest().code == 5);
  SECTION("in XDG_RUNTIME_DIR") {
    world.user.write("../run/containers/auth.json", login);
    world.user.set("XDG_RUNTIME_DIR", (world.user.home() / "run").string());
  }
  SECTION("in REGISTRY_AUTH_FILE") {
    world.user.set("REGISTRY_AUTH_FILE", world.user.write("../ci.json", login).string());
  }
  SECTION("in DOCKER_AUTH_CONFIG") {
    world.user.set("DOCKER_AUTH_CONFIG", login);
  }
  SECTION("next to a broken file of Docker") {
    world.user.write("../.docker/config.json", "oops");
    world.user.write("../run/containers/auth.json", login);
    world.user.set("XDG_RUNTIME_DIR", (world.user.home() / "run").string());
  }
  const RunResult run = digest();
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out.find(kDigestLine) != std::string::npos);
  CHECK(run.err.find("warning") == std::string::npos);
}

TEST_CASE("A broken file of logins is the error where a login is needed", "[e2e][image][logins]") {
  TokenRegistry registry;
  registry.is_public = false;
  World world;
  world.user.write("../.docker/config.json", "{,}");
  const std::string config = (world.user.home() / ".docker/config.json").string();
  const RunResult run = world.user.run({"image", "digest", registry.image()});
  INFO(run.describe());
  CHECK(run.code == 5);
  CHECK(run.err.ends_with(" (" + config + ": not valid JSON at line 1, column 2)\nhint: fix " +
                          config + ", or move it away and log in again with: docker login\n"));
}
