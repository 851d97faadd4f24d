// Whole deployments whose app really runs: the devnet unpacks the image from its registry and
// starts its real start script as process 1 of a container.

#include <unistd.h>

#include <chrono>
#include <thread>

#include "devnet/container.h"
#include "e2e/session.h"
#include "ecloud/oci/digest.h"
#include "ecloud/oci/tar.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/root_folder.h"
#include "support/tools.h"

using namespace ecloud;
using testing::RootFolder;
using testing::RootKind;
using testing::RunResult;
using testing::Session;

namespace {

using Words = std::vector<std::string>;

constexpr char kReady[] = "ECLOUD_READY runtime_bootstrapped";

/// Says what it sees, keeps a file on the disk, and runs until TERM.
constexpr char kServer[] = R"sh(#!/bin/sh
trap 'echo "server: TERM"; exit 0' TERM
echo "server: arguments $*, user $(id -u):$(id -g), token $TOKEN, folder $(pwd)"
[ ! -e "$USER_PERSISTENT_DATA_PATH/kept" ] || echo "server: found $(cat "$USER_PERSISTENT_DATA_PATH/kept")"
[ ! -e /tmp/lost ] || echo "server: found what should be lost"
[ "$(id -u)" != 0 ] || echo "data of $TOKEN" >"$USER_PERSISTENT_DATA_PATH/kept"
echo x >/tmp/lost
echo "server: serving"
while :; do sleep 1 & wait $!; done
)sh";

/// Ends by itself.
constexpr char kBatch[] = "#!/bin/sh\necho \"batch: done\"\nexit 3\n";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

devnet::Options options_of(testing::ManualClock& clock, platform::Generation generation) {
  devnet::Options options = testing::devnet_options(clock, generation);
  options.run_apps = true;
  return options;
}

/// A devnet that runs apps, and a user with an image in a file.
class RunningWorld {
 public:
  /// Nothing, visibly skipped, where apps cannot be run.
  static std::unique_ptr<RunningWorld> make(
      platform::Generation generation = platform::Generation::kFourFields) {
    if (!testing::require_root_mount()) return nullptr;
    const auto root = RootFolder::make(RootKind::kBusybox);
    if (!root) return nullptr;
    if (const std::string problem = devnet::container_problem(); !problem.empty()) {
      if (testing::tools_are_required()) FAIL(problem);
      WARN("SKIPPED: " + problem);
      return nullptr;
    }
    return std::unique_ptr<RunningWorld>(new RunningWorld(*root, generation));
  }

  /// What `docker save` writes of an image of busybox; `config` holds the members of "config".
  void write_image(const std::string& name, const std::string& config) const {
    const std::string document = R"({"architecture":"amd64","os":"linux","config":{)" + config +
                                 R"(},"rootfs":{"type":"layers","diff_ids":[")" +
                                 oci::Digest::of(base::as_bytes(layer_)).to_string() + R"("]}})";
    user.write(name, oci::write_tar({{"manifest.json", 0644,
                                      R"([{"Config":"config.json","RepoTags":["a:1"],)"
                                      R"("Layers":["layer.tar"]}])"},
                                     {"config.json", 0644, document},
                                     {"layer.tar", 0644, layer_}}));
  }
  RunResult deploy(Words more = {}) {
    Words words = {"compute",   "app",         "deploy",
                   "--name",    "hello",       "--image-archive",
                   "image.tar", "--image-ref", devnet.image("mine/app:1"),
                   "--json"};
    words.insert(words.end(), more.begin(), more.end());
    RunResult run = user.run(words);
    if (run.code == 0) app = *eth::Address::parse(run.json()["appId"].as_string());
    return run;
  }
  RunResult must(Words words) {
    words.emplace_back("--json");
    RunResult run = user.run(words);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    return run;
  }
  devnet::AppView view() const { return *devnet.app(app); }
  std::string log() { return user.run({"compute", "app", "logs", app.to_string()}).out; }
  /// Waits, in real time, until the app has printed that.
  bool log_has(const std::string& text) {
    return eventually([&] { return has(log(), text); });
  }
  bool eventually(const std::function<bool()>& holds) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }
  /// Of the app's process, as the kernel shows it.
  std::string variable(const std::string& name) const {
    for (const auto& [key, value] : devnet.running_environment(app)) {
      if (key == name) return std::string(value.reveal_text());
    }
    return "(none)";
  }
  std::string given(const std::string& name) const {
    for (const auto& [key, value] : devnet.tee_environment(app)) {
      if (key == name) return std::string(value.reveal_text());
    }
    return "(none)";
  }

  testing::ManualClock clock;
  devnet::Devnet devnet;
  Session user;
  eth::Address app;

 private:
  RunningWorld(const RootFolder& root, platform::Generation generation)
      : devnet(options_of(clock, generation)), user(devnet, clock) {
    root.write("app/server", kServer, true);
    root.write("app/batch", kBatch, true);
    root.write("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/srv:/bin/sh\n");
    root.write("etc/group", "root:x:0:\napp:x:1001:\n");
    std::filesystem::create_directories(root.path() / "srv");
    const testing::TempDir dir;
    const std::string tar = (dir / "layer.tar").string();
    const auto packed = testing::run_process({"tar", "-C", root.path().string(), "--exclude=./dev",
                                              "--exclude=./proc/*", "-cf", tar, "."});
    if (!packed.ok()) throw std::runtime_error(packed.describe());
    layer_ = testing::slurp(tar);
    write_image("image.tar", kPlain);
    user.write(".env", "TOKEN=first\nGREETING_PUBLIC=hi\n");
  }

 public:
  static constexpr char kPlain[] =
      R"("Cmd":["/app/server","a b"],"WorkingDir":"/srv","ExposedPorts":{"8080/tcp":{}})";

 private:
  std::string layer_;
};

}  // namespace

TEST_CASE("A deployed app runs through upgrade, rollback, stop and start", "[e2e][tee]") {
  const auto made = RunningWorld::make();
  if (!made) return;
  RunningWorld& world = *made;
  const RunResult run = world.deploy();
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.view().markers == Words{kReady});
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
  CHECK(world.view().markers == Words{kReady});
  CHECK(has(world.log(), "server: TERM"));
  REQUIRE(world.eventually([&] { return world.variable("TOKEN") == "second"; }));
  CHECK(world.variable("GREETING_PUBLIC") == "(none)");
  CHECK(world.log_has("server: found data of first"));
  CHECK(world.log_has("server: serving"));
  CHECK_FALSE(has(world.log(), "what should be lost"));

  world.must({"compute", "app", "rollback", "hello", "--yes"});
  REQUIRE(world.log_has("server: found data of second"));
  REQUIRE(world.eventually([&] { return world.variable("TOKEN") == "first"; }));

  world.must({"compute", "app", "stop", "hello"});
  CHECK(world.view().run_state == "Stopped");
  CHECK(world.view().exit_status == 0);
  CHECK(world.view().app_state == "ended with status 0");
  CHECK(world.variable("TOKEN") == "(none)");
  world.must({"compute", "app", "start", "hello"});
  CHECK(world.view().run_state == "Running");
  CHECK(world.view().markers == Words{kReady});
  CHECK(world.view().app_state == "running");
  REQUIRE(world.eventually([&] { return world.variable("TOKEN") == "first"; }));
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
  CHECK(world.view().markers == Words{kReady});
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
  world.write_image("image.tar",
                    std::string(RunningWorld::kPlain) + R"(,"User":")" + user.user + "\"");
  const RunResult run = world.deploy();
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.view().markers == Words{kReady});
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
  world.write_image("image.tar", R"("Entrypoint":["/app/batch"],"ExposedPorts":{"80/tcp":{}})");
  const RunResult run = world.deploy({"--no-wait"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  world.clock.sleep(base::Milliseconds(5'000));
  REQUIRE(world.eventually([&] { return world.view().run_state == "Stopped"; }));
  CHECK(world.view().exit_status == 3);
  CHECK(world.view().app_state == "ended with status 3");
  CHECK(world.view().markers == Words{kReady});
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
  CHECK(world.view().markers == Words{kReady});
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
  REQUIRE(world.eventually([&] { return world.view().app_state == "never started"; }));
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
  REQUIRE(world.eventually([&] { return world.variable("Z_CHANGED") == "afirstb\\c"; }));
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
