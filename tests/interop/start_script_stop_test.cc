#include <string>
#include <vector>

#include "interop/tee_container.h"
#include "support/catch.h"
#include "support/tools.h"

namespace ecloud::platform {
namespace {

using testing::ContainerResult;
using testing::ContainerRun;
using testing::RootKind;
using testing::TeeContainer;

const std::string kReady(testing::kReadyMarker);
ContainerRun run_as(const std::string& user) {
  ContainerRun run;
  run.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  if (!user.empty()) run.env.push_back("__ECLOUD_ORIGINAL_USER=" + user);
  // Nothing but the script itself may clean up.
  run.own_pids = false;
  run.time_limit = std::chrono::seconds(20);
  return run;
}

/// An app that is a script for /opt/busybox sh, and runs as `user`.
ContainerResult stop(const TeeContainer& tee, const std::string& user, const std::string& script,
                     const std::string& signal_when = "up\n",
                     const std::string& signal_again_when = "", int signals_in_a_row = 1) {
  tee.root().write("opt/app", "#!/opt/busybox sh\n" + script, true);
  ContainerRun run = run_as(user);
  run.signal_when = signal_when;
  run.signal_again_when = signal_again_when;
  run.signals_in_a_row = signals_in_a_row;
  return tee.start({"/opt/app"}, run);
}

// Without children: one that the app's shell has forked, and that has not become another program
// yet, would handle a signal to the group too.
constexpr const char* kForever = "while :; do :; done\n";

}  // namespace

TEST_CASE("SIGTERM stops the app and the script ends with 0", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    for (const std::string user : {"", "app"}) {
      INFO(to_string(kind) << " as " << user);
      const ContainerResult died = stop(*tee, user, std::string("echo up\n") + kForever);
      INFO(died.describe());
      CHECK(died.exit_code == 0);
      CHECK(died.out == kReady + "up\n");
      CHECK(died.left_running == std::vector<std::string>{});

      // Whatever status it stops with, and once however often the signal comes.
      const ContainerResult handled =
          stop(*tee, user,
               std::string("trap 'echo bye; for i in 1 2 3 4 5 6 7 8; do /opt/busybox sleep 0.05; "
                           "done; echo gone; exit 42' TERM\necho up\n") +
                   kForever,
               "up\n", "bye\n");
      INFO(handled.describe());
      CHECK(handled.exit_code == 0);
      CHECK(handled.out == kReady + "up\nbye\ngone\n");
      CHECK(handled.left_running == std::vector<std::string>{});
    }
  }
}

// A signal that comes while the handler of another one runs.
TEST_CASE("An app stops once and with 0 however many SIGTERMs come", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    for (const std::string user : {"", "app"}) {
      INFO(to_string(kind) << " as " << user);
      const ContainerResult result =
          stop(*tee, user,
               std::string("trap 'echo bye; for i in 1 2 3 4 5 6 7 8; do /opt/busybox sleep 0.05; "
                           "done; echo gone; exit 42' TERM\necho up\n") +
                   kForever,
               "up\n", "bye\n", 300);
      INFO(result.describe());
      CHECK(result.exit_code == 0);
      CHECK(result.out == kReady + "up\nbye\ngone\n");
      CHECK(result.left_running == std::vector<std::string>{});
    }
  }
}

TEST_CASE("An app that ignores SIGTERM is killed with all of its processes",
          "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    for (const std::string user : {"", "app"}) {
      INFO(to_string(kind) << " as " << user);
      const auto begin = std::chrono::steady_clock::now();
      const ContainerResult result =
          stop(*tee, user,
               std::string("trap '' TERM\n/opt/busybox sleep 50 &\n/opt/busybox sleep 50 &\n"
                           "echo up\n") +
                   kForever);
      const auto took = std::chrono::steady_clock::now() - begin;
      INFO(result.describe());
      CHECK(result.exit_code == 0);
      CHECK(result.out == kReady + "up\n");
      CHECK(result.left_running == std::vector<std::string>{});
      CHECK(took >= std::chrono::milliseconds(2'500));
      CHECK(took < std::chrono::seconds(10));
    }
  }
}

TEST_CASE("SIGTERM reaches the whole process group of the app", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    tee->root().write(
        "opt/worker",
        "#!/opt/busybox sh\ntrap 'echo worker stops; exit' TERM\necho up\n" + std::string(kForever),
        true);
    const ContainerResult result =
        stop(*tee, "app", "trap ':' TERM\n/opt/worker &\nwait\nwait\necho all stopped\n");
    INFO(result.describe());
    CHECK(result.exit_code == 0);
    CHECK(result.out == kReady + "up\nworker stops\nall stopped\n");
    CHECK(result.left_running == std::vector<std::string>{});
  }
}

TEST_CASE("Without setsid SIGTERM reaches the app itself", "[interop][start-script]") {
  const auto tee = testing::tee_container(RootKind::kDash);
  if (!tee) return;
  tee->root().remove("usr/bin/setsid");
  const ContainerResult result =
      stop(*tee, "", std::string("trap 'echo bye; exit 3' TERM\necho up\n") + kForever);
  CHECK(result.exit_code == 0);
  CHECK(result.out == kReady + "up\nbye\n");
  const ContainerResult ignored =
      stop(*tee, "app", std::string("trap '' TERM\necho up\n") + kForever);
  CHECK(ignored.exit_code == 0);
  CHECK(ignored.left_running == std::vector<std::string>{});
}

TEST_CASE("Without sleep an app still stops", "[interop][start-script]") {
  const auto tee = testing::tee_container(RootKind::kDash);
  if (!tee) return;
  tee->root().remove("usr/bin/sleep");
  const ContainerResult result =
      stop(*tee, "", std::string("trap 'echo bye; exit 3' TERM\necho up\n") + kForever);
  CHECK(result.exit_code == 0);
  CHECK(result.out == kReady + "up\nbye\n");
  CHECK(result.err.starts_with(
      "ecloud: warning: the image has no sleep: waiting for the app to stop without a time "
      "limit\n"));
}

TEST_CASE("SIGTERM before the app has started ends the script", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    tee->root().write("stand-in/kms-hangs", "yes");
    const ContainerResult result = stop(*tee, "app", "echo up\n", "asking\n");
    INFO(result.describe());
    CHECK(result.exit_code == 0);
    CHECK(result.out == "asking\n");
    CHECK(result.err == "");
    CHECK_FALSE(tee->root().has("tmp/.env"));
    CHECK(result.left_running == std::vector<std::string>{});
  }
}

TEST_CASE("An app has the signals of a program in the foreground", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee || !testing::require_root_mount()) return;
    INFO(to_string(kind));
    ContainerRun run = run_as("app");
    const ContainerResult result =
        tee->start({"/opt/busybox", "grep", "SigIgn", "/proc/self/status"}, run);
    // busybox has neither job control without a terminal nor env --default-signal.
    const std::string ignored = kind == RootKind::kBusybox ? "06" : "00";
    CHECK(result.out == kReady + "SigIgn:\t00000000000000" + ignored + "\n");
  }
}

TEST_CASE("Process 1 reaps what the app leaves behind", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee || !testing::require_root_mount()) return;
    INFO(to_string(kind));
    tee->root().write("opt/app",
                      "#!/opt/busybox sh\n"
                      "for i in 1 2 3; do (/opt/busybox sleep 0.02 &); done\n"
                      "/opt/busybox sleep 0.3\n"
                      "/opt/busybox grep -l '^State:.Z' /proc/[0-9]*/status\necho done\n",
                      true);
    ContainerRun run = run_as("app");
    run.own_pids = true;
    const ContainerResult result = tee->start({"/opt/app"}, run);
    CHECK(result.out == kReady + "done\n");
    CHECK(result.exit_code == 0);
  }
}

// ---- the drain watcher ----

namespace {

/// A wget or curl that knows the metadata server: once the app is up, it answers what is in
/// stand-in/drain.
void add_metadata_client(const TeeContainer& tee, const std::string& name) {
  for (const char* other : {"usr/bin/wget", "bin/wget", "usr/bin/curl"}) tee.root().remove(other);
  tee.root().write("usr/bin/" + name,
                   "#!/opt/busybox sh\n[ \"$1\" != --help ] || { echo '  -T SEC'; exit; }\n"
                   "[ -e /stand-in/up ] || exit 8\n"
                   "echo \"$* ${http_proxy-none}\" >>/stand-in/metadata.calls\n"
                   "/opt/busybox cat /stand-in/drain\n",
                   true);
}

/// An app that ends by itself after `rounds` of 20 ms.
ContainerResult run_with_disk(const TeeContainer& tee, const std::string& expected, int rounds) {
  tee.root().write(
      "opt/app",
      "#!/opt/busybox sh\ntrap '/opt/busybox mkdir /stand-in/said 2>/dev/null && echo bye; exit 5' "
      "TERM\n: >/stand-in/up\nn=0\nwhile [ $n -lt " +
          std::to_string(rounds) + " ]; do /opt/busybox sleep 0.02; n=$((n + 1)); done\n",
      true);
  tee.root().remove("stand-in/up");
  // Once, also when a child of the app's shell handles the signal to the group.
  tee.root().remove("stand-in/said");
  ContainerRun run = run_as("");
  run.env.push_back("ECLOUD_PD_EXPECTED=" + expected);
  run.env.push_back("http_proxy=http://proxy.test");
  return tee.start({"/opt/app"}, run);
}

}  // namespace

TEST_CASE("The app is stopped when the platform asks for its disk", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    for (const std::string client : {"wget", "curl"}) {
      if (kind == RootKind::kBusybox) continue;  // see below
      INFO(to_string(kind) << " " << client);
      add_metadata_client(*tee, client);
      tee->root().remove("stand-in/metadata.calls");
      tee->root().write("stand-in/drain", " \r\n1 \n");
      const ContainerResult result = run_with_disk(*tee, "1", 500);
      INFO(result.describe());
      CHECK(result.exit_code == 0);
      CHECK(result.out == kReady + "bye\n");
      CHECK(result.left_running == std::vector<std::string>{});
      const std::string url =
          "http://metadata.google.internal/computeMetadata/v1/instance/attributes/"
          "ECLOUD_DRAIN_REQUESTED";
      CHECK(tee->calls("metadata") ==
            (client == "wget" ? "-q -O - -T 2 --header Metadata-Flavor: Google " + url + " none\n"
                              : "-fsS --max-time 2 -H Metadata-Flavor: Google " + url + " none\n"));
    }
  }
}

TEST_CASE("An app is not stopped by anything but the request", "[interop][start-script]") {
  const auto tee = testing::tee_container(RootKind::kDash);
  if (!tee) return;
  add_metadata_client(*tee, "wget");
  const std::string body = GENERATE("", "0", "11", "1 1", "true", "<html>1</html>");
  INFO(body);
  tee->root().write("stand-in/drain", body);
  const ContainerResult result = run_with_disk(*tee, "1", 10);
  CHECK(result.out == kReady);
  CHECK(result.exit_code == 0);
  CHECK(result.left_running == std::vector<std::string>{});
  tee->root().remove("stand-in/metadata.calls");
  CHECK(run_with_disk(*tee, "0", 10).out == kReady);
  CHECK_FALSE(tee->root().has("stand-in/metadata.calls"));
}

TEST_CASE("The installed drain watcher is preferred", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    tee->root().write(
        "usr/local/bin/ecloud-drain-watcher",
        "#!/opt/busybox sh\necho \"$*\" >/stand-in/watcher.calls\n"
        "while [ ! -e /stand-in/up ]; do /opt/busybox sleep 0.02; done\nkill -TERM \"$2\"\n",
        true);
    const ContainerResult result = run_with_disk(*tee, "1", 500);
    INFO(result.describe());
    CHECK(result.out == kReady + "bye\n");
    CHECK(result.exit_code == 0);
    CHECK(tee->calls("watcher") == "-signal-pid " + std::to_string(result.inner_pid) + "\n");
    CHECK(result.left_running == std::vector<std::string>{});
  }
}

TEST_CASE("Without wget and curl the app starts with a warning", "[interop][start-script]") {
  const RootKind kind = GENERATE(RootKind::kDash, RootKind::kBash);
  const auto tee = testing::tee_container(kind);
  if (!tee) return;
  for (const char* client : {"usr/bin/wget", "usr/bin/curl"}) tee->root().remove(client);
  const ContainerResult result = run_with_disk(*tee, "1", 10);
  CHECK(result.exit_code == 0);
  CHECK(result.out == kReady);
  CHECK(result.err ==
        "ecloud: warning: the image has neither wget nor curl: the platform cannot ask the app to "
        "stop\n");
}

}  // namespace ecloud::platform
