// Secrets beside the program: its children, its memory, the files that it finds.

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/session.h"
#include "e2e/terminal_session.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/tools.h"

using namespace ecloud;
using testing::ChildProcess;
using testing::ProcessOptions;
using testing::RunResult;
using testing::TempDir;
using testing::TerminalWorld;
using testing::World;

namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A program that notes what it is given, and does `then`.
void noting_program(const World& world, const std::string& name, const std::string& then) {
  const fs::path path =
      world.user.write("../bin/" + name,
                       "#!/bin/sh\nhere=${0%/*}/..\n{ echo \"argv: $*\"; /usr/bin/env; } "
                       ">>\"$here/seen-by-" +
                           name + "\"\n" + then + "\n");
  fs::permissions(path, fs::perms::owner_all);
}

}  // namespace

TEST_CASE("No child is given a secret, as an argument or a variable", "[e2e][secrets][process]") {
  World world;
  const std::string home = world.user.folder().parent_path().string();
  noting_program(world, "secret-tool", "cat >/dev/null; exit 1");
  noting_program(world, "buildah", "[ \"$1\" = info ] && exit 0; exit 3");
  world.user.write("Dockerfile", "FROM --platform=linux/amd64 debian\nCMD [\"sh\"]\n");
  const std::string key = world.user.env().at("ECLOUD_PRIVATE_KEY");
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const std::map<std::string, std::string> secrets = {
      {"EIGENX_PRIVATE_KEY", key},
      {"PRIVATE_KEY", "0xdead-private-key"},
      {"DEPLOYER_PRIVATE_KEY", "0xdead-deployer-key"},
      {"MNEMONIC", "dead-mnemonic words"},
      {"ECLOUD_KEYSTORE_PASSWORD", "dead-password"}};
  ProcessOptions options;
  options.inherit_env = false;
  options.env = world.user.env();
  options.env.insert(secrets.begin(), secrets.end());
  options.env["PATH"] = home + "/bin:/usr/bin:/bin";
  options.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent";
  options.directory = world.user.folder();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"auth", "login", "--store", "keyring", "--private-key-file", "-", "--yes"},
           {"auth", "list"},
           {"compute", "app", "deploy", "--name", "hello", "--dockerfile", "Dockerfile",
            "--builder", "buildah", "--image-ref", world.devnet.image("mine/app:1")}}) {
    options.argv = words;
    options.argv.insert(options.argv.begin(), ECLOUD_BINARY);
    options.input = key;
    testing::run_process(options);
  }
  for (const char* name : {"secret-tool", "buildah"}) {
    const std::string seen = testing::slurp(home + "/seen-by-" + name);
    INFO(name << "\n" << seen);
    REQUIRE(has(seen, "argv: "));
    CHECK(has(seen, "HOME=" + home));
    for (const auto& [variable, value] : secrets) {
      CHECK_FALSE(has(seen, value));
      CHECK_FALSE(has(seen, variable + "="));
    }
    CHECK_FALSE(has(seen, key.substr(2)));
  }
}

TEST_CASE("The devnet writes no core file either", "[e2e][secrets][process]") {
  const TempDir home;
  ProcessOptions options;
  options.argv = {"/bin/sh",
                  "-c",
                  "ulimit -c unlimited 2>/dev/null; exec \"$@\"",
                  "sh",
                  ECLOUD_DEVNET_BINARY,
                  "--keys",
                  std::string(ECLOUD_SOURCE_DIR) + "/tests/data/devnet"};
  options.env = {{"HOME", home.path().string()}};
  ChildProcess child(options);
  REQUIRE(child.wait_for_output("listens on"));
  rlimit limit{};
  REQUIRE(::prlimit(child.pid(), RLIMIT_CORE, nullptr, &limit) == 0);
  CHECK(limit.rlim_max == 0);
  // What PR_SET_DUMPABLE does shows in the owner of its entries below /proc.
  struct stat info {};
  REQUIRE(::stat(("/proc/" + std::to_string(child.pid()) + "/mem").c_str(), &info) == 0);
  CHECK(info.st_uid == 0);
}

TEST_CASE("A key file that others may read is used with a warning", "[e2e][secrets]") {
  World world;
  world.user.set("ECLOUD_KEYSTORE_PASSWORD", "correct horse");
  REQUIRE(world.user.run({"auth", "generate", "--store", "file"}).code == 0);
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const fs::path file = world.user.folder().parent_path() / "config/ecloud/keystore.json";
  CHECK_FALSE(has(world.user.run({"auth", "whoami"}).err, "chmod"));
  fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
  const RunResult run = world.user.run({"auth", "whoami"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(has(run.err, "other users of this machine may read " + file.string()));
  CHECK(has(run.err, "chmod 600"));
}

TEST_CASE("State that belongs to another user is not worked with", "[e2e][secrets][process]") {
  if (::geteuid() != 0 || !testing::require_tool("setpriv")) return;
  World world;
  fs::create_directories(world.user.state());
  // As root, who may do it all the same.
  REQUIRE(::chown(world.user.state().c_str(), 65534, 65534) == 0);
  const RunResult root = world.user.run(world.deploy({"--dry-run"}));
  CHECK(root.code == 0);
  CHECK(has(root.err, "belongs to another user (65534), who cannot change what root writes"));

  REQUIRE(::chown(world.user.state().c_str(), 0, 0) == 0);
  for (fs::path at = world.user.state(); at != at.root_path(); at = at.parent_path()) {
    if (at == fs::temp_directory_path()) break;
    fs::permissions(at, fs::perms::others_exec | fs::perms::others_read, fs::perm_options::add);
  }
  ProcessOptions options;
  options.argv = {"setpriv",    "--reuid=65534", "--regid=65534", "--clear-groups", ECLOUD_BINARY,
                  "compute",    "app",           "create",        "--name",         "x",
                  "--language", "python"};
  options.env = world.user.env();
  options.directory = "/";
  const auto other = testing::run_process(options);
  INFO(other.describe());
  if (has(other.err, "ermission denied") && !has(other.err, "ecloud:")) return;
  CHECK(other.exit_code == 2);
  CHECK(has(other.err, world.user.state().string() + " belongs to another user (0)"));
}

TEST_CASE("A FIFO in the place of a usual file is refused and one that is named is read",
          "[e2e][secrets][process]") {
  World world;
  ProcessOptions options;
  options.env = world.user.env();
  options.directory = world.user.folder();
  options.time_limit = std::chrono::seconds(20);
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), ECLOUD_BINARY);
    options.argv = std::move(words);
    return testing::run_process(options);
  };
  for (const char* name : {".env", "ecloud.yaml"}) {
    const fs::path fifo = world.user.folder() / name;
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    const auto refused = run(world.deploy({"--dry-run"}));
    INFO(refused.describe());
    CHECK_FALSE(refused.timed_out);
    CHECK(refused.exit_code == 2);
    CHECK(has(refused.err, "is a FIFO or a device, not a regular file"));
    fs::remove(fifo);
  }
  options.argv = {"/bin/bash", "-c", "exec \"$@\" --env-file <(echo TOKEN=abc)", "bash",
                  ECLOUD_BINARY};
  const std::vector<std::string> deploy = world.deploy({"--dry-run"});
  options.argv.insert(options.argv.end(), deploy.begin(), deploy.end());
  const auto named = testing::run_process(options);
  INFO(named.describe());
  CHECK(named.exit_code == 0);
}

TEST_CASE("JSON shows no character that could deceive its reader", "[e2e][secrets][logs]") {
  World world;
  const std::string app = world.user.run(world.deploy({"--json"})).json()["appId"].as_string();
  // C0, DEL, C1, U+061C, U+200E, U+202E, U+2066, and letters that stay.
  const std::string log =
      "\x1b[31m\x7f\xc2\x9b\xd8\x9c\xe2\x80\x8e\xe2\x80\xae\xe2\x81\xa6 "
      "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n";
  world.devnet.set_log(*eth::Address::parse(app), log);
  const RunResult run = world.user.run({"compute", "app", "logs", app, "--json"});
  CHECK(run.out.find("\\u001b[31m\\u007f\\u009b\\u061c\\u200e\\u202e\\u2066 "
                     "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\n") != std::string::npos);
  CHECK(run.json()["log"].as_string() == log);
  const RunResult failed = world.user.run({"compute", "app", "logs",
                                           "a\xe2\x80\xae"
                                           "b",
                                           "--json"});
  CHECK_FALSE(has(failed.err, "\xe2\x80\xae"));
}

TEST_CASE("An environment that a project alone defines is warned of", "[e2e][secrets][config]") {
  World world;
  const auto environment = world.devnet.environment();
  const auto lines = [&](const std::string& name) {
    return "environments:\n  " + name +
           ":\n    chainId: 31337\n    rpcUrl: " + environment.rpc_urls.front() +
           "\n    appController: \"" + environment.app_controller.to_string() +
           "\"\n    permissionController: \"" + environment.permission_controller.to_string() +
           "\"\n    delegator: \"" + environment.delegator.to_string() +
           "\"\n    userApiUrl: " + environment.user_api_url +
           "\n    kmsEncryptionKey: ../kms-e.pem\n    kmsSigningKey: ../kms-s.pem\n";
  };
  world.user.write("../kms-e.pem", environment.kms_encryption_key);
  world.user.write("../kms-s.pem", environment.kms_signing_key);
  world.user.write("ecloud.yaml", lines("theirs"));
  const std::vector<std::string> list = {"compute", "app", "list", "--environment", "theirs"};
  const RunResult run = world.user.run(list);
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(has(run.err,
            "ecloud.yaml line 2 alone says what the environment theirs is: transactions, "
            "signatures and encrypted variables go where this file sends them"));

  // What the user has defined as well is the user's own.
  world.user.write("../config/ecloud/kms-e.pem", environment.kms_encryption_key);
  world.user.write("../config/ecloud/config.yaml",
                   "environments:\n  theirs:\n    chainId: 31337\n");
  CHECK_FALSE(has(world.user.run(list).err, "alone says"));
}

TEST_CASE("A private log is asked for again with the key that needs a password",
          "[e2e][secrets][terminal]") {
  TerminalWorld world;
  const RunResult deployed = world.user.run(world.deploy({"--no-wait", "--json"}));
  REQUIRE(deployed.code == 0);
  const std::string app = deployed.json()["appId"].as_string();
  world.user.set("ECLOUD_KEYSTORE_PASSWORD", "correct horse");
  const std::string key = world.user.env().at("ECLOUD_PRIVATE_KEY");
  world.user.write("key", key);
  REQUIRE(world.user.run({"auth", "login", "--store", "file", "--private-key-file", "key"}).code ==
          0);
  world.user.unset("ECLOUD_KEYSTORE_PASSWORD");
  world.user.unset("ECLOUD_PRIVATE_KEY");
  world.devnet.set_log(*eth::Address::parse(app), "line of the private log\n");

  // Nobody is there to ask: the password is what is missing, not the permission.
  const RunResult alone = world.user.run({"compute", "app", "logs", app, "--json"});
  INFO(alone.describe());
  CHECK(alone.code == 5);
  CHECK(alone.error()["code"].as_string() == "auth.password_missing");

  testing::PtyProcess person(world.start({"compute", "app", "logs", app}));
  REQUIRE(person.wait_for("Password of"));
  person.type("correct horse\r");
  REQUIRE(person.wait_for("line of the private log"));
}
