// Images that a release makes itself: what goes on after a cut, what stays, and what is refused
// before it is too late.

#include <atomic>

#include "e2e/session.h"
#include "support/catch.h"
#include "support/docker_archive.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

using Arguments = std::vector<std::string>;

Arguments with(Arguments first, const Arguments& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

/// The next run is interrupted at its first sleep.
void interrupt(World& world) {
  world.interrupt_at_first_wait();
}

/// Two hours pass while the first blob is on its way.
void make_push_slow(World& world, std::atomic<bool>& passed) {
  world.devnet.add_fault({.kind = "registry:/uploads/post", .status = 503});
  world.clock.on_sleep([&](base::Milliseconds) {
    if (world.devnet.count("registry:/uploads/post") == 0 || passed.exchange(true)) return;
    world.clock.sleep(std::chrono::hours(2));
  });
}

base::Json labels_of(World& world, const std::string& image) {
  const RunResult run = world.user.run({"image", "inspect", image, "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run.json()["labels"];
}

}  // namespace

TEST_CASE("A release from a file that was cut off goes on without being made again",
          "[e2e][image][interrupt]") {
  World world;
  world.user.write("image.tar", testing::docker_archive());
  const Arguments source = {"--image-archive", "image.tar", "--image-ref",
                            world.devnet.image("mine/app:2"), "--json"};
  const Arguments deploy = with({"compute", "app", "deploy", "--name", "hello"}, source);
  interrupt(world);
  const RunResult cut = world.user.run(deploy);
  INFO(cut.describe());
  REQUIRE(cut.code == 130);
  REQUIRE(world.devnet.apps().size() == 1);
  world.clock.on_sleep({});
  world.devnet.clear_requests();
  const RunResult again = world.user.run(deploy);
  INFO(again.describe());
  REQUIRE(again.code == 0);
  CHECK(world.devnet.apps().size() == 1);
  CHECK(world.devnet.count("registry") == 0);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);

  SECTION("nor an upgrade") {
    const Arguments upgrade = with({"compute", "app", "upgrade", "hello"}, source);
    interrupt(world);
    REQUIRE(world.user.run(upgrade).code == 130);
    world.clock.on_sleep({});
    world.devnet.clear_requests();
    const RunResult resumed = world.user.run(upgrade);
    INFO(resumed.describe());
    CHECK(resumed.code == 0);
    CHECK(world.devnet.count("registry") == 0);
    CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  }
}

TEST_CASE("An upgrade keeps the log off and the measuring of memory forbidden",
          "[e2e][image][upgrade]") {
  World world;
  const std::string image = world.devnet.image("sample/hello:1.0");
  const RunResult first = world.user.run({"compute", "app", "deploy", "--name", "hello",
                                          "--image-ref", image, "--log-visibility", "off",
                                          "--resource-usage-monitoring", "disable", "--json"});
  INFO(first.describe());
  REQUIRE(first.code == 0);
  const RunResult run = world.user.run({"compute", "app", "upgrade", "hello", image, "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["logVisibility"].as_string() == "off");
  const base::Json labels = labels_of(world, image + "-layered");
  CHECK_FALSE(labels["tee.launch_policy.log_redirect"].exists());
  CHECK(labels["tee.launch_policy.monitoring_memory_allow"].as_string() == "never");

  SECTION("unless it is told otherwise") {
    const RunResult told =
        world.user.run({"compute", "app", "upgrade", "hello", image, "--log-visibility", "private",
                        "--resource-usage-monitoring", "enable", "--json"});
    INFO(told.describe());
    REQUIRE(told.code == 0);
    CHECK(told.json()["logVisibility"].as_string() == "private");
    const base::Json changed = labels_of(world, image + "-layered");
    CHECK(changed["tee.launch_policy.log_redirect"].as_string() == "always");
    CHECK(changed["tee.launch_policy.monitoring_memory_allow"].as_string() == "always");
  }
}

TEST_CASE("A push that takes hours does not make the transaction too late", "[e2e][image][slow]") {
  World world;
  std::atomic<bool> passed = false;
  const std::string image = world.devnet.image("sample/hello:1.0");
  make_push_slow(world, passed);
  const RunResult run = world.user.run(
      {"compute", "app", "deploy", "--name", "hello", "--image-ref", image, "--json"});
  INFO(run.describe());
  REQUIRE(passed);
  REQUIRE(run.code == 0);
  CHECK(world.devnet.apps().size() == 1);

  SECTION("nor that of an upgrade") {
    passed = false;
    world.devnet.clear_requests();
    make_push_slow(world, passed);
    const RunResult upgrade =
        world.user.run({"compute", "app", "upgrade", "hello", image, "--target-ref",
                        world.devnet.image("else/where:1"), "--json"});
    INFO(upgrade.describe());
    REQUIRE(passed);
    CHECK(upgrade.code == 0);
  }
}

TEST_CASE("An image that only its owner can pull is not put on chain", "[e2e][image]") {
  // The last question to the registry is the one without a login.
  std::size_t questions = 0;
  {
    World other;
    REQUIRE(other.user.run(other.deploy({"--image-ref", other.devnet.image("sample/hello:1.0")}))
                .code == 0);
    questions = other.devnet.count("registry:/manifests");
  }
  World world;
  const std::string image = world.devnet.image("sample/hello:1.0");
  world.devnet.add_fault(
      {.kind = "registry:/manifests", .nth = static_cast<std::uint32_t>(questions), .status = 401});
  const RunResult run = world.user.run(world.deploy({"--image-ref", image, "--json"}));
  INFO(run.describe());
  CHECK(run.code == 5);
  CHECK(run.error()["code"].as_string() == "image.unauthorized");
  CHECK(run.error()["message"].as_string().find("is private") != std::string::npos);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.user.run(world.deploy({"--image-ref", image, "--json"})).code == 0);
}

TEST_CASE("The domain of an app may stand in its image", "[e2e][image][tls]") {
  World world;
  world.user.write("image.tar",
                   testing::docker_archive(R"(["/bin/sh"],"Labels":{"home":"app.example.org"})"));
  world.user.write("Caddyfile", ":443 {\n}\n");
  world.user.write(".env", "DOMAIN=app.example.org\n");
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--name", "hello", "--image-archive", "image.tar",
                      "--image-ref", world.devnet.image("mine/app:2"), "--dry-run"});
  INFO(run.describe());
  CHECK(run.code == 0);
}

TEST_CASE("TLS without a domain serves the platform's name, and says so", "[e2e][image][tls]") {
  World world;
  world.user.write("Caddyfile", ":443 {\n}\n");
  const std::string image = world.devnet.image("sample/hello:1.0");
  const std::string option = GENERATE("--caddyfile=Caddyfile", "--tls");
  const RunResult run = world.user.run(
      {"compute", "app", "deploy", "--name", "hello", "--image-ref", image, option, "--dry-run"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("warning: DOMAIN is not set: ports 80 and 443 serve only the platform's name "
                     "for the app, not a name of yours\n") != std::string::npos);
  CHECK(run.err.find("default one") == std::string::npos);
  CHECK(run.out.find("on, for the platform's name only") != std::string::npos);
}

TEST_CASE("A Caddyfile that Caddy would refuse stops the deployment before anything is asked",
          "[e2e][image][tls]") {
  World world;
  world.user.write("Caddyfile", "# TLS\n:443 {\n\treverse_proxy localhost:3000 {\n}\n");
  const std::string image = world.devnet.image("sample/hello:1.0");
  const std::string words =
      "error: Caddyfile:2: the { is never closed\n"
      "hint: fix the file; Caddy itself checks it with: caddy validate --adapter caddyfile "
      "--config Caddyfile\n";
  const RunResult deploy = world.user.run({"compute", "app", "deploy", "--name", "hello",
                                           "--image-ref", image, "--caddyfile", "Caddyfile"});
  INFO(deploy.describe());
  CHECK(deploy.code == 2);
  CHECK(deploy.err.ends_with(words));
  const RunResult layer = world.user.run({"image", "layer", image, "--tls"});
  INFO(layer.describe());
  CHECK(layer.code == 2);
  CHECK(layer.err == words);
  CHECK(world.devnet.requests().empty());
}

TEST_CASE("A file that holds a layered image is pushed as it is and not layered again",
          "[e2e][image]") {
  World world;
  world.user.write("image.tar", testing::docker_archive());
  const std::string target = world.devnet.image("mine/app:2");
  world.user.write("image.tar",
                   testing::docker_archive(R"(["/bin/sh"],"Labels":{"eigenx_cli_version":"1"},)"
                                           R"("Entrypoint":["/usr/local/bin/)"
                                           R"(compute-source-env.sh"])"));
  const RunResult run = world.user.run({"compute", "app", "deploy", "--name", "hello",
                                        "--image-archive", "image.tar", "--image-ref", target});
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(run.err.find("is layered already (entrypoint /usr/local/bin/compute-source-env.sh)\n"
                     "hint: push it with `ecloud image push` and deploy it from there, or name the "
                     "image that it was made from\n") != std::string::npos);
}

TEST_CASE("An image named on the command line is stronger than the Dockerfile of ecloud.yaml",
          "[e2e][image]") {
  World world;
  const std::string image = world.devnet.image("sample/hello:1.0");
  world.user.write("ecloud.yaml",
                   "name: hello\nimage: " + image + "\ndockerfile: Dockerfile.none\n");
  const RunResult run = world.user.run({"compute", "app", "deploy", image, "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
}
