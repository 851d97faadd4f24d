// What a person sees of a push, at a real pseudo-terminal and in a log.

#include "e2e/image_support.h"
#include "e2e/terminal_session.h"
#include "ecloud/base/text.h"
#include "support/catch.h"

using namespace ecloud;
using testing::kCtrlC;
using testing::PtyProcess;
using testing::Screen;
using testing::TerminalWorld;

namespace {

constexpr std::chrono::milliseconds kSlow{1'500};

void check_tidy(const Screen& screen) {
  CHECK(screen.problems().empty());
  CHECK_FALSE(screen.style_left_on());
  CHECK(screen.cursor_visible());
}

std::size_t rows_with(const Screen& screen, const std::string& text) {
  std::size_t count = 0;
  for (const std::string& row : screen.rows()) count += row.find(text) != std::string::npos ? 1 : 0;
  return count;
}

/// Nothing has that tag.
void check_no_tag(const TerminalWorld& world, const std::string& reference) {
  const auto result = testing::run_process(world.start({"image", "digest", reference}));
  INFO(result.describe());
  CHECK(result.exit_code == 6);
}

std::size_t files_below(const std::filesystem::path& folder) {
  std::size_t count = 0;
  std::error_code missing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, missing)) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("A push at a terminal shows every blob that moves and leaves a clean screen",
          "[e2e][image][terminal]") {
  TerminalWorld world;
  const std::string target = world.devnet.image("mine/app:1");
  world.user.write("app.tar", testing::docker_archive());
  world.devnet.set_latency("registry:/uploads/put", kSlow);
  world.devnet.set_latency("registry:/uploads/patch", kSlow);
  PtyProcess child(world.start({"image", "push", "app.tar", target}), {100, 24});
  REQUIRE(child.wait_for("  sending "));
  const Screen during = child.screen();
  INFO(during.text());
  // The layer and the configuration, below the row that says what goes on.
  CHECK(rows_with(during, "  sending ") == 2);
  CHECK(rows_with(during, "pushing " + target) == 1);
  CHECK(child.wait_exit() == 0);
  const Screen screen = child.screen();
  INFO(screen.text());
  check_tidy(screen);
  CHECK(rows_with(screen, "sending") == 0);
  CHECK(screen.text().find("...") == std::string::npos);
  CHECK(screen.rows().back().starts_with(target + "@sha256:"));
  CHECK(screen.rows().size() == 3);
}

TEST_CASE("A push in a log has one plain line for each blob that moved", "[e2e][image]") {
  const TerminalWorld world;
  const std::string target = world.devnet.image("mine/app:1");
  world.user.write("app.tar", testing::docker_archive());
  const auto result = testing::run_process(world.start({"image", "push", "app.tar", target}));
  INFO(result.describe());
  REQUIRE(result.ok());
  const std::vector<std::string> lines = base::split(base::trim(result.err), '\n');
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "reading app.tar");
  CHECK(lines[1] == "pushing " + target);
  for (const std::size_t i : {2, 3}) {
    CHECK(lines[i].starts_with("pushing " + target + ": "));
    CHECK(lines[i].find(" sent (") != std::string::npos);
  }
  CHECK(result.err.find('\r') == std::string::npos);
  CHECK(result.err.find('\x1b') == std::string::npos);
}

TEST_CASE("Ctrl-C in the middle of a push leaves no tag and no file behind",
          "[e2e][image][terminal]") {
  TerminalWorld world;
  const std::string target = world.devnet.image("mine/app:1");
  world.user.write("app.tar", testing::docker_archive());
  world.devnet.set_latency("registry:/uploads/put", std::chrono::seconds(5));
  world.devnet.set_latency("registry:/uploads/patch", std::chrono::seconds(5));
  auto options = world.start({"image", "push", "app.tar", target});
  options.env["XDG_CACHE_HOME"] = (world.user.folder() / "cache").string();
  options.env["TMPDIR"] = (world.user.folder() / "tmp").string();
  std::filesystem::create_directories(world.user.folder() / "tmp");
  PtyProcess child(options, {100, 24});
  REQUIRE(child.wait_for("  sending "));
  child.type(kCtrlC);
  CHECK(child.wait_exit() == 130);
  const Screen screen = child.screen();
  INFO(screen.text());
  check_tidy(screen);
  CHECK(screen.rows().back() == "error: interrupted");
  CHECK(rows_with(screen, "sending") == 0);
  CHECK(files_below(world.user.folder() / "cache") == 0);
  CHECK(files_below(world.user.folder() / "tmp") == 0);
  world.devnet.set_latency("registry:/uploads/put", std::chrono::milliseconds(0));
  check_no_tag(world, target);
}
