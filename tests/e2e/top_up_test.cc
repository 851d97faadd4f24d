// Credits bought with USDC, from the command line to the devnet's books.

#include "e2e/top_up_support.h"
#include "ecloud/base/error.h"

using namespace ecloud;
using testing::check_nothing_paid;
using testing::dollars;
using testing::RunResult;
using testing::sent;
using testing::spent;
using testing::top_up;
using testing::World;

TEST_CASE("Credits are bought in one transaction and show in the status", "[e2e][top-up]") {
  World world;
  const RunResult run = world.user.run(top_up("12.5"));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json shown = run.json();
  CHECK(shown["method"].as_string() == "usdc");
  CHECK(shown["amount"].as_string() == "12.5");
  CHECK(shown["account"].as_string() == world.account().to_string());
  CHECK(shown["payer"].as_string() == world.account().to_string());
  CHECK(shown["chainId"].as_u64() == 31337);
  // Besides the 1.20 dollars that the next invoice takes.
  CHECK(shown["remainingCredits"].as_double() == 11.3);
  CHECK_FALSE(shown["resumed"].as_bool());
  CHECK(sent(world) == 1);
  CHECK(spent(world) == eth::U256(12'500'000));
  CHECK(world.devnet.credits(world.account()) == eth::U256(12'500'000));
  CHECK(world.devnet.usdc_allowance(world.account()).is_zero());
  CHECK(eth::delegation_target(world.devnet.code(world.account())) ==
        world.devnet.environment().delegator);

  const base::Json status = world.user.run({"billing", "status", "--json"}).json();
  CHECK(status["remainingCredits"].as_double() == 11.3);
  CHECK(status["creditsApplied"].as_double() == 1.2);
  CHECK(status["upcomingTotal"].as_double() == 0);
  CHECK(status["nextCreditExpiry"].as_string() == "2028-01-15T08:00:00Z");

  // The account is delegated now, and the same words buy again.
  CHECK(world.user.run(top_up("12.5")).code == 0);
  CHECK(spent(world) == dollars(25));
}

TEST_CASE("What is allowed already is not approved again", "[e2e][top-up]") {
  World world;
  world.devnet.set_usdc_allowance(world.account(), dollars(20));
  const RunResult run = world.user.run(top_up("20"));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.devnet.credits(world.account()) == dollars(20));
  // One call is a plain transaction, so that the account stays as it is.
  CHECK(world.devnet.code(world.account()).empty());

  world.devnet.set_usdc_allowance(world.account(), dollars(3));
  CHECK(world.user.run(top_up("7")).code == 0);
  CHECK(spent(world) == dollars(27));
  CHECK(world.devnet.usdc_allowance(world.account()).is_zero());
}

TEST_CASE("A person sees what is paid to whom before it is", "[e2e][top-up]") {
  World world;
  const std::string account = world.account().to_string();
  const RunResult run = world.user.run(top_up("50", {"--yes"}));
  INFO(run.describe());
  CHECK(run.code == 0);
  for (const std::string& line :
       {std::string("Amount: 50.00 USDC"), "Credits for: " + account,
        "Paid by: " + account + " (balance 10000.00 USDC)",
        std::string("Chain: devnet (chain 31337)"),
        std::string("Call 1: USDC.approve(spender USDCCredits, amount 50.00 USDC)"),
        "Call 2: USDCCredits.purchaseCreditsFor(amount 50.00 USDC, account " + account + ")"}) {
    INFO(line);
    CHECK(run.err.find(line + "\n") != std::string::npos);
  }
  CHECK(run.out.starts_with("Paid: 50.00 USDC\nPaid by: " + account + "\nCredits for: " + account +
                            "\nTransaction: 0x"));
  CHECK(run.out.ends_with("Credits left: 48.80 USD\n"));
}

TEST_CASE("A dry run of a purchase shows the plan and signs nothing", "[e2e][top-up]") {
  World world;
  const RunResult run = world.user.run(top_up("50", {"--dry-run", "--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json plan = run.json();
  CHECK(plan["dryRun"].as_bool());
  CHECK(plan["amount"].as_string() == "50");
  CHECK(plan["balanceUsdc"].as_string() == "10000");
  CHECK(plan["delegates"].as_bool());
  CHECK(plan["calls"].at(0)["function"].as_string() == "approve");
  CHECK(plan["calls"].at(1)["arguments"]["amount"].as_string() == "50.00 USDC");
  check_nothing_paid(world);
  CHECK(world.devnet.code(world.account()).empty());
}

TEST_CASE("Nobody pays without agreeing", "[e2e][top-up]") {
  World world;
  const RunResult run = world.user.run(top_up("50", {"--json"}));
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "cli.confirmation_needed");
  const std::string message = run.error()["message"].as_string();
  CHECK(message.starts_with("this needs a confirmation: Pay 50.00 USDC on devnet for credits of " +
                            world.account().to_string() + ", and at most 0."));
  check_nothing_paid(world);
}

TEST_CASE("What is wrong with an amount is said before anything is asked", "[e2e][top-up]") {
  World world;
  for (const char* amount : {"0", "0.000000", "-5", "5.1234567", "1e2", "ten", "5,00", "$5"}) {
    INFO(amount);
    const RunResult run = world.user.run(top_up("x", {"--amount=" + std::string(amount), "--yes"}));
    CHECK(run.code == 2);
  }
  const RunResult run = world.user.run({"billing", "top-up", "--json"});
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "cli.missing_value");
  CHECK(world.devnet.requests().empty());
}

TEST_CASE("The smallest purchase and both balances are checked first", "[e2e][top-up]") {
  World world;
  const auto refused = [&](const std::string& amount, int code, const std::string& error,
                           const std::string& message, const std::string& hint) {
    const RunResult run = world.user.run(top_up(amount));
    INFO(run.describe());
    CHECK(run.code == code);
    CHECK(run.error()["code"].as_string() == error);
    CHECK(run.error()["message"].as_string().find(message) != std::string::npos);
    CHECK(run.error()["hint"].as_string().find(hint) != std::string::npos);
    CHECK(sent(world) == 0);
    CHECK(world.devnet.credits(world.account()).is_zero());
  };
  SECTION("less than the minimum") {
    refused("4.999999", 2, "billing.below_minimum",
            "4.999999 USDC is less than the smallest purchase, 5.00 USDC", "--amount 5 or more");
  }
  SECTION("not enough USDC") {
    refused("10000.000001", 4, "billing.insufficient_usdc", "0.000001 USDC are missing",
            "send USDC on devnet to " + world.account().to_string());
  }
  SECTION("no USDC at all") {
    world.devnet.set_usdc_balance(world.account(), eth::U256());
    refused("5", 4, "billing.insufficient_usdc", "has 0.00 USDC on devnet", "send USDC");
  }
  SECTION("no ETH for the gas") {
    world.devnet.set_balance(world.account(), eth::U256());
    refused("5", 4, "deploy.insufficient_funds", "has 0 ETH on devnet", "send ETH on devnet");
  }
}

TEST_CASE("A node of another chain is refused", "[e2e][top-up]") {
  World world;
  world.user.write("ecloud.yaml", "environments:\n  devnet:\n    creditsChainId: 1\n");
  const RunResult run = world.user.run(top_up("50"));
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.error()["code"].as_string() == "chain.wrong_chain");
  check_nothing_paid(world);
}

TEST_CASE("A token other than the one that is known is not paid with", "[e2e][top-up]") {
  World world;
  world.user.write("ecloud.yaml",
                   "environments:\n  devnet:\n    usdcToken: "
                   "\"0x1111111111111111111111111111111111111111\"\n");
  const RunResult run = world.user.run(top_up("50"));
  INFO(run.describe());
  CHECK(run.code == 9);
  CHECK(run.error()["code"].as_string() == "billing.wrong_token");
  check_nothing_paid(world);
}

TEST_CASE("An environment that sells no credits says what is missing", "[e2e][top-up]") {
  World world;
  world.user.write("ecloud.yaml",
                   "environments:\n  devnet:\n    usdcCredits: "
                   "\"0x0000000000000000000000000000000000000000\"\n");
  const RunResult run = world.user.run(top_up("50"));
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "billing.no_credits");
}

TEST_CASE("The node for credits can be given", "[e2e][top-up]") {
  World world;
  CHECK(world.user.run(top_up("50", {"--yes", "--credits-rpc-url", "http://127.0.0.1:1/dead"}))
            .code == 7);
  check_nothing_paid(world);
  CHECK(world.user
            .run(top_up("50", {"--yes", "--credits-rpc-url", "http://127.0.0.1:1/dead",
                               "--credits-rpc-url", world.devnet.url() + "/rpc"}))
            .code == 0);
  CHECK(world.user.run(top_up("50", {"--yes", "--credits-rpc-url", "http://node.example.com"}))
            .code == 2);
}

TEST_CASE("Credits go to whom one says", "[e2e][top-up]") {
  World world;
  const eth::Address other = devnet::Devnet::accounts()[3].address;
  SECTION("another account, whose credits are waited for too") {
    const char* option = GENERATE("--account", "--creator");
    const RunResult run =
        world.user.run(top_up("50", {option, other.to_string(), "--yes", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.json()["account"].as_string() == other.to_string());
    CHECK(run.json()["remainingCredits"].as_double() == 48.8);
    CHECK(world.devnet.credits(other) == dollars(50));
    CHECK(world.devnet.count("billing:/subscription") == 0);
  }
  SECTION("another account, whose credits the service does not tell") {
    world.devnet.add_fault({.kind = "billing:/credits", .times = 0, .status = 403});
    const RunResult run =
        world.user.run(top_up("50", {"--account", other.to_string(), "--yes", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.json()["remainingCredits"].is_null());
    CHECK(run.err.find("does not report the credits of " + other.to_string()) != std::string::npos);
    CHECK(world.devnet.credits(other) == dollars(50));
  }
  SECTION("no address") {
    const RunResult run = world.user.run(top_up("50", {"--account", "0x1234", "--yes", "--json"}));
    CHECK(run.code == 2);
    check_nothing_paid(world);
  }
  SECTION("two of them") {
    const RunResult run = world.user.run(
        top_up("50", {"--account", other.to_string(), "--app", "hello", "--yes", "--json"}));
    CHECK(run.code == 2);
    CHECK(run.error()["message"].as_string() == "--account and --app exclude each other");
    check_nothing_paid(world);
  }
  SECTION("an app that does not pay for itself") {
    REQUIRE(world.user.run(world.deploy({"--no-wait"})).code == 0);
    world.devnet.clear_requests();
    const RunResult run = world.user.run(top_up("50", {"--app", "hello", "--yes", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "billing.app_does_not_pay");
    CHECK(run.error()["message"].as_string().find(
              "its bill goes to " + world.account().to_string()) != std::string::npos);
    check_nothing_paid(world);
  }
}

TEST_CASE("Credits that show late are waited for", "[e2e][top-up]") {
  testing::ManualClock clock;
  devnet::Options options = testing::devnet_options(clock);
  options.timings.crediting_seconds = 60;
  devnet::Devnet devnet(options);
  testing::Session user(devnet, clock);

  SECTION("as long as it takes") {
    const RunResult run = user.run(top_up("50"));
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.json()["remainingCredits"].as_double() == 48.8);
  }
  SECTION("or not at all") {
    const RunResult run = user.run(top_up("50", {"--no-wait", "--yes", "--json"}));
    CHECK(run.code == 0);
    CHECK(run.json()["remainingCredits"].is_null());
  }
  const std::string paid =
      "it is paid; wait again, without paying more, with: ecloud billing top-up --amount 50 "
      "--environment devnet";
  SECTION("until the time is up") {
    const RunResult run = user.run(top_up("50", {"--timeout", "30", "--yes", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 8);
    CHECK(run.error()["code"].as_string() == "billing.credits_pending");
    CHECK(run.error()["hint"].as_string() == paid);
    const RunResult again = user.run(top_up("50"));
    INFO(again.describe());
    CHECK(again.code == 0);
    CHECK(again.json()["resumed"].as_bool());
    CHECK(again.json()["remainingCredits"].as_double() == 48.8);
  }
  SECTION("until Ctrl-C") {
    clock.on_sleep([&](base::Milliseconds) {
      if (devnet.credits(devnet::Devnet::accounts().front().address).is_zero()) return;
      throw Error(Category::kInterrupted, "interrupted", "interrupted");
    });
    const RunResult run = user.run(top_up("50"));
    INFO(run.describe());
    CHECK(run.code == 130);
    CHECK(run.error()["hint"].as_string() == paid);
  }
  SECTION("through failures of the billing service") {
    devnet.add_fault({.kind = "billing", .nth = 2, .times = 12, .status = 502});
    const RunResult run = user.run(top_up("50", {"--timeout", "30m", "--yes", "--json"}));
    INFO(run.describe());
    CHECK(run.code == 0);
  }
  CHECK(devnet.credits(devnet::Devnet::accounts().front().address) == dollars(50));
}

TEST_CASE("A billing service that refuses the key stops a purchase before it is paid",
          "[e2e][top-up]") {
  World world;
  world.devnet.add_fault({.kind = "billing", .times = 0, .status = 403});
  CHECK(world.user.run(top_up("50")).code == 5);
  check_nothing_paid(world);
}

TEST_CASE("An account that is delegated elsewhere is asked about", "[e2e][top-up]") {
  World world;
  const auto elsewhere = *eth::Address::parse("0x1111111111111111111111111111111111111111");
  world.devnet.set_delegate(world.account(), elsewhere);
  const RunResult run = world.user.run(top_up("50", {"--json"}));
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["message"].as_string().find("Replace the account's delegation to " +
                                                elsewhere.to_string()) != std::string::npos);
  CHECK(world.user.run(top_up("50")).code == 0);
  CHECK(spent(world) == dollars(50));
}
