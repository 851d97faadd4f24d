// Whole runs of images that are made in unusual ways: built from a Dockerfile on this machine, and
// put together by hand from programs that do not fit each other.

#include "devnet/sample_image.h"
#include "e2e/buildah.h"
#include "e2e/direct_call.h"
#include "e2e/running_world.h"
#include "ecloud/platform/runtime_generation.h"
#include "ecloud/platform/start_script.h"

using namespace ecloud;
using platform::RuntimeGeneration;
using testing::has;
using testing::kRuntimeReady;
using testing::RunningWorld;
using testing::RunResult;
using testing::Words;

TEST_CASE("An app runs that buildah has built from a Dockerfile", "[e2e][tee][buildah]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  if (!testing::prepare_buildah(world.user)) return;
  world.user.write("rootfs.tar", world.image.layer());
  const auto dockerfile = [&](const std::string& command) {
    world.user.write("Dockerfile",
                     "FROM --platform=linux/amd64 scratch AS base\nADD rootfs.tar /\n"
                     "FROM base\nENV STAGE=\"built here\"\nWORKDIR /srv\nEXPOSE 8080/tcp\n"
                     "CMD " +
                         command + "\n");
  };
  dockerfile(R"(["/app/server","from","a Dockerfile"])");
  const Words image = {"--dockerfile", "Dockerfile",  "--builder",
                       "buildah",      "--image-ref", world.devnet.image("mine/built:1")};
  Words words = {"compute", "app", "deploy", "--name", "hello", "--json"};
  words.insert(words.end(), image.begin(), image.end());
  const RunResult run = world.deploy_with(words);
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.view().markers == Words{kRuntimeReady});
  CHECK(world.view().app_state == "running");
  CHECK(world.view().ports == Words{"8080/tcp"});
  INFO(world.log());
  REQUIRE(world.log_has("server: serving"));
  CHECK(has(world.log(),
            "server: arguments from a Dockerfile, user 0:0, token first, folder /srv\n"));
  CHECK(world.variable("STAGE") == "built here");
  CHECK(world.variable("TOKEN") == "first");

  dockerfile(R"(["/app/server","again"])");
  words = {"compute", "app", "upgrade", "hello"};
  words.insert(words.end(), image.begin(), image.end());
  world.must(words);
  REQUIRE(world.log_has("server: arguments again, user 0:0, token first"));
  REQUIRE(world.log_has("server: found data of first"));
}

namespace {

/// The user's image with the platform's files and labels, in whatever pair; its reference.
std::string push_pair(RunningWorld& world, RuntimeGeneration client, RuntimeGeneration machine) {
  const platform::Environment environment = world.devnet.environment();
  const std::string layer = oci::write_tar(
      {{std::string(platform::kStartScriptPath.substr(1)), 0755,
        platform::start_script(environment)},
       {"usr/local/bin/kms-client", 0755, devnet::kms_client_program(client)},
       {"usr/local/bin/kms-signing-public-key.pem", 0644, environment.kms_signing_key}});
  const auto [name, value] = platform::vm_image_label(machine);
  const std::string config =
      R"("Entrypoint":["/usr/local/bin/compute-source-env.sh"],"Cmd":["/app/server","x"],)"
      R"("User":"root","ExposedPorts":{"8080/tcp":{}},"Labels":{"eigenx_cli_version":"0.1.0",)"
      R"("eigenx_container_contract":"v1","tee.launch_policy.log_redirect":"always",)"
      R"("tee.launch_policy.allow_env_override":"ECLOUD_PD_EXPECTED,ECLOUD_PLATFORM_HOST",")" +
      std::string(name) + "\":\"" + std::string(value) + "\"}";
  world.user.write("pair.tar", world.image.archive(config, layer));
  const std::string target = world.devnet.image("mine/pair:1");
  const RunResult pushed = world.must({"image", "push", "pair.tar", target});
  const RunResult digest = world.must({"image", "digest", target});
  return world.devnet.image("mine/pair@") + digest.json()["digest"].as_string();
}

}  // namespace

TEST_CASE("An app of a mixed pair never gets its variables", "[e2e][tee][runtime]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  struct Pair {
    RuntimeGeneration client, machine;
    const char* said;
  };
  const Pair pair =
      GENERATE(Pair{RuntimeGeneration::kIntelToken, RuntimeGeneration::kBoundEvidence,
                    "HTTP 500: no ITA verifier client present"},
               Pair{RuntimeGeneration::kBoundEvidence, RuntimeGeneration::kIntelToken, "HTTP 404"});
  const std::string image = push_pair(world, pair.client, pair.machine);
  // The program refuses it.
  const RunResult refused = world.user.run({"compute", "app", "deploy", "--name", "hello",
                                            "--image-ref", image, "--allow-old-runtime", "--json"});
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(refused.error()["code"].as_string() == "image.mixed_runtime");
  REQUIRE(world.devnet.apps().empty());

  world.app = testing::create_app_directly(world.devnet, world.clock.unix_seconds(), image,
                                           R"({"TOKEN":"first"})");
  world.clock.sleep(base::Milliseconds(5'000));
  // The platform calls it running.
  CHECK(world.view().run_state == "Running");
  REQUIRE(testing::eventually([&] { return world.view().app_state == "never started"; }));
  CHECK(world.view().markers == Words{"ECLOUD_FAIL kms_bootstrap"});
  CHECK(world.view().exit_status == 1);
  const std::string log = world.log();
  INFO(log);
  CHECK(has(log, pair.said));
  CHECK(has(log, "kms-client could not get the app's variables from the KMS"));
  CHECK_FALSE(has(log, "server:"));
  CHECK(world.devnet.running_environment(world.app).empty());
  world.clock.sleep(base::Milliseconds(600'000));
  CHECK(world.view().run_state == "Failed");
  CHECK(has(world.log(), "within 10 minutes: the machine is deleted"));
}

TEST_CASE("An app of a consistent pair that was put together by hand runs", "[e2e][tee][runtime]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  const auto generation = RuntimeGeneration::kBoundEvidence;
  const std::string image = push_pair(world, generation, generation);
  world.app = testing::create_app_directly(world.devnet, world.clock.unix_seconds(), image,
                                           R"({"TOKEN":"by hand"})");
  world.clock.sleep(base::Milliseconds(5'000));
  CHECK(world.view().run_state == "Running");
  REQUIRE(world.log_has("server: serving"));
  CHECK(world.view().markers == Words{kRuntimeReady});
  CHECK(world.variable("TOKEN") == "by hand");
}
