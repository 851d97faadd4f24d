// What a rollback does to the app's wallet: kept, or named and asked for; what the next upgrade
// makes of it; and what is put back when somebody else releases meanwhile.

#include <map>

#include "e2e/terminal_session.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/deploy/wallets.h"
#include "support/catch.h"

using namespace ecloud;
using testing::PtyProcess;
using testing::RunResult;
using testing::Session;
using testing::TerminalWorld;
using testing::World;

namespace {

using Words = std::vector<std::string>;

constexpr char kJunk[] = "test test test test test test test test test test test junk";
// The first address of that phrase, as every development chain shows it.
constexpr char kJunkAddress[] = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// The running app "hello" with a generated wallet, and variables too long to be no words.
struct WalletWorld : World {
  /// No machine has a persistent disk, so that the app starts with any wallet.
  explicit WalletWorld(const Words& more = {}) {
    devnet.set_persistent_disks(false);
    user.write(".env", variables);
    const RunResult run = user.run(deploy(with({"--json"}, more)));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    generated = tee("MNEMONIC");
  }

  void must(const Words& words) {
    const RunResult run = user.run(words);
    INFO(run.describe());
    REQUIRE(run.code == 0);
  }
  RunResult rollback(const Words& more) {
    return user.run(with({"compute", "app", "rollback", "hello"}, more));
  }
  RunResult upgrade(const Words& more) {
    return user.run(with({"compute", "app", "upgrade", "hello"}, more));
  }
  /// What the KMS hands out.
  std::string tee(const std::string& wanted) const {
    for (const auto& [name, value] : devnet.tee_environment(app)) {
      if (name == wanted) return std::string(value.reveal_text());
    }
    return "(none)";
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }

  std::string variables = "TOKEN=" + std::string(80, 't') + "\n";
  eth::Address app;
  std::string generated;
};

/// Two upgrades from this machine, without a word about the wallet.
void must_keep(WalletWorld& world) {
  for (int i = 0; i < 2; ++i) {
    world.must({"compute", "app", "upgrade", "hello"});
    CHECK(world.tee("MNEMONIC") == world.generated);
  }
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Lets `act` happen right after the first answer to a request that holds `word`.
class ActingTransport final : public net::Transport {
 public:
  ActingTransport(std::unique_ptr<net::Transport> inner, std::string word, bool& done,
                  std::function<void()> act)
      : inner_(std::move(inner)), word_(std::move(word)), done_(done), act_(std::move(act)) {}
  net::Response send(const net::Request& request) override {
    net::Response response = inner_->send(request);
    const bool meant = has(request.body, word_);
    if (meant && !std::exchange(done_, true)) act_();
    return response;
  }

 private:
  std::unique_ptr<net::Transport> inner_;
  std::string word_;
  bool& done_;
  std::function<void()> act_;
};

}  // namespace

TEST_CASE("Rolling back twice keeps a wallet that all releases have", "[e2e][rollback][wallet]") {
  WalletWorld world;
  world.user.write(".env", "TOKEN=new\n");
  world.must({"compute", "app", "upgrade", "hello"});
  for (const char* token : {"old", "new"}) {
    const RunResult plan = world.rollback({"--dry-run", "--json"});
    INFO(plan.describe());
    CHECK(plan.json()["keepsWallet"].as_bool());
    const RunResult run = world.rollback({"--yes", "--confirm-wallet-change", "hello", "--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    CHECK(world.tee("MNEMONIC") == world.generated);
    CHECK((world.tee("TOKEN") == "new") == (std::string(token) == "new"));
    CHECK_FALSE(has(run.err, "and so is the wallet that the app had then"));
  }
  CHECK(world.sent() == 4);
  // And after both of them this machine still knows whose it is.
  const RunResult upgrade = world.upgrade({"--json"});
  INFO(upgrade.describe());
  REQUIRE(upgrade.code == 0);
  CHECK(upgrade.json()["wallet"]["source"].as_string() == "generated");
  CHECK(world.tee("MNEMONIC") == world.generated);
}

TEST_CASE("A rollback that changes the wallet names it and asks", "[e2e][rollback][wallet]") {
  WalletWorld world;
  world.must({"compute", "app", "upgrade", "hello", "--wallet", "kms", "--yes",
              "--confirm-wallet-change", "hello"});
  const std::string question =
      "The app gives up its wallet of the KMS, and gets back its wallet " +
      deploy::wallet_addresses(base::Secret(std::string(world.generated))).evm +
      " that was generated for it, which it had with release 1";
  const RunResult plan = world.rollback({"--dry-run"});
  INFO(plan.describe());
  CHECK(has(plan.out, question));
  CHECK_FALSE(world.rollback({"--dry-run", "--json"}).json()["keepsWallet"].as_bool());
  const RunResult refused = world.rollback({"--json"});
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(refused.error()["code"].as_string() == "wallet.change_unconfirmed");
  CHECK(has(refused.error()["hint"].as_string(), "--confirm-wallet-change hello"));
  CHECK(has(refused.error()["message"].as_string(), question + ". Put release 1 of app"));
  CHECK(world.sent() == 2);

  const RunResult run = world.rollback({"--yes", "--confirm-wallet-change", "hello", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(has(run.err, "and so is the wallet that the app had then"));
  CHECK(world.tee("MNEMONIC") == world.generated);
  // By the chain this machine knows it from then on.
  must_keep(world);
  CHECK(world.sent() == 5);
}

TEST_CASE("After a rollback to a wallet that was not made here the stored words do not replace it",
          "[e2e][rollback][wallet]") {
  const bool may_hold_words = GENERATE(true, false);
  WalletWorld world;
  if (!may_hold_words) world.user.write(".env", "TOKEN=short\n");
  world.must({"compute", "app", "upgrade", "hello", "--wallet", "kms", "--yes",
              "--confirm-wallet-change", "hello"});
  const std::string of_kms = world.tee("MNEMONIC");
  REQUIRE(of_kms != world.generated);
  world.user.write(".env", world.variables + "MNEMONIC=\"" + kJunk + "\"\n");
  world.must({"compute", "app", "upgrade", "hello", "--wallet", "env", "--yes",
              "--confirm-wallet-change", "hello"});
  REQUIRE(world.tee("MNEMONIC") == kJunk);

  const RunResult plan = world.rollback({"--to", "2", "--dry-run"});
  CHECK(has(plan.out, std::string("The app gives up its wallet ") + kJunkAddress +
                          " of the env file, and gets back its wallet of the KMS, which it had "
                          "with release 2"));
  CHECK(world.rollback({"--to", "2", "--yes", "--confirm-wallet-change", "hello"}).code == 0);
  CHECK(world.tee("MNEMONIC") == of_kms);
  world.user.write(".env", world.variables);
  const RunResult upgrade = world.upgrade({"--json"});
  INFO(upgrade.describe());
  CHECK(upgrade.code == 0);
  CHECK(upgrade.json()["wallet"]["source"].as_string() == "kms");
  CHECK(world.tee("MNEMONIC") == of_kms);
}

TEST_CASE("Going forward again to the wallet of the record is named as that",
          "[e2e][rollback][wallet]") {
  WalletWorld world;
  world.user.write(".env", world.variables + "MNEMONIC=\"" + kJunk + "\"\n");
  world.must({"compute", "app", "upgrade", "hello", "--wallet", "env", "--yes",
              "--confirm-wallet-change", "hello"});
  world.must({"compute", "app", "rollback", "hello", "--to", "1", "--yes",
              "--confirm-wallet-change", "hello"});
  const RunResult refused = world.rollback({"--to", "2", "--json"});
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(has(refused.error()["message"].as_string(),
            " that was generated for it, and gets back its wallet " + std::string(kJunkAddress) +
                " of the env file, which it had with release 2"));
  world.must({"compute", "app", "rollback", "hello", "--to", "2", "--yes",
              "--confirm-wallet-change", "hello"});
  CHECK(world.tee("MNEMONIC") == kJunk);
  // This machine knows it again.
  world.must({"compute", "app", "upgrade", "hello"});
  CHECK(world.tee("MNEMONIC") == kJunk);
}

TEST_CASE("Who cannot compare the wallets of two releases is asked", "[e2e][rollback][wallet]") {
  WalletWorld world({"--wallet-backup", "none"});
  world.must({"compute", "app", "upgrade", "hello"});
  const std::size_t sent = world.sent();
  Session other(world.devnet, world.clock);
  const Words words = {"compute", "app", "rollback", world.app.to_string(), "--json"};
  const RunResult refused = other.run(words);
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(
      has(refused.error()["message"].as_string(), "nothing here can see whether that is another"));
  CHECK(world.sent() == sent);
}

TEST_CASE("Releases that say so, or cannot hold words, have the KMS's wallet, whoever made them",
          "[e2e][rollback][wallet]") {
  struct Case {
    std::size_t first, second;  ///< sizes of the private variable, in bytes
  };
  const Case one = GENERATE(Case{3, 20}, Case{80, 20}, Case{3, 80});
  INFO(one.first << " and " << one.second << " bytes");
  World world;
  const auto write = [&](std::size_t size) {
    world.user.write(".env", "TOKEN=" + std::string(size, 't') + "\n");
  };
  write(one.first);
  REQUIRE(world.user.run(world.deploy({"--wallet", "kms", "--json"})).code == 0);
  write(one.second);
  REQUIRE(world.user.run({"compute", "app", "upgrade", "hello", "--json"}).code == 0);
  const devnet::AppView before = world.devnet.apps().front();

  Session other(world.devnet, world.clock);
  const Words rollback = {"compute", "app", "rollback", before.app.to_string(), "--yes", "--json"};
  const RunResult plan = other.run(with(rollback, {"--dry-run"}));
  INFO(plan.describe());
  REQUIRE(plan.code == 0);
  CHECK(plan.json()["keepsWallet"].as_bool());
  const RunResult run = other.run(rollback);
  INFO(run.describe());
  const devnet::AppView after = world.devnet.apps().front();
  CHECK(run.code == 0);
  CHECK(run.err.find("and so is the wallet") == std::string::npos);
  CHECK(after.latest_release_block > before.latest_release_block);
}

TEST_CASE("The release that was confirmed is put back also when somebody releases meanwhile",
          "[e2e][rollback]") {
  WalletWorld world;
  world.user.write(".env", "TOKEN=second\n");
  world.must({"compute", "app", "upgrade", "hello"});
  Session colleague(world.devnet, world.clock);
  const auto& other = devnet::Devnet::accounts().at(1);
  colleague.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(other.private_key.reveal()));
  world.must({"compute", "app", "share", "hello", other.address.to_string(), "--allow", "upgrade"});
  colleague.write(".env", "TOKEN=third\n");
  RunResult released;
  bool done = false;
  world.user.wrap_transport([&](std::unique_ptr<net::Transport> inner) {
    return std::make_unique<ActingTransport>(std::move(inner), "eth_estimateGas", done, [&] {
      released = colleague.run({"compute", "app", "upgrade", world.app.to_string(), "--wallet",
                                "kms", "--yes", "--confirm-wallet-change", world.app.to_string(),
                                "--no-wait", "--json"});
    });
  });
  const RunResult run = world.rollback({"--yes", "--confirm-wallet-change", "hello", "--json"});
  INFO(released.describe());
  INFO(run.describe());
  REQUIRE(released.code == 0);
  REQUIRE(run.code == 0);
  // Without --to it was the one before the second, and not the one before the third.
  CHECK(run.json()["release"].as_u64() == 1);
  CHECK(world.tee("TOKEN") == std::string(80, 't'));
  CHECK(has(run.err, "the app has got release 3 meanwhile: this is what the rollback means now"));
  // The wallet is another one since, which belongs to the question.
  CHECK(has(run.err, "and so is the wallet that the app had then"));
}

TEST_CASE("The lock file follows a rollback and does not claim to know its secrets",
          "[e2e][rollback]") {
  World world;
  world.user.write("ecloud.yaml", "name: hello\n");
  world.user.write(".env", "TOKEN=old\nGREETING_PUBLIC=hi\n");
  REQUIRE(
      world.user
          .run(world.deploy({"--instance-type", "g1-standard-8t", "--log-visibility", "public"}))
          .code == 0);
  const eth::Address app = world.devnet.apps().front().app;
  REQUIRE(
      world.user.run({"compute", "app", "upgrade", "hello", "--instance-type", "g1-standard-4t"})
          .code == 0);
  const bool by_resume = GENERATE(false, true);
  const Words rollback = {"compute", "app", "rollback", "hello", "--yes", "--confirm-wallet-change",
                          "hello"};
  if (by_resume) {
    world.devnet.pause_mining();
    world.interrupt_at_first_wait();
    REQUIRE(world.user.run(rollback).code == 130);
    world.clock.on_sleep({});
    world.devnet.resume_mining();
    REQUIRE(world.user.run({"resume"}).code == 0);
  } else {
    REQUIRE(world.user.run(rollback).code == 0);
  }
  const base::Json apps = base::Json::parse(
      base::read_file(world.user.folder() / "ecloud.lock", 1 << 20), "ecloud.lock")["apps"];
  REQUIRE(apps.size() == 1);
  const base::Json locked = apps.at(0);
  const devnet::AppView state = *world.devnet.app(app);
  CHECK(locked["appId"].as_string() == app.to_string());
  CHECK(locked["name"].as_string() == "hello");
  CHECK(locked["blockNumber"].as_u64() == state.latest_release_block);
  CHECK(locked["registry"].as_string() + "@" + locked["imageDigest"].as_string() == state.image);
  CHECK(locked["imageRef"].as_string() == state.image);
  CHECK(locked["instanceType"].as_string() == "g1-standard-8t");
  CHECK(locked["logVisibility"].as_string() == "public");
  CHECK(locked["privateVariables"].is_null());
}

TEST_CASE("At a terminal the name is typed before a rollback changes the wallet",
          "[e2e][terminal][rollback]") {
  const TerminalWorld world;
  const auto must = [&](const Words& words) {
    const auto run = testing::run_process(world.start(words));
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
  };
  must(world.deploy({"--no-wait"}));
  must({"compute", "app", "upgrade", "hello", "--wallet", "kms", "--yes", "--confirm-wallet-change",
        "hello", "--no-wait"});
  const Words rollback = {"compute", "app", "rollback", "hello", "--no-wait"};
  {
    PtyProcess child(world.start(rollback), {200, 50});
    REQUIRE(child.wait_for("Type hello to confirm:"));
    CHECK(has(child.screen().text(), "The app gives up its wallet of the KMS"));
    child.type("yes\n");
    CHECK(child.wait_exit() == 130);
  }
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 2);
  PtyProcess child(world.start(rollback), {200, 50});
  REQUIRE(child.wait_for("Type hello to confirm:"));
  child.type("hello\n");
  CHECK(child.wait_exit() == 0);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 3);
}
