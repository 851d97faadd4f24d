// Whole deployments whose app really runs: the devnet unpacks the image from its registry and
// starts its real start script as process 1 of a container.

#include <thread>

#include "e2e/running_world.h"

using namespace ecloud;
using testing::eventually;
using testing::has;
using testing::kRuntimeReady;
using testing::RunningWorld;
using testing::RunResult;
using testing::Words;

TEST_CASE("A deployed app runs through upgrade, rollback, stop and start", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  const RunResult run = world.deploy();
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.view().markers == Words{kRuntimeReady});
  CHECK(world.view().app_state == "running");
  CHECK(world.view().ports == Words{"8080/tcp"});
  INFO(world.log());
  REQUIRE(world.log_has("server: serving"));
  CHECK(has(world.log(), "app: server: arguments a b, user 0:0, token first, folder /srv\n"));

  // What the app's process has in its environment.
  CHECK(world.variable("TOKEN") == "first");
  CHECK(world.variable("GREETING_PUBLIC") == "hi");
  CHECK(world.variable("MNEMONIC") == world.given("MNEMONIC"));
  CHECK(world.variable("EIGEN_MACHINE_TYPE_PUBLIC") == "g1-standard-4t");
  CHECK(world.variable("HOSTNAME") == "tee-" + world.app.to_lower_hex());
  CHECK(world.variable("USER_PERSISTENT_DATA_PATH") == "/mnt/disks/userdata");
  CHECK(world.variable("ECLOUD_PD_EXPECTED") == "1");
  CHECK(world.variable("KMS_SERVER_URL") == world.devnet.environment().kms_server_url);
  CHECK(has(world.variable("KMS_PUBLIC_KEY"), "BEGIN PUBLIC KEY"));

  world.user.write(".env", "TOKEN=second\n");
  world.must({"compute", "app", "upgrade", "hello"});
  REQUIRE(world.log_has("token second"));
  CHECK(world.view().markers == Words{kRuntimeReady});
  CHECK(has(world.log(), "server: TERM"));
  REQUIRE(eventually([&] { return world.variable("TOKEN") == "second"; }));
  CHECK(world.variable("GREETING_PUBLIC") == "(none)");
  CHECK(world.log_has("server: found data of first"));
  CHECK(world.log_has("server: serving"));
  CHECK_FALSE(has(world.log(), "what should be lost"));

  world.must({"compute", "app", "rollback", "hello", "--yes"});
  REQUIRE(world.log_has("server: found data of second"));
  REQUIRE(eventually([&] { return world.variable("TOKEN") == "first"; }));

  world.must({"compute", "app", "stop", "hello"});
  CHECK(world.view().run_state == "Stopped");
  CHECK(world.view().exit_status == 0);
  CHECK(world.view().app_state == "ended with status 0");
  CHECK(world.variable("TOKEN") == "(none)");
  world.must({"compute", "app", "start", "hello"});
  CHECK(world.view().run_state == "Running");
  CHECK(world.view().markers == Words{kRuntimeReady});
  CHECK(world.view().app_state == "running");
  REQUIRE(eventually([&] { return world.variable("TOKEN") == "first"; }));
}

TEST_CASE("An app's variables are read while other processes come and go", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  REQUIRE(world.deploy().code == 0);
  REQUIRE(world.log_has("server: serving"));
  std::jthread others([](const std::stop_token& stop) {
    while (!stop.stop_requested()) testing::run_process({"true"});
  });
  int right = 0;
  for (int reading = 0; reading < 200; ++reading) {
    if (world.variable("TOKEN") == "first") ++right;
  }
  CHECK(right == 200);
}

TEST_CASE("A suspended app is started again with its data", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  REQUIRE(world.deploy().code == 0);
  REQUIRE(world.log_has("server: serving"));
  const eth::Address account = devnet::Devnet::accounts().front().address;
  world.devnet.suspend(account);
  world.clock.sleep(base::Milliseconds(5'000));
  CHECK(world.view().run_state == "Suspended");
  CHECK(world.view().exit_status == 0);
  CHECK(world.variable("TOKEN") == "(none)");
  world.devnet.set_max_active_apps(account, 1);
  world.must({"compute", "app", "start", "hello"});
  CHECK(world.view().run_state == "Running");
  CHECK(world.view().markers == Words{kRuntimeReady});
  CHECK(world.log_has("server: found data of first"));
}

TEST_CASE("A deployed app runs as the image's user", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  struct User {
    const char* user;
    const char* seen;
  };
  const User user =
      GENERATE(User{"app", "1000:1001"}, User{"4242:1001", "4242:1001"}, User{"1000", "1000:"});
  world.write_image(std::string(testing::AppImage::kPlain) + R"(,"User":")" + user.user + "\"");
  const RunResult run = world.deploy();
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.view().markers == Words{kRuntimeReady});
  INFO(world.log());
  REQUIRE(world.log_has("server: serving"));
  CHECK(has(world.log(), std::string("user ") + user.seen));
  CHECK(world.variable("__ECLOUD_ORIGINAL_USER") == "(none)");
  CHECK(world.variable("TOKEN") == "first");
}

TEST_CASE("An app that ends shuts its machine down", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  world.write_image(R"("Entrypoint":["/app/batch"],"ExposedPorts":{"80/tcp":{}})");
  const RunResult run = world.deploy({"--no-wait"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  world.clock.sleep(base::Milliseconds(5'000));
  REQUIRE(eventually([&] { return world.view().run_state == "Stopped"; }));
  CHECK(world.view().exit_status == 3);
  CHECK(world.view().app_state == "ended with status 3");
  CHECK(world.view().markers == Words{kRuntimeReady});
  CHECK(has(world.log(), "app: batch: done"));
  CHECK(has(world.log(), "platform: the app ended with status 3: the machine is shut down"));
}

TEST_CASE("An app with a domain starts with certificates", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  world.user.write(".env", "TOKEN=first\nDOMAIN=app.example.com\nAPP_PORT=8080\n");
  world.user.write("Caddyfile",
                   "{$DOMAIN} {\n\ttls /run/tls/domain/fullchain.pem /run/tls/domain/privkey.pem\n"
                   "\treverse_proxy localhost:8080\n}\n");
  const RunResult run = world.deploy();
  INFO(run.describe());
  REQUIRE(run.code == 0);
  INFO(world.log());
  CHECK(world.view().markers == Words{kRuntimeReady});
  REQUIRE(world.log_has("server: serving"));
  const auto ports = world.view().ports.value_or(Words{});
  for (const char* port : {"80/tcp", "443/tcp", "8080/tcp"}) {
    CHECK(std::find(ports.begin(), ports.end(), port) != ports.end());
  }
}

TEST_CASE("An app whose certificate fails never starts, and is rolled back or given up",
          "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  world.user.write("Caddyfile", "{$DOMAIN} {\n\treverse_proxy localhost:8080\n}\n");
  world.user.write(".env", "TOKEN=first\nDOMAIN=app.refused.invalid\n");
  const RunResult run = world.deploy({"--no-wait"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  world.clock.sleep(base::Milliseconds(5'000));
  // The machine runs, and the app does not.
  CHECK(world.view().run_state == "Running");
  REQUIRE(eventually([&] { return world.view().app_state == "never started"; }));
  INFO(world.log());
  CHECK(world.view().markers == Words{"ECLOUD_FAIL tls_setup"});
  CHECK(world.view().exit_status == 1);
  CHECK_FALSE(has(world.log(), "server:"));
  world.clock.sleep(base::Milliseconds(600'000));
  CHECK(world.view().run_state == "Failed");
  CHECK(has(world.log(), "within 10 minutes: the machine is deleted"));
}

TEST_CASE("An upgrade that another phrase locks out of the disk fails", "[e2e][tee][wallet]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  REQUIRE(world.deploy().code == 0);
  REQUIRE(world.log_has("server: serving"));
  const RunResult run = world.user.run({"compute", "app", "upgrade", "hello", "--wallet", "kms",
                                        "--confirm-wallet-change", "hello", "--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code != 0);
  CHECK(world.view().run_state == "Failed");
  CHECK(has(world.log(), "failed to set up encrypted volume"));
  CHECK(world.variable("TOKEN") == "(none)");
  // With its own phrase again, the app has its data.
  world.must({"compute", "app", "rollback", "hello", "--to", "1", "--yes",
              "--confirm-wallet-change", "hello"});
  CHECK(world.log_has("server: found data of first"));
}

TEST_CASE("Variables are written for the shell as the platform's client does", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  world.user.write(".env", "TOKEN=first\nCHANGED='a${TOKEN}b'\nPLAIN='it'\\''s $5'\n");
  world.user.write(".env", "TOKEN=first\nZ_CHANGED='a${TOKEN}b\\\\c'\n");
  const RunResult run = world.deploy();
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(has(run.err, "Z_CHANGED holds a dollar sign"));
  CHECK(world.given("Z_CHANGED") == "a${TOKEN}b\\\\c");
  REQUIRE(eventually([&] { return world.variable("Z_CHANGED") == "afirstb\\c"; }));

  // As the commands show it.
  const base::Json shown = world.must({"devnet", "env", "hello"}).json();
  CHECK(shown["environment"]["Z_CHANGED"].as_string() == "a${TOKEN}b\\\\c");
  CHECK(shown["environment"]["TOKEN"].as_string() == "first");
  CHECK_FALSE(shown["environment"]["PATH"].exists());
  CHECK(shown["running"]["Z_CHANGED"].as_string() == "afirstb\\c");
  CHECK(shown["running"]["TOKEN"].as_string() == "first");
  CHECK(shown["running"]["HOSTNAME"].as_string() == "tee-" + world.app.to_lower_hex());
  CHECK(shown["differing"].dump() == R"(["Z_CHANGED"])");
  const RunResult text = world.user.run({"devnet", "env", "hello"});
  INFO(text.describe());
  CHECK(has(text.out,
            "\nTOKEN=first\nZ_CHANGED=a${TOKEN}b\\\\c\n"
            "# In the running process, after the start script's shell read them:\n"
            "# Z_CHANGED=afirstb\\c\n# Only in the running process:\n"));
  CHECK(has(text.out, "\n# HOSTNAME=tee-" + world.app.to_lower_hex() + "\n"));
  CHECK(has(text.out, "\n# KMS_PUBLIC_KEY=-----BEGIN PUBLIC KEY-----\n# "));
  CHECK(text.err.empty());

  world.must({"compute", "app", "stop", "hello"});
  const base::Json stopped = world.must({"devnet", "env", "hello"}).json();
  CHECK(stopped["environment"].dump() == shown["environment"].dump());
  CHECK(stopped["running"].is_null());
  CHECK(stopped["differing"].dump() == "[]");
  CHECK_FALSE(has(world.user.run({"devnet", "env", "hello"}).out, "#"));
}

TEST_CASE("devnet status shows what each app does", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  REQUIRE(world.deploy().code == 0);
  const std::string server = world.app.to_string();
  world.write_image(R"("Entrypoint":["/app/batch"],"ExposedPorts":{"80/tcp":{},"53/udp":{}})");
  const RunResult batch_run = world.deploy_with(
      {"compute", "app", "deploy", "--name", "batch", "--image-archive", "image.tar", "--image-ref",
       world.devnet.image("mine/batch:1"), "--no-wait", "--json"});
  INFO(batch_run.describe());
  REQUIRE(batch_run.code == 0);
  const std::string batch = world.app.to_string();
  world.clock.sleep(base::Milliseconds(5'000));
  REQUIRE(eventually([&] { return world.view().run_state == "Stopped"; }));

  const base::Json apps = world.must({"devnet", "status"}).json()["apps"];
  REQUIRE(apps.size() == 2);
  CHECK(apps.at(0)["app"].as_string() == server);
  CHECK(apps.at(0)["runState"].as_string() == "Running");
  CHECK(apps.at(0)["appState"].as_string() == "running");
  CHECK(apps.at(0)["exitStatus"].is_null());
  CHECK(apps.at(0)["markers"].dump() == R"(["ECLOUD_READY runtime_bootstrapped"])");
  CHECK(apps.at(0)["ports"].dump() == R"(["8080/tcp"])");
  CHECK(apps.at(1)["app"].as_string() == batch);
  CHECK(apps.at(1)["runState"].as_string() == "Stopped");
  CHECK(apps.at(1)["appState"].as_string() == "ended with status 3");
  CHECK(apps.at(1)["exitStatus"].as_i64() == 3);
  const RunResult text = world.user.run({"devnet", "status"});
  INFO(text.describe());
  CHECK(has(text.out, "\n" + server + "\thello\tRunning\t" + apps.at(0)["image"].as_string() +
                          "\trunning\t8080/tcp\t" + kRuntimeReady + "\n"));
  CHECK(has(text.out, "\n" + batch + "\tbatch\tStopped\t" + apps.at(1)["image"].as_string() +
                          "\tended with status 3\t80/tcp, 53/udp\t" + kRuntimeReady + "\n"));
}

TEST_CASE("An image without a shell is refused before anything is sent", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  const std::string layer = oci::write_tar({{"app", 0755,
                                             "\x7f"
                                             "ELF"}});
  const std::string document =
      R"({"architecture":"amd64","os":"linux","config":{"Cmd":["/app"]},"rootfs":{"type":"layers",)"
      R"("diff_ids":[")" +
      oci::Digest::of(base::as_bytes(layer)).to_string() + R"("]}})";
  world.user.write("image.tar", oci::write_tar({{"manifest.json", 0644,
                                                 R"([{"Config":"config.json","RepoTags":["a:1"],)"
                                                 R"("Layers":["layer.tar"]}])"},
                                                {"config.json", 0644, document},
                                                {"layer.tar", 0644, layer}}));
  const RunResult run = world.deploy();
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(has(run.error()["message"].as_string(), "/bin/sh"));
  CHECK(world.devnet.apps().empty());
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
}
