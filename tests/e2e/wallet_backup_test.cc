// The recovery phrase on chain: found with the deployer key alone, copied by others, refused when
// it was forged, and left out on request.

#include <algorithm>
#include <sstream>

#include "e2e/direct_call.h"
#include "e2e/session.h"
#include "ecloud/chain/chain.h"
#include "ecloud/crypto/jwe.h"
#include "ecloud/deploy/release_wallet.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/platform/app_environment.h"
#include "ecloud/platform/controller.h"
#include "support/catch.h"

using namespace ecloud;
using deploy::WalletSource;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr char kJunk[] = "test test test test test test test test test test test junk";
constexpr char kJunkAddress[] = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// An app with variables that are long enough to hide a recovery phrase.
struct BackupWorld : World {
  explicit BackupWorld(Words more = {}) {
    devnet.set_persistent_disks(false);
    user.write(".env", "TOKEN=" + std::string(80, 'a') + "\nGREETING_PUBLIC=hi\n");
    more.push_back("--json");
    const RunResult run = user.run(deploy(std::move(more)));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    words = tee("MNEMONIC");
    devnet.clear_requests();
  }

  std::string tee(const std::string& name) const {
    for (const auto& [key, value] : devnet.tee_environment(app)) {
      if (key == name) return std::string(value.reveal_text());
    }
    return "(none)";
  }
  std::string address() const {
    return deploy::wallet_addresses(base::Secret(std::string(words))).evm;
  }
  RunResult upgrade(Session& session, Words more = {}) const {
    more.insert(more.begin(), {"compute", "app", "upgrade", app.to_string()});
    return session.run(more);
  }
  RunResult wallet(Session& session, const std::string& verb, Words more = {}) const {
    more.insert(more.begin(), {"compute", "app", "wallet", verb, app.to_string()});
    return session.run(more);
  }
  /// The protected header of the latest release.
  base::Json header() {
    const auto release = latest();
    return base::Json::parse(*crypto::jwe_protected_header(base::as_chars(release.encrypted_env)),
                             "header");
  }
  platform::Release latest() {
    const devnet::AppView view = *devnet.app(app);
    std::ostringstream block;
    block << "0x" << std::hex << std::max(view.pending_release_block, view.latest_release_block);
    const auto answer =
        testing::probe(devnet.port(), "POST", "/rpc", {},
                       R"({"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"address":")" +
                           devnet.environment().app_controller.to_string() + R"(","fromBlock":")" +
                           block.str() + R"(","toBlock":")" + block.str() + R"("}]})");
    const auto found = platform::find_app_upgraded(
        chain::read_logs(base::Json::parse(answer.body, "logs")["result"]),
        devnet.environment().app_controller, app);
    REQUIRE(found);
    return *found;
  }
  /// A release of the deployer that another program made, with those members in its header.
  void release_with(const platform::HeaderMembers& members, const std::string& phrase = {},
                    const std::optional<eth::Address>& header_app = {}) {
    platform::Release release = latest();
    release.upgrade_by_time = static_cast<std::uint32_t>(clock.unix_seconds()) + 3'600;
    platform::AppEnvironment variables;
    variables.private_variables["TOKEN"] = base::Secret(std::string(80, 'o'));
    if (!phrase.empty())
      variables.private_variables["MNEMONIC"] = base::Secret(std::string(phrase));
    crypto::SystemRandom random;
    release.encrypted_env = platform::encrypt_private_environment(
        variables, header_app.value_or(app), devnet.environment().kms_encryption_key, random,
        members);
    testing::send_call(
        *this, devnet.environment().app_controller,
        platform::encode_upgrade_app(platform::Generation::kFourFields, app, release));
    clock.sleep(std::chrono::minutes(1));
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }

  eth::Address app;
  std::string words;
};

/// A team member with upgrade rights and nothing else.
struct Colleague {
  explicit Colleague(BackupWorld& world) : session(world.devnet, world.clock) {
    const auto& account = devnet::Devnet::accounts().at(1);
    session.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(account.private_key.reveal()));
    const RunResult shared = world.user.run({"compute", "app", "share", world.app.to_string(),
                                             account.address.to_string(), "--allow", "upgrade"});
    INFO(shared.describe());
    REQUIRE(shared.code == 0);
    world.devnet.clear_requests();
  }
  Session session;
};

void must(const RunResult& run) {
  INFO(run.describe());
  REQUIRE(run.code == 0);
}

}  // namespace

TEST_CASE(
    "A new machine with the deployer key alone upgrades with changed variables and keeps the "
    "wallet",
    "[e2e][wallet][recovery]") {
  BackupWorld world;
  const base::Json header = world.header();
  CHECK(header["x-ecloud-wallet"].as_string() == "generated");
  CHECK_FALSE(header["x-ecloud-wallet-words"].as_string().empty());
  fs::remove_all(world.user.home());

  Session fresh(world.devnet, world.clock);
  fresh.write(".env", "TOKEN=changed\n");
  const RunResult plan = world.upgrade(fresh, {"--dry-run"});
  INFO(plan.describe());
  CHECK(has(plan.out, "Wallet:\tkept: the recovery phrase was read from chain with your key\n"));
  CHECK(has(plan.out,
            "Wallet backup:\tthe recovery phrase is in the release, encrypted with the deployer "
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
            "Wallet:\tgenerated; the recovery phrase is on chain, and your key opens it\n"));
  CHECK(has(show.out, "EVM:\t" + world.address() + " (m/44'/60'/0'/0/0)"));
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
  CHECK(has(plan.out, "Wallet:\tkept: the encrypted variables are sent again as they are\n"));
  CHECK(has(plan.out, "Private variables:\tas before\n"));
  CHECK(has(plan.out, "Public variables:\tGREETING_PUBLIC (as before)\n"));
  CHECK_FALSE(has(plan.err, "are not kept"));
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

TEST_CASE("--wallet-backup none keeps the phrase off the chain and says what that means",
          "[e2e][wallet]") {
  const bool by_file = GENERATE(false, true);
  World bare;
  if (by_file) bare.user.write("ecloud.yaml", "walletBackup: none\n");
  Words deploy =
      bare.deploy(by_file ? Words{"--dry-run"} : Words{"--wallet-backup", "none", "--dry-run"});
  const RunResult plan = bare.user.run(deploy);
  INFO(plan.describe());
  CHECK(has(plan.out,
            "Wallet backup:\tnone: whoever loses the machines that have the recovery "
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
            "Wallet:\tthe KMS's, because nothing on chain or on this machine names "
            "another one\n"));
  const RunResult run = world.upgrade(fresh, {"--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["wallet"]["source"].as_string() == "kms");
  CHECK(has(run.err, "so it counts as the KMS's. If the app was given a recovery phrase"));
  CHECK(world.tee("MNEMONIC") == world.words);
  CHECK(world.header()["x-ecloud-wallet"].as_string() == "kms");
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
  CHECK(has(kept.out, "Wallet:\tkept: both releases have the same one, by the chain\n"));
}
