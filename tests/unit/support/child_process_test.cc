#include "support/child_process.h"

#include <stdexcept>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ProcessOptions shell(const std::string& script) {
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", script};
  return options;
}

TEST_CASE("A program's outputs and exit code are caught", "[support]") {
  const ProcessResult result = run_process(shell("echo out; echo err >&2; exit 7"));
  CHECK(result.out == "out\n");
  CHECK(result.err == "err\n");
  CHECK(result.exit_code == 7);
  CHECK(result.signal == 0);
  CHECK_FALSE(result.ok());
  CHECK_FALSE(result.timed_out);
  CHECK(result.describe() == "exit code 7\n--- stdout\nout\n\n--- stderr\nerr\n");
}

TEST_CASE("Arguments reach a program as they are", "[support]") {
  CHECK(run_process({"printf", "%s|", "a b", "$HOME", "", "*"}).out == "a b|$HOME||*|");
}

TEST_CASE("A program that is not there cannot be run", "[support]") {
  CHECK_THROWS_AS(run_process({"/nonexistent/program"}), std::runtime_error);
}

TEST_CASE("Input of any size passes through", "[support]") {
  ProcessOptions options = shell("cat");
  options.input = std::string(3'000'000, 'x') + "end";
  const ProcessResult result = run_process(options);
  CHECK(result.out.size() == options.input.size());
  CHECK(result.out == options.input);
  CHECK(run_process(shell("cat")).out.empty());
}

TEST_CASE("A program need not read its input", "[support]") {
  ProcessOptions options = shell("exec <&-; echo done");
  options.input = std::string(3'000'000, 'x');
  CHECK(run_process(options).out == "done\n");
}

TEST_CASE("The environment is added to, or given alone", "[support]") {
  ProcessOptions options = shell("echo \"$A|${PATH:+path}\"");
  options.env = {{"A", "1=2"}};
  CHECK(run_process(options).out == "1=2|path\n");
  options.argv = {"/usr/bin/env"};
  options.inherit_env = false;
  CHECK(run_process(options).out == "A=1=2\n");
}

TEST_CASE("A program runs in the directory that is given", "[support]") {
  const TempDir dir;
  dir.write("here", "yes");
  ProcessOptions options = shell("cat here");
  options.directory = dir.path();
  CHECK(run_process(options).out == "yes");
}

TEST_CASE("The signal that ends a program is told", "[support]") {
  const ProcessResult result = run_process(shell("kill -TERM $$"));
  CHECK(result.signal == SIGTERM);
  CHECK(result.exit_code == -1);
}

TEST_CASE("A program that takes too long is killed with its children", "[support]") {
  ProcessOptions options = shell("trap '' TERM; echo started; sleep 600 & wait; sleep 600");
  options.time_limit = milliseconds(100);
  const ProcessResult result = run_process(options);
  CHECK(result.timed_out);
  CHECK(result.signal == SIGKILL);
}

TEST_CASE("A child that keeps the pipes open is not waited for", "[support]") {
  const ProcessResult result = run_process(shell("sleep 5 & echo $!"));
  CHECK(result.exit_code == 0);
  CHECK_FALSE(result.timed_out);
  ::kill(std::stoi(result.out), SIGKILL);
}

TEST_CASE("A background program is watched, signalled and stopped", "[support]") {
  ChildProcess child(
      shell("trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.01; done"));
  REQUIRE(child.wait_for_output("ready"));
  CHECK(child.running());
  CHECK(child.out() == "ready\n");
  CHECK_FALSE(child.wait_for_output("interrupted", milliseconds(1)));
  CHECK(child.wait(milliseconds(1)).timed_out);
  child.send_signal(SIGINT);
  const ProcessResult result = child.wait(seconds(20));
  CHECK(result.exit_code == 3);
  CHECK(result.out == "ready\ninterrupted\n");
  CHECK_FALSE(child.running());
  CHECK(child.stop().exit_code == 3);
  child.send_signal(SIGINT);
}

TEST_CASE("Waiting for output ends with the program", "[support]") {
  ChildProcess child(shell("echo something else >&2"));
  CHECK_FALSE(child.wait_for_output("ready", seconds(20)));
  CHECK(child.err() == "something else\n");
}

TEST_CASE("A background program does not outlive its object", "[support]") {
  pid_t pid = 0;
  {
    ChildProcess child(shell("sleep 600"));
    pid = child.pid();
    CHECK(::kill(pid, 0) == 0);
  }
  CHECK(::kill(pid, 0) == -1);
}

TEST_CASE("Tools are found by name", "[support]") {
  const auto shell_path = find_tool("sh");
  REQUIRE(shell_path);
  CHECK(run_process({shell_path->string(), "-c", "exit 4"}).exit_code == 4);
  CHECK_FALSE(find_tool("no-such-tool-anywhere"));
}

}  // namespace
}  // namespace ecloud::testing
