// The wallet commands and undelegate.

#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

constexpr char kLegal[] =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

struct AppWorld : World {
  explicit AppWorld(std::vector<std::string> more = {}) {
    more.push_back("--json");
    const RunResult run = user.run(deploy(std::move(more)));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    evm = run.json()["wallet"]["evmAddress"].opt_string().value_or("");
    devnet.clear_requests();
  }
  RunResult wallet(std::vector<std::string> more) {
    more.insert(more.begin(), {"compute", "app", "wallet"});
    return user.run(more);
  }
  eth::Address app;
  std::string evm;
};

}  // namespace

TEST_CASE("show tells whose the wallet is and never its words", "[e2e][wallet]") {
  SECTION("generated") {
    AppWorld world;
    const RunResult run = world.wallet({"show", "hello", "--address-count", "3", "--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    CHECK(run.json()["source"].as_string() == "generated");
    CHECK(run.json()["evm"].size() == 3);
    CHECK(run.json()["solana"].size() == 3);
    CHECK(run.json()["evm"].at(0)["address"].as_string() == world.evm);
    CHECK(run.json()["evm"].at(2)["path"].as_string() == "m/44'/60'/0'/0/2");
    CHECK(std::filesystem::exists(run.json()["file"].as_string()));
    CHECK_FALSE(run.json()["kmsSigned"].as_bool());
  }
  SECTION("the KMS's") {
    AppWorld world({"--wallet", "kms"});
    const RunResult run = world.wallet({"show", "hello", "--json"});
    REQUIRE(run.code == 0);
    CHECK(run.json()["source"].as_string() == "kms");
    CHECK(run.json()["kmsSigned"].as_bool());
    CHECK(run.json()["file"].is_null());
  }
  SECTION("too many addresses") {
    AppWorld world;
    CHECK(world.wallet({"show", "hello", "--address-count", "6"}).code == 2);
  }
}

TEST_CASE("export writes the words where it is told and nowhere unasked", "[e2e][wallet]") {
  AppWorld world;
  const RunResult unasked = world.wallet({"export", "hello"});
  CHECK(unasked.code == 2);
  CHECK(unasked.out.empty());

  const RunResult run = world.wallet({"export", "hello", "--out", "my.words"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const auto file = world.user.folder() / "my.words";
  CHECK(run.out == file.string() + "\n");
  using std::filesystem::perms;
  CHECK(std::filesystem::status(file).permissions() == (perms::owner_read | perms::owner_write));
  CHECK(world.wallet({"export", "hello", "--yes"}).out == testing::slurp(file));
  // A file that is there is not written over.
  CHECK(world.wallet({"export", "hello", "--out", "my.words"}).code == 2);
}

TEST_CASE("export of words that are not here says so", "[e2e][wallet]") {
  AppWorld world({"--wallet", "kms"});
  const RunResult run = world.wallet({"export", "hello", "--yes", "--json"});
  CHECK(run.code == 6);
  CHECK(run.error()["code"].as_string() == "wallet.not_here");
}

TEST_CASE("import takes the app's words and no others", "[e2e][wallet]") {
  AppWorld world;
  REQUIRE(world.wallet({"export", "hello", "--out", "my.words"}).code == 0);
  world.user.write("other.words", kLegal);
  world.user.write("broken.words", std::string(kLegal) + " yellow");
  const std::vector<std::string> import = {"import", "hello", "--words-file", "my.words"};

  const RunResult there = world.wallet(import);
  CHECK(there.code == 0);
  CHECK(there.err.find("stored here already") != std::string::npos);

  std::filesystem::remove_all(world.user.state() / "wallets");
  const RunResult other =
      world.wallet({"import", "hello", "--words-file", "other.words", "--json"});
  INFO(other.describe());
  CHECK(other.code == 9);
  CHECK(other.error()["code"].as_string() == "wallet.other_words");
  const RunResult broken =
      world.wallet({"import", "hello", "--words-file", "broken.words", "--json"});
  CHECK(broken.code == 2);
  CHECK(broken.error()["message"].as_string() ==
        "the phrase has 13 words, not 12, 15, 18, 21 or 24");

  const RunResult dry = world.wallet({"import", "hello", "--words-file", "my.words", "--dry-run"});
  CHECK(dry.code == 0);
  CHECK_FALSE(std::filesystem::exists(world.user.state() / "wallets"));
  const RunResult run = world.wallet({"import", "hello", "--words-file", "my.words", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["evmAddress"].as_string() == world.evm);
  CHECK(run.json()["compared"].as_bool());
  CHECK(std::filesystem::exists(run.json()["file"].as_string()));
}

TEST_CASE("import refuses where the KMS made the wallet and where nobody types", "[e2e][wallet]") {
  AppWorld world({"--wallet", "kms"});
  world.user.write("other.words", kLegal);
  const RunResult run = world.wallet({"import", "hello", "--words-file", "other.words", "--json"});
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "wallet.is_kms");
  const RunResult nobody = world.wallet({"import", "hello", "--json"});
  CHECK(nobody.code == 2);
  CHECK(nobody.error()["message"].as_string().find("--words-file") != std::string::npos);
}

TEST_CASE("undelegate takes the delegation away and nothing else", "[e2e][undelegate]") {
  AppWorld world;
  REQUIRE_FALSE(world.devnet.code(world.account()).empty());
  const RunResult dry = world.user.run({"compute", "undelegate", "--dry-run", "--json"});
  INFO(dry.describe());
  REQUIRE(dry.code == 0);
  CHECK(dry.json()["delegatedTo"].as_string() == world.devnet.environment().delegator.to_string());
  CHECK(world.user.run({"compute", "undelegate"}).code == 2);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);

  const RunResult run = world.user.run({"compute", "undelegate", "--yes", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["changed"].as_bool());
  CHECK(run.json()["gas"]["used"].as_u64() <= run.json()["gas"]["limit"].as_u64());
  CHECK(world.devnet.code(world.account()).empty());
  CHECK(world.devnet.app(world.app)->run_state == "Running");

  const RunResult again = world.user.run({"compute", "undelegate", "--yes"});
  CHECK(again.code == 0);
  CHECK(again.err.find("is not delegated; nothing is sent") != std::string::npos);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 1);
  // A change needs no delegation, the next deployment makes it anew.
  CHECK(world.user.run({"compute", "app", "stop", "hello"}).code == 0);
}

TEST_CASE("undelegate goes on after a lost answer", "[e2e][undelegate]") {
  AppWorld world;
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  const RunResult run = world.user.run({"compute", "undelegate", "--yes", "--json"});
  CHECK(run.code == 130);
  world.clock.on_sleep({});
  world.devnet.resume_mining();
  const RunResult again = world.user.run({"compute", "undelegate", "--yes"});
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(world.devnet.code(world.account()).empty());
  CHECK(world.devnet.nonce(world.account()) == 4);
}

TEST_CASE("undelegate that has no effect is told", "[e2e][undelegate]") {
  AppWorld world;
  const eth::Address delegator = world.devnet.environment().delegator;
  world.clock.on_sleep({});
  world.devnet.pause_mining();
  world.clock.on_sleep([&](base::Milliseconds) {
    world.devnet.resume_mining();
    world.devnet.set_delegate(world.account(), delegator);
  });
  const RunResult run = world.user.run({"compute", "undelegate", "--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "deploy.no_effect");
}
