// The recovery phrase on chain: found with the deployer key alone, copied by others, and left out
// on request.

#include "e2e/wallet_backup_support.h"

using namespace ecloud;
using testing::BackupWorld;
using testing::Colleague;
using testing::has;
using testing::must;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr char kJunk[] = "test test test test test test test test test test test junk";

}  // namespace

TEST_CASE("The deployer key alone keeps the wallet on a new machine", "[e2e][wallet][recovery]") {
  BackupWorld world;
  const base::Json header = world.header();
  CHECK(header["x-ecloud-wallet"].as_string() == "generated");
  CHECK_FALSE(header["x-ecloud-wallet-words"].as_string().empty());
  fs::remove_all(world.user.home());

  Session fresh(world.devnet, world.clock);
  fresh.write(".env", "TOKEN=changed\n");
  const RunResult plan = world.upgrade(fresh, {"--dry-run"});
  INFO(plan.describe());
  CHECK(has(plan.out, "Wallet: kept: the recovery phrase was read from chain with your key\n"));
  CHECK(has(plan.out,
            "Wallet backup: the recovery phrase is in the release, encrypted with the deployer "
            "key\n"));
  CHECK_FALSE(fs::exists(fresh.state() / "wallets"));

  const RunResult run = world.upgrade(fresh, {"--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["wallet"]["source"].as_string() == "generated");
  CHECK(run.json()["wallet"]["evmAddress"].as_string() == world.address());
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.tee("TOKEN") == "changed");
  // The same value as before, so that others see that the wallet is the same.
  CHECK(world.header()["x-ecloud-wallet-words"].as_string() ==
        header["x-ecloud-wallet-words"].as_string());
  // And the local record is there again.
  world.devnet.clear_requests();
  CHECK(world.wallet(fresh, "export", {"--yes"}).out == world.words + "\n");
  CHECK(world.devnet.requests().empty());
}

TEST_CASE("wallet export and show find the recovery phrase on chain", "[e2e][wallet][recovery]") {
  BackupWorld world;
  Session fresh(world.devnet, world.clock);
  const RunResult show = world.wallet(fresh, "show");
  INFO(show.describe());
  CHECK(show.code == 0);
  CHECK(has(show.out,
            "Wallet: generated; the recovery phrase is on chain, and your key opens it\n"));
  CHECK(has(show.out, "EVM: " + world.address() + " (m/44'/60'/0'/0/0)"));
  CHECK_FALSE(fs::exists(fresh.state() / "wallets"));
  const RunResult exported = world.wallet(fresh, "export", {"--yes"});
  INFO(exported.describe());
  CHECK(exported.code == 0);
  CHECK(exported.out == world.words + "\n");
  CHECK(has(exported.err, "the recovery phrase was read from release 1 on chain, with your key"));
  CHECK(fs::exists(fresh.state() / "wallets/devnet" / (world.app.to_string() + ".json")));
}

TEST_CASE("The phrase of a wallet that was given up is still exported", "[e2e][wallet][recovery]") {
  BackupWorld world;
  must(world.upgrade(world.user, {"--wallet", "kms", "--yes", "--confirm-wallet-change", "hello"}));
  CHECK(world.header()["x-ecloud-wallet"].as_string() == "kms");
  REQUIRE(world.tee("MNEMONIC") != world.words);
  Session fresh(world.devnet, world.clock);
  CHECK(world.wallet(fresh, "export", {"--yes"}).out == world.words + "\n");
  // The upgrade goes by the latest release.
  const RunResult run = world.upgrade(fresh, {"--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["wallet"]["source"].as_string() == "kms");
}

TEST_CASE("A colleague's upgrade copies the encrypted phrase, and the deployer still recovers it",
          "[e2e][wallet][recovery]") {
  BackupWorld world;
  Colleague colleague(world);
  const std::string sealed = world.header()["x-ecloud-wallet-words"].as_string();
  const bool has_words = GENERATE(true, false);
  if (has_words) {
    colleague.session.write("my.words", world.words);
    must(world.wallet(colleague.session, "import", {"--words-file", "my.words"}));
    colleague.session.write(".env", "TOKEN=of-colleague\n");
  }
  const RunResult run = world.upgrade(colleague.session, {"--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.tee("TOKEN") == (has_words ? "of-colleague" : std::string(80, 'a')));
  CHECK(world.tee("GREETING_PUBLIC") == (has_words ? "(none)" : "hi"));
  CHECK(world.header()["x-ecloud-wallet-words"].as_string() == sealed);

  fs::remove_all(world.user.home());
  Session fresh(world.devnet, world.clock);
  fresh.write(".env", "TOKEN=after\n");
  must(world.upgrade(fresh));
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.tee("TOKEN") == "after");
}

TEST_CASE(
    "Without a way to the phrase changed variables are refused and an image-only upgrade "
    "keeps the wallet",
    "[e2e][wallet]") {
  BackupWorld world;
  Colleague colleague(world);
  Session& session = colleague.session;
  session.write(".env", "TOKEN=changed\n");
  const RunResult refused = world.upgrade(session, {"--json"});
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(refused.error()["code"].as_string() == "wallet.not_here");
  CHECK(has(refused.error()["hint"].as_string(), "ecloud compute app wallet import"));
  CHECK(
      has(refused.error()["hint"].as_string(), "an upgrade without an env file keeps the wallet"));
  const RunResult given_up = world.upgrade(session, {"--wallet", "kms", "--yes", "--json"});
  CHECK(given_up.code == 2);
  CHECK(given_up.error()["code"].as_string() == "wallet.change_unconfirmed");
  CHECK(has(given_up.error()["message"].as_string(),
            "without its recovery phrase its address, which is not known here, becomes "
            "unreachable"));
  CHECK(world.sent() == 0);

  fs::remove(session.folder() / ".env");
  const base::Bytes before = world.latest().encrypted_env;
  const RunResult plan = world.upgrade(session, {"--instance-type", "g1-standard-8t", "--dry-run"});
  INFO(plan.describe());
  CHECK(has(plan.out, "Wallet: kept: the encrypted variables are sent again as they are\n"));
  CHECK(has(plan.out, "Private variables: as before\n"));
  CHECK(has(plan.out, "Public variables: GREETING_PUBLIC (as before)\n"));
  CHECK_FALSE(has(plan.err, "are not kept"));
  CHECK_FALSE(has(plan.out, "removed"));
  must(world.upgrade(session, {"--instance-type", "g1-standard-8t"}));
  CHECK(world.latest().encrypted_env == before);
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.tee("EIGEN_MACHINE_TYPE_PUBLIC") == "g1-standard-8t");
  // Also the next time, when this machine has a record of its own.
  must(world.upgrade(session, {"--instance-type", "g1-standard-4t"}));
  CHECK(world.tee("MNEMONIC") == world.words);
}

TEST_CASE("The address that becomes unreachable is named when it is known", "[e2e][wallet]") {
  BackupWorld world({"--wallet-backup", "none"});
  fs::remove_all(world.user.state() / "wallets");
  const RunResult run = world.upgrade(world.user, {"--wallet", "kms", "--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(has(run.error()["message"].as_string(),
            "without its recovery phrase " + world.address() + " becomes unreachable"));
  CHECK(world.sent() == 0);
}

TEST_CASE("A wallet of the env file is known elsewhere, and its phrase is not on chain",
          "[e2e][wallet]") {
  BackupWorld world;
  world.user.write(".env", std::string("TOKEN=x\nMNEMONIC=\"") + kJunk + "\"\n");
  must(world.upgrade(world.user, {"--wallet", "env", "--yes", "--confirm-wallet-change", "hello"}));
  const base::Json header = world.header();
  CHECK(header["x-ecloud-wallet"].as_string() == "env");
  CHECK_FALSE(header["x-ecloud-wallet-words"].exists());

  Session fresh(world.devnet, world.clock);
  // The image alone: the variables and the wallet stay.
  must(world.upgrade(fresh));
  CHECK(world.tee("MNEMONIC") == kJunk);
  Session other(world.devnet, world.clock);
  other.write(".env", "TOKEN=new\n");
  const RunResult refused = world.upgrade(other, {"--json"});
  CHECK(refused.code == 2);
  CHECK(refused.error()["code"].as_string() == "wallet.no_mnemonic");
  other.write(".env", std::string("TOKEN=new\nMNEMONIC=\"") + kJunk + "\"\n");
  const RunResult run = world.upgrade(other, {"--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(has(run.err, "nothing here can check that the wallet stays the same"));
  CHECK(world.tee("MNEMONIC") == kJunk);
  CHECK(world.tee("TOKEN") == "new");
}

TEST_CASE("The option --wallet-backup none keeps the phrase off the chain and says what that means",
          "[e2e][wallet]") {
  const bool by_file = GENERATE(false, true);
  World bare;
  if (by_file) bare.user.write("ecloud.yaml", "walletBackup: none\n");
  Words deploy =
      bare.deploy(by_file ? Words{"--dry-run"} : Words{"--wallet-backup", "none", "--dry-run"});
  const RunResult plan = bare.user.run(deploy);
  INFO(plan.describe());
  CHECK(has(plan.out,
            "Wallet backup: none: whoever loses the machines that have the recovery "
            "phrase, and every export of it, loses the wallet\n"));
  if (by_file) return;

  BackupWorld world({"--wallet-backup", "none"});
  CHECK(world.header()["x-ecloud-wallet"].as_string() == "generated");
  CHECK_FALSE(world.header()["x-ecloud-wallet-words"].exists());
  // An upgrade leaves that as it is, and says so, until it is told otherwise.
  const RunResult same = world.upgrade(world.user, {"--dry-run", "--json"});
  CHECK(same.json()["walletBackup"].as_string() == "none");
  CHECK(has(same.err, "the release does not contain the wallet's recovery phrase"));
  Session fresh(world.devnet, world.clock);
  const RunResult lost = world.wallet(fresh, "export", {"--yes", "--json"});
  CHECK(lost.code == 6);
  CHECK(lost.error()["code"].as_string() == "wallet.not_here");
  must(world.upgrade(world.user, {"--wallet-backup", "on-chain"}));
  CHECK(world.wallet(fresh, "export", {"--yes"}).out == world.words + "\n");
}

TEST_CASE("A phrase that only an earlier release has is found for an upgrade",
          "[e2e][wallet][recovery]") {
  BackupWorld world;
  must(world.upgrade(world.user, {"--wallet-backup", "none"}));
  CHECK_FALSE(world.header()["x-ecloud-wallet-words"].exists());
  Session fresh(world.devnet, world.clock);
  fresh.write(".env", "TOKEN=changed\n");
  const RunResult run = world.upgrade(fresh, {"--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(has(run.err, "the recovery phrase of " + world.address() + " was found in release 1"));
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.tee("TOKEN") == "changed");
}

TEST_CASE("A plan that is saved for later carries the phrase and the kept variables",
          "[e2e][wallet][recovery]") {
  BackupWorld world;
  Session fresh(world.devnet, world.clock);
  fresh.write(".env", "TOKEN=changed\n");
  must(world.upgrade(fresh, {"--plan-out", "my.plan"}));
  // Stored when the plan is saved, as a new wallet is.
  CHECK(fs::exists(fresh.state() / "wallets/devnet" / (world.app.to_string() + ".json")));
  must(fresh.run({"compute", "app", "apply", "my.plan", "--yes"}));
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.tee("TOKEN") == "changed");

  Colleague colleague(world);
  colleague.session.write("ecloud.yaml", "name: hello\n");
  must(world.upgrade(colleague.session, {"--instance-type", "g1-standard-8t", "--plan-out", "p"}));
  must(colleague.session.run({"compute", "app", "apply", "p", "--yes"}));
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.tee("TOKEN") == "changed");
  // The lock does not claim that there are no private variables.
  const base::Json locked = base::Json::parse(
      testing::slurp(colleague.session.folder() / "ecloud.lock"), "ecloud.lock")["apps"];
  REQUIRE(locked.size() == 1);
  CHECK(locked.at(0)["instanceType"].as_string() == "g1-standard-8t");
  CHECK(locked.at(0)["privateVariables"].is_null());
}
