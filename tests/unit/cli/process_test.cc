// What only a real process can show.

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "support/catch.h"
#include "support/child_process.h"
#include "support/temp_dir.h"
#include "support/tools.h"

using ecloud::testing::ChildProcess;
using ecloud::testing::ProcessOptions;
using ecloud::testing::require_tool;
using ecloud::testing::run_process;
using ecloud::testing::TempDir;

namespace {

ProcessOptions in_bash(const std::string& script) {
  ProcessOptions options;
  options.argv = {"bash", "-c", script};
  options.env = {{"ECLOUD", ECLOUD_BINARY}, {"CI", ""}};
  return options;
}

constexpr char kKeyOne[] = "0000000000000000000000000000000000000000000000000000000000000001";

}  // namespace

TEST_CASE("a closed pipe ends the program quietly", "[cli]") {
  const auto result =
      run_process(in_bash("exec 3> >(:); wait $!; \"$ECLOUD\" --help >&3; echo \"code $?\""));
  CHECK(result.out == "code 141\n");
  CHECK(result.err.empty());
}

TEST_CASE("a full disk is an error, not a success", "[cli]") {
  if (!std::filesystem::exists("/dev/full")) return;
  const auto result = run_process(in_bash("\"$ECLOUD\" version > /dev/full"));
  CHECK(result.exit_code == 1);
  CHECK(result.err ==
        "error: cannot write to stdout: No space left on device\n"
        "hint: more: ecloud explain output.unwritable\n");
}

TEST_CASE("a key from a command, as bash hands it over", "[cli]") {
  const auto result = run_process(
      in_bash(std::string("\"$ECLOUD\" auth whoami --fields address --private-key-file <(echo ") +
              kKeyOne + "); echo " + kKeyOne +
              " | \"$ECLOUD\" auth whoami --fields address --private-key-file /dev/stdin"));
  INFO(result.describe());
  CHECK(result.out ==
        "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf\n0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf\n");
  CHECK(result.err.empty());
}

TEST_CASE("Ctrl-C while waiting for input ends with 130", "[cli]") {
  ProcessOptions options;
  const TempDir directory;
  const std::string fifo = (directory / "fifo").string();
  options.argv = {"bash", "-c",
                  "mkfifo " + fifo + "; exec 3<>" + fifo +
                      "; echo ready; exec \"$ECLOUD\" auth whoami --private-key-file - <&3"};
  options.env = {{"ECLOUD", ECLOUD_BINARY}};
  ChildProcess child(options);
  REQUIRE(child.wait_for_output("ready"));
  // The signal may come before the handler is there, or after: both end the program.
  for (int attempt = 0; attempt < 100 && child.running(); ++attempt) {
    child.send_signal(SIGINT);
    child.wait(std::chrono::milliseconds(50));
  }
  const auto result = child.wait(std::chrono::seconds(10));
  INFO(result.describe());
  CHECK((result.exit_code == 130 || result.signal == SIGINT));
}

TEST_CASE("the version needs no libcurl", "[cli]") {
  ProcessOptions options;
  options.argv = {ECLOUD_BINARY, "version"};
  options.env = {{"LD_DEBUG", "libs"}};
  const auto result = run_process(options);
  CHECK(result.ok());
  CHECK(result.err.find("libcurl") == std::string::npos);
}

TEST_CASE("a real terminal is recognised", "[cli]") {
  if (!require_tool("script")) return;
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0) {
    WARN("SKIPPED: this machine has no pseudo-terminals (/dev/pts is not mounted)");
    return;
  }
  ::close(terminal);
  ProcessOptions options = in_bash("script -qec \"$ECLOUD --help\" /dev/null");
  options.env["TERM"] = "xterm";
  options.env["NO_COLOR"] = "";
  const auto result = run_process(options);
  INFO(result.describe());
  CHECK(result.out.find("\x1b[1mUSAGE\x1b[0m") != std::string::npos);
}
