// Credits bought with test money, on a chain other than the environment's main one.

#include "e2e/liar.h"
#include "e2e/top_up_support.h"

using namespace ecloud;
using devnet::SalesChain;
using testing::check_nothing_paid;
using testing::copy_of;
using testing::dollars;
using testing::Liar;
using testing::lies_of_node;
using testing::RunResult;
using testing::spent;
using testing::top_up;
using testing::World;

namespace {

std::vector<std::string> on_base(const std::string& amount,
                                 std::vector<std::string> more = {"--yes", "--json"}) {
  more.insert(more.begin(), {"--chain", "base-sepolia"});
  return top_up(amount, more);
}

eth::U256 test_credits(const World& world) {
  return world.devnet.credits(world.account(), SalesChain::kTest);
}

}  // namespace

TEST_CASE("Credits are bought with test money on Base Sepolia", "[e2e][top-up]") {
  World world;
  const RunResult run = world.user.run(on_base("2"));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["chainId"].as_u64() == 31338);
  CHECK(run.json()["amount"].as_string() == "2");
  CHECK(run.json()["remainingCredits"].as_double() == 0.8);
  CHECK(test_credits(world) == dollars(2));
  CHECK(world.devnet.usdc_balance(world.account(), SalesChain::kTest) == dollars(9'998));
  // Nothing happens on the other chain.
  check_nothing_paid(world);
  CHECK(std::filesystem::exists(world.user.state() / "journal/credits-31338"));
}

TEST_CASE("The reference's name of the chain is understood, and said", "[e2e][top-up]") {
  World world;
  const RunResult run = world.user.run(top_up("5", {"--chain", "base", "--yes", "--json"}));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("--chain base is Base Sepolia (base-sepolia), which takes test money") !=
        std::string::npos);
  CHECK(test_credits(world) == dollars(5));
}

TEST_CASE("What is checked before a payment is checked on the chosen chain", "[e2e][top-up]") {
  World world;
  const auto refused = [&](const std::string& amount, int code, const std::string& error,
                           const std::string& words) {
    const RunResult run = world.user.run(on_base(amount));
    INFO(run.describe());
    CHECK(run.code == code);
    CHECK(run.error()["code"].as_string() == error);
    CHECK(
        (run.error()["message"].as_string() + " " + run.error()["hint"].as_string()).find(words) !=
        std::string::npos);
    CHECK(test_credits(world).is_zero());
    CHECK(world.devnet.count("rpc-base-sepolia:eth_sendRawTransaction") == 0);
    check_nothing_paid(world);
  };
  SECTION("the minimum of that chain") {
    refused("0.999999", 2, "billing.below_minimum", "less than the smallest purchase, 1.00 USDC");
  }
  SECTION("the balance there") {
    world.devnet.set_usdc_balance(world.account(), dollars(3), SalesChain::kTest);
    refused("4", 4, "billing.insufficient_usdc", "on chain 31338");
  }
  SECTION("no contract that batches calls") {
    world.user.write("ecloud.yaml",
                     "environments:\n  devnet:\n    delegator: "
                     "\"0x1111111111111111111111111111111111111111\"\n");
    refused("4", 7, "billing.no_delegator", "approve 4.00 USDC");
  }
  SECTION("a node of another chain") {
    world.user.set("ECLOUD_CREDITS_RPC_URL", world.devnet.url() + "/rpc");
    refused("4", 7, "chain.wrong_chain", "31338");
  }
}

TEST_CASE("Credits for mainnet apps are not sold for test money", "[e2e][top-up]") {
  World world;
  world.user.set("ECLOUD_ENV", "mainnet-alpha");
  const RunResult run = world.user.run(on_base("5"));
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "billing.unknown_chain");
  CHECK(run.error()["message"].as_string() ==
        "credits for apps in mainnet-alpha are not sold on base-sepolia");
  CHECK(run.error()["hint"].as_string() == "use --chain ethereum");
}

TEST_CASE("An interrupted payment on the other chain is found again", "[e2e][top-up]") {
  World world;
  world.devnet.add_fault({.kind = "rpc-base-sepolia:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kClose,
                          .times = 0,
                          .after_acting = true});
  world.devnet.add_fault({.kind = "rpc-base-sepolia:eth_getTransactionReceipt",
                          .action = devnet::FaultAction::kClose,
                          .times = 0});
  CHECK(world.user.run(on_base("5")).code != 0);
  REQUIRE(test_credits(world) == dollars(5));
  world.devnet.clear_faults();

  SECTION("by the same command") {
    const RunResult again = world.user.run(on_base("5"));
    INFO(again.describe());
    CHECK(again.code == 0);
    CHECK(again.json()["resumed"].as_bool());
  }
  SECTION("by resume") {
    const RunResult list = world.user.run({"resume", "--list", "--json"});
    INFO(list.describe());
    REQUIRE(list.json()["operations"].size() == 1);
    CHECK(list.json()["operations"].at(0)["chainId"].as_u64() == 31338);
    CHECK(world.user.run({"resume", "--yes"}).code == 0);
  }
  CHECK(test_credits(world) == dollars(5));
  CHECK(spent(world).is_zero());
}

TEST_CASE("A payment for which no credits were announced is told and not made again",
          "[e2e][top-up]") {
  World world;
  // keccak256 of CreditsPurchased(address,address,uint256).
  const std::string event = "0x04297192211dd6ce4c4f2aac1d314a51360598d084022b5e7a4148b2dabc9898";
  Liar node(world.devnet, lies_of_node([&](const std::string& method, const base::Json&,
                                           const base::Json& result) -> std::optional<base::Json> {
              if (method != "eth_getTransactionReceipt" || !result.is_object()) return std::nullopt;
              base::Json logs = base::Json::array();
              for (const base::Json& log : result["logs"].elements()) {
                if (log["topics"].at(0).as_string() != event) logs.push(copy_of(log));
              }
              base::Json receipt = copy_of(result);
              receipt.set("logs", logs);
              return receipt;
            }));
  const std::vector<std::string> more = {"--yes", "--json", "--credits-rpc-url", node.url("/rpc")};
  for (int i = 0; i < 2; ++i) {
    const RunResult run = world.user.run(top_up("50", more));
    INFO(run.describe());
    CHECK(run.code == 4);
    CHECK(run.error()["code"].as_string() == "billing.not_credited");
    CHECK(run.error()["message"].as_string().find("announced 0.00 USDC of credits") !=
          std::string::npos);
    CHECK(spent(world) == dollars(50));
  }
  // An honest node shows that all is well.
  const RunResult run = world.user.run(top_up("50"));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["resumed"].as_bool());
  CHECK(spent(world) == dollars(50));
}

TEST_CASE("The environment tells where credits are sold", "[e2e][top-up]") {
  World world;
  const RunResult run = world.user.run({"compute", "environment", "show", "sepolia", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json chains = run.json()["creditsChains"];
  REQUIRE(chains.size() == 2);
  CHECK(chains.at(0)["name"].as_string() == "ethereum");
  CHECK(chains.at(0)["realMoney"].as_bool());
  CHECK(chains.at(1)["name"].as_string() == "base-sepolia");
  CHECK(chains.at(1)["chainId"].as_u64() == 84532);
  CHECK_FALSE(chains.at(1)["realMoney"].as_bool());
}
