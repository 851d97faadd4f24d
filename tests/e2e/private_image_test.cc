// Images that only their owner can pull, in Debian's docker-registry with a password.

#include "e2e/image_support.h"
#include "ecloud/base/base64.h"
#include "interop/docker_registry.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

TEST_CASE("An image that the platform cannot pull stops the deployment before it is signed",
          "[e2e][image][registry]") {
  const auto tools = testing::RegistryTools::find();
  if (!tools) return;
  const testing::DockerRegistry registry(*tools, {.user = "alice", .password = "s3cret"});
  World world;
  const auto log_in = [&](const std::string& pair) {
    world.user.write("../docker/config.json",
                     R"({"auths":{")" + registry.host() + R"(":{"auth":")" +
                         base::to_base64(base::as_bytes(pair)) + R"("}}})");
  };
  world.user.set("DOCKER_CONFIG", (world.user.folder().parent_path() / "docker").string());
  log_in("alice:s3cret");
  const std::string sample = world.devnet.image("sample/hello:1.0");
  const std::string name = registry.name("mine/app");
  const auto deploy = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"compute", "app", "deploy", "--name", "hello"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return world.user.run(arguments);
  };
  const auto check_private = [&](const RunResult& run) {
    INFO(run.describe());
    CHECK(run.code == 5);
    CHECK(run.err.find("\nerror: " + name + " is private: ") != std::string::npos);
    CHECK(run.err.ends_with(
        "hint: make the repository public, then run the same command again; nothing is pushed "
        "twice\n"));
    CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
    CHECK(world.devnet.apps().empty());
  };
  SECTION("when it was there before") {
    REQUIRE(world.user.run({"image", "layer", sample, "--target-ref", name + ":1"}).code == 0);
    const RunResult run = deploy({"--image-ref", name + ":1"});
    check_private(run);
    // Before the plan, so that nobody is asked.
    CHECK(run.err.find("Highest cost") == std::string::npos);
  }
  SECTION("when it was pushed just now") {
    check_private(deploy({"--image-ref", sample, "--target-ref", name + ":2"}));
    CHECK(world.user.run({"image", "digest", name + ":2"}).code == 0);
  }
  SECTION("but not when its layered form is public") {
    REQUIRE(world.user.run({"image", "push", "app.tar", name + ":3"}).code == 2);
    world.user.write("app.tar", testing::docker_archive());
    REQUIRE(world.user.run({"image", "push", "app.tar", name + ":3"}).code == 0);
    const RunResult run =
        deploy({"--image-ref", name + ":3", "--target-ref", world.devnet.image("mine/app:3")});
    INFO(run.describe());
    CHECK(run.code == 0);
  }
  SECTION("and a wrong password is called so") {
    log_in("alice:wrong");
    const RunResult run = deploy({"--image-ref", sample, "--target-ref", name + ":4"});
    INFO(run.describe());
    CHECK(run.code == 5);
    CHECK(run.err.ends_with("error: " + registry.host() +
                            " refuses the credentials of \"alice\"\nhint: log in again with: "
                            "docker login " +
                            registry.host() + "\n"));
    CHECK(world.devnet.apps().empty());
  }
}
