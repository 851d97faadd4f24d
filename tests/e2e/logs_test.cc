// logs: the part that is asked for, and following it through whatever happens.

#include "e2e/session.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/step_script.h"

using namespace ecloud;
using devnet::FaultAction;
using testing::play;
using testing::RunResult;
using testing::World;

namespace {

struct Logs {
  World world;
  std::string id;
  eth::Address app;

  Logs() {
    const RunResult run = world.user.run(world.deploy({"--json"}));
    REQUIRE(run.code == 0);
    id = run.json()["appId"].as_string();
    app = *eth::Address::parse(id);
  }

  RunResult logs(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"compute", "app", "logs", id};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return world.user.run(arguments);
  }
  void set(std::string_view text) { world.devnet.set_log(app, text); }
};

}  // namespace

TEST_CASE("logs shows the last lines and those since a time", "[e2e][logs]") {
  Logs logs;
  // The clock stands at 2027-01-15T08:00:03Z or a little later.
  logs.set(
      "2027-01-15T06:00:00Z old\n  of the old line\n2027-01-15T07:55:00Z new\n  of the new one\n");
  CHECK(logs.logs({"--tail", "1"}).out == "  of the new one\n");
  CHECK(logs.logs({"--tail", "0"}).out.empty());
  const std::string recent = "2027-01-15T07:55:00Z new\n  of the new one\n";
  CHECK(logs.logs({"--since", "10m"}).out == recent);
  CHECK(logs.logs({"--since", "2027-01-15T07:00:00Z"}).out == recent);
  CHECK(logs.logs({"--since", "10m", "--tail", "1"}).out == "  of the new one\n");
  CHECK(logs.logs({"--since", "10m", "--json"}).json()["log"].as_string() == recent);
  const RunResult wrong = logs.logs({"--since", "yesterday"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("not \"yesterday\"") != std::string::npos);

  logs.set("no time\nnone either\n");
  const RunResult untimed = logs.logs({"--since", "10m"});
  CHECK(untimed.code == 0);
  CHECK(untimed.out == "no time\nnone either\n");
  CHECK(untimed.err.find("no line of the log carries a time") != std::string::npos);
}

TEST_CASE("A hostile log is octets in a pipe and harmless on a terminal", "[e2e][logs]") {
  Logs logs;
  const std::string hostile =
      "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m and \x9b"
      "5n\r\nnext \x1b[8mhidden\n";
  logs.set(hostile);
  CHECK(logs.logs().out == hostile);
  logs.world.user.set_columns(80);
  CHECK(logs.logs({"--color", "always"}).out ==
        "?]0;owned??[2J\x1b[31mred\x1b[0m and ?5n\x1b[0m\nnext \x1b[8mhidden\x1b[0m\n");
  CHECK(logs.logs({"--color", "never"}).out == "?]0;owned??[2Jred and ?5n\nnext hidden\n");
}

TEST_CASE("Following prints what is new through rotation and ends with Ctrl-C", "[e2e][logs]") {
  Logs logs;
  logs.set("one\ntwo\n");
  play(logs.world.clock, {
                             [] {},
                             [&] { logs.set("one\ntwo\nthr"); },
                             [&] { logs.set("one\ntwo\nthree\n"); },
                             [&] { logs.set("two\nthree\nfour\n"); },
                             [&] { logs.set("begun anew\n"); },
                             [&] { logs.set("begun anew\nunfinished"); },
                             [] {},
                         });
  const RunResult run = logs.logs({"--follow"});
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.out == "one\ntwo\nthree\nfour\nbegun anew\nunfinished");
  const std::string note = "note: the log was cut off or begun anew; what follows is new\n";
  CHECK(run.err.find(note) != std::string::npos);
  CHECK(run.err.find(note, run.err.find(note) + 1) == std::string::npos);
}

TEST_CASE("The older spellings of follow work and tail and since choose where it begins",
          "[e2e][logs]") {
  for (const char* spelling : {"-f", "-w", "--watch"}) {
    Logs logs;
    logs.set("one\ntwo\n");
    play(logs.world.clock, {[&] { logs.set("one\ntwo\nthree\n"); }, [] {}});
    const RunResult run = logs.logs({spelling, "--tail", "1"});
    CHECK(run.code == 130);
    CHECK(run.out == "two\nthree\n");
  }
}

TEST_CASE("An app that is being set up is waited for when following", "[e2e][logs]") {
  Logs logs;
  logs.set("");
  const RunResult early = logs.logs();
  INFO(early.describe());
  CHECK(early.code == 8);
  CHECK(early.err.find("ecloud compute app logs " + logs.id + " --follow --environment devnet") !=
        std::string::npos);
  play(logs.world.clock, {[] {}, [&] { logs.set("hello\n"); }, [] {}});
  const RunResult run = logs.logs({"--follow"});
  CHECK(run.code == 130);
  CHECK(run.out == "hello\n");
  CHECK(run.err.starts_with("note: the app is being set up; waiting for its log\n"));
}

TEST_CASE("Failures of the platform are waited out with growing patience", "[e2e][logs]") {
  Logs logs;
  logs.set("one\n");
  const std::size_t before = logs.world.clock.sleeps().size();
  logs.world.devnet.add_fault({.kind = "userapi:/logs", .nth = 2, .times = 4, .status = 502});
  play(logs.world.clock, {[] {}, [] {}, [] {}, [] {}, [] {}, [&] { logs.set("one\ntwo\n"); }});
  const RunResult run = logs.logs({"--follow"});
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.out == "one\ntwo\n");
  CHECK(run.err.find("note: waiting for the platform: ") == 0);
  CHECK(run.err.find("answered 502") == run.err.rfind("answered 502"));
  CHECK(run.err.find("note: the platform answers again\n") != std::string::npos);
  const auto sleeps = logs.world.clock.sleeps();
  REQUIRE(sleeps.size() > before + 5);
  for (const auto& [index, seconds] :
       std::vector<std::pair<std::size_t, int>>{{1, 1}, {2, 2}, {3, 4}, {4, 8}}) {
    CHECK(sleeps[before + index] == base::Milliseconds(seconds * 1000));
  }
}

TEST_CASE("Following ends when the app is terminated and not before all is printed",
          "[e2e][logs]") {
  Logs logs;
  logs.set("one\n");
  play(logs.world.clock, {[&] {
                            logs.set("one\nlast words");
                            logs.world.devnet.set_run_state(logs.app, "Terminated");
                          },
                          [] {}, [] {}, [] {}, [] {}, [] {}, [] {}});
  const RunResult run = logs.logs({"--follow"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out.starts_with("one\nlast words"));
  CHECK(run.err.find("is terminated; its log ends here") != std::string::npos);
}

TEST_CASE("A refusal ends following and says that it is one", "[e2e][logs]") {
  Logs logs;
  logs.world.devnet.add_fault({.kind = "userapi:/logs", .times = 0, .status = 403});
  for (const char* follow : {"--follow", "--tail=5"}) {
    const RunResult run = logs.logs({follow});
    CHECK(run.code == 5);
    CHECK(run.err.find("answered 403") != std::string::npos);
    CHECK(run.out.empty());
  }
  logs.world.devnet.clear_faults();
  const RunResult none = logs.world.user.run(
      {"compute", "app", "logs", "0x00000000000000000000000000000000000000aa", "-f"});
  CHECK(none.code == 6);
}
