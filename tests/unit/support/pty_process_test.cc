#include "support/pty_process.h"

#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::testing {
namespace {

ProcessOptions shell(const std::string& script) {
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", script};
  return options;
}

TEST_CASE("A program at a terminal sees one of the size that was asked for", "[support][pty]") {
  PtyProcess child(shell("[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty size; exit 3"), {61, 17});
  CHECK(child.wait_exit() == 3);
  CHECK(child.screen().text() == "17 61\n");
}

TEST_CASE("What is typed is shown unless the program turned that off", "[support][pty]") {
  PtyProcess child(shell("read a; stty -echo; echo silent; read b; stty echo; echo got $a $b"));
  child.type("one\n");
  REQUIRE(child.wait_for("silent"));
  CHECK_FALSE(child.echoes());
  child.type("two\n");
  CHECK(child.wait_exit() == 0);
  CHECK(child.screen().text() == "one\nsilent\ngot one two\n");
}

TEST_CASE("Ctrl-C at a terminal is a signal", "[support][pty]") {
  PtyProcess child(shell("echo ready; exec sleep 60"));
  REQUIRE(child.wait_for("ready"));
  child.type(kCtrlC);
  CHECK(child.wait_exit() == 128 + SIGINT);
}

TEST_CASE("A program's output may go to a file while the rest is a terminal", "[support][pty]") {
  const TempDir folder;
  const std::string file = (folder / "out").string();
  PtyProcess child(shell("[ -t 1 ] || echo file; [ -t 2 ] && echo terminal >&2"),
                   PtyProcess::Size(), file);
  CHECK(child.wait_exit() == 0);
  CHECK(child.screen().text() == "terminal\n");
  CHECK(run_process({"/bin/cat", file}).out == "file\n");
}

TEST_CASE("A program that still runs is stopped at the end", "[support][pty]") {
  PtyProcess child(shell("echo ready; exec sleep 60"));
  REQUIRE(child.wait_for("ready"));
  CHECK(child.wait_exit(std::chrono::milliseconds(1)) == -1);
}

}  // namespace
}  // namespace ecloud::testing
