#include "ecloud/base/subprocess.h"

#include <signal.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "ecloud/base/error.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::base {
namespace {

Env path_only() {
  Env env;
  env.set("PATH", "/usr/bin:/bin");
  return env;
}

ProgramAnswer in_shell(const std::string& script, std::string_view input = {},
                       Milliseconds limit = Milliseconds(20'000)) {
  const Env env = path_only();
  return run_program({.program = "/bin/sh",
                      .arguments = {"-c", script},
                      .input = as_bytes(input),
                      .env = &env,
                      .time_limit = limit,
                      .max_output = 100});
}

struct Streamed {
  StreamedEnd end;
  std::vector<std::string> lines;
};

Streamed streamed(const std::string& script, Milliseconds limit = Milliseconds(20'000)) {
  const Env env = path_only();
  Streamed out;
  out.end = run_program_streaming(
      {.program = "/bin/sh", .arguments = {"-c", script}, .env = &env, .time_limit = limit},
      [&](std::string_view line) { out.lines.emplace_back(line); });
  return out;
}

bool is_running(const std::string& pid) {
  // A process that has ended and that nobody has asked about is no longer running either.
  std::ifstream status("/proc/" + pid + "/stat");
  std::string number, name, state;
  return status >> number >> name >> state && state != "Z";
}

}  // namespace

TEST_CASE("A program gets its input and its variables, and gives both outputs and its status",
          "[base]") {
  const ProgramAnswer answer = in_shell("cat; env | grep -c HOME; echo oops >&2; exit 3", "abc");
  CHECK(answer.end == ProgramEnd::kExited);
  CHECK(answer.status == 3);
  CHECK(answer.output.reveal_text() == "abc0\n");
  CHECK(answer.errors == "oops\n");
  CHECK(in_shell("kill -9 $$").status == 128 + 9);
  // Who does not read its input is not disturbed by it.
  CHECK(in_shell("exit 0", "abc").status == 0);
}

TEST_CASE("A program that takes too long or says too much is ended", "[base]") {
  CHECK(in_shell("exec sleep 600", {}, Milliseconds(50)).end == ProgramEnd::kTimedOut);
  CHECK(in_shell("while :; do echo 0123456789; done").end == ProgramEnd::kTooMuchOutput);
  // Its standard error is cut, whatever it writes there.
  const ProgramAnswer loud = in_shell("head -c 200000 /dev/zero | tr '\\0' x >&2; echo end");
  CHECK(loud.end == ProgramEnd::kExited);
  CHECK(loud.output.reveal_text() == "end\n");
  CHECK(loud.errors.size() == 4'096);
}

TEST_CASE("A program that is not there is an answer, not an exception", "[base]") {
  const Env env = path_only();
  const ProgramAnswer answer = run_program({.program = "/nonexistent", .env = &env});
  CHECK(answer.end == ProgramEnd::kNotStarted);
  CHECK(answer.reason == "No such file or directory");
  CHECK(find_program("sh", env));
  CHECK_FALSE(find_program("no-such-program-anywhere", env));
  CHECK_FALSE(find_program("sh", Env()));
  // Not even where the working directory has it: a project could bring its own.
  Env relative;
  relative.set("PATH", "bin:.:");
  CHECK_FALSE(find_program("sh", relative));
}

TEST_CASE("Cancelling ends the wait for a program", "[base]") {
  CancelToken cancel;
  cancel.cancel();
  const Env env = path_only();
  try {
    run_program({.program = "/bin/sleep", .arguments = {"600"}, .env = &env, .cancel = &cancel});
    FAIL("not cancelled");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kInterrupted);
  }
}

TEST_CASE("Streamed output comes line by line whatever its length and ends", "[base]") {
  const Streamed both = streamed("echo one; echo; printf 'x\\ry\\r\\nlast'; exit 3");
  CHECK(both.end.end == ProgramEnd::kExited);
  CHECK(both.end.status == 3);
  CHECK(both.lines == std::vector<std::string>{"one", "", "x", "y", "last"});
  CHECK(streamed("echo oops >&2; kill -9 $$").lines == std::vector<std::string>{"oops"});
  CHECK(streamed("kill -9 $$").end.status == 128 + 9);

  // More than any limit of run_program.
  const Streamed much = streamed("seq 1 200000");
  REQUIRE(much.lines.size() == 200'000);
  CHECK(much.lines.back() == "200000");
  const Streamed wide = streamed("head -c 40000 /dev/zero | tr '\\0' x");
  REQUIRE(wide.lines.size() == 3);
  CHECK(wide.lines[0].size() == kMaxStreamedLine);
  CHECK(wide.lines[2].size() == 40'000 - 2 * kMaxStreamedLine);
}

TEST_CASE("A streamed program that cannot be started is an answer", "[base]") {
  const Env env = path_only();
  const StreamedEnd end =
      run_program_streaming({.program = "/nonexistent", .env = &env}, [](std::string_view) {});
  CHECK(end.end == ProgramEnd::kNotStarted);
  CHECK(end.reason == "No such file or directory");
}

TEST_CASE("What a streamed program leaves in the background is not waited for", "[base]") {
  const Streamed left = streamed("sleep 600 & echo $!");
  CHECK(left.end.status == 0);
  REQUIRE(left.lines.size() == 1);
  CHECK(is_running(left.lines[0]));
  ::kill(std::stoi(left.lines[0]), SIGKILL);
}

TEST_CASE("A streamed program and its children are ended when it takes too long", "[base]") {
  const Streamed slow = streamed("sleep 600 & echo $!; wait", Milliseconds(200));
  CHECK(slow.end.end == ProgramEnd::kTimedOut);
  REQUIRE(slow.lines.size() == 1);
  while (is_running(slow.lines[0])) {
  }
}

TEST_CASE("Cancelling ends a streamed program and its children", "[base]") {
  CancelToken cancel;
  const Env env = path_only();
  std::vector<std::string> lines;
  const auto run = [&](const std::function<void()>& at_first_line) {
    run_program_streaming({.program = "/bin/sh",
                           .arguments = {"-c", "trap 'echo clean' TERM; sleep 600 & echo $!; wait"},
                           .env = &env,
                           .cancel = &cancel},
                          [&](std::string_view line) {
                            lines.emplace_back(line);
                            at_first_line();
                          });
  };
  SECTION("by the user") {
    try {
      run([&] { cancel.cancel(); });
      FAIL("not cancelled");
    } catch (const Error& error) {
      CHECK(error.category() == Category::kInterrupted);
    }
  }
  SECTION("by who reads its lines") {
    CHECK_THROWS_AS(run([] { throw std::runtime_error("full"); }), std::runtime_error);
  }
  REQUIRE(lines.size() == 1);
  while (is_running(lines[0])) {
  }
}

TEST_CASE("A child gets none of the variables that hold keys", "[base]") {
  Env env;
  for (const char* name :
       {"ECLOUD_PRIVATE_KEY", "EIGENX_PRIVATE_KEY", "PRIVATE_KEY", "DEPLOYER_PRIVATE_KEY",
        "MNEMONIC", "TEST_MNEMONIC", "ECLOUD_KEYSTORE_PASSWORD"}) {
    env.set(name, "secret");
  }
  for (const char* name : {"PATH", "HOME", "DOCKER_HOST", "AWS_SECRET_ACCESS_KEY"}) {
    env.set(name, "needed");
  }
  const Env given = without_own_variables(env);
  CHECK(given.values().size() == 4);
  for (const auto& [name, value] : given.values()) CHECK(value == "needed");
}

}  // namespace ecloud::base
