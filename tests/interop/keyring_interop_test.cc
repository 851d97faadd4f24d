// The program and secret-tool on one real keyring: gnome-keyring on a D-Bus of its own.

#include <filesystem>

#include "interop/node_program.h"
#include "support/temp_dir.h"

namespace ecloud::testing {
namespace {

constexpr char kPrelude[] = R"sh(set -u
unset ECLOUD_PRIVATE_KEY EIGENCOMPUTE_PRIVATE_KEY EIGENX_PRIVATE_KEY ECLOUD_KEYSTORE DISPLAY
printf 'password of the keyring' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
)sh";

/// Runs a script with a D-Bus session, a home and an unlocked keyring of its own; nothing when a
/// tool is missing and the test is to be skipped.
std::optional<ProcessResult> with_keyring(const TempDir& home, const std::string& script) {
  for (const char* tool : {"dbus-run-session", "gnome-keyring-daemon", "secret-tool"}) {
    if (!require_tool(tool)) return std::nullopt;
  }
  std::filesystem::create_directories(home / "run");
  std::filesystem::permissions(home / "run", std::filesystem::perms::owner_all);
  ProcessOptions options;
  options.argv = {"dbus-run-session", "--", "bash", "-c", kPrelude + script};
  options.env = {{"HOME", home.path().string()},
                 {"XDG_RUNTIME_DIR", (home / "run").string()},
                 {"XDG_DATA_HOME", (home / "data").string()},
                 {"XDG_CONFIG_HOME", (home / "config").string()},
                 {"ECLOUD", ECLOUD_BINARY},
                 {"CI", "1"}};
  ProcessResult result = run_process(options);
  return result;
}

// The keys 1 and 2 and their addresses, as ethers and every other wallet compute them.
constexpr char kOne[] = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf\n";
constexpr char kTwo[] = "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF\n";

}  // namespace

TEST_CASE("secret-tool reads from a real keyring what login stored", "[interop][keyring]") {
  const TempDir home;
  const auto result = with_keyring(home, R"sh(
printf '0x%064d' 1 | "$ECLOUD" auth login - --fields store
secret-tool lookup service ecloud username key; echo
secret-tool search --all service ecloud 2>&1 | grep -E '^attribute.(application|target)' | sort
"$ECLOUD" auth whoami --fields address,source
"$ECLOUD" auth logout --yes
secret-tool lookup service ecloud username key || echo gone
)sh");
  if (!result) return;
  INFO(result->describe());
  const std::string key = "0x" + std::string(63, '0') + "1\n";
  CHECK(result->out == "keyring\n" + key +
                           "attribute.application = rust-keyring\nattribute.target = default\n" +
                           std::string(kOne).substr(0, 42) +
                           "\tthe keyring\n"
                           "removed the key of " +
                           std::string(kOne).substr(0, 42) + " from the keyring\ngone\n");
}

// The attributes are those that @napi-rs/keyring 1.2.0, which the reference CLI uses, was seen to
// write into such a keyring.
TEST_CASE("The program reads from a real keyring what others stored", "[interop][keyring]") {
  const TempDir home;
  const auto result = with_keyring(home, R"sh(
"$ECLOUD" auth whoami; echo "exit $?"
printf '0x%064d' 1 | secret-tool store --label='key@ecloud:default' application rust-keyring \
  service ecloud target default username key
"$ECLOUD" auth whoami --fields address
printf '0x%064d' 2 | "$ECLOUD" auth login - --yes --fields replaced
"$ECLOUD" auth whoami --fields address
secret-tool search --all service ecloud 2>&1 | grep -c '^secret'
)sh");
  if (!result) return;
  INFO(result->describe());
  // The entry of the others is replaced, not doubled: two would be ambiguous to them.
  CHECK(result->out == std::string("exit 5\n") + kOne + kOne + kTwo + "1\n");
}

TEST_CASE("Keys of the old CLI move inside a real keyring", "[interop][keyring]") {
  const TempDir home;
  // zalando/go-keyring names the attributes service and username.
  const auto result = with_keyring(home, R"sh(
printf '%064d' 2 | secret-tool store --label=old service eigenx-cli username eigenx-mainnet-alpha
"$ECLOUD" auth migrate --delete-old --fields from,deletedOld
"$ECLOUD" auth whoami --fields address
secret-tool lookup service eigenx-cli username eigenx-mainnet-alpha || echo gone
)sh");
  if (!result) return;
  INFO(result->describe());
  CHECK(result->out == std::string("mainnet-alpha\ttrue\n") + kTwo + "gone\n");
}

TEST_CASE("Without any D-Bus everything works with the key file", "[interop][keyring]") {
  const TempDir home;
  ProcessOptions options;
  options.argv = {"bash", "-c", R"sh(
"$ECLOUD" auth generate --store; echo "exit $?"
"$ECLOUD" auth generate --store file --fields store
address=$("$ECLOUD" auth whoami --fields address)
[ "$address" = "$("$ECLOUD" auth list --fields address)" ] && echo same
"$ECLOUD" auth logout --yes --fields removed
"$ECLOUD" auth whoami; echo "exit $?"
)sh"};
  options.inherit_env = false;
  options.env = {{"HOME", home.path().string()},
                 {"PATH", "/usr/bin:/bin"},
                 {"ECLOUD", ECLOUD_BINARY},
                 {"ECLOUD_KEYSTORE_PASSWORD", "pass"}};
  const ProcessResult result = run_process(options);
  INFO(result.describe());
  CHECK(result.out == "exit 5\nfile\nsame\ntrue\nexit 5\n");
}

}  // namespace ecloud::testing
