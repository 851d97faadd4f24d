#include <algorithm>
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
using testing::Seen;
using testing::TeeContainer;

const std::string kPasswd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "nologin:x:33:33::/nonexistent:/sbin/nologin\n"
    "app:x:1000:1001:An app:/home/app:/bin/sh\n"
    "second:x:1000:1002::/home/second:/bin/sh";  // and no new line
const std::string kGroup =
    "root:x:0:\nwww:x:33:\napp:x:1001:\nvideo:x:44:app,other\naudio:x:29:other,app\n"
    "other:x:60:application,other\nstaff:x:50:second\nlast:x:70:app";

std::string docker_path() {
  return "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/// What a runtime gives an image of which the layering says that its user is `user`.
ContainerRun as_user(const std::string& user) {
  ContainerRun run;
  run.env = {docker_path(), "HOME=/root"};
  if (!user.empty()) run.env.push_back("__ECLOUD_ORIGINAL_USER=" + user);
  return run;
}

std::optional<TeeContainer> container(RootKind kind) {
  return testing::tee_container(kind, kPasswd, kGroup);
}

struct UserCase {
  std::string user, uid, gid;
  std::set<std::string> groups;
  std::string home;
};

/// Expected: what docker 24 does with USER (its user lookup, and the primary group among the
/// supplementary ones).
const std::vector<UserCase> kUserCases = {
    {"", "0", "0", {"0"}, "/root"},
    {"root", "0", "0", {"0"}, "/root"},
    {"0", "0", "0", {"0"}, "/root"},
    {"0:0", "0", "0", {"0"}, "/root"},
    {"app", "1000", "1001", {"1001", "44", "29", "70"}, "/home/app"},
    {"1000", "1000", "1001", {"1001", "44", "29", "70"}, "/home/app"},
    {"second", "1000", "1002", {"1002", "50"}, "/home/second"},
    {"app:staff", "1000", "50", {"50"}, "/home/app"},
    {"app:29", "1000", "29", {"29"}, "/home/app"},
    {"1000:staff", "1000", "50", {"50"}, "/home/app"},
    {"1000:4343", "1000", "4343", {"4343"}, "/home/app"},
    {"4242", "4242", "0", {"0"}, "/"},
    {"4242:4343", "4242", "4343", {"4343"}, "/"},
    {"004242:last", "4242", "70", {"70"}, "/"},
    {"nologin", "33", "33", {"33"}, "/nonexistent"},
    {"0:50", "0", "50", {"50"}, "/root"},
};

void check_user(const TeeContainer& tee, const UserCase& expected) {
  const Seen seen = tee.show({"one"}, as_user(expected.user));
  INFO("user \"" << expected.user << "\": " << seen.result.describe());
  REQUIRE(seen.result.exit_code == 23);
  CHECK(seen.facts.at("uid") == expected.uid);
  CHECK(seen.facts.at("gid") == expected.gid);
  CHECK(seen.groups == expected.groups);
  CHECK(seen.variables.at("HOME") == expected.home);
  CHECK(seen.variables.count("__ECLOUD_ORIGINAL_USER") == 0);
  CHECK(seen.arguments == std::vector<std::string>{"one"});
  CHECK(seen.facts.at("parent") == std::to_string(seen.result.inner_pid));
  CHECK(seen.ready);
  CHECK(seen.before_ready == "");
}

TEST_CASE("The app gets its variables and arguments exactly as they are",
          "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    tee->variables(
        "export BOTH=\"from the KMS\"\n"
        "export DOLLAR='$HOME `id` \\ \"'\n"
        "export EMPTY=\"\"\n"
        "export LINES=\"one\n  two\n\"\n"
        "export PATH=\"/app/bin\"\n"
        "PLAIN=\"a  b\"\n"
        "export IFS=\"/\"\n"
        "export KMS_PUBLIC_KEY=\"mine\"\nexport KMS_SERVER_URL=\"http://mine\"\n"
        "export QUOTE='it'\\''s'\n"
        "export STARS=\"* ?\"\n");
    tee->root().write("work/x", "");
    ContainerRun run;
    run.env = {docker_path(), "BOTH=from the image", "IMAGE=a 'b' \"c\" $d", "A= x "};
    run.directory = "/work";
    const std::vector<std::string> words = {"two words", "",   "'",  "\"",   "*", "$HOME",
                                            "\\n",       "--", "-c", "a\nb", "~", "`id`"};
    const Seen seen = tee->show(words, run);
    INFO(seen.result.describe());
    REQUIRE(seen.result.exit_code == 23);
    CHECK(seen.result.err == "");
    CHECK(seen.arguments == words);

    auto variables = seen.variables;
    for (const char* of_shells : {"PWD", "OLDPWD", "SHLVL", "_", "IFS"}) variables.erase(of_shells);
    const std::map<std::string, std::string> expected = {
        {"A", " x "},
        {"BOTH", "from the KMS"},
        {"DOLLAR", "$HOME `id` \\ \""},
        {"EMPTY", ""},
        {"IMAGE", "a 'b' \"c\" $d"},
        {"LINES", "one\n  two\n"},
        {"PATH", "/app/bin"},
        {"PLAIN", "a  b"},
        {"QUOTE", "it's"},
        {"STARS", "* ?"},
        {"KMS_PUBLIC_KEY", "PEM"},
        {"KMS_SERVER_URL", "http://kms.test:8080"}};
    CHECK(variables == expected);
    CHECK(seen.facts.at("cwd") == "/work");
    CHECK(seen.facts.at("umask") == "0022");
    CHECK(seen.facts.at("parent") == "1");
    CHECK(seen.facts.count("env-file") == 0);
    CHECK(tee->calls("kms-client") ==
          "--kms-server-url\nhttp://kms.test:8080\n--kms-signing-key-file\n"
          "/usr/local/bin/kms-signing-public-key.pem\n--userapi-url\nhttps://api.test/a b\n"
          "--output\n/tmp/.env\n");
    CHECK(tee->root().read("stand-in/kms-client.umask") == "0077\n");
  }
}

TEST_CASE("The app runs as the user of its image in busybox", "[interop][start-script]") {
  const auto tee = container(RootKind::kBusybox);
  if (!tee) return;
  for (const UserCase& expected : kUserCases) check_user(*tee, expected);
}

TEST_CASE("The app runs as the user of its image where sh is dash", "[interop][start-script]") {
  const auto tee = container(RootKind::kDash);
  if (!tee) return;
  for (const UserCase& expected : kUserCases) check_user(*tee, expected);
}

TEST_CASE("The app runs as the user of its image where sh is bash", "[interop][start-script]") {
  const auto tee = container(RootKind::kBash);
  if (!tee) return;
  for (const UserCase& expected : kUserCases) check_user(*tee, expected);
  // What the app then does with it is not ours: bash as its shell sees the same user.
  const ContainerResult shell = tee->start({"/bin/bash", "-c", "echo $UID $HOME"}, as_user("app"));
  CHECK(shell.out == std::string(testing::kReadyMarker) + "1000 /home/app\n");
}

TEST_CASE("Without setpriv the user is changed with chroot of coreutils",
          "[interop][start-script]") {
  const auto tee = container(RootKind::kDash);
  if (!tee) return;
  tee->root().remove("usr/bin/setpriv");
  for (const UserCase& expected : kUserCases) check_user(*tee, expected);
}

TEST_CASE("Without setpriv and chroot the user is changed with su", "[interop][start-script]") {
  const auto tee = container(RootKind::kDash);
  if (!tee) return;
  tee->root().remove("usr/bin/setpriv");
  tee->root().remove("usr/sbin/chroot");
  // This su asks PAM, which wants a line there; useradd writes it.
  tee->root().write("etc/shadow", "app:*:19000:0:99999:7:::\n");
  const Seen seen = tee->show({"-l", "a b", "--"}, as_user("app"));
  INFO(seen.result.describe());
  REQUIRE(seen.result.exit_code == 23);
  CHECK(seen.arguments == std::vector<std::string>{"-l", "a b", "--"});
  CHECK(seen.facts.at("uid") == "1000");
  CHECK(seen.groups == std::set<std::string>{"1001", "44", "29", "70"});
  CHECK(seen.variables.at("HOME") == "/home/app");
  CHECK(seen.variables.at("GREETING") == "hello");
  CHECK(tee->show({}, as_user("4242:4343")).facts.at("gid") == "4343");
}

TEST_CASE("su-exec and gosu and chpst are told the user in their own words",
          "[interop][start-script]") {
  // They are not in Debian's minimal system; stand-ins give their arguments to setpriv.
  const auto tee = container(RootKind::kDash);
  if (!tee) return;
  std::filesystem::rename(tee->root().path() / "usr/bin/setpriv",
                          tee->root().path() / "opt/setpriv");
  tee->root().remove("usr/sbin/chroot");
  tee->root().remove("usr/bin/su");
  const auto stand_in = [](const std::string& name, const std::string& before) {
    return "#!/bin/dash\necho " + name + " \"$1\" >>/stand-in/ways.calls\n" + before +
           "case $1 in app) set -- 1000:1001 \"$@\"; g=--init-groups;; *) set -- $1 \"$@\";"
           " g=--clear-groups;; esac\n"
           "u=${1%:*} i=${1#*:}; shift 2\n"
           "exec /opt/setpriv --reuid $u --regid $i $g -- \"$@\"\n";
  };
  const std::string name = GENERATE("su-exec", "gosu", "chpst", "setuidgid");
  INFO(name);
  const bool has_option = name == "chpst";
  tee->root().write("usr/bin/" + name, stand_in(name, has_option ? "shift\n" : ""), true);
  const Seen numeric = tee->show({"a b"}, as_user("4242:4343"));
  INFO(numeric.result.describe());
  CHECK(numeric.facts.at("uid") == "4242");
  CHECK(numeric.facts.at("gid") == "4343");
  CHECK(numeric.arguments == std::vector<std::string>{"a b"});
  const Seen named = tee->show({"a b"}, as_user("app"));
  if (name == "su-exec" || name == "gosu") {
    CHECK(named.facts.at("uid") == "1000");
    CHECK(named.groups == std::set<std::string>{"1001", "44", "29", "70"});
    CHECK(tee->calls("ways") ==
          name + " 4242:4343\n" + name + " 4242:4343\n" + name + " app\n" + name + " app\n");
  } else {
    // Those two drop the groups that the user is a member of.
    CHECK(named.result.exit_code == 1);
    CHECK(named.arguments.empty());
  }
}

TEST_CASE("An app whose user is not known or cannot be had does not run as root",
          "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    const auto refused = [&](const std::string& user) {
      const ContainerResult result = tee->start({"/opt/show"}, as_user(user));
      CHECK(result.exit_code == 1);
      CHECK(result.out == "ECLOUD_FAIL user_setup\n");
      CHECK_FALSE(tee->root().has("tmp/.env"));
      return result.err;
    };
    const std::string start = "ecloud: the image runs as ";
    CHECK(refused("ghost") == start + "ghost, but /etc/passwd has no such user\n");
    CHECK(refused("ap*") == start + "ap*, but /etc/passwd has no such user\n");
    CHECK(refused("-1") == start + "-1, but /etc/passwd has no such user\n");
    CHECK(refused("app:ghosts") == start + "app:ghosts, but /etc/group has no such group\n");
    CHECK(refused("99999999999") ==
          start + "99999999999, but 99999999999 is too large for an ID\n");
    CHECK(refused("1:4294967295") ==
          start + "1:4294967295, but 4294967295 is too large for an ID\n");
    for (const char* way : {"bin/su", "usr/bin/setpriv", "usr/sbin/chroot", "usr/bin/su"}) {
      tee->root().remove(way);
    }
    if (kind == RootKind::kBusybox) continue;  // its shell has su built in
    CHECK(refused("app") == start +
                                "app, but it has no setpriv, su-exec, gosu, coreutils chroot, "
                                "chpst, setuidgid or su that works\n");
    CHECK(tee->calls("kms-client") == "");
  }
}

TEST_CASE("A way to change the user that does not change it is not taken",
          "[interop][start-script]") {
  const auto tee = container(RootKind::kDash);
  // Without /proc nobody can tell.
  if (!tee || !testing::require_root_mount()) return;
  for (const char* way : {"usr/bin/setpriv", "usr/sbin/chroot", "usr/bin/su"}) {
    tee->root().remove(way);
  }
  tee->root().write("usr/bin/gosu", "#!/bin/sh\nshift\nexec \"$@\"\n", true);
  const ContainerResult result = tee->start({"/opt/show"}, as_user("4242"));
  CHECK(result.exit_code == 1);
  CHECK(result.out == "ECLOUD_FAIL user_setup\n");
}

TEST_CASE("An image without users and groups and proc starts all the same",
          "[interop][start-script]") {
  const auto tee = container(RootKind::kBusybox);
  if (!tee) return;
  for (const char* missing : {"etc/passwd", "etc/group", "tmp"}) tee->root().remove(missing);
  ContainerRun run = as_user("4242:4343");
  run.with_proc = GENERATE(true, false);
  const Seen seen = tee->show({}, run);
  INFO(seen.result.describe());
  REQUIRE(seen.result.exit_code == 23);
  CHECK(seen.facts.at("uid") == "4242");
  CHECK(seen.facts.at("gid") == "4343");
  CHECK(seen.variables.at("HOME") == "/");
  CHECK(seen.facts.count("env-file") == 0);
  const ContainerResult named = tee->start({"/opt/show"}, as_user("app"));
  CHECK(named.exit_code == 1);
  CHECK(named.err == "ecloud: the image runs as app, but /etc/passwd has no such user\n");
}

TEST_CASE("A home that the image or the deployer names is kept", "[interop][start-script]") {
  const auto tee = container(RootKind::kDash);
  if (!tee) return;
  ContainerRun run = as_user("app");
  run.env[1] = "HOME=/data";
  CHECK(tee->show({}, run).variables.at("HOME") == "/data");
  run.env.erase(run.env.begin() + 1);
  CHECK(tee->show({}, run).variables.at("HOME") == "/home/app");
  tee->variables("export HOME=\"/kms\"\nexport __ECLOUD_ORIGINAL_USER=\"root\"\n");
  const Seen seen = tee->show({}, run);
  CHECK(seen.variables.at("HOME") == "/kms");
  CHECK(seen.facts.at("uid") == "1000");
  CHECK(seen.variables.count("__ECLOUD_ORIGINAL_USER") == 0);
}

TEST_CASE("A script that is not run by root changes no user", "[interop][start-script]") {
  const auto tee = container(RootKind::kDash);
  if (!tee) return;
  ContainerRun run = as_user("ghost");
  run.argv = {"/usr/bin/setpriv",
              "--reuid",
              "1000",
              "--regid",
              "1001",
              "--clear-groups",
              "/usr/local/bin/compute-source-env.sh",
              "/opt/show"};
  const Seen seen = TeeContainer::read_show(testing::run_in_root(tee->root().path(), run));
  INFO(seen.result.describe());
  CHECK(seen.result.exit_code == 23);
  CHECK(seen.facts.at("uid") == "1000");
}

TEST_CASE("No app is started without its variables", "[interop][start-script]") {
  const RootKind kind = GENERATE(RootKind::kBusybox, RootKind::kDash, RootKind::kBash);
  const auto tee = container(kind);
  if (!tee) return;
  INFO(to_string(kind));
  const auto refused = [&] {
    const ContainerResult result = tee->start({"/opt/show"}, as_user(""));
    CHECK(result.exit_code == 1);
    CHECK(result.out == "ECLOUD_FAIL kms_bootstrap\n");
    CHECK_FALSE(tee->root().has("tmp/.env"));
    return result.err;
  };
  const std::string unreadable =
      "ecloud: the shell cannot read the app's variables: a name or value has a quote, dollar, "
      "backquote or backslash that it does not take\n";
  for (const char* bad :
       {"export A=\"it is 12\" wide\"\n", "export my-name=\"x\"\n", "export A=\"$(\"\n"}) {
    INFO(bad);
    tee->variables("export SECRET=\"s\"\n" + std::string(bad));
    CHECK(refused().find(unreadable) != std::string::npos);
  }

  tee->root().write("stand-in/kms-fails", "yes");
  CHECK(refused() ==
        "kms-client: attestation refused\n"
        "ecloud: kms-client could not get the app's variables from the KMS\n");

  tee->root().write("usr/local/bin/kms-client", "#!/bin/sh\nexit 0\n", true);
  tee->root().write("tmp/.env", "export LEFT=over\n");
  CHECK(refused() == "ecloud: kms-client did not write /tmp/.env\n");

  tee->root().remove("usr/local/bin/kms-client");
  CHECK(refused().ends_with("ecloud: kms-client could not get the app's variables from the KMS\n"));
}

TEST_CASE("The app gets standard input and ends the script with its status",
          "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    const std::string ready(testing::kReadyMarker);
    ContainerRun run = as_user(GENERATE("", "app"));
    run.input = "one\ntwo";
    const ContainerResult read = tee->start({"/opt/busybox", "cat"}, run);
    CHECK(read.out == ready + "one\ntwo");
    CHECK(read.exit_code == 0);
    CHECK(read.err == "");

    const std::vector<std::string> shell = {"/opt/busybox", "sh", "-c"};
    const auto status_of = [&](const std::string& script) {
      std::vector<std::string> command = shell;
      command.push_back(script);
      return tee->start(command, run).exit_code;
    };
    CHECK(status_of("exit 0") == 0);
    CHECK(status_of("exit 42") == 42);
    CHECK(status_of("kill -KILL $$") == 137);
    CHECK(tee->start({"/nonexistent"}, run).exit_code == 127);
    CHECK(tee->start({"/etc/passwd"}, run).exit_code == 126);
    const ContainerResult nothing = tee->start({}, run);
    CHECK(nothing.exit_code == 1);
    CHECK(nothing.out == "ECLOUD_FAIL command_missing\n");
    CHECK(nothing.err == "ecloud: the image does not name a command\n");
  }
}

}  // namespace
}  // namespace ecloud::platform
