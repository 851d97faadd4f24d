// What other programs, editors and shells leave behind: their settings, byte order marks, spaces of
// Unicode, keys where variables belong, closed descriptors, terminals without UTF-8.

#include <algorithm>
#include <filesystem>

#include "e2e/session.h"
#include "e2e/terminal_session.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/child_process.h"

using namespace ecloud;
using testing::ProcessOptions;
using testing::ProcessResult;
using testing::PtyProcess;
using testing::run_process;
using testing::RunResult;
using testing::TerminalWorld;
using testing::World;

namespace {

constexpr char kMark[] = "\xef\xbb\xbf";
constexpr char kKey[] = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
constexpr char kAddress[] = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string user_config(const World& world) {
  const auto path = world.user.home() / "config/ecloud/config.yaml";
  return std::filesystem::exists(path) ? testing::slurp(path.string()) : "";
}

void write_user_config(const World& world, const std::string& text) {
  std::filesystem::create_directories(world.user.home() / "config/ecloud");
  world.user.write("../config/ecloud/config.yaml", text);
}

/// `sh -c SCRIPT`, where "$E" is the program.
ProcessResult shell(const World& world, const std::string& script) {
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", script};
  options.env = world.user.env();
  options.env["E"] = ECLOUD_BINARY;
  options.directory = world.user.folder();
  return run_process(options);
}

/// What the app gets for `name`, as the platform's client receives it.
std::string variable_of(World& world, const std::string& app, const std::string& name) {
  const RunResult run = world.user.run({"devnet", "env", app, "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run.json()["environment"][name].as_string();
}

}  // namespace

TEST_CASE("The settings of the TypeScript CLI count and are kept", "[e2e][foreign]") {
  World world;
  const std::string theirs =
      "first_run: true\ntelemetry_enabled: false\nuser_uuid: 3b241101-e2bb-4255-8caf-4136c566a962\n"
      "default_environment: devnet\nlast_version_check: 1767225600000\nlast_known_version: 0.5.0\n"
      "profile_cache:\n  mainnet-alpha:\n    updated_at: 1767225600000\n    profiles: {}\n";
  write_user_config(world, theirs);
  world.user.unset("ECLOUD_ENV");
  const RunResult list = world.user.run({"compute", "app", "list"});
  INFO(list.describe());
  CHECK(list.code == 0);
  CHECK_FALSE(has(list.err, "warning"));
  const RunResult which = world.user.run({"compute", "environment", "show", "--json"});
  CHECK(which.code == 0);
  CHECK(has(which.out, "devnet"));

  const RunResult set = world.user.run({"config", "set", "instanceType", "g1-micro-1v"});
  INFO(set.describe());
  CHECK(set.code == 0);
  CHECK(user_config(world) == theirs + "instanceType: g1-micro-1v\n");
  CHECK(world.user.run({"config", "unset", "instanceType"}).code == 0);
  CHECK(user_config(world) == theirs);
}

TEST_CASE("The default environment of eigenx counts until ecloud has settings", "[e2e][foreign]") {
  World world;
  world.user.unset("ECLOUD_ENV");
  std::filesystem::create_directories(world.user.home() / "config/eigenx");
  world.user.write("../config/eigenx/config.yaml",
                   "first_run: false\nuser_uuid: x\ndefault_environment: devnet\n");
  const auto shown = [&] {
    const RunResult run = world.user.run({"config", "get", "environment"});
    INFO(run.describe());
    CHECK(run.code == 0);
    return run.out;
  };
  CHECK(shown() == "devnet\n");
  write_user_config(world, "defaultEnvironment: sepolia\n");
  CHECK(shown() == "sepolia\n");
  std::filesystem::remove(world.user.home() / "config/ecloud/config.yaml");
  world.user.write("../config/eigenx/config.yaml", "default_environment: [\n");
  CHECK(world.user.run({"compute", "app", "list", "--environment", "devnet"}).code == 0);
}

TEST_CASE("A key of config.yaml that nobody knows is a warning", "[e2e][foreign]") {
  World world;
  write_user_config(world, "defaultEnvironement: sepolia\n");
  const RunResult run = world.user.run({"compute", "app", "list"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(has(run.err,
            "config.yaml line 1: unknown key defaultEnvironement, which is ignored; did "
            "you mean defaultEnvironment?"));
}

TEST_CASE("Marks, quotes and spaces around a key in a file or a variable are passed over",
          "[e2e][foreign]") {
  World world;
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const std::string key(kKey);
  for (const std::string& text :
       {kMark + key + "\r\n", "\"" + key + "\"\n", "\xc2\xa0" + key.substr(2) + "\xe3\x80\x80",
        "'" + key + "'", kMark + key}) {
    INFO(text);
    world.user.write("deployer.key", text);
    const RunResult file = world.user.run({"auth", "whoami", "--private-key-file", "deployer.key"});
    INFO(file.describe());
    CHECK(file.code == 0);
    CHECK(has(file.out, kAddress));
    world.user.set("ECLOUD_PRIVATE_KEY", text);
    CHECK(has(world.user.run({"auth", "whoami"}).out, kAddress));
    world.user.unset("ECLOUD_PRIVATE_KEY");
  }
}

TEST_CASE("The words of a wallet may be separated by any space", "[e2e][foreign]") {
  World world;
  const std::string words =
      "letter advice cage absurd amount doctor acoustic avoid letter advice cage above";
  for (const char* space : {"\xc2\xa0", "\xe3\x80\x80", "\xe2\x80\x82"}) {
    std::string text;
    for (const char c : words) text += c == ' ' ? std::string(space) : std::string(1, c);
    world.user.write(".env", "MNEMONIC=\"" + text + "\"\n");
    const RunResult run = world.user.run(world.deploy({"--wallet", "env", "--dry-run"}));
    INFO(run.describe());
    CHECK(run.code == 0);
  }
}

TEST_CASE("Values reach the app as the env file has them, or a warning says what is cut",
          "[e2e][foreign]") {
  World world;
  world.user.write(".env",
                   "ACCENT_PUBLIC=#00ff7f\nPIN=12 #34\nQUOTE=`she said \"it's fine\"`\n"
                   "PRICE=\"5\\$ \\\"net\\\"\"\n\xc2\xa0PATH_LIKE\xc2\xa0=C:\\temp\n");
  const RunResult run = world.user.run(world.deploy({"--no-wait"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(variable_of(world, "hello", "ACCENT_PUBLIC") == "#00ff7f");
  CHECK(variable_of(world, "hello", "QUOTE") == "she said \"it's fine\"");
  CHECK(variable_of(world, "hello", "PATH_LIKE") == "C:\\temp");
  // The shell in the TEE takes the backslashes off.
  CHECK(variable_of(world, "hello", "PRICE") == "5\\$ \\\"net\\\"");
  CHECK_FALSE(has(run.err, "the value of PRICE"));
  CHECK(has(run.err, "warning: .env:2: the value of PIN ends before # (a comment)"));
  CHECK_FALSE(has(run.err, "#34"));
  CHECK(has(run.err, "the value of QUOTE holds a double quote"));
}

TEST_CASE("The deployer's own key is not sent to the app", "[e2e][foreign]") {
  World world;
  world.user.set("ECLOUD_PRIVATE_KEY", kKey);
  const std::string digits = std::string(kKey).substr(2);
  std::string upper = digits;
  std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
  for (const std::string& line :
       {"ECLOUD_PRIVATE_KEY=" + std::string(kKey), "SIGNER=" + digits, "SIGNER=\"0X" + upper + "\"",
        "CONFIG='{\"key\":\"0x" + digits + "\"}'", "SIGNER_PUBLIC='" + digits + "'"}) {
    INFO(line);
    world.user.write(".env", "MODEL=x\n" + line + "\n");
    const std::string name = line.substr(0, line.find('='));
    for (const char* flag : {"--dry-run", "--json"}) {
      const RunResult run = world.user.run(world.deploy({"--no-wait", flag}));
      INFO(run.describe());
      CHECK(run.code == 2);
      CHECK(has(run.err, name + " in .env contains the private key that deploys this app (" +
                             kAddress + ")"));
      CHECK(has(run.err, "--allow-leak " + name));
      CHECK_FALSE(has(run.out + run.err, digits.substr(0, 16)));
    }
  }
  CHECK(world.devnet.apps().empty());
  // Another key is the app's business, and ecloud's own variable is worth a word.
  world.user.write(".env", "ECLOUD_PRIVATE_KEY=0x" + std::string(63, '0') + "7\n");
  const RunResult other = world.user.run(world.deploy({"--dry-run"}));
  CHECK(other.code == 0);
  CHECK(has(other.err, "warning: ECLOUD_PRIVATE_KEY in .env is sent to the app"));
  world.user.write(".env", "SIGNER=" + digits + "\n");
  CHECK(world.user.run(world.deploy({"--no-wait", "--allow-leak", "SIGNER"})).code == 0);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("An upgrade does not send the deployer's key either, of a locked key file",
          "[e2e][foreign]") {
  World world;
  world.user.set("ECLOUD_KEYSTORE_PASSWORD", "pass");
  const std::string key = world.user.env().at("ECLOUD_PRIVATE_KEY");
  REQUIRE(world.user.run({"auth", "login", "--store", "file"}).code == 0);
  world.user.unset("ECLOUD_PRIVATE_KEY");
  REQUIRE(world.user.run(world.deploy({"--no-wait"})).code == 0);
  world.user.unset("ECLOUD_KEYSTORE_PASSWORD");
  world.user.write(".env", "OWNER=" + key + "\n");
  const RunResult run =
      world.user.run({"compute", "app", "upgrade", "hello", "--env-file", ".env", "--image-ref",
                      world.devnet.image("sample/layered:1.0"), "--dry-run", "--json"});
  INFO(run.describe());
  CHECK(run.code != 0);
  CHECK_FALSE(has(run.out + run.err, key.substr(10, 16)));
}

TEST_CASE("An empty name of a file is an error and no missing option", "[e2e][foreign]") {
  World world;
  world.user.write(".env", "API_KEY=x\n");
  for (const char* option : {"--env-file", "--private-key-file", "--keystore", "--config",
                             "--dockerfile", "--image-archive", "--password-file"}) {
    for (const auto& words : {world.deploy({"--dry-run", option, ""}),
                              world.deploy({"--dry-run", std::string(option) + "="})}) {
      const RunResult run = world.user.run(words);
      INFO(run.describe());
      CHECK(run.code == 2);
      CHECK(run.err.starts_with("error: " + std::string(option) + " is empty\n"));
    }
  }
}

TEST_CASE("With closed descriptors a key that cannot be shown is an error", "[e2e][foreign]") {
  World world;
  for (const char* closed : {"<&- >&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full"}) {
    INFO(closed);
    const ProcessResult run =
        shell(world, "(\"$E\" auth generate " + std::string(closed) + "); echo code $?");
    INFO(run.describe());
    CHECK(run.out == "code 1\n");
  }
  for (const char* closed : {"<&-", "2>&-", "<&- 2>&-"}) {
    INFO(closed);
    const ProcessResult run =
        shell(world, "(\"$E\" auth generate " + std::string(closed) + ") | grep -c 'Private key'");
    CHECK(run.out == "1\n");
  }
  // Files that are written meanwhile contain what belongs into them and nothing else.
  const ProcessResult stored =
      shell(world, "(\"$E\" auth generate --out new.key <&- >&- 2>&-); echo code $?");
  INFO(stored.describe());
  CHECK(stored.out == "code 1\n");
  const std::string content = testing::slurp((world.user.folder() / "new.key").string());
  CHECK(content.size() == 67);
  CHECK(content.starts_with("0x"));
  CHECK(content.ends_with("\n"));
}

TEST_CASE("A terminal without UTF-8 is sent ASCII", "[e2e][foreign][terminal]") {
  for (const char* locale : {"C", "POSIX", "en_US.ISO-8859-1"}) {
    INFO(locale);
    TerminalWorld world;
    ProcessOptions options = world.start({"doctor"});
    options.env["LANG"] = "C.UTF-8";
    options.env["LC_ALL"] = locale;
    PtyProcess child(options, {120, 60});
    child.wait_exit(std::chrono::seconds(60));
    const std::string shown = child.transcript();
    CHECK(has(shown, "+"));
    CHECK(std::all_of(shown.begin(), shown.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
}
