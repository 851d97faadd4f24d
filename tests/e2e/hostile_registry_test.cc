// Registries that send us elsewhere, ask for credentials that are not theirs, or give other octets
// than they name.

#include "e2e/liar.h"
#include "e2e/session.h"
#include "ecloud/base/base64.h"
#include "support/catch.h"

using namespace ecloud;
using testing::Liar;
using testing::Reply;
using testing::RunResult;
using testing::ScriptedServer;
using testing::ServerRequest;
using testing::World;

namespace {

constexpr char kPassword[] = "s3cret-of-alice";

/// Docker's configuration holds alice's password for that registry.
void log_in(World& world, const std::string& host) {
  const std::string pair = "alice:" + std::string(kPassword);
  world.user.write("../docker/config.json", R"({"auths":{")" + host + R"(":{"auth":")" +
                                                base::to_base64(base::as_bytes(pair)) + R"("}}})");
  world.user.set("DOCKER_CONFIG", (world.user.folder().parent_path() / "docker").string());
}

std::string basic() {
  return "Basic " + base::to_base64(base::as_bytes("alice:" + std::string(kPassword)));
}

Reply to(const std::string& location) {
  Reply reply;
  reply.status = 307;
  reply.headers = {{"Location", location}};
  return reply;
}

Reply challenge(const std::string& value) {
  Reply reply = testing::json_reply(R"({"errors":[]})", 401);
  reply.headers.push_back({"WWW-Authenticate", value});
  return reply;
}

RunResult digest_of(World& world, const std::string& authority) {
  return world.user.run({"image", "digest", authority + "/sample/hello:1.0", "--json"});
}

RunResult deploy_from(World& world, const std::string& authority) {
  return world.user.run({"compute", "app", "deploy", "--name", "hello", "--image-ref",
                         authority + "/sample/layered:1.0", "--json"});
}

void check_nothing_signed(const World& world) {
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.apps().empty());
}

/// The places in a registry's answers to the way from a tag to the image's configuration.
bool is_config(const World&, const ServerRequest& request) {
  return request.path.find("/blobs/") != std::string::npos;
}

}  // namespace

TEST_CASE("A registry cannot send us to addresses that it must not reach", "[e2e][hostile]") {
  World world;
  const std::string where =
      GENERATE("http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[fe80::1]/",
               "file:///etc/passwd", "gopher://127.0.0.1/", "http://registry.example/v2/");
  Liar registry(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    if (is_config(world, request)) reply = to(where);
  });
  log_in(world, registry.authority());
  INFO(where);
  const RunResult run = digest_of(world, registry.authority());
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.error()["code"].as_string() == "net.redirect_refused");
  CHECK(run.err.find("passwd") == std::string::npos);
  CHECK(deploy_from(world, registry.authority()).code == 7);
  check_nothing_signed(world);
}

TEST_CASE("The password for a registry does not follow a redirect to another host",
          "[e2e][hostile]") {
  World world;
  Liar storage(world.devnet, [](const ServerRequest&, Reply&) {});
  Liar registry(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    if (request.header("Authorization") != basic()) {
      reply = challenge("Basic realm=\"here\"");
    } else if (is_config(world, request)) {
      reply = to(storage.url(request.path));
    }
  });
  log_in(world, registry.authority());
  const RunResult run = digest_of(world, registry.authority());
  INFO(run.describe());
  CHECK(run.code == 0);
  REQUIRE(storage.requests().size() == 1);
  CHECK(storage.requests().at(0).header("Authorization").empty());
  CHECK(storage.everything().find(kPassword) == std::string::npos);
  CHECK(registry.everything().find(basic()) != std::string::npos);
}

TEST_CASE("The password for a registry goes to no token service of somebody else",
          "[e2e][hostile]") {
  World world;
  const std::string realm =
      GENERATE("http://tokens.example/token", "http://169.254.169.254/token",
               "http://127.0.0.1@tokens.example/token", "ftp://127.0.0.1/token", "//x/token");
  INFO(realm);
  ScriptedServer registry([&](const ServerRequest&) {
    return challenge("Bearer realm=\"" + realm + "\",service=\"x\"");
  });
  const std::string authority = "127.0.0.1:" + std::to_string(registry.port());
  log_in(world, authority);
  const RunResult run = digest_of(world, authority);
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.error()["message"].as_string().find("token service that is not at an https URL") !=
        std::string::npos);
  for (const ServerRequest& request : registry.requests()) {
    CHECK(request.header("Authorization").empty());
  }
  CHECK(run.err.find(kPassword) == std::string::npos);
  CHECK(deploy_from(world, authority).code == 7);
  check_nothing_signed(world);
}

TEST_CASE("Content that is not what its digest says is refused before anything is signed",
          "[e2e][hostile]") {
  World world;
  const std::string what = GENERATE("manifest", "announced digest", "configuration");
  INFO(what);
  Liar registry(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    const bool manifest = request.path.find("/manifests/") != std::string::npos;
    if (reply.status != 200 || request.method == "HEAD") return;
    if (what == "announced digest" && manifest) {
      for (net::Header& header : reply.headers) {
        if (header.name == "docker-content-digest") {
          header.value = "sha256:" + std::string(64, 'd');
        }
      }
    } else if (what == "manifest" && manifest) {
      reply.body += " ";
    } else if (what == "configuration" && is_config(world, request)) {
      reply.body.replace(reply.body.find("amd64"), 5, "arm64");
    }
  });
  const RunResult run = digest_of(world, registry.authority());
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(run.error()["code"].as_string() == "image.digest_mismatch");
  const RunResult deploy = deploy_from(world, registry.authority());
  INFO(deploy.describe());
  CHECK(deploy.code == 3);
  check_nothing_signed(world);
}

TEST_CASE("A registry that sends without end is cut off", "[e2e][hostile]") {
  World world;
  ScriptedServer registry([&](const ServerRequest&) {
    Reply reply;
    reply.body = std::string(std::size_t{1} << 18, ' ');
    reply.headers = {{"Content-Type", "application/vnd.oci.image.manifest.v1+json"}};
    reply.fault = testing::Fault::kEndless;
    return reply;
  });
  const std::string authority = "127.0.0.1:" + std::to_string(registry.port());
  const RunResult run = digest_of(world, authority);
  INFO(run.describe());
  CHECK(run.code != 0);
  CHECK(run.err.find("larger than") != std::string::npos);
  CHECK(registry.endless_octets() < registry.requests().size() * (std::uint64_t{40} << 20));
}
