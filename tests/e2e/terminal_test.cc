// What a person sees, at a real pseudo-terminal.

#include <regex>

#include "cli/output.h"
#include "e2e/terminal_session.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"
#include "support/catch.h"

using namespace ecloud;
using testing::kCtrlC;
using testing::kCtrlD;
using testing::PtyProcess;
using testing::Screen;
using testing::TerminalWorld;

namespace {

void check_tidy(const Screen& screen) {
  CHECK(screen.problems().empty());
  CHECK_FALSE(screen.style_left_on());
  CHECK(screen.cursor_visible());
}

bool has_row(const Screen& screen, const std::string& pattern) {
  const std::regex wanted(pattern);
  for (const std::string& row : screen.rows()) {
    if (std::regex_match(row, wanted)) return true;
  }
  return false;
}

/// Commands to copy are never broken, so they do not count.
std::size_t widest_row(const std::string& text) {
  std::size_t widest = 0;
  for (const std::string& row : base::split(text, '\n')) {
    if (base::trim(row).substr(0, 2) != "$ ") widest = std::max(widest, cli::display_width(row));
  }
  return widest;
}

}  // namespace

TEST_CASE("A deployment at a terminal shows plan then progress then result", "[e2e][terminal]") {
  const TerminalWorld world;
  PtyProcess child(world.start(world.deploy()), {120, 40});
  CHECK(child.wait_exit() == 0);
  const Screen screen = child.screen();
  INFO(screen.text());
  check_tidy(screen);
  CHECK(screen.has_style());
  CHECK(has_row(screen, "Name: +hello"));
  CHECK(has_row(screen, "Highest cost: +0\\.\\d+ ETH \\(balance \\d+ ETH\\)"));
  // Every phase leaves one row, and no live line is left over.
  CHECK(has_row(screen, "asking chain and registry( \\(\\d+ s\\))?"));
  CHECK(has_row(screen, "waiting until app 0x[0-9a-fA-F]{40} runs: Running( \\(\\d+ s\\))?"));
  CHECK(screen.text().find("...") == std::string::npos);
  CHECK(has_row(screen, "Status: +Running"));
}

TEST_CASE("While a terminal waits one row at its bottom tells for what", "[e2e][terminal]") {
  TerminalWorld world;
  world.devnet.pause_mining();
  PtyProcess child(world.start(world.deploy()), {60, 24});
  REQUIRE(child.wait_for("waiting for transaction 0x"));
  const Screen screen = child.screen();
  INFO(screen.text());
  // Cut to the terminal: a row that wraps could not be taken back.
  CHECK(widest_row(screen.rows().back() + "\n") <= 59);
  child.type(kCtrlC);
  CHECK(child.wait_exit() == 130);
}

TEST_CASE("Ctrl-C while a deployment waits takes the live row back and says what is out",
          "[e2e][terminal]") {
  TerminalWorld world;
  world.devnet.pause_mining();
  PtyProcess child(world.start(world.deploy()), {100, 24});
  REQUIRE(child.wait_for("waiting for transaction 0x"));
  child.type(kCtrlC);
  CHECK(child.wait_exit() == 130);
  const Screen screen = child.screen();
  INFO(screen.text());
  check_tidy(screen);
  CHECK(screen.text().find("^C") == std::string::npos);
  CHECK(screen.text().find("\nerror: interrupted; transaction 0x") != std::string::npos);
  CHECK(screen.rows().back() == "hint: run the same command again: it finds out and goes on");
}

TEST_CASE("NO_COLOR and --color never leave plain text at a terminal", "[e2e][terminal]") {
  const TerminalWorld world;
  for (const bool variable : {true, false}) {
    auto options = world.start({"compute", "app", "list"});
    if (variable) {
      options.env["NO_COLOR"] = "1";
    } else {
      options.argv.insert(options.argv.end(), {"--color", "never"});
    }
    PtyProcess child(options);
    CHECK(child.wait_exit() == 0);
    CHECK_FALSE(child.screen().has_style());
  }
  PtyProcess child(world.start({"help"}));
  CHECK(child.wait_exit() == 0);
  CHECK(child.screen().has_style());
}

TEST_CASE("A missing name is asked for at a terminal", "[e2e][terminal]") {
  const TerminalWorld world;
  auto options = world.start({"compute", "app", "deploy", "--image-ref",
                              world.devnet.image("sample/layered:1.0"), "--no-wait"});
  PtyProcess child(options, {120, 40});
  REQUIRE(child.wait_for("Name of the app [layered]:"));
  CHECK(child.echoes());
  child.type("asked\n");
  CHECK(child.wait_exit() == 0);
  const Screen screen = child.screen();
  INFO(screen.text());
  check_tidy(screen);
  CHECK(has_row(screen, "Name of the app \\[layered\\]: asked"));
  CHECK(has_row(screen, "Name: +asked"));
}

TEST_CASE("Ctrl-C and Ctrl-D in a question end the program and leave the terminal as it was",
          "[e2e][terminal]") {
  const TerminalWorld world;
  for (const std::string key : {kCtrlC, kCtrlD}) {
    auto options = world.start(
        {"compute", "app", "deploy", "--image-ref", world.devnet.image("sample/layered:1.0")});
    PtyProcess child(options);
    const bool asked = child.wait_for("Name of the app [layered]:");
    INFO(child.screen().text());
    REQUIRE(asked);
    child.type(key);
    CHECK(child.wait_exit() == 130);
    const Screen screen = child.screen();
    INFO(screen.text());
    check_tidy(screen);
    REQUIRE(screen.rows().size() >= 2);
    CHECK(screen.rows().back() == "error: interrupted");
    CHECK(child.echoes());
  }
  CHECK(world.devnet.apps().empty());
}

TEST_CASE("Nobody is asked in CI even at a terminal nor with --json nor --non-interactive",
          "[e2e][terminal]") {
  const TerminalWorld world;
  const std::vector<std::string> arguments = {"compute", "app", "deploy"};
  auto ci = world.start(arguments);
  ci.env["CI"] = "true";
  auto json = world.start(arguments);
  json.argv.push_back("--json");
  auto flag = world.start(arguments);
  flag.argv.push_back("--non-interactive");
  for (const auto& options : {ci, json, flag}) {
    PtyProcess child(options, {200, 24});
    CHECK(child.wait_exit() == 2);
    INFO(child.screen().text());
    CHECK(child.screen().text().find("--name") != std::string::npos);
    CHECK(child.screen().text().find("ECLOUD_NAME") != std::string::npos);
  }
}

TEST_CASE("Help fits a narrow window", "[e2e][terminal]") {
  const TerminalWorld world;
  for (const unsigned short columns : {50, 80, 200}) {
    PtyProcess child(world.start({"compute", "app", "deploy", "--help"}), {columns, 24});
    CHECK(child.wait_exit() == 0);
    // The rows as printed: a terminal would have wrapped those that are too long.
    std::string printed =
        std::regex_replace(child.transcript(), std::regex("\x1b\\[[0-9]*m|\r"), "");
    INFO(printed);
    CHECK(widest_row(printed) <= columns);
    check_tidy(child.screen());
  }
}

TEST_CASE("With the result in a file progress stays at the terminal and the file is plain",
          "[e2e][terminal]") {
  const TerminalWorld world;
  const testing::TempDir folder;
  const std::string file = (folder / "out").string();
  {
    PtyProcess child(world.start(world.deploy()), {120, 40}, file);
    CHECK(child.wait_exit() == 0);
    INFO(child.screen().text());
    CHECK(child.screen().text().find("waiting until app") != std::string::npos);
    CHECK(child.screen().text().find("Status:") == std::string::npos);
  }
  const std::string deployed = base::read_file(file, 1 << 20);
  CHECK(deployed.find('\x1b') == std::string::npos);
  CHECK(deployed.find("Status: Running\n") != std::string::npos);

  PtyProcess list(world.start({"compute", "app", "list"}), {120, 40}, file);
  CHECK(list.wait_exit() == 0);
  const std::string row = base::read_file(file, 1 << 20);
  INFO(row);
  CHECK(row.rfind("hello\t0x", 0) == 0);
  CHECK(row.find("NAME") == std::string::npos);
  CHECK(row.find(" ago") == std::string::npos);
}

TEST_CASE("Tables have headers and relative times at a terminal", "[e2e][terminal]") {
  const TerminalWorld world;
  {
    PtyProcess child(world.start(world.deploy({"--no-wait"})), {120, 40});
    REQUIRE(child.wait_exit() == 0);
  }
  PtyProcess child(world.start({"compute", "app", "list"}), {120, 40});
  CHECK(child.wait_exit() == 0);
  const Screen screen = child.screen();
  INFO(screen.text());
  check_tidy(screen);
  REQUIRE(!screen.rows().empty());
  CHECK(screen.rows().front().rfind("NAME", 0) == 0);

  PtyProcess narrow(world.start({"compute", "app", "list"}), {60, 40});
  CHECK(narrow.wait_exit() == 0);
  const Screen stacked = narrow.screen();
  INFO(stacked.text());
  check_tidy(stacked);
  REQUIRE(stacked.rows().size() >= 3);
  CHECK(stacked.rows().front() == "hello");
  // Ids are whole, to be copied.
  CHECK(has_row(stacked, "  [A-Z ]+  0x[0-9a-fA-F]{40}"));
}

TEST_CASE("A mistake at a terminal is told in colour with the next thing to type",
          "[e2e][terminal]") {
  const TerminalWorld world;
  PtyProcess child(world.start({"compute", "app", "lst"}));
  CHECK(child.wait_exit() == 2);
  const Screen screen = child.screen();
  INFO(screen.text());
  check_tidy(screen);
  CHECK(screen.has_style());
  CHECK(screen.text().find("list") != std::string::npos);
}

TEST_CASE("Terminating asks for the name and does nothing at another one", "[e2e][terminal]") {
  const TerminalWorld world;
  {
    PtyProcess child(world.start(world.deploy()), {120, 40});
    REQUIRE(child.wait_exit() == 0);
  }
  for (const std::string answer : {"hallo\n", "hello\n"}) {
    const bool right = answer == "hello\n";
    PtyProcess child(world.start({"compute", "app", "terminate", "hello"}), {120, 40});
    const bool asked = child.wait_for("Type hello to confirm:");
    INFO(child.screen().text());
    REQUIRE(asked);
    CHECK(child.screen().text().find("wallet") != std::string::npos);
    child.type(answer);
    CHECK(child.wait_exit() == (right ? 0 : 130));
    const Screen screen = child.screen();
    INFO(screen.text());
    check_tidy(screen);
    if (!right) CHECK(screen.rows().back() == "error: not confirmed");
    const auto apps = world.devnet.apps();
    REQUIRE(apps.size() == 1);
    CHECK((apps.front().chain_status == platform::ChainStatus::kTerminated) == right);
  }
}

TEST_CASE("What is typed as a key or a password is not shown", "[e2e][terminal]") {
  const TerminalWorld world;
  auto options = world.start({"auth", "login", "--store", "file"});
  const std::string key = options.env.at("ECLOUD_PRIVATE_KEY");
  options.env.erase("ECLOUD_PRIVATE_KEY");
  PtyProcess child(options, {120, 40});
  const auto answer = [&](const std::string& question, const std::string& typed) {
    const bool asked = child.wait_for(question);
    INFO(child.screen().text());
    REQUIRE(asked);
    CHECK_FALSE(child.echoes());
    child.type(typed + "\n");
  };
  answer("rivate key", key);
  answer("assword", "correct horse");
  answer("again", "correct horse");
  CHECK(child.wait_exit() == 0);
  INFO(child.screen().text());
  check_tidy(child.screen());
  CHECK(child.transcript().find(key.substr(2)) == std::string::npos);
  CHECK(child.transcript().find("correct horse") == std::string::npos);
  CHECK(child.screen().text().find(world.devnet.accounts().front().address.to_string()) !=
        std::string::npos);
}
