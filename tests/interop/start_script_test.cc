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
using testing::RootFolder;
using testing::RootKind;
using testing::Seen;
using testing::TeeContainer;

const std::vector<RootKind> kAllKinds = {RootKind::kBusybox, RootKind::kDash, RootKind::kBash};

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
  auto root = RootFolder::make(kind);
  if (!root) return std::nullopt;
  TeeContainer out(std::move(*root));
  out.root().write("etc/passwd", kPasswd);
  out.root().write("etc/group", kGroup);
  return out;
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
  CHECK(seen.facts.at("pid") == std::to_string(seen.result.pid));
}

TEST_CASE("The app gets its variables and arguments exactly as they are",
          "[interop][start-script]") {
  for (const RootKind kind : kAllKinds) {
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
        {"A", " x "},         {"BOTH", "from the KMS"},    {"DOLLAR", "$HOME `id` \\ \""},
        {"EMPTY", ""},        {"IMAGE", "a 'b' \"c\" $d"}, {"LINES", "one\n  two\n"},
        {"PATH", "/app/bin"}, {"PLAIN", "a  b"},           {"QUOTE", "it's"},
        {"STARS", "* ?"}};
    CHECK(variables == expected);
    CHECK(seen.facts.at("cwd") == "/work");
    CHECK(seen.facts.at("umask") == "0022");
    CHECK(seen.facts.at("pid") == std::to_string(seen.result.pid));
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
  CHECK(shell.out == "1000 /home/app\n");
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
  for (const RootKind kind : kAllKinds) {
    const auto tee = container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    const auto refused = [&](const std::string& user) {
      const ContainerResult result = tee->start({"/opt/show"}, as_user(user));
      CHECK(result.exit_code == 1);
      CHECK(result.out == "");
      CHECK_FALSE(tee->root().has("tmp/.env"));
      return result.err;
    };
    const std::string start = "ecloud: the image is to run as ";
    CHECK(refused("ghost") == start + "ghost, and /etc/passwd has no such user\n");
    CHECK(refused("ap*") == start + "ap*, and /etc/passwd has no such user\n");
    CHECK(refused("-1") == start + "-1, and /etc/passwd has no such user\n");
    CHECK(refused("app:ghosts") == start + "app:ghosts, and /etc/group has no such group\n");
    CHECK(refused("99999999999") ==
          start + "99999999999, and 99999999999 is too large for an id\n");
    CHECK(refused("1:4294967295") ==
          start + "1:4294967295, and 4294967295 is too large for an id\n");
    for (const char* way : {"bin/su", "usr/bin/setpriv", "usr/sbin/chroot", "usr/bin/su"}) {
      tee->root().remove(way);
    }
    if (kind == RootKind::kBusybox) continue;  // its shell has su built in
    CHECK(refused("app") == start +
                                "app, and has none of setpriv, su-exec, gosu, chroot of coreutils, "
                                "chpst, setuidgid and su that does it\n");
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
  CHECK(result.out == "");
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
  CHECK(named.err == "ecloud: the image is to run as app, and /etc/passwd has no such user\n");
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

TEST_CASE("No app is started without its variables", "[interop][start-script]") {
  const RootKind kind = GENERATE(RootKind::kBusybox, RootKind::kDash, RootKind::kBash);
  const auto tee = container(kind);
  if (!tee) return;
  INFO(to_string(kind));
  const auto refused = [&] {
    const ContainerResult result = tee->start({"/opt/show"}, as_user(""));
    CHECK(result.exit_code == 1);
    CHECK(result.out == "");
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
  CHECK(refused() == "ecloud: kms-client wrote no /tmp/.env\n");
}

TEST_CASE("Exit codes and signals reach the app and come from it", "[interop][start-script]") {
  for (const RootKind kind : kAllKinds) {
    const auto tee = container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    tee->root().write("opt/wait",
                      "#!/opt/busybox sh\ntrap 'echo bye; exit 42' TERM\necho ready\n"
                      "while :; do /opt/busybox sleep 0.01; done\n",
                      true);
    ContainerRun run = as_user("app");
    run.signal_when = "ready\n";
    const ContainerResult ended = tee->start({"/opt/wait"}, run);
    CHECK(ended.out == "ready\nbye\n");
    CHECK(ended.exit_code == 42);

    CHECK(tee->start({"/nonexistent"}, as_user("")).exit_code == 127);
    const ContainerResult nothing = tee->start({}, as_user(""));
    CHECK(nothing.exit_code == 1);
    CHECK(nothing.err == "ecloud: the image names no command\n");
  }
}

/// The programs of TLS, which note their arguments and variables.
void add_tls(const TeeContainer& tee) {
  tee.root().write("usr/local/bin/tls-keygen",
                   "#!/opt/busybox sh\n"
                   "echo \"tls-keygen $* $DOMAIN|$MNEMONIC|$API_URL\" >>/stand-in/tls.calls\n"
                   "[ ! -e /tmp/.env ] || echo variables lie about >>/stand-in/tls.calls\n"
                   "[ ! -f /stand-in/keygen-fails ] || { echo acme: refused >&2; exit 3; }\n",
                   true);
  tee.root().write("usr/local/bin/caddy",
                   "#!/opt/busybox sh\necho \"caddy $*\" >>/stand-in/tls.calls\n"
                   "echo caddy says $1\n[ ! -f /stand-in/caddy-fails-$1 ] || exit 1\n",
                   true);
  tee.root().write("etc/caddy/Caddyfile", "{$DOMAIN}\n");
  tee.variables("export DOMAIN=\"app.test\"\nexport MNEMONIC=\"twelve words\"\n");
}

TEST_CASE("With TLS the certificate is there before the app starts", "[interop][start-script]") {
  for (const RootKind kind : kAllKinds) {
    const auto tee = container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    add_tls(*tee);
    const std::string caddy =
        "caddy validate --config /etc/caddy/Caddyfile\n"
        "caddy start --config /etc/caddy/Caddyfile\n";
    const Seen quiet = tee->show({"x"}, as_user("app"));
    CHECK(quiet.result.exit_code == 23);
    CHECK(quiet.facts.at("uid") == "1000");
    CHECK(quiet.arguments == std::vector<std::string>{"x"});
    CHECK(quiet.result.out.starts_with("argument:x"));
    CHECK(quiet.variables.at("MNEMONIC") == "twelve words");
    CHECK(quiet.variables.count("API_URL") == 0);
    CHECK(tee->calls("tls") ==
          "tls-keygen -challenge http-01 app.test|twelve words|https://api.test/a b\n" + caddy);

    tee->root().remove("stand-in/tls.calls");
    ContainerRun loud = as_user("");
    loud.env.insert(loud.env.end(),
                    {"ENABLE_CADDY_LOGS=true", "ACME_STAGING=true", "ACME_CHALLENGE=tls-alpn-01"});
    CHECK(tee->show({}, loud).result.out.starts_with("caddy says start\n"));
    CHECK(
        tee->calls("tls") ==
        "tls-keygen -challenge tls-alpn-01 -staging app.test|twelve words|https://api.test/a b\n" +
            caddy);
  }
}

TEST_CASE("Without a certificate the app does not start", "[interop][start-script]") {
  const auto tee = container(RootKind::kBusybox);
  if (!tee) return;
  add_tls(*tee);
  const auto refused = [&] {
    const ContainerResult result = tee->start({"/opt/show"}, as_user(""));
    CHECK(result.exit_code == 1);
    CHECK(result.out == "");
    return result.err;
  };
  const std::string domain = "ecloud: the image serves TLS: set DOMAIN to the app's domain name\n";
  tee->variables("export MNEMONIC=\"m\"\n");
  CHECK(refused() == domain);
  tee->variables("export MNEMONIC=\"m\"\nexport DOMAIN=\"localhost\"\n");
  CHECK(refused() == domain);
  tee->variables("export DOMAIN=\"app.test\"\n");
  CHECK(refused() == "ecloud: the image serves TLS, and there is no MNEMONIC\n");
  CHECK(tee->calls("tls") == "");

  add_tls(*tee);
  tee->root().write("stand-in/keygen-fails", "yes");
  CHECK(refused() ==
        "acme: refused\necloud: tls-keygen could not get a certificate for app.test\n");
  tee->root().remove("stand-in/keygen-fails");
  tee->root().write("stand-in/caddy-fails-validate", "yes");
  CHECK(refused() == "caddy says validate\necloud: caddy does not accept /etc/caddy/Caddyfile\n");
  tee->root().remove("stand-in/caddy-fails-validate");
  tee->root().write("stand-in/caddy-fails-start", "yes");
  CHECK(refused() == "ecloud: caddy did not start; ENABLE_CADDY_LOGS=true shows why\n");
}

}  // namespace
}  // namespace ecloud::platform
