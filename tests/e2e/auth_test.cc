// Stored keys, as a deployment and a person at a terminal meet them.

#include <filesystem>

#include "e2e/session.h"
#include "e2e/terminal_session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::kCtrlC;
using testing::PtyProcess;
using testing::RunResult;
using testing::TerminalWorld;
using testing::World;

TEST_CASE("A key file deploys like a key in a variable", "[e2e][auth]") {
  World world;
  world.user.set("ECLOUD_KEYSTORE_PASSWORD", "pass");
  REQUIRE(world.user.run({"auth", "login", "--store", "file"}).code == 0);
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.devnet.apps().size() == 1);

  world.user.set("ECLOUD_KEYSTORE_PASSWORD", "wrong");
  const RunResult wrong = world.user.run({"compute", "app", "list", "--json"});
  CHECK(wrong.code == 5);
  CHECK(wrong.error()["code"].as_string() == "keystore.wrong_password");
  world.user.unset("ECLOUD_KEYSTORE_PASSWORD");
  const RunResult missing = world.user.run({"compute", "app", "list", "--json"});
  CHECK(missing.code == 5);
  CHECK(missing.error()["code"].as_string() == "auth.password_missing");
  // What needs no key does not miss the password.
  CHECK(world.user.run({"compute", "app", "status", "hello"}).code == 0);
}

TEST_CASE("Nobody's key is an error that names login", "[e2e][auth]") {
  World world;
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const RunResult run = world.user.run({"compute", "app", "list"});
  CHECK(run.code == 5);
  CHECK(run.err ==
        "error: no private key was given, and none is stored\n"
        "hint: `ecloud auth login` stores one, `ecloud auth generate` makes a new one\n"
        "hint: or set ECLOUD_PRIVATE_KEY, or give --private-key-file FILE (- is stdin)\n");
}

TEST_CASE("A key typed at a terminal stays unseen, and Ctrl-C gives the echo back",
          "[e2e][auth][terminal]") {
  TerminalWorld world;
  world.user.unset("ECLOUD_PRIVATE_KEY");
  PtyProcess child(world.start({"auth", "login", "--store", "file"}), {120, 24});
  REQUIRE(child.wait_for("Private key (not shown):"));
  CHECK_FALSE(child.echoes());
  child.type(std::string(63, '0') + "1\n");
  REQUIRE(child.wait_for("New password for"));
  CHECK_FALSE(child.echoes());
  child.type("hunter2");
  child.type(kCtrlC);
  CHECK(child.wait_exit() == 130);
  CHECK(child.echoes());
  const std::string seen = child.transcript();
  CHECK(seen.find("0000000000") == std::string::npos);
  CHECK(seen.find("hunter2") == std::string::npos);
}
