// What this machine remembers of an app's wallet, also after something went wrong.

#include "e2e/session.h"
#include "ecloud/deploy/wallets.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

constexpr char kJunk[] = "test test test test test test test test test test test junk";
// The first address of that phrase, as every development chain shows it.
constexpr char kJunkAddress[] = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
constexpr char kLegal[] =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

std::string with_mnemonic(const std::string& words) {
  return "MNEMONIC=\"" + words + "\"\n";
}

eth::Address deployed_app(const RunResult& run) {
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return *eth::Address::parse(run.json()["appId"].as_string());
}

std::string mnemonic_in_tee(const World& world, const eth::Address& app) {
  for (const auto& [name, value] : world.devnet.tee_environment(app)) {
    if (name == "MNEMONIC") return std::string(value.reveal_text());
  }
  return "(none)";
}

std::vector<std::string> upgrade(const eth::Address& app, std::vector<std::string> more) {
  more.insert(more.begin(), {"compute", "app", "upgrade", app.to_string()});
  return more;
}

}  // namespace

TEST_CASE("An upgrade that failed does not make this machine forget the app's wallet",
          "[e2e][wallet]") {
  World world;
  const auto app = deployed_app(world.user.run(world.deploy({"--wallet", "kms", "--json"})));
  world.user.write(".env", with_mnemonic(kJunk));
  world.devnet.set_persistent_disks(false);
  REQUIRE(
      world.user.run(upgrade(app, {"--wallet", "env", "--yes", "--confirm-wallet-change", "hello"}))
          .code == 0);
  world.devnet.add_fault(
      {.kind = "rpc:eth_sendRawTransaction", .action = devnet::FaultAction::kRevert, .body = ""});
  REQUIRE(world.user.run(upgrade(app, {})).code == 4);

  world.user.write(".env", with_mnemonic(kLegal));
  const RunResult other = world.user.run(upgrade(app, {"--json"}));
  INFO(other.describe());
  CHECK(other.code == 2);
  CHECK(other.error()["code"].as_string() == "wallet.change_unconfirmed");
  CHECK(other.error()["message"].as_string().find(std::string("gives up its wallet ") +
                                                  kJunkAddress) != std::string::npos);
  CHECK(mnemonic_in_tee(world, app) == kJunk);

  world.user.write("other.words", kLegal);
  const RunResult import = world.user.run(
      {"compute", "app", "wallet", "import", app.to_string(), "--words-file", "other.words"});
  CHECK(import.code == 9);
}

TEST_CASE("A deployment with a salt that was refused can be tried again with its wallet",
          "[e2e][wallet]") {
  World world;
  const std::vector<std::string> deploy =
      world.deploy({"--salt", "0x" + std::string(64, '7'), "--json"});
  const auto action = GENERATE(devnet::FaultAction::kRpcError, devnet::FaultAction::kRevert);
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction", .action = action, .body = ""});
  const RunResult refused = world.user.run(deploy);
  INFO(refused.describe());
  REQUIRE(refused.code == 4);

  std::vector<std::string> dry = deploy;
  dry.push_back("--dry-run");
  const RunResult plan = world.user.run(dry);
  INFO(plan.describe());
  CHECK(plan.code == 0);
  const RunResult again = world.user.run(deploy);
  const eth::Address app = deployed_app(again);
  const std::string address = again.json()["wallet"]["evmAddress"].as_string();
  CHECK(plan.json()["wallet"]["evmAddress"].as_string() == address);
  const RunResult words =
      world.user.run({"compute", "app", "wallet", "export", app.to_string(), "--yes"});
  CHECK(words.out == mnemonic_in_tee(world, app) + "\n");
  CHECK(deploy::wallet_addresses(base::Secret(mnemonic_in_tee(world, app))).evm == address);
}

TEST_CASE("Words are not taken for the wallet of an app that the KMS made", "[e2e][wallet]") {
  World world;
  const auto app = deployed_app(world.user.run(world.deploy({"--wallet", "kms", "--json"})));
  Session other(world.devnet, world.clock);
  other.write("my.words", kLegal);
  const RunResult run = other.run({"compute", "app", "wallet", "import", app.to_string(),
                                   "--words-file", "my.words", "--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "wallet.is_kms");
  CHECK_FALSE(std::filesystem::exists(other.state() / "wallets"));
  CHECK(other.run(upgrade(app, {"--json"})).json()["wallet"]["source"].as_string() == "kms");
}

TEST_CASE("Words that nothing could be compared with are said to be the user's word",
          "[e2e][wallet]") {
  World world;
  const auto app =
      deployed_app(world.user.run(world.deploy({"--wallet-backup", "none", "--json"})));
  const std::string words = mnemonic_in_tee(world, app);
  Session other(world.devnet, world.clock);
  other.write("my.words", words);
  REQUIRE(
      other.run({"compute", "app", "wallet", "import", app.to_string(), "--words-file", "my.words"})
          .code == 0);
  const std::string stated =
      "the words stored here go along, as you say; nothing here can check it";
  other.write(".env", "TOKEN=x\n");
  const RunResult plan = other.run(upgrade(app, {"--dry-run"}));
  INFO(plan.describe());
  CHECK(plan.out.find(stated) != std::string::npos);

  const std::string doubt = "nothing here can check that";
  const RunResult show = other.run({"compute", "app", "wallet", "show", app.to_string()});
  INFO(show.describe());
  CHECK(show.out.find(doubt) != std::string::npos);
  const RunResult terminate = other.run({"compute", "app", "terminate", app.to_string(), "--json"});
  CHECK(terminate.code == 2);
  CHECK(terminate.err.find(doubt) != std::string::npos);
  const std::vector<std::string> import = {"compute",       "app",          "wallet",   "import",
                                           app.to_string(), "--words-file", "my.words", "--json"};
  const RunResult same = other.run(import);
  CHECK(same.code == 0);
  CHECK_FALSE(same.json()["compared"].as_bool());
  other.write("my.words", kLegal);
  const RunResult differ = other.run(import);
  INFO(differ.describe());
  CHECK(differ.code == 9);
  CHECK(differ.error()["message"].as_string().find("imported for app") != std::string::npos);
  CHECK(differ.error()["hint"].as_string().find("wallets/devnet/" + app.to_string()) !=
        std::string::npos);

  // The upgrade brings them to the app, and so this machine knows.
  REQUIRE(other.run(upgrade(app, {})).code == 0);
  CHECK(mnemonic_in_tee(world, app) == words);
  CHECK(other.run(upgrade(app, {"--dry-run"})).out.find("nothing here can check it") ==
        std::string::npos);
  // The machine that deployed the app cannot know which words that upgrade brought.
  CHECK(world.user.run(upgrade(app, {"--wallet", "generated", "--dry-run"}))
            .out.find("nothing here can check it") != std::string::npos);
}
