// Credits bought with a card, saved cards, and coupons: nothing is charged or redeemed twice.

#include <cmath>

#include "e2e/top_up_support.h"
#include "ecloud/base/error.h"

using namespace ecloud;
using testing::dollars;
using testing::RunResult;
using testing::World;

namespace {

std::vector<std::string> by_card(const std::string& amount,
                                 const std::vector<std::string>& more = {"--yes", "--json"}) {
  std::vector<std::string> words = {"billing", "top-up", "--method", "card", "--amount", amount};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::size_t charges(const World& world) {
  return world.devnet.count("billing:/purchase");
}

/// Dollars of all credits of the account, as the service shows them.
double total(World& world) {
  const base::Json shown = world.user.run({"billing", "status", "--json"}).json();
  return shown["remainingCredits"].as_double() + shown["creditsApplied"].as_double();
}

bool is_close(double one, double other) {
  return std::abs(one - other) < 1e-9;
}

bool has_record(const World& world) {
  const auto folder = world.user.state() / "card-purchases";
  if (!std::filesystem::exists(folder)) return false;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json") return true;
  }
  return false;
}

}  // namespace

TEST_CASE("The only saved card is charged after asking", "[e2e][card]") {
  World world;
  world.devnet.add_card(world.account(), "visa", "4242");
  const std::string amount = GENERATE("50", "12.5", "5", "12.34");
  const RunResult refused = world.user.run(by_card(amount, {"--json"}));
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(refused.error()["code"].as_string() == "cli.confirmation_needed");
  CHECK(refused.error()["message"].as_string().find("to visa ending in 4242 for credits of " +
                                                    world.account().to_string() + "?") !=
        std::string::npos);
  CHECK(charges(world) == 0);

  const RunResult run = world.user.run(by_card(amount));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json shown = run.json();
  CHECK(shown["method"].as_string() == "card");
  CHECK(shown["amount"].as_string() == amount);
  CHECK(shown["card"]["last4"].as_string() == "4242");
  CHECK(shown["purchaseId"].as_string() == "purchase-1");
  CHECK(shown["checkoutUrl"].is_null());
  CHECK_FALSE(shown["resumed"].as_bool());
  CHECK(is_close(total(world), std::stod(amount)));
  CHECK(charges(world) == 1);
  CHECK_FALSE(has_record(world));
  // The same words buy again: the first purchase is over.
  CHECK(world.user.run(by_card(amount)).code == 0);
  CHECK(is_close(total(world), 2 * std::stod(amount)));
}

TEST_CASE("What is wrong with an amount for a card is said before anything is asked",
          "[e2e][card]") {
  World world;
  for (const char* amount : {"0", "4.99", "5.001", "-5", "1e2", "ten", "$5", "99999999"}) {
    const RunResult run =
        world.user.run(by_card("x", {"--amount=" + std::string(amount), "--yes"}));
    INFO(amount << run.describe());
    CHECK(run.code == 2);
  }
  CHECK(world.user.run(by_card("5", {"--account", world.account().to_string(), "--yes"})).code ==
        2);
  CHECK(world.user.run(by_card("5", {"--chain", "base-sepolia", "--yes"})).code == 2);
  CHECK(world.devnet.requests().empty());
}

TEST_CASE("One of several cards has to be named", "[e2e][card]") {
  World world;
  world.devnet.add_card(world.account(), "visa", "4242");
  world.devnet.add_card(world.account(), "mastercard", "4444");
  world.devnet.add_card(world.account(), "amex", "4444");
  RunResult run = world.user.run(by_card("50"));
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["message"].as_string() ==
        "there are several saved cards: card-1 (visa ending in 4242), card-2 (mastercard ending in "
        "4444), card-3 (amex ending in 4444)");
  for (const char* card : {"4444", "1111", ""}) {
    run = world.user.run(by_card("50", {"--card", card, "--yes", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "billing.unknown_card");
  }
  CHECK(charges(world) == 0);
  for (const char* card : {"4242", "card-3", "pm_card-3"}) {
    run = world.user.run(by_card("50", {"--card", card, "--yes", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.json()["card"]["brand"].as_string() ==
          (std::string(card) == "4242" ? "visa" : "amex"));
  }
}

TEST_CASE("Without a saved card a person pays at a checkout page", "[e2e][card]") {
  World world;
  SECTION("while we wait") {
    world.clock.on_sleep([&](base::Milliseconds) { world.devnet.complete_checkout("cs_test_1"); });
    const RunResult run = world.user.run(by_card("25"));
    INFO(run.describe());
    CHECK(run.code == 0);
    const std::string url = world.devnet.url() + "/billing/checkout/cs_test_1";
    CHECK(run.json()["checkoutUrl"].as_string() == url);
    CHECK(run.json()["remainingCredits"].as_double() == 23.8);
    CHECK(run.err.find("open this page in a browser and pay there: " + url) != std::string::npos);
    CHECK_FALSE(has_record(world));
    // The card that paid is saved.
    CHECK(world.user.run({"billing", "cards", "--json"}).json()["cards"].size() == 1);
  }
  SECTION("later: the same page is shown again") {
    const RunResult run = world.user.run(by_card("25", {"--timeout", "30", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 8);
    CHECK(run.error()["code"].as_string() == "billing.credits_pending");
    CHECK(run.error()["hint"].as_string() ==
          "wait again, without another charge, with: ecloud billing top-up --method card --amount "
          "25 --environment devnet");
    const RunResult other = world.user.run(by_card("30"));
    INFO(other.describe());
    CHECK(other.code == 2);
    CHECK(other.error()["code"].as_string() == "billing.unfinished_purchase");
    world.clock.on_sleep([&](base::Milliseconds) { world.devnet.complete_checkout("cs_test_1"); });
    const RunResult again = world.user.run(by_card("25"));
    INFO(again.describe());
    CHECK(again.code == 0);
    CHECK(again.json()["resumed"].as_bool());
    CHECK(charges(world) == 1);
    CHECK(is_close(total(world), 25));
  }
  SECTION("not waited for") {
    const RunResult run = world.user.run(by_card("25", {"--no-wait"}));
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.out.find("To pay: 25.00 USD\nCheckout: http") != std::string::npos);
  }
  SECTION("never: a page that has expired is not waited for") {
    REQUIRE(world.user.run(by_card("25", {"--no-wait", "--json"})).code == 0);
    world.clock.sleep(base::Milliseconds(25LL * 3600 * 1000));
    const RunResult run = world.user.run(by_card("25", {"--no-wait", "--json"}));
    INFO(run.describe());
    CHECK(run.json()["checkoutUrl"].as_string().ends_with("cs_test_2"));
  }
}

TEST_CASE("A card that is declined was not charged, and the next one may be tried", "[e2e][card]") {
  World world;
  world.devnet.add_card(world.account(), "visa", "0002");
  const RunResult run = world.user.run(by_card("50"));
  INFO(run.describe());
  CHECK(run.code == 1);
  CHECK(run.error()["code"].as_string() == "billing.refused");
  CHECK(run.error()["message"].as_string().find("Your card was declined.") != std::string::npos);
  CHECK_FALSE(has_record(world));
  world.devnet.add_card(world.account(), "visa", "4242");
  CHECK(world.user.run(by_card("50", {"--card", "4242", "--yes", "--json"})).code == 0);
}

TEST_CASE("A charge that a bot check has stopped was not made", "[e2e][card]") {
  World world;
  world.devnet.add_card(world.account(), "visa", "4242");
  world.devnet.add_fault({.kind = "billing:/purchase",
                          .status = 403,
                          .body = "<html>Attention Required! | Cloudflare</html>"});
  const RunResult run = world.user.run(by_card("50"));
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.error()["code"].as_string() == "net.bot_check");
  CHECK(run.err.find("may have been charged") == std::string::npos);
  CHECK_FALSE(has_record(world));
  CHECK(world.user.run(by_card("50")).code == 0);
  CHECK(is_close(total(world), 50));
}

TEST_CASE("A lost answer to a charge does not charge twice", "[e2e][card]") {
  World world;
  world.devnet.add_card(world.account(), "visa", "4242");
  const bool charged = GENERATE(true, false);
  world.devnet.add_fault({.kind = "billing:/purchase",
                          .action = devnet::FaultAction::kClose,
                          .times = 1,
                          .after_acting = charged});
  const RunResult run = world.user.run(by_card("50"));
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.error()["hint"].as_string().starts_with("the card may have been charged"));
  REQUIRE(has_record(world));
  if (charged) {
    const RunResult again = world.user.run(by_card("50"));
    INFO(again.describe());
    CHECK(again.code == 0);
    CHECK(again.json()["resumed"].as_bool());
    CHECK(again.err.find("nothing more was charged now") != std::string::npos);
    CHECK(charges(world) == 1);
    CHECK(is_close(total(world), 50));
    CHECK_FALSE(has_record(world));
    return;
  }
  // --yes agrees to a charge, not to a second one.
  const RunResult waits = world.user.run(by_card("50"));
  INFO(waits.describe());
  CHECK(waits.code == 8);
  CHECK(charges(world) == 1);
  const RunResult anyway = world.user.run(by_card("50", {"--new-purchase", "--yes", "--json"}));
  INFO(anyway.describe());
  CHECK(anyway.code == 0);
  CHECK(is_close(total(world), 50));
  CHECK_FALSE(has_record(world));
}

TEST_CASE("An answer about another amount is no success", "[e2e][card]") {
  World world;
  world.devnet.add_card(world.account(), "visa", "4242");
  world.devnet.add_fault({.kind = "billing:/purchase",
                          .action = devnet::FaultAction::kBody,
                          .body = R"({"purchaseId":"p1","amountCents":"50000"})"});
  const RunResult run = world.user.run(by_card("50"));
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "billing.wrong_payment");
}

TEST_CASE("A checkout page that may not be shown is refused", "[e2e][card]") {
  World world;
  for (const char* url : {"javascript:alert(1)", "http://pay.example", "https://a@b.example", ""}) {
    world.devnet.add_fault({.kind = "billing:/purchase",
                            .action = devnet::FaultAction::kBody,
                            .body = R"({"checkoutUrl":")" + std::string(url) + "\"}"});
    const RunResult run = world.user.run(by_card("50"));
    INFO(run.describe());
    CHECK(run.code == 7);
    CHECK(run.error()["message"].as_string().find("checkoutUrl") != std::string::npos);
    CHECK_FALSE(has_record(world));
    world.devnet.clear_faults();
  }
}

TEST_CASE("A dry run with a card charges nothing", "[e2e][card]") {
  World world;
  world.devnet.add_card(world.account(), "visa", "4242");
  const RunResult run = world.user.run(by_card("50", {"--dry-run", "--json"}));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["dryRun"].as_bool());
  CHECK(run.json()["card"]["id"].as_string() == "card-1");
  CHECK(charges(world) == 0);
  CHECK_FALSE(has_record(world));
}

TEST_CASE("Saved cards are listed", "[e2e][card]") {
  World world;
  const RunResult none = world.user.run({"billing", "cards"});
  CHECK(none.code == 0);
  CHECK(none.out.empty());
  CHECK(none.err.find("no saved cards") != std::string::npos);
  world.devnet.add_card(world.account(), "visa", "4242");
  const char* name = GENERATE("cards", "list-cards");
  const RunResult run = world.user.run({"billing", name});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out == "visa\t4242\tcard-1\t2027-01-15T08:00:00Z\n");
}

TEST_CASE("A coupon is redeemed once", "[e2e][card]") {
  World world;
  world.devnet.add_coupon("WELCOME-25", 2'500);
  const std::string how = GENERATE("argument", "option", "stdin");
  RunResult run;
  if (how == "argument") run = world.user.run({"billing", "redeem", "WELCOME-25", "--json"});
  if (how == "option") {
    run = world.user.run({"billing", "redeem-coupon", "--code", "WELCOME-25", "--json"});
  }
  if (how == "stdin") {
    run = world.user.run_with_input({"billing", "redeem", "-", "--json"}, "WELCOME-25\n");
  }
  INFO(how << run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["amount"].as_string() == "25");
  CHECK(run.json()["remainingCredits"].as_double() == 23.8);

  const RunResult status = world.user.run({"billing", "status"});
  CHECK(status.out.find("Permanent credits: 0.00 USD\nPromotional credits: 25.00 USD (the first "
                        "expire 2027-04-15T08:00:00Z)\n") != std::string::npos);
  const RunResult again = world.user.run({"billing", "redeem", "WELCOME-25", "--json"});
  CHECK(again.code == 1);
  CHECK(again.error()["message"].as_string().find("already redeemed") != std::string::npos);
  CHECK(world.user.run({"billing", "redeem", "NO-SUCH"}).code == 1);
  for (const char* wrong : {"", " ", "two words"}) {
    CHECK(world.user.run({"billing", "redeem", wrong}).code == 2);
  }
  CHECK(world.user.run({"billing", "redeem"}).code == 2);
}

TEST_CASE("A dry run redeems nothing", "[e2e][card]") {
  World world;
  world.devnet.add_coupon("WELCOME-25", 2'500);
  const RunResult run = world.user.run({"billing", "redeem", "WELCOME-25", "--dry-run", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["dryRun"].as_bool());
  CHECK(world.devnet.count("billing:/coupons") == 0);
}
