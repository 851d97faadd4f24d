#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

TEST_CASE("A new project can be deployed as it stands", "[e2e][create]") {
  for (const char* language : {"typescript", "golang", "rust", "python"}) {
    INFO(language);
    World world;
    REQUIRE(world.user.run({"compute", "app", "create", "my-app", "--language", language}).code ==
            0);
    std::vector<std::string> deploy = {"compute",
                                       "app",
                                       "deploy",
                                       "--config",
                                       "my-app/ecloud.yaml",
                                       "--image-ref",
                                       world.devnet.image("sample/layered:1.0"),
                                       "--json"};
    // ecloud.yaml names the variables that have to be set.
    const RunResult refused = world.user.run(deploy);
    CHECK(refused.code == 2);
    CHECK(refused.error()["code"].as_string() == "dotenv.missing_names");
    deploy.insert(deploy.end(), {"--env-file", "my-app/.env.example"});
    const RunResult run = world.user.run(deploy);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    CHECK(run.err.find("warning") == std::string::npos);
    REQUIRE(world.devnet.apps().size() == 1);
    const auto seen = world.devnet.tee_environment(world.devnet.apps().front().app);
    std::string greeting;
    for (const auto& [name, value] : seen) {
      if (name == "GREETING_PUBLIC") greeting = value.reveal_text();
    }
    CHECK(greeting == "Hello from a TEE");
  }
}

TEST_CASE("A domain is served by the default Caddyfile until configure tls writes one",
          "[e2e][create]") {
  World world;
  world.user.write(".env", "DOMAIN=marker.example.org\n");
  const RunResult without = world.user.run(world.deploy({"--dry-run"}));
  CHECK(without.code == 0);
  CHECK(without.err.find("warning: DOMAIN is set, but ") != std::string::npos);
  CHECK(without.err.find(" is layered already, without TLS: it does not expose 443/tcp\n") !=
        std::string::npos);
  CHECK(without.err.find("marker") == std::string::npos);

  // An image that is made here gets the default one.
  const RunResult layered =
      world.user.run({"compute", "app", "deploy", "--name", "hello", "--image-ref",
                      world.devnet.image("sample/hello:1.0"), "--dry-run"});
  INFO(layered.describe());
  CHECK(layered.code == 0);
  CHECK(layered.err.find("note: there is no Caddyfile in this folder: Caddy gets the default one, "
                         "which passes requests to the app on APP_PORT (3000 if not set); `ecloud "
                         "compute app configure tls` writes it for changes\n") !=
        std::string::npos);

  REQUIRE(world.user.run({"compute", "app", "configure", "tls"}).code == 0);
  const RunResult with = world.user.run(world.deploy({"--dry-run"}));
  CHECK(with.code == 0);
  CHECK(with.err.find("Caddyfile") == std::string::npos);
  world.user.write(".env", "DOMAIN=localhost\n");
  std::filesystem::remove(world.user.folder() / "Caddyfile");
  CHECK(world.user.run(world.deploy({"--dry-run"})).err.find("Caddyfile") == std::string::npos);
}
