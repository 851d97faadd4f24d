// What releases say of their wallet on chain: refused when it is false, and missing in those of
// other programs.

#include "e2e/terminal_session.h"
#include "e2e/wallet_backup_support.h"

using namespace ecloud;
using deploy::WalletSource;
using testing::BackupWorld;
using testing::has;
using testing::must;
using testing::PtyProcess;
using testing::RunResult;
using testing::Session;
using testing::TerminalWorld;

namespace {

using Words = std::vector<std::string>;

constexpr char kJunk[] = "test test test test test test test test test test test junk";

}  // namespace

TEST_CASE("A forged wallet entry is refused with what to do next", "[e2e][wallet]") {
  BackupWorld world;
  crypto::SystemRandom random;
  const auto key =
      *crypto::PrivateKey::from_bytes(devnet::Devnet::accounts().front().private_key.reveal());
  const deploy::Signer deployer(key);
  const auto elsewhere = *eth::Address::parse("0x1111111111111111111111111111111111111111");
  const base::Secret junk{std::string(kJunk)};
  const auto other_key = *crypto::PrivateKey::from_hex(std::string(63, '0') + "1");
  std::string why;
  SECTION("moved from another app") {
    why = "its recovery phrase does not open with the key that deployed the app";
    world.release_with(
        deploy::header_members(
            {WalletSource::kGenerated, deploy::seal_phrase(deployer, elsewhere, junk, random)}),
        kJunk);
  }
  SECTION("made with another key") {
    why = "its recovery phrase does not open with the key that deployed the app";
    world.release_with(deploy::header_members({WalletSource::kGenerated,
                                               deploy::seal_phrase(deploy::Signer(other_key),
                                                                   world.app, junk, random)}),
                       kJunk);
  }
  SECTION("a whole header of another app") {
    why = "its variables are encrypted for another app";
    world.release_with(
        deploy::header_members(
            {WalletSource::kGenerated, deploy::seal_phrase(deployer, elsewhere, junk, random)}),
        kJunk, elsewhere);
  }
  SECTION("an unknown source") {
    why = "x-ecloud-wallet must be one of generated, env, kms; got 'paper'";
    world.release_with({{"x-ecloud-wallet", "paper"}});
  }
  const std::size_t sent = world.sent();
  Session fresh(world.devnet, world.clock);
  fresh.write(".env", "TOKEN=changed\n");
  for (Session* session : {&fresh, &world.user}) {
    const RunResult run = world.upgrade(*session, {"--json"});
    INFO(run.describe());
    CHECK(run.code == 9);
    CHECK(run.error()["code"].as_string() == "wallet.forged");
    CHECK(has(run.error()["message"].as_string(), why));
    CHECK(has(run.error()["hint"].as_string(),
              "ecloud compute app rollback " + world.app.to_string()));
  }
  const RunResult show = world.wallet(fresh, "show");
  INFO(show.describe());
  CHECK(show.code == 9);
  CHECK(has(show.out, "Wallet: unknown: what the latest release says of it is forged\n"));
  // Naming a wallet is a change that needs the name.
  const RunResult named = world.upgrade(world.user, {"--wallet", "generated", "--json"});
  INFO(named.describe());
  CHECK(named.code == 2);
  CHECK(named.error()["code"].as_string() == "wallet.change_unconfirmed");
  CHECK(world.sent() == sent);
  // Going back ends it.
  must(world.user.run({"compute", "app", "rollback", "hello", "--to", "1", "--yes",
                       "--confirm-wallet-change", "hello"}));
  must(world.upgrade(fresh));
  CHECK(world.tee("MNEMONIC") == world.words);
}

TEST_CASE("A release of another program counts as one with the KMS's wallet", "[e2e][wallet]") {
  BackupWorld world({"--wallet", "kms"});
  world.release_with({});
  Session fresh(world.devnet, world.clock);
  fresh.write(".env", "TOKEN=changed\n");
  const RunResult plan = world.upgrade(fresh, {"--dry-run"});
  INFO(plan.describe());
  CHECK(has(plan.out,
            "Wallet: the KMS's, because nothing on chain or on this machine names "
            "another one\n"));
  const RunResult run = world.upgrade(fresh, {"--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["wallet"]["source"].as_string() == "kms");
  CHECK(has(run.err, "so it counts as the KMS's. If the app was given a recovery phrase"));
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.header()["x-ecloud-wallet"].as_string() == "kms");
}

TEST_CASE("What a release of another program leaves open is said before the app ends",
          "[e2e][wallet]") {
  BackupWorld world({"--wallet", "kms"});
  world.release_with({});
  Session fresh(world.devnet, world.clock);
  const RunResult show = world.wallet(fresh, "show");
  INFO(show.describe());
  CHECK(has(show.out, "Wallet: not stated by the latest release; it counts as the KMS's\n"));
  const RunResult run =
      fresh.run({"compute", "app", "terminate", world.app.to_string(), "--yes", "--no-wait"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(has(run.err, "does not know who made the app's wallet"));
}

TEST_CASE("After a release of another program the records of this machine decide",
          "[e2e][wallet]") {
  BackupWorld world;
  world.release_with({}, world.words);
  const RunResult run = world.upgrade(world.user, {"--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "wallet.unknown");
  must(world.upgrade(world.user, {"--wallet", "generated"}));
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.header()["x-ecloud-wallet"].as_string() == "generated");
}

TEST_CASE("A rollback says by the chain which wallet comes back", "[e2e][wallet][rollback]") {
  BackupWorld world;
  must(world.upgrade(world.user, {"--wallet", "kms", "--yes", "--confirm-wallet-change", "hello"}));
  Session fresh(world.devnet, world.clock);
  const Words rollback = {"compute", "app", "rollback", world.app.to_string()};
  Words refused_words = rollback;
  refused_words.push_back("--json");
  const RunResult refused = fresh.run(refused_words);
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(has(refused.error()["message"].as_string(),
            "The app gives up its wallet of the KMS, and gets back its wallet " + world.address() +
                " that was generated for it, which it had with release 1"));
  Words agreed = rollback;
  agreed.insert(agreed.end(), {"--yes", "--confirm-wallet-change", world.app.to_string()});
  must(fresh.run(agreed));
  CHECK(world.tee("MNEMONIC") == world.words);
  // And the next release keeps it, whoever makes it.
  fresh.write(".env", "TOKEN=changed\n");
  must(world.upgrade(fresh));
  must(world.upgrade(world.user));
  CHECK(world.tee("MNEMONIC") == world.words);
  const RunResult kept =
      world.user.run({"compute", "app", "rollback", "hello", "--to", "1", "--dry-run"});
  INFO(kept.describe());
  CHECK(has(kept.out, "Wallet: kept: both releases have the same one, by the chain\n"));
}

TEST_CASE("A release of another program that is too short for a phrase takes none",
          "[e2e][wallet]") {
  BackupWorld world({"--wallet", "kms"});
  world.filler = 3;
  world.release_with({});
  Session fresh(world.devnet, world.clock);
  fresh.write("my.words", kJunk);
  const RunResult run = world.wallet(fresh, "import", {"--words-file", "my.words", "--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "wallet.is_kms");
  CHECK(has(run.error()["message"].as_string(), "too short to hold"));
  // Nothing is assumed: the length proves it.
  fresh.write(".env", "TOKEN=x\n");
  const RunResult plan = world.upgrade(fresh, {"--dry-run"});
  CHECK(has(plan.out, "Wallet: kept: the KMS's\n"));
}

TEST_CASE("A rollback to or from a release of another program says what cannot be seen",
          "[e2e][wallet][rollback]") {
  BackupWorld world;
  world.release_with({}, kJunk);
  const Words rollback = {"compute", "app", "rollback", "hello"};
  const auto plan = [&](Words more) {
    more.insert(more.begin(), rollback.begin(), rollback.end());
    more.push_back("--dry-run");
    return world.user.run(more).out;
  };
  CHECK(
      has(plan({"--to", "1"}),
          "Wallet: The app gets back its wallet " + world.address() +
              " that was generated for it, which it had with release 1, and gives up the one that "
              "it has now, which may be another\n"));
  must(world.user.run({"compute", "app", "rollback", "hello", "--to", "1", "--yes",
                       "--confirm-wallet-change", "hello"}));
  CHECK(has(plan({"--to", "2"}), "Wallet: The app gives up its wallet " + world.address() +
                                     " that was generated for it, and gets the one that release 2 "
                                     "was given; nothing here can see which\n"));
}

TEST_CASE("At a terminal the name is typed before a wallet counts as the KMS's",
          "[e2e][terminal][wallet]") {
  TerminalWorld world;
  world.user.write(".env", "TOKEN=" + std::string(80, 'a') + "\n");
  const auto deployed =
      testing::run_process(world.start(world.deploy({"--wallet", "kms", "--no-wait"})));
  INFO(deployed.err);
  REQUIRE(deployed.exit_code == 0);
  const eth::Address app = world.devnet.apps().front().app;
  testing::release_elsewhere(world, app, world.real_clock.unix_seconds(), {});
  std::filesystem::remove_all(world.user.state() / "apps");
  world.devnet.clear_requests();
  const Words upgrade = {"compute", "app", "upgrade", app.to_string(), "--no-wait"};
  const std::string question = "Type " + app.to_string() + " to confirm:";
  {
    PtyProcess child(world.start(upgrade), {200, 60});
    REQUIRE(child.wait_for(question));
    const std::string text = child.screen().text();
    INFO(text);
    CHECK(has(text, "so it counts as the KMS's. If the app was given a recovery phrase"));
    // Enter is not an answer, and another word is not the name.
    child.type("\n");
    child.type("yes\n");
    CHECK(child.wait_exit() == 130);
  }
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  PtyProcess child(world.start(upgrade), {200, 60});
  REQUIRE(child.wait_for(question));
  child.type(app.to_string() + "\n");
  CHECK(child.wait_exit() == 0);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 1);
}
