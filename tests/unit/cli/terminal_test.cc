#include "cli/terminal.h"

#include "cli/progress.h"
#include "ecloud/base/error.h"
#include "support/catch.h"
#include "support/manual_clock.h"
#include "unit/cli/cli_run.h"

using ecloud::Category;
using ecloud::Error;
using ecloud::base::Env;
using ecloud::base::Milliseconds;
using ecloud::cli::ColorMode;
using ecloud::cli::Progress;
using ecloud::cli::Stream;
using ecloud::cli::Style;
using ecloud::cli::Terminal;
using ecloud::cli::TerminalOptions;
using ecloud::testing::ManualClock;
using ecloud::testing::MemoryConsole;

namespace {

/// A console with three terminals and no colours.
struct Desk {
  MemoryConsole console;
  Env env;
  TerminalOptions options;

  Desk() {
    console.input_terminal = console.output_terminal = console.error_terminal = true;
    env.set("NO_COLOR", "1");
  }
  Terminal terminal() { return Terminal(console, env, options); }
};

template <typename Action>
std::string error_of(Category category, Action action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.category() == category);
    return error.message() + (error.hint().empty() ? "" : " | " + error.hint());
  }
  return "no error";
}

}  // namespace

TEST_CASE("colours follow option, NO_COLOR, CLICOLOR_FORCE, TERM, terminal, in this order",
          "[cli]") {
  MemoryConsole console;
  Env env;
  const auto colored = [&](ColorMode mode = ColorMode::kAuto) {
    TerminalOptions options;
    options.color = mode;
    return Terminal(console, env, options).has_color(Stream::kOutput);
  };
  CHECK_FALSE(colored());
  console.output_terminal = true;
  CHECK(colored());
  env.set("TERM", "dumb");
  CHECK_FALSE(colored());
  env.set("CLICOLOR_FORCE", "1");
  CHECK(colored());
  env.set("CLICOLOR_FORCE", "0");
  CHECK_FALSE(colored());
  env.set("CLICOLOR_FORCE", "1");
  env.set("NO_COLOR", "");
  CHECK(colored());
  env.set("NO_COLOR", "1");
  CHECK_FALSE(colored());
  CHECK(colored(ColorMode::kAlways));
  env = Env();
  CHECK_FALSE(colored(ColorMode::kNever));
}

TEST_CASE("each stream has colours of its own", "[cli]") {
  MemoryConsole console;
  console.error_terminal = true;
  const Env env;
  const Terminal terminal(console, env);
  CHECK(terminal.paint(Stream::kError, Style::kRed, "x") == "\x1b[31mx\x1b[0m");
  CHECK(terminal.paint(Stream::kOutput, Style::kRed, "x") == "x");
}

TEST_CASE("what a server says cannot move the cursor", "[cli]") {
  Desk desk;
  Terminal terminal = desk.terminal();
  terminal.status("a\x1b[2Jb\rc");
  terminal.warning("w\x07");
  terminal.note("n\x9b");
  CHECK(desk.console.err == "a?[2Jb?c\nwarning: w?\nnote: n?\n");
  CHECK(terminal.paint(Stream::kOutput, Style::kBold, "\x1b]0;title\x07") == "?]0;title?");
}

TEST_CASE("questions need a person at the keyboard", "[cli]") {
  Desk desk;
  CHECK(desk.terminal().can_prompt());
  SECTION("stdin is a pipe") {
    desk.console.input_terminal = false;
  }
  SECTION("stderr is a file") {
    desk.console.error_terminal = false;
  }
  SECTION("--json") {
    desk.options.json = true;
  }
  SECTION("--non-interactive") {
    desk.options.non_interactive = true;
  }
  SECTION("CI") {
    desk.env.set("CI", "true");
  }
  const bool untouched = desk.console.input_terminal && desk.console.error_terminal &&
                         !desk.options.json && !desk.options.non_interactive && !desk.env.get("CI");
  if (untouched) {
    // stdout may be a pipe: the answer goes to stderr.
    desk.console.output_terminal = false;
    CHECK(desk.terminal().can_prompt());
    return;
  }
  CHECK_FALSE(desk.terminal().can_prompt());
  CHECK(error_of(Category::kUsage, [&] { desk.terminal().ask("Name"); }) ==
        "nobody is there to answer: Name");
  CHECK(error_of(Category::kUsage, [&] { desk.terminal().confirm("Spend 1 ETH?"); }) ==
        "this needs a confirmation: Spend 1 ETH? | give --yes to agree without being asked");
  CHECK(desk.console.err.empty());
}

TEST_CASE("confirm asks until it understands", "[cli]") {
  Desk desk;
  desk.console.lines = {"perhaps", "YES "};
  desk.terminal().confirm("Go on?");
  CHECK(desk.console.err == "Go on? [y/N] Please answer yes or no.\nGo on? [y/N] ");
  CHECK(desk.console.out.empty());
}

TEST_CASE("declining, the end of the input and a wrong word stop with 130", "[cli]") {
  Desk desk;
  for (const std::string answer : {"n", "no", ""}) {
    desk.console.lines = {answer};
    CHECK(error_of(Category::kInterrupted, [&] { desk.terminal().confirm("Go on?"); }) ==
          "not confirmed");
  }
  desk.console.lines = {};
  CHECK(error_of(Category::kInterrupted, [&] { desk.terminal().confirm("Go on?"); }) ==
        "interrupted");
  desk.console.lines = {"my-ap"};
  CHECK(error_of(Category::kInterrupted, [&] {
          desk.terminal().confirm_by_typing("Terminate?", "my-app");
        }) == "not confirmed");
  desk.console.lines = {" my-app "};
  desk.terminal().confirm_by_typing("Terminate?", "my-app");
}

TEST_CASE("the option --yes answers without a question, terminal or not", "[cli]") {
  Desk desk;
  desk.options.yes = true;
  desk.console.input_terminal = false;
  desk.terminal().confirm("Go on?");
  desk.terminal().confirm_by_typing("Terminate?", "my-app");
  CHECK(desk.console.err.empty());
}

TEST_CASE("secrets are typed unseen", "[cli]") {
  Desk desk;
  desk.console.lines = {"hunter2"};
  const ecloud::base::Secret secret = desk.terminal().ask_secret("Password");
  CHECK(secret.reveal_text() == "hunter2");
  CHECK(desk.console.echoes == std::vector<bool>{false});
  CHECK(desk.console.err == "Password: \n");
}

TEST_CASE("one of several is chosen by number or by name", "[cli]") {
  Desk desk;
  desk.console.lines = {
      "4",
      "",
  };
  CHECK(desk.terminal().select("Which?", {"one", "two", "three"}) == 0);
  CHECK(desk.console.err ==
        "Which?\n  1) one\n  2) two\n  3) three\nNumber [1]: Please type a number from 1 to 3.\n"
        "Number [1]: ");
  desk.console.lines = {"three"};
  CHECK(desk.terminal().select("Which?", {"one", "two", "three"}) == 2);
}

TEST_CASE("in a log progress is one plain line a phase", "[cli]") {
  MemoryConsole console;
  const Env env;
  Terminal terminal(console, env);
  ManualClock clock;
  {
    Progress progress(terminal, clock);
    progress.phase("Sending the transaction");
    clock.sleep(Milliseconds(12'000));
    progress.phase("Waiting for the app");
    progress.detail("deploying");
    progress.detail("deploying");
    progress.detail("running");
  }
  CHECK(console.err ==
        "Sending the transaction\nWaiting for the app\nWaiting for the app: deploying\n"
        "Waiting for the app: running\n");
  CHECK(console.out.empty());
}

TEST_CASE("on a terminal progress is one live line, and a line for every ended phase", "[cli]") {
  Desk desk;
  Terminal terminal = desk.terminal();
  ManualClock clock;
  {
    Progress progress(terminal, clock);
    progress.phase("Sending");
    CHECK(desk.console.err == "\r\x1b[KSending ...");
    clock.sleep(Milliseconds(12'400));
    terminal.warning("slow");
    // The warning is put above the live line.
    CHECK(desk.console.err.find("\r\x1b[Kwarning: slow\nSending ...") != std::string::npos);
    progress.phase("Waiting");
    CHECK(desk.console.err.find("\r\x1b[KSending (12 s)\n") != std::string::npos);
    clock.sleep(Milliseconds(65'000));
    progress.detail("deploying");
    CHECK(desk.console.err.find("\r\x1b[KWaiting: deploying ... 1 min 5 s") != std::string::npos);
  }
  const std::string end = "\r\x1b[KWaiting: deploying (1 min 5 s)\n";
  CHECK(desk.console.err.substr(desk.console.err.size() - end.size()) == end);
}

TEST_CASE("a live line fits its terminal", "[cli]") {
  Desk desk;
  desk.console.columns = 20;
  Terminal terminal = desk.terminal();
  ManualClock clock;
  Progress progress(terminal, clock);
  progress.phase("A phase with a long name that does not fit");
  CHECK(desk.console.err == "\r\x1b[KA phase with a long");
}

TEST_CASE("progress is silent with --json, and leaves no claim behind a failure", "[cli]") {
  Desk desk;
  ManualClock clock;
  SECTION("--json") {
    desk.options.json = true;
    Terminal terminal = desk.terminal();
    Progress progress(terminal, clock);
    progress.phase("Sending");
    progress.finish();
    CHECK(desk.console.err.empty());
  }
  SECTION("a failure") {
    Terminal terminal = desk.terminal();
    try {
      Progress progress(terminal, clock);
      progress.phase("Sending");
      throw Error(Category::kNetwork, "x", "y");
    } catch (const Error&) {
    }
    CHECK(desk.console.err == "\r\x1b[KSending ...\r\x1b[K");
  }
}

TEST_CASE("errors are shown with their hints, usage lines as they are", "[cli]") {
  Desk desk;
  Terminal terminal = desk.terminal();
  print_error(terminal,
              Error(Category::kNotFound, "app.none", "no app \x1b[31mx", "first\nusage: ecloud x"));
  CHECK(desk.console.err == "error: no app ?[31mx\nhint: first\nusage: ecloud x\n");
}
