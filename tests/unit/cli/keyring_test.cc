// The keyring through programs of the tests' own. The real one is in tests/interop.

#include "cli/keyring.h"

#include <chrono>
#include <filesystem>
#include <functional>

#include "ecloud/base/error.h"
#include "support/catch.h"
#include "support/failure.h"
#include "support/temp_dir.h"

namespace ecloud::cli {
namespace {

using testing::failure_of;
using testing::slurp;
using testing::TempDir;

constexpr char kWaysOut[] =
    "keep the key in a file with a password: ecloud auth login --store file\n"
    "or set ECLOUD_PRIVATE_KEY, or give --private-key-file FILE";
// Notes its arguments and its input, for the tests to read.
constexpr char kNote[] = "here=${0%/*}/..\necho \"$*\" >>\"$here/argv\"\n";

struct Desk {
  TempDir directory;
  base::Env env;
  base::CancelToken cancel;
  base::Milliseconds limit{20'000};

  Desk() {
    env.set("PATH", (directory / "bin").string());
    env.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    env.set("ECLOUD_PRIVATE_KEY", "a-secret-of-ours");
  }
  void program(const std::string& name, const std::string& script) const {
    const auto path = directory.write("bin/" + name, "#!/bin/sh\n" + script);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  Keyring keyring(Keyring::Tool tool = Keyring::Tool::kSecretTool) const {
    return Keyring(tool, env, cancel, limit);
  }
  std::string found(Keyring::Tool tool = Keyring::Tool::kSecretTool) const {
    const auto value = keyring(tool).find({"ecloud", "key"});
    return value ? std::string(value->reveal_text()) : "none";
  }
  std::string note(const std::string& name) const { return slurp(directory / name); }
};

base::Secret value() {
  return base::Secret(std::string("0x1234"));
}

}  // namespace

TEST_CASE("secret-tool is asked by the names that the reference CLI uses", "[cli][keyring]") {
  Desk desk;
  desk.program("secret-tool", std::string(kNote) + "printf 0xabc\n");
  CHECK(desk.found() == "0xabc");
  CHECK(desk.note("argv") == "lookup service ecloud username key\n");
}

TEST_CASE("An entry that carries account instead is found too", "[cli][keyring]") {
  Desk desk;
  desk.program("secret-tool",
               std::string(kNote) + "case \"$*\" in *account*) echo 0xdef;; *) exit 1;; esac\n");
  CHECK(desk.found() == "0xdef");
  desk.program("secret-tool", "exit 1\n");
  CHECK(desk.found() == "none");
}

TEST_CASE("A value goes to secret-tool on its standard input alone", "[cli][keyring]") {
  Desk desk;
  desk.program("secret-tool", std::string(kNote) +
                                  "/bin/cat >\"$here/input\"\n"
                                  "echo \"${ECLOUD_PRIVATE_KEY-unset}\" >\"$here/variable\"\n");
  desk.keyring().store({"ecloud", "key"}, value());
  CHECK(desk.note("argv") ==
        "store --label=ecloud key service ecloud username key target default "
        "application rust-keyring\n");
  // Without a line break, which secret-tool would store.
  CHECK(desk.note("input") == "0x1234");
  CHECK(desk.note("variable") == "unset\n");
}

TEST_CASE("Removing says whether there was an entry", "[cli][keyring]") {
  Desk desk;
  desk.program("secret-tool", std::string(kNote) + "case \"$*\" in *account*) exit 1;; esac\n");
  CHECK(desk.keyring().remove({"ecloud", "key"}));
  CHECK(desk.note("argv") ==
        "clear service ecloud username key\nclear service ecloud account key\n");
  desk.program("secret-tool", "exit 1\n");
  CHECK_FALSE(desk.keyring().remove({"ecloud", "key"}));
}

TEST_CASE("On macOS a value goes to security as a command on its standard input",
          "[cli][keyring]") {
  Desk desk;
  desk.env.unset("DBUS_SESSION_BUS_ADDRESS");
  desk.program("security", std::string(kNote) +
                               "case $1 in -i) /bin/cat >\"$here/input\";;"
                               " find-generic-password) echo 0xabc;; esac\n");
  desk.keyring(Keyring::Tool::kSecurity).store({"ecloud", "key"}, value());
  CHECK(desk.note("argv") == "-i\n");
  CHECK(desk.note("input") == "add-generic-password -U -s ecloud -a key -w 0x1234\n");
  CHECK(desk.found(Keyring::Tool::kSecurity) == "0xabc");
  CHECK(desk.note("argv") == "-i\nfind-generic-password -s ecloud -a key -w\n");
  // The exit code of security for errSecItemNotFound.
  desk.program("security", "echo 'could not be found' >&2; exit 44\n");
  CHECK(desk.found(Keyring::Tool::kSecurity) == "none");
  CHECK_FALSE(desk.keyring(Keyring::Tool::kSecurity).remove({"ecloud", "key"}));
}

TEST_CASE("A keyring that does not answer is given up with the ways out", "[cli][keyring]") {
  Desk desk;
  desk.limit = base::Milliseconds(50);
  desk.program("secret-tool", "exec /bin/sleep 600\n");
  const auto started = std::chrono::steady_clock::now();
  const Error error = failure_of([&] { desk.found(); });
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(10));
  CHECK(error.category() == Category::kCredentials);
  CHECK(error.code() == "auth.keyring_timeout");
  CHECK(error.message() == "the keyring did not answer within 0.05 s");
  CHECK(error.hint() ==
        std::string("it may be locked: unlock it, and type the command again\n") + kWaysOut);
}

TEST_CASE("A keyring that fails is shown with its words", "[cli][keyring]") {
  Desk desk;
  desk.program("secret-tool", "echo 'secret-tool: Cannot create an item' >&2; exit 1\n");
  for (const auto& action :
       std::vector<std::function<void()>>{[&] { desk.found(); },
                                          [&] {
                                            desk.keyring().store({"ecloud", "key"}, value());
                                          },
                                          [&] {
                                            desk.keyring().remove({"ecloud", "key"});
                                          }}) {
    const Error error = failure_of(action);
    CHECK(error.code() == "auth.keyring_failed");
    CHECK(error.message() ==
          "the keyring cannot be used: secret-tool failed with status 1: secret-tool: Cannot "
          "create an item");
    CHECK(error.hint() == kWaysOut);
  }
}

TEST_CASE("A missing program and a missing D-Bus have words of their own", "[cli][keyring]") {
  Desk desk;
  CHECK_FALSE(desk.keyring().is_there());
  Error error = failure_of([&] { desk.found(); });
  CHECK(error.code() == "auth.keyring_absent");
  CHECK(error.message() == "the keyring cannot be reached: secret-tool is not installed");
  CHECK(error.hint().find("libsecret-tools") != std::string::npos);

  desk.program("secret-tool", "echo ran >\"${0%/*}/../ran\"\n");
  CHECK(desk.keyring().is_there());
  desk.env.unset("DBUS_SESSION_BUS_ADDRESS");
  CHECK_FALSE(desk.keyring().is_there());
  error = failure_of([&] { desk.found(); });
  CHECK(error.code() == "auth.keyring_absent");
  CHECK(error.message() ==
        "there is no keyring here: no D-Bus session is running, as on most servers");
  CHECK(error.hint() == kWaysOut);
  CHECK(desk.note("ran").empty());

  desk.env.set("XDG_RUNTIME_DIR", desk.directory.path().string());
  desk.directory.write("bus", "");
  CHECK(desk.keyring().is_there());
}

TEST_CASE("Ctrl-C while the keyring thinks ends the wait", "[cli][keyring]") {
  Desk desk;
  desk.program("secret-tool", "exec /bin/sleep 600\n");
  desk.cancel.cancel();
  CHECK(failure_of([&] { desk.found(); }).category() == Category::kInterrupted);
}

}  // namespace ecloud::cli
