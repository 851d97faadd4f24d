#include "ecloud/base/subprocess.h"

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

}  // namespace ecloud::base
