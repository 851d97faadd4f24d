// The offer, at a real pseudo-terminal, to find and pin the platform's current tools when the
// pinned ones are of a generation that is not served any more.

#include <ctime>

#include "e2e/image_support.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/pty_process.h"

using namespace ecloud;
using testing::check_nothing_happened;
using testing::kCtrlC;
using testing::ProcessOptions;
using testing::PtyProcess;
using testing::RunResult;
using testing::Screen;
using testing::World;

namespace {

using Words = std::vector<std::string>;

constexpr char kFind[] = "Find the tools that the platform uses now, and pin them?";
constexpr char kPin[] = "Pin these tools for devnet in ";
constexpr char kRefused[] = "which the platform no longer serves: the app would get no variables";

/// A user at a terminal who has pinned old tools, on a platform that has built an image.
struct OfferWorld : World {
  OfferWorld() : World(static_cast<std::int64_t>(std::time(nullptr))) {
    const RunResult built =
        user.run({"compute", "build", "submit", "--repo", "https://github.com/me/app", "--commit",
                  "0123456789abcdef0123456789abcdef01234567", "--json"});
    INFO(built.describe());
    REQUIRE(built.code == 0);
    const base::Json info = devnet.info();
    client = info["kmsClientImage"].as_string();
    tls_client = info["tlsClientImage"].as_string();
    const base::Json old = info["intelTokenTools"];
    for (const auto& [key, value] :
         std::map<std::string, std::string>{{"kmsClientImage", old["kmsClientImage"].as_string()},
                                            {"tlsClientImage", old["tlsClientImage"].as_string()},
                                            {"runtimeGeneration", "intel-token"}}) {
      REQUIRE(user.run({"config", "set", "environments.devnet." + key, value}).code == 0);
    }
    before = config();
    devnet.clear_requests();
  }

  /// A person: no CI, and a terminal that knows colours.
  ProcessOptions start(Words arguments) const {
    ProcessOptions options;
    arguments.insert(arguments.begin(), ECLOUD_BINARY);
    options.argv = std::move(arguments);
    options.inherit_env = false;
    options.env = user.env();
    options.env.emplace("TERM", "xterm-256color");
    options.env.emplace("PATH", "/usr/bin:/bin");
    options.directory = user.folder();
    return options;
  }
  /// --yes agrees to the deployment and to nothing else.
  ProcessOptions deploy() const {
    return start({"compute", "app", "deploy", "--name", "hello", "--image-ref",
                  devnet.image("sample/hello:1.0"), "--no-wait", "--yes"});
  }
  std::filesystem::path config_path() const { return user.home() / "config/ecloud/config.yaml"; }
  std::string config() const { return base::read_file(config_path(), 1 << 20); }
  void check_untouched() const {
    CHECK(config() == before);
    check_nothing_happened(*this);
  }

  std::string client, tls_client, before;
};

void check_tidy(const Screen& screen) {
  CHECK(screen.problems().empty());
  CHECK_FALSE(screen.style_left_on());
  CHECK(screen.cursor_visible());
}

bool shows(const Screen& screen, const std::string& text) {
  return screen.text().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("Old tools are replaced by the current ones when a person agrees twice",
          "[e2e][runtime][terminal]") {
  OfferWorld world;
  PtyProcess child(world.deploy(), {200, 60});
  REQUIRE(child.wait_for(kFind));
  world.check_untouched();
  REQUIRE(child.wait_for("Number [1]:"));
  // By number, or by the words of the menu.
  const bool by_number = GENERATE(true, false);
  child.type(by_number ? "1\n" : "find them\n");
  REQUIRE(child.wait_for(kPin + world.config_path().string() + "?"));
  {
    const Screen screen = child.screen();
    INFO(screen.text());
    CHECK(shows(screen, world.client));
    CHECK(shows(screen, world.tls_client));
    CHECK(shows(screen, "bound-evidence"));
    CHECK(shows(screen, "https://github.com/me/app at 0123456789abcdef"));
  }
  // Finding them sends and writes nothing.
  world.check_untouched();
  child.type(by_number ? "1\n" : "pin them\n");
  const int code = child.wait_exit();
  const Screen screen = child.screen();
  INFO(screen.text());
  CHECK(code == 0);
  check_tidy(screen);
  CHECK(world.config() == "environments:\n  devnet:\n    kmsClientImage: " + world.client +
                              "\n    runtimeGeneration: bound-evidence\n    tlsClientImage: " +
                              world.tls_client + "\n");
  // The image that is deployed has the new pair.
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 1);
  REQUIRE(world.devnet.apps().size() == 1);
  const RunResult inspected = world.user.run(
      {"image", "inspect", world.devnet.image("sample/hello:1.0-layered"), "--json"});
  INFO(inspected.describe());
  const base::Json labels = inspected.json()["labels"];
  CHECK(labels["eigenx_vm_image"].as_string() == "eigen");
  CHECK_FALSE(labels["eigenx_use_ita"].exists());
  world.clock.sleep(base::Milliseconds(10'000));
  CHECK(world.devnet.apps().front().app_state == "running");
}

TEST_CASE("Old tools stay pinned and nothing is sent when a person declines",
          "[e2e][runtime][terminal]") {
  OfferWorld world;
  const bool at_first = GENERATE(true, false);
  PtyProcess child(world.deploy(), {200, 60});
  REQUIRE(child.wait_for(kFind));
  REQUIRE(child.wait_for("Number [1]:"));
  if (at_first) {
    child.type("2\n");
  } else {
    child.type("1\n");
    REQUIRE(child.wait_for(kPin));
    child.type("stop\n");
  }
  const int code = child.wait_exit();
  const Screen screen = child.screen();
  INFO(screen.text());
  CHECK(code == 2);
  check_tidy(screen);
  CHECK(shows(screen, kRefused));
  CHECK(
      shows(screen,
            "hint: find and pin the current tools: ecloud image tools --pin --environment devnet"));
  if (at_first) {
    // Nobody was asked for builds.
    CHECK(world.devnet.count("userapi:/builds") == 0);
    CHECK_FALSE(shows(screen, kPin));
  }
  world.check_untouched();
}

TEST_CASE("Ctrl-C in the offer of current tools changes nothing", "[e2e][runtime][terminal]") {
  OfferWorld world;
  const bool at_first = GENERATE(true, false);
  PtyProcess child(world.deploy(), {200, 60});
  REQUIRE(child.wait_for(kFind));
  REQUIRE(child.wait_for("Number [1]:"));
  if (!at_first) {
    child.type("1\n");
    REQUIRE(child.wait_for(kPin));
  }
  child.type(kCtrlC);
  const int code = child.wait_exit();
  const Screen screen = child.screen();
  INFO(screen.text());
  CHECK(code == 130);
  check_tidy(screen);
  CHECK(child.echoes());
  CHECK(screen.rows().back() == "error: interrupted");
  world.check_untouched();

  // The same command asks again.
  PtyProcess again(world.deploy(), {200, 60});
  CHECK(again.wait_for(kFind));
  again.type(kCtrlC);
  CHECK(again.wait_exit() == 130);
}
