#include <set>

#include "cli/command_tree.h"
#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/bip39.h"
#include "support/catch.h"
#include "support/docker_archive.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

constexpr char kMarker[] = "marker-5ecret-value";

/// Every command of the tree, as a user types it.
void collect(const cli::Command& command, std::vector<std::string> path,
             std::vector<std::vector<std::string>>& out) {
  if (!command.is_group()) out.push_back(path);
  for (const cli::Command& subcommand : command.subcommands) {
    std::vector<std::string> longer = path;
    longer.push_back(subcommand.name);
    collect(subcommand, longer, out);
  }
}

/// Arguments that let a command do its work on the devnet.
std::vector<std::string> arguments_for(const std::vector<std::string>& command,
                                       const World& world) {
  const std::string& verb = command.back();
  if (command.size() == 3 && command[1] == "app") {
    if (verb == "deploy")
      return {"--name", "second", "--image-ref", world.devnet.image("sample/layered:1.0")};
    if (verb == "create") return {"project", "--language", "python", "--dry-run"};
    if (verb == "rollback") return {"hello", "--to", "1", "--yes"};
    if (verb == "share") return {"hello", "anyone", "--allow", "logs"};
    if (verb == "drift") return {"hello"};
    if (verb == "apply") return {"my.plan", "--dry-run"};
    if (verb != "list") return {"hello"};
  }
  if (verb == "top-up") return {"--amount", "5", "--yes"};
  if (command.front() == "billing" && verb == "cancel") return {"--yes"};
  if (command.front() == "auth" && (verb == "login" || verb == "logout")) {
    return {"--store", "file", "--yes"};
  }
  if (command.size() == 4 && command[2] == "wallet") {
    if (verb == "import") return {"hello", "--words-file", "my.words"};
    return {"hello"};
  }
  if (command.front() == "config") {
    if (verb == "set") return {"wallet", "kms"};
    if (verb == "get" || verb == "unset") return {"wallet"};
    return {};
  }
  if (command.size() == 4 && command[2] == "profile") {
    return {"hello", "--website", "https://example.com"};
  }
  if (command.size() == 4 && command[2] == "permissions") {
    const std::string other = devnet::Devnet::accounts().at(1).address.to_string();
    if (verb == "grant") return {"hello", other, "--allow", "upgrade"};
    if (verb == "revoke") return {"hello", other, "--all"};
    return {"hello"};
  }
  if (verb == "show" || verb == "set") return {"devnet"};
  if (command.size() == 3 && command[1] == "build") {
    const std::string commit(40, 'a');
    if (verb == "submit") return {"--repo", "https://github.com/me/app", "--commit", commit};
    if (verb == "verify") return {commit};
    return {};
  }
  if (command.front() == "image") {
    if (verb == "push") return {"my.tar", world.devnet.image("mine/pushed:1")};
    return {world.devnet.image("sample/hello:1.0")};
  }
  if (verb == "resume") return {"--list"};
  if (verb == "completion") return {"bash"};
  return {};
}

}  // namespace

TEST_CASE("No command shows a secret, at the highest verbosity", "[e2e][secrets]") {
  World world;
  // A MNEMONIC of the user's, a private variable, the key; and the words that deploy makes.
  constexpr char kWords[] =
      "legal winner thank year wave sausage worth useful legal winner thank yellow";
  world.user.write(".env", std::string("TOKEN=") + kMarker + "\nMNEMONIC=" + kWords + "\n");
  world.user.write("my.words", kWords);
  world.user.write("my.tar", testing::docker_archive());
  world.user.set("ECLOUD_DEBUG", "http,rpc,config,deploy");
  REQUIRE(world.user.run(world.deploy({"--plan-out", "my.plan", "--salt", std::string(64, 'a')}))
              .code == 0);
  const std::string key = world.user.env().at("ECLOUD_PRIVATE_KEY").substr(2);
  REQUIRE(world.user.run(world.deploy()).code == 0);
  constexpr char kPassword[] = "pa55word of the key file";
  world.user.set("ECLOUD_KEYSTORE_PASSWORD", kPassword);
  std::set<std::string> secrets = {kMarker, kWords, key, kPassword};
  for (const auto& [name, value] : world.devnet.tee_environment(world.devnet.apps().front().app)) {
    if (name == "MNEMONIC") secrets.insert(std::string(value.reveal_text()));
  }
  REQUIRE(secrets.size() == 5);

  std::vector<std::vector<std::string>> commands;
  collect(cli::make_command_tree(), {}, commands);
  REQUIRE(commands.size() > 15);
  for (const auto& command : commands) {
    // These show secrets because that is what they are for: those of the devnet, a new key, an
    // app's words.
    const bool devnet = command.front() == "devnet";
    const bool generates = command.back() == "generate" || command.back() == "export";
    if (devnet || generates || command.front() == "__generate") continue;
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{"--verbose"}, std::vector<std::string>{"--verbose", "--json"},
          std::vector<std::string>{"--help"}, std::vector<std::string>{"--wrong-flag"}}) {
      std::vector<std::string> arguments = command;
      for (const std::string& one : arguments_for(command, world)) arguments.push_back(one);
      arguments.insert(arguments.end(), more.begin(), more.end());
      const RunResult run = world.user.run(arguments);
      for (const std::string& secret : secrets) {
        INFO(base::Json::strings(arguments).dump());
        CHECK(run.out.find(secret) == std::string::npos);
        CHECK(run.err.find(secret) == std::string::npos);
      }
    }
  }
}

TEST_CASE("Failing requests show no secret either", "[e2e][secrets]") {
  World world;
  world.user.write(".env", std::string("TOKEN=") + kMarker + "\n");
  for (const char* kind : {"rpc", "userapi", "registry"}) {
    for (const auto action : {devnet::FaultAction::kStatus, devnet::FaultAction::kGarbage,
                              devnet::FaultAction::kClose, devnet::FaultAction::kWrongShape}) {
      world.devnet.clear_faults();
      world.devnet.add_fault({.kind = kind, .action = action, .times = 0});
      const RunResult run = world.user.run(world.deploy({"--verbose", "--timeout", "5"}));
      const std::string key = world.user.env().at("ECLOUD_PRIVATE_KEY").substr(2);
      for (const std::string& secret : {std::string(kMarker), key}) {
        CHECK(run.out.find(secret) == std::string::npos);
        CHECK(run.err.find(secret) == std::string::npos);
      }
    }
  }
}

TEST_CASE("Nothing on disk holds a secret in clear", "[e2e][secrets]") {
  World world;
  world.user.write("secret.env", std::string("TOKEN=") + kMarker + "\n");
  REQUIRE(world.user.run(world.deploy({"--env-file", "secret.env"})).code == 0);
  std::set<std::string> secrets = {kMarker, world.user.env().at("ECLOUD_PRIVATE_KEY").substr(2)};
  for (const auto& [name, value] : world.devnet.tee_environment(world.devnet.apps().front().app)) {
    if (name == "MNEMONIC") secrets.insert(std::string(value.reveal_text()));
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.user.state())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const std::string text = testing::slurp(entry.path());
    for (const std::string& secret : secrets) {
      INFO(entry.path().string());
      CHECK(text.find(secret) == std::string::npos);
    }
    using std::filesystem::perms;
    CHECK((entry.status().permissions() & (perms::group_all | perms::others_all)) == perms::none);
  }
  CHECK(files >= 3);
}
