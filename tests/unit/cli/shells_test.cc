// The completions in real shells, at a real terminal: what Tab does.

#include "support/catch.h"
#include "support/pty_process.h"
#include "support/tools.h"
#include "unit/cli/cli_run.h"

using ecloud::testing::CliRun;
using ecloud::testing::PtyProcess;
using ecloud::testing::require_tool;

namespace {

/// A shell in which `ecloud` only shows the words that it was given.
class Shell {
 public:
  Shell(const CliRun& run, std::vector<std::string> argv, const std::string& set_up)
      : process_(options(run, std::move(argv)), {200, 50}) {
    // The word is put together by the shell, so that the echo of this line is not taken for it.
    process_.type(set_up + "; echo REA''DY\n");
    REQUIRE(process_.wait_for("READY"));
  }

  /// Types keys, ends the line, and tells whether the command then got `words`.
  bool gets(const std::string& keys, const std::string& words) {
    process_.type(keys + "\n");
    const bool got = process_.wait_for("GOT:" + words + ";", std::chrono::seconds(10));
    if (!got) UNSCOPED_INFO(process_.screen().text());
    return got;
  }

 private:
  static ecloud::testing::ProcessOptions options(const CliRun& run, std::vector<std::string> argv) {
    ecloud::testing::ProcessOptions out;
    out.argv = std::move(argv);
    out.inherit_env = false;
    out.env = {{"PATH", "/usr/bin:/bin"},
               {"HOME", run.directory.path().string()},
               {"LANG", "C.UTF-8"},
               {"TERM", "xterm"}};
    out.directory = run.directory.path();
    return out;
  }

  PtyProcess process_;
};

}  // namespace

TEST_CASE("Tab completes in bash", "[cli][shells]") {
  if (!require_tool("bash")) return;
  CliRun run;
  REQUIRE(run({"completion", "bash"}) == 0);
  run.directory.write("ecloud.bash", run.out());
  Shell shell(run, {"bash", "--norc", "--noprofile", "-i"},
              "source ./ecloud.bash; ecloud() { echo \"GOT:$*;\"; }");
  CHECK(shell.gets("ecloud compl\tz\t", "completion zsh"));
  CHECK(shell.gets("ecloud compute a\tli\t", "compute app list"));
  CHECK(shell.gets("ecloud version --col\tne\t", "version --color never"));
  CHECK(shell.gets("ecloud compute app deploy --log-vis\tpri\t",
                   "compute app deploy --log-visibility private"));
}

TEST_CASE("Tab completes in zsh", "[cli][shells]") {
  if (!require_tool("zsh")) return;
  CliRun run;
  REQUIRE(run({"completion", "zsh"}) == 0);
  run.directory.write("functions/_ecloud", run.out());
  Shell shell(run, {"zsh", "-f", "-i"},
              "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -d $PWD/dump; "
              "ecloud() { print -r -- \"GOT:$*;\" }");
  CHECK(shell.gets("ecloud compl\tz\t", "completion zsh"));
  CHECK(shell.gets("ecloud compute a\tli\t", "compute app list"));
  CHECK(shell.gets("ecloud version --col\tne\t", "version --color=never"));
  CHECK(shell.gets("ecloud compute app deploy --log-vis\tpri\t",
                   "compute app deploy --log-visibility=private"));
}

TEST_CASE("Tab completes in fish", "[cli][shells]") {
  if (!require_tool("fish")) return;
  CliRun run;
  REQUIRE(run({"completion", "fish"}) == 0);
  run.directory.write("ecloud.fish", run.out());
  Shell shell(run, {"fish", "--no-config", "-i"},
              "source ./ecloud.fish; function ecloud; echo \"GOT:$argv;\"; end");
  CHECK(shell.gets("ecloud compl\tz\t", "completion zsh"));
  CHECK(shell.gets("ecloud compute a\tli\t", "compute app list"));
  CHECK(shell.gets("ecloud version --col\tne\t", "version --color never"));
}
