// `ecloud devnet up --run-apps` as a user starts it: processes of their own and the real clock.

#include <fstream>

#include "e2e/running_world.h"
#include "support/catch.h"
#include "support/test_data.h"

using namespace ecloud;
using testing::eventually;
using testing::has;
using testing::kRuntimeReady;
using testing::ProcessOptions;
using testing::ProcessResult;
using testing::Words;

namespace {

/// A user's home, and the devnet that runs from it until the end of the test.
class DevnetHome {
 public:
  DevnetHome() {
    // Keys that exist already: making them takes seconds.
    std::filesystem::create_directories(home / "devnet-state");
    for (const auto& file :
         std::filesystem::directory_iterator(testing::test_data_path("devnet"))) {
      if (file.path().extension() != ".pem") continue;
      std::filesystem::copy_file(file.path(), home / "devnet-state" / file.path().filename());
    }
  }
  ~DevnetHome() { run({"devnet", "down"}); }
  DevnetHome(const DevnetHome&) = delete;
  DevnetHome& operator=(const DevnetHome&) = delete;

  ProcessResult run(Words arguments) const {
    arguments.insert(arguments.begin(), ECLOUD_BINARY);
    ProcessOptions options;
    options.argv = std::move(arguments);
    options.env = {{"HOME", home.path().string()},
                   {"XDG_STATE_HOME", (home / "state").string()},
                   {"XDG_CONFIG_HOME", (home / "config").string()},
                   {"XDG_CACHE_HOME", (home / "cache").string()},
                   {"ECLOUD_DEVNET_BINARY", ECLOUD_DEVNET_BINARY},
                   {"ECLOUD_ENV", "devnet"},
                   {"ECLOUD_PRIVATE_KEY",
                    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"}};
    options.directory = home.path();
    return testing::run_process(options);
  }
  base::Json must(Words arguments) const {
    arguments.emplace_back("--json");
    const ProcessResult result = run(arguments);
    INFO(result.describe());
    REQUIRE(result.exit_code == 0);
    return base::Json::parse(result.out, "stdout");
  }
  base::Json up() const {
    return must(
        {"devnet", "up", "--detach", "--run-apps", "--state", (home / "devnet-state").string()});
  }
  bool log_has(const std::string& text) const {
    return eventually([&] { return has(run({"compute", "app", "logs", "hello"}).out, text); });
  }

  testing::TempDir home;
};

/// Processes of this machine that have this variable in their environment.
std::size_t processes_with(const std::string& variable) {
  std::size_t count = 0;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
    std::ifstream file(entry.path() / "environ", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    count += has(text, variable) ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("devnet up --run-apps runs what is deployed until it is taken down",
          "[e2e][process][tee]") {
  const auto image = testing::AppImage::make();
  if (!image) return;
  const DevnetHome user;
  const std::string token = "run-apps-token-" + user.home.path().filename().string();
  user.home.write("image.tar", image->archive());
  user.home.write(".env", "TOKEN=" + token + "\nZ_CHANGED='<$TOKEN>'\n");
  const std::string registry = user.up()["registry"].as_string();
  const base::Json deployed =
      user.must({"compute", "app", "deploy", "--name", "hello", "--image-archive", "image.tar",
                 "--image-ref", registry + "/mine/app:1"});
  const std::string app = deployed["appId"].as_string();
  REQUIRE(user.log_has("server: serving"));
  CHECK(user.log_has("server: arguments a b, user 0:0, token " + token + ", folder /srv\n"));
  CHECK(eventually([&] { return processes_with("TOKEN=" + token) > 0; }));

  const auto status = [&] { return user.must({"devnet", "status"})["apps"].at(0); };
  CHECK(status()["app"].as_string() == app);
  CHECK(status()["runState"].as_string() == "Running");
  CHECK(status()["appState"].as_string() == "running");
  CHECK(status()["markers"].dump() == "[\"" + std::string(kRuntimeReady) + "\"]");
  CHECK(status()["ports"].dump() == R"(["8080/tcp"])");
  const base::Json env = user.must({"devnet", "env", "hello"});
  CHECK(env["appId"].as_string() == app);
  CHECK(env["environment"]["Z_CHANGED"].as_string() == "<$TOKEN>");
  CHECK(env["running"]["Z_CHANGED"].as_string() == "<" + token + ">");
  CHECK(env["differing"].dump() == R"(["Z_CHANGED"])");

  SECTION("an app that is stopped ends, and its process with it") {
    user.must({"compute", "app", "stop", "hello"});
    CHECK(status()["appState"].as_string() == "ended with status 0");
    CHECK(status()["exitStatus"].as_i64() == 0);
    CHECK(user.must({"devnet", "env", "hello"})["running"].is_null());
    CHECK(processes_with("TOKEN=" + token) == 0);
  }
  SECTION("the next devnet on the same state runs it again, with its disk") {
    user.must({"devnet", "down"});
    CHECK(processes_with("TOKEN=" + token) == 0);
    user.up();
    REQUIRE(user.log_has("server: found data of " + token));
    CHECK(status()["appState"].as_string() == "running");
  }
  user.must({"devnet", "down"});
  CHECK(processes_with("TOKEN=" + token) == 0);
}

TEST_CASE("devnet up --run-apps says at once where it cannot run them", "[e2e][process][tee]") {
  if (!testing::AppImage::make()) return;
  const DevnetHome user;
  // Without the right to make namespaces.
  const auto setpriv = testing::require_tool("setpriv");
  if (!setpriv) return;
  ProcessOptions options;
  options.argv = {setpriv->string(),
                  "--bounding-set=-sys_admin",
                  "--inh-caps=-sys_admin",
                  ECLOUD_BINARY,
                  "devnet",
                  "up",
                  "--detach",
                  "--run-apps",
                  "--state",
                  (user.home / "devnet-state").string()};
  options.env = {{"HOME", user.home.path().string()},
                 {"XDG_STATE_HOME", (user.home / "state").string()},
                 {"ECLOUD_DEVNET_BINARY", ECLOUD_DEVNET_BINARY}};
  options.directory = user.home.path();
  const ProcessResult result = testing::run_process(options);
  INFO(result.describe());
  CHECK(result.exit_code == 1);
  CHECK(result.out.empty());
  CHECK(has(result.err, "the devnet cannot run apps: no name spaces: Operation not permitted"));
  CHECK(user.run({"devnet", "status"}).out == "not running\n");
}
