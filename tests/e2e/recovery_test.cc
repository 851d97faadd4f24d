// A deployment that was killed after sending, on a machine that then loses its disk.

#include "e2e/session.h"
#include "ecloud/deploy/wallets.h"
#include "support/catch.h"
#include "support/child_process.h"

using namespace ecloud;
using testing::ChildProcess;
using testing::ProcessOptions;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

namespace fs = std::filesystem;

/// The words as the TEE has them.
std::string words_in_tee(const World& world, const std::string& app) {
  for (const auto& [name, value] : world.devnet.tee_environment(*eth::Address::parse(app))) {
    if (name == "MNEMONIC") return std::string(value.reveal_text());
  }
  return {};
}

std::vector<std::string> app_command(const std::string& verb, const std::string& app,
                                     std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"compute", "app", verb, app});
  return more;
}

std::vector<std::string> wallet_command(const std::string& verb, const std::string& app,
                                        std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"compute", "app", "wallet", verb, app});
  return more;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Kills a deployment after its transaction was sent, and lets the chain have it.
void deploy_and_kill(World& world, const std::vector<std::string>& more = {}) {
  world.devnet.pause_mining();
  world.user.write(".env", "TOKEN=secret-of-the-app\nGREETING_PUBLIC=hello\n");
  std::vector<std::string> arguments = world.deploy(more);
  arguments.insert(arguments.begin(), ECLOUD_BINARY);
  ProcessOptions options;
  options.argv = std::move(arguments);
  options.env = world.user.env();
  options.directory = world.user.folder();
  ChildProcess child(options);
  REQUIRE(child.wait_for_output("waiting for transaction 0x"));
  child.send_signal(SIGKILL);
  REQUIRE(child.wait(std::chrono::seconds(20)).signal == SIGKILL);
  world.devnet.resume_mining();
  REQUIRE(world.devnet.apps().size() == 1);
}

}  // namespace

TEST_CASE("With the key alone a new machine learns what is left of an app and what is not",
          "[e2e][recovery]") {
  World world;
  deploy_and_kill(world, {"--wallet-backup", "none"});
  fs::remove_all(world.user.folder().parent_path());

  // Another machine: the key is all it has.
  Session fresh(world.devnet, world.clock);
  const RunResult list = fresh.run({"compute", "app", "list", "--json"});
  INFO(list.describe());
  REQUIRE(list.code == 0);
  REQUIRE(list.json()["apps"].elements().size() == 1);
  const std::string app = list.json()["apps"].elements()[0]["appId"].as_string();
  const std::string words = words_in_tee(world, app);
  REQUIRE_FALSE(words.empty());
  const std::string lost = deploy::wallet_addresses(base::Secret(std::string(words))).evm;

  const RunResult info = fresh.run(app_command("info", app));
  INFO(info.describe());
  CHECK(info.code == 0);
  CHECK(has(info.out, "Image: " + world.devnet.image("sample/layered")));
  CHECK(has(info.out, "GREETING_PUBLIC"));
  CHECK(has(info.out,
            "Wallet: generated, says its release; see ecloud compute app wallet show " + app));
  // The KMS's addresses are not the app's.
  CHECK_FALSE(has(info.out, "EVM Address: "));
  CHECK_FALSE(has(info.out, lost));

  const RunResult show = fresh.run(wallet_command("show", app));
  INFO(show.describe());
  CHECK(show.code == 0);
  CHECK(has(show.out, "Wallet: generated; the words are not on this machine"));
  // The addresses that the KMS signs are not those of the app, which was given words.
  CHECK_FALSE(has(show.out, "EVM:"));
  CHECK_FALSE(has(show.out, lost));
  CHECK(has(show.err, "the latest release has none for your key"));
  CHECK(has(show.err, "ecloud compute app wallet import " + app));
  CHECK(has(show.err, "cannot be moved from outside the app"));
  CHECK(has(show.err, "ecloud help recovery"));
  CHECK(fresh.run(wallet_command("show", app, {"--json"})).json()["releaseMayHoldWords"].as_bool());

  const RunResult exported = fresh.run(wallet_command("export", app, {"--json", "--yes"}));
  INFO(exported.describe());
  CHECK(exported.code == 6);
  CHECK(exported.error()["code"].as_string() == "wallet.not_here");
  CHECK(has(exported.error()["hint"].as_string(), "ecloud help recovery"));

  CHECK(fresh.run(app_command("status", app, {"--wait"})).code == 0);
  for (const char* verb : {"logs", "releases"}) {
    const RunResult run = fresh.run(app_command(verb, app));
    INFO(run.describe());
    CHECK(run.code == 0);
  }
  for (const char* verb : {"stop", "start"}) {
    const RunResult run = fresh.run(app_command(verb, app, {"--no-wait"}));
    INFO(run.describe());
    CHECK(run.code == 0);
  }

  // The upgrade does not give the wallet up unasked.
  fresh.write(".env", "TOKEN=secret-of-the-app\n");
  const RunResult refused = fresh.run(app_command("upgrade", app, {"--json"}));
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(refused.error()["code"].as_string() == "wallet.not_here");
  CHECK(has(refused.error()["hint"].as_string(), "ecloud help recovery"));
  CHECK(words_in_tee(world, app) == words);

  world.devnet.set_persistent_disks(false);
  const RunResult upgraded = fresh.run(app_command(
      "upgrade", app, {"--wallet", "kms", "--yes", "--confirm-wallet-change", app, "--json"}));
  INFO(upgraded.describe());
  CHECK(upgraded.code == 0);
  const RunResult after = fresh.run(wallet_command("show", app, {"--json"}));
  CHECK(after.json()["source"].as_string() == "kms");
  CHECK(after.json()["kmsSigned"].as_bool());
  CHECK_FALSE(has(after.err, "nowhere else"));
  CHECK(fresh.run(app_command("terminate", app, {"--yes", "--no-wait"})).code == 0);
}

TEST_CASE("Words that were exported before make a new machine complete", "[e2e][recovery]") {
  World world;
  deploy_and_kill(world);
  const std::string app = world.devnet.apps().front().app.to_string();
  const fs::path safe = world.user.folder().parent_path().string() + ".words";
  // Also after a run that was cut off the words are there to be exported.
  const RunResult exported =
      world.user.run(wallet_command("export", app, {"--out", safe.string()}));
  INFO(exported.describe());
  REQUIRE(exported.code == 0);
  const std::string words = words_in_tee(world, app);
  CHECK(testing::slurp(safe) == words + "\n");
  fs::remove_all(world.user.folder().parent_path());

  Session fresh(world.devnet, world.clock);
  const RunResult imported =
      fresh.run(wallet_command("import", app, {"--words-file", safe.string(), "--json"}));
  fs::remove(safe);
  INFO(imported.describe());
  REQUIRE(imported.code == 0);
  const std::string address = deploy::wallet_addresses(base::Secret(std::string(words))).evm;
  CHECK(imported.json()["evmAddress"].as_string() == address);

  const RunResult show = fresh.run(wallet_command("show", app));
  INFO(show.describe());
  CHECK(has(show.out, address));
  CHECK_FALSE(has(show.err, "nowhere else"));
  fresh.write(".env", "TOKEN=another-secret\n");
  const RunResult upgraded = fresh.run(app_command("upgrade", app, {"--json"}));
  INFO(upgraded.describe());
  CHECK(upgraded.code == 0);
  CHECK(words_in_tee(world, app) == words);
  CHECK(fresh.run(wallet_command("export", app, {"--yes"})).out == words + "\n");
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("An app that was given no words has the KMS's wallet on every machine",
          "[e2e][recovery]") {
  World world;
  REQUIRE(world.user.run(world.deploy({"--wallet", "kms", "--json"})).code == 0);
  const std::string app = world.devnet.apps().front().app.to_string();
  Session fresh(world.devnet, world.clock);
  const RunResult show = fresh.run(wallet_command("show", app));
  INFO(show.describe());
  CHECK(has(show.out, "Wallet: the KMS's"));
  CHECK(has(show.out, "signed by the KMS"));
  CHECK_FALSE(has(show.err, "nowhere else"));
  CHECK(
      fresh.run(wallet_command("show", app, {"--json"})).json()["releaseMayHoldWords"].as_bool() ==
      false);
}

TEST_CASE("What this machine remembers of a wallet is not believed over a later upgrade elsewhere",
          "[e2e][recovery][wallet]") {
  constexpr char kJunk[] = "test test test test test test test test test test test junk";
  World world;
  REQUIRE(world.user.run(world.deploy({"--wallet", "kms", "--json"})).code == 0);
  const std::string app = world.devnet.apps().front().app.to_string();
  Session other(world.devnet, world.clock);
  other.write(".env", std::string("MNEMONIC=\"") + kJunk + "\"\n");
  world.devnet.set_persistent_disks(false);
  const RunResult elsewhere = other.run(app_command(
      "upgrade", app, {"--wallet", "env", "--yes", "--confirm-wallet-change", app, "--json"}));
  INFO(elsewhere.describe());
  REQUIRE(elsewhere.code == 0);

  const RunResult info = world.user.run(app_command("info", app));
  INFO(info.describe());
  CHECK(has(info.out, "Wallet: unknown: upgraded from another machine since"));
  // The release itself says what its wallet is.
  const RunResult show = world.user.run(wallet_command("show", app));
  INFO(show.describe());
  CHECK(has(show.out, "Wallet: MNEMONIC of the env file\n"));
  world.user.write(".env", "TOKEN=new\n");
  const RunResult upgrade = world.user.run(app_command("upgrade", app, {"--json"}));
  INFO(upgrade.describe());
  CHECK(upgrade.code == 2);
  CHECK(upgrade.error()["code"].as_string() == "wallet.no_mnemonic");
  CHECK(words_in_tee(world, app) == kJunk);
}

TEST_CASE("Words of an env file are imported also where a wallet was generated before",
          "[e2e][recovery][wallet]") {
  constexpr char kJunk[] = "test test test test test test test test test test test junk";
  World world;
  REQUIRE(world.user.run(world.deploy({"--json"})).code == 0);
  const std::string app = world.devnet.apps().front().app.to_string();
  const std::string generated = words_in_tee(world, app);
  world.user.write(".env", std::string("MNEMONIC=\"") + kJunk + "\"\n");
  world.devnet.set_persistent_disks(false);
  REQUIRE(world.user
              .run(app_command("upgrade", app,
                               {"--wallet", "env", "--yes", "--confirm-wallet-change", app}))
              .code == 0);

  world.user.write("env.words", kJunk);
  const RunResult import =
      world.user.run(wallet_command("import", app, {"--words-file", "env.words", "--json"}));
  INFO(import.describe());
  CHECK(import.code == 0);
  CHECK(world.user.run(wallet_command("export", app, {"--yes"})).out == std::string(kJunk) + "\n");
  // What was given up is put aside, not lost.
  const fs::path aside =
      world.user.state() / "wallets/devnet" /
      (app + "-" + deploy::wallet_addresses(base::Secret(std::string(generated))).evm + ".json");
  CHECK(fs::exists(aside));
}

TEST_CASE("The page about recovery names every command that it takes", "[e2e][recovery]") {
  World world;
  const RunResult page = world.user.run({"help", "recovery"});
  CHECK(page.code == 0);
  for (const char* part :
       {"wallet export APP --out FILE", "wallet import APP --words-file FILE",
        "upgrade APP --wallet kms", "ecloud compute app list", "STATE/wallets", "keep your .env"}) {
    INFO(part);
    std::string text = page.out;
    for (std::size_t at; (at = text.find('\n')) != std::string::npos;) text[at] = ' ';
    while (has(text, "  ")) text.erase(text.find("  "), 1);
    CHECK(has(text, part));
  }
}
