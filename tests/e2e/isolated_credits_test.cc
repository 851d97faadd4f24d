// The credits of an app that pays for itself: shown and refilled by name and by ID.

#include "e2e/top_up_support.h"
#include "ecloud/base/error.h"

using namespace ecloud;
using devnet::SalesChain;
using testing::dollars;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// The running app "hello" with 20 dollars of credits of its own, and an account without any.
struct PaidWorld : World {
  PaidWorld() {
    const RunResult run =
        user.run(deploy({"--bill-to", "app", "--credits", "20", "--yes", "--json"}));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    id = run.json()["appId"].as_string();
    app = *eth::Address::parse(id);
    devnet.clear_requests();
  }
  RunResult status(const std::string& name, const Words& more = {"--json"}) {
    Words words = {"billing", "status", "--app", name};
    words.insert(words.end(), more.begin(), more.end());
    return user.run(words);
  }
  /// What was paid on the main chain since the deployment.
  eth::U256 paid() const { return dollars(9'980) - devnet.usdc_balance(account()); }

  std::string id;
  eth::Address app;
};

}  // namespace

TEST_CASE("billing status --app shows the app's credits and no subscription", "[e2e][isolated]") {
  PaidWorld world;
  const std::string name = GENERATE("hello", "its ID");
  const RunResult run = world.status(name == "hello" ? name : world.id);
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json shown = run.json();
  CHECK(shown["account"].as_string() == world.id);
  // Besides the 1.20 dollars that the next invoice takes.
  CHECK(shown["remainingCredits"].as_double() == 18.8);
  CHECK(shown["permanentCredits"].as_double() == 20);
  CHECK(shown["promotionalCredits"].as_double() == 0);
  for (const char* member : {"status", "active", "periodStart", "lineItems", "upcomingTotal",
                             "nextCreditExpiry", "portalUrl"}) {
    INFO(member);
    CHECK(shown[member].is_null());
  }
  CHECK(run.err.empty());
  const RunResult words = world.status(name == "hello" ? name : world.id, {});
  INFO(words.describe());
  CHECK(words.out.starts_with("App ID: " + world.id + "\nCredits left: 18.80 USD\n"));
  // It pays alone: the account has bought nothing for itself.
  const RunResult account = world.user.run({"billing", "status", "--json"});
  CHECK(account.json()["account"].as_string() == world.account().to_string());
  CHECK(account.json()["permanentCredits"].as_double() == 0);
  CHECK(world.paid().is_zero());
}

TEST_CASE("billing top-up --app refills the app and nobody else", "[e2e][isolated][top-up]") {
  PaidWorld world;
  const std::string name = GENERATE("hello", "its ID");
  const RunResult run = world.user.run(
      testing::top_up("7.5", {"--app", name == "hello" ? name : world.id, "--yes", "--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["account"].as_string() == world.id);
  CHECK(run.json()["payer"].as_string() == world.account().to_string());
  CHECK(run.json()["amount"].as_string() == "7.5");
  CHECK(run.json()["remainingCredits"].as_double() == 26.3);
  CHECK(testing::sent(world) == 1);
  CHECK(world.paid() == eth::U256(7'500'000));
  CHECK(world.devnet.credits(world.app) == eth::U256(27'500'000));
  CHECK(world.devnet.credits(world.account()).is_zero());
  CHECK(world.status("hello").json()["remainingCredits"].as_double() == 26.3);
  // The purchase is closed: the same words buy again.
  REQUIRE(world.user.run(testing::top_up("7.5", {"--app", "hello", "--yes", "--no-wait"})).code ==
          0);
  CHECK(world.devnet.credits(world.app) == dollars(35));
}

TEST_CASE("billing top-up --app names the app before it is paid", "[e2e][isolated][top-up]") {
  PaidWorld world;
  const RunResult plan = world.user.run(testing::top_up("5", {"--app", "hello", "--dry-run"}));
  INFO(plan.describe());
  REQUIRE(plan.code == 0);
  CHECK(plan.out.find("Credits for: " + world.id + "\n") != std::string::npos);
  CHECK(plan.out.find("purchaseCreditsFor(amount 5.00 USDC, account " + world.id + ")") !=
        std::string::npos);
  const RunResult refused = world.user.run(testing::top_up("5", {"--app", "hello", "--json"}));
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(refused.error()["message"].as_string().find("for credits of " + world.id) !=
        std::string::npos);
  CHECK(testing::sent(world) == 0);
  CHECK(world.paid().is_zero());
}

TEST_CASE("An app that pays for itself is refilled with test money too",
          "[e2e][isolated][top-up]") {
  PaidWorld world;
  const RunResult run = world.user.run(
      testing::top_up("2", {"--app", "hello", "--chain", "base-sepolia", "--yes", "--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["chainId"].as_u64() == 31338);
  CHECK(run.json()["account"].as_string() == world.id);
  CHECK(world.devnet.credits(world.app, SalesChain::kTest) == dollars(2));
  CHECK(world.devnet.credits(world.app) == dollars(20));
  CHECK(world.paid().is_zero());
  CHECK(world.status("hello").json()["remainingCredits"].as_double() == 20.8);
}

TEST_CASE("A refill that was cut off is found again by the same words", "[e2e][isolated][top-up]") {
  PaidWorld world;
  const Words words = testing::top_up("5", {"--app", "hello", "--yes", "--json"});
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  const RunResult cut = world.user.run(words);
  INFO(cut.describe());
  REQUIRE(cut.code == 130);
  world.clock.on_sleep({});
  world.devnet.resume_mining();
  const RunResult again = world.user.run(words);
  INFO(again.describe());
  REQUIRE(again.code == 0);
  CHECK(again.json()["account"].as_string() == world.id);
  CHECK(again.json()["resumed"].as_bool());
  CHECK(world.devnet.credits(world.app) == dollars(25));
  CHECK(world.paid() == dollars(5));
}

TEST_CASE("An app that pays for itself is deployed with test money", "[e2e][isolated]") {
  World world;
  const std::string chain = GENERATE("base-sepolia", "base");
  world.devnet.set_max_active_apps(world.account(), 0);
  const Words words =
      world.deploy({"--bill-to", "app", "--credits", "2", "--credits-chain", chain, "--yes"});
  Words rehearsal = words;
  rehearsal.insert(rehearsal.end(), {"--dry-run", "--json"});
  const RunResult plan = world.user.run(rehearsal);
  INFO(plan.describe());
  REQUIRE(plan.code == 0);
  CHECK(plan.json()["purchase"]["chainId"].as_u64() == 31338);
  CHECK(plan.json()["purchase"]["amount"].as_string() == "2");

  Words deployment = words;
  deployment.emplace_back("--json");
  const RunResult run = world.user.run(deployment);
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const eth::Address app = *eth::Address::parse(run.json()["appId"].as_string());
  CHECK(world.devnet.credits(app, SalesChain::kTest) == dollars(2));
  CHECK(world.devnet.usdc_balance(world.account(), SalesChain::kTest) == dollars(9'998));
  testing::check_nothing_paid_on_main(world);
  CHECK(testing::sent(world) == 1);
  CHECK(world.devnet.count("rpc-base-sepolia:eth_sendRawTransaction") == 1);
  CHECK((run.err.find("note: --credits-chain base is Base Sepolia (base-sepolia), which takes test "
                      "money") != std::string::npos) == (chain == "base"));
}

TEST_CASE("A deployment that was cut off after it paid test money never pays again",
          "[e2e][isolated]") {
  World world;
  world.devnet.set_max_active_apps(world.account(), 0);
  // Nothing but the purchase gets through.
  world.devnet.set_global_max_active_apps(0);
  const RunResult first =
      world.user.run(world.deploy({"--bill-to", "app", "--credits", "2", "--credits-chain",
                                   "base-sepolia", "--yes", "--json"}));
  INFO(first.describe());
  REQUIRE(first.code == 4);
  CHECK(world.devnet.usdc_balance(world.account(), SalesChain::kTest) == dollars(9'998));
  world.devnet.set_global_max_active_apps({});
  // Whatever chain is named now, or none.
  const Words more = GENERATE(Words{}, Words{"--credits-chain", "base-sepolia"},
                              Words{"--credits", "20", "--credits-chain", "ethereum"});
  Words words = world.deploy({"--bill-to", "app", "--yes", "--json"});
  words.insert(words.end(), more.begin(), more.end());
  const RunResult second = world.user.run(words);
  INFO(second.describe());
  REQUIRE(second.code == 0);
  CHECK(second.err.find("an earlier run bought credits for app") != std::string::npos);
  const eth::Address app = *eth::Address::parse(second.json()["appId"].as_string());
  CHECK(world.devnet.credits(app, SalesChain::kTest) == dollars(2));
  CHECK(world.devnet.usdc_balance(world.account(), SalesChain::kTest) == dollars(9'998));
  testing::check_nothing_paid_on_main(world);
}

TEST_CASE("A purchase on the other chain that was interrupted is seen through", "[e2e][isolated]") {
  World world;
  world.devnet.set_max_active_apps(world.account(), 0);
  // It is sent, and then the machine is switched off.
  world.devnet.add_fault({.kind = "rpc-base-sepolia:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kClose,
                          .times = 0,
                          .after_acting = true});
  world.devnet.add_fault({.kind = "rpc-base-sepolia:eth_getTransactionReceipt",
                          .action = devnet::FaultAction::kClose,
                          .times = 0});
  const Words words = world.deploy(
      {"--bill-to", "app", "--credits", "2", "--credits-chain", "base-sepolia", "--yes", "--json"});
  const RunResult first = world.user.run(words);
  INFO(first.describe());
  REQUIRE(first.code != 0);
  world.devnet.clear_faults();
  const RunResult second = world.user.run(words);
  INFO(second.describe());
  REQUIRE(second.code == 0);
  CHECK(second.err.find("an earlier run bought credits for app") != std::string::npos);
  CHECK(world.devnet.usdc_balance(world.account(), SalesChain::kTest) == dollars(9'998));
  CHECK(world.devnet.apps().size() == 1);
  testing::check_nothing_paid_on_main(world);
}

TEST_CASE("A purchase on the other chain that is refused begins nothing", "[e2e][isolated]") {
  World world;
  SECTION("without an app that pays") {
    const RunResult run =
        world.user.run(world.deploy({"--credits-chain", "base-sepolia", "--yes", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "cli.conflict");
    CHECK(run.error()["message"].as_string() ==
          "--credits-chain is only for an app that pays for itself");
  }
  SECTION("less than the smallest purchase there") {
    const RunResult run =
        world.user.run(world.deploy({"--bill-to", "app", "--credits", "0.5", "--credits-chain",
                                     "base-sepolia", "--yes", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "billing.below_minimum");
  }
  CHECK(world.devnet.count("rpc-base-sepolia:eth_sendRawTransaction") == 0);
  testing::check_nothing_paid(world);
}
