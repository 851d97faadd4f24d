// `ecloud resume`, transactions that are stuck, and what happens when the account or the chain
// moves under a command.

#include <filesystem>

#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/transaction.h"
#include "support/catch.h"
#include "support/http_probe.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

/// Runs a command whose transaction no block takes, until Ctrl-C.
void run_until_stuck(World& world, const std::vector<std::string>& arguments) {
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  const RunResult run = world.user.run(arguments);
  INFO(run.describe());
  REQUIRE(run.code == 130);
  world.clock.on_sleep({});
}

/// A running app named hello.
eth::Address deploy_hello(World& world) {
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return *eth::Address::parse(run.json()["appId"].as_string());
}

base::Json only_operation(const RunResult& run) {
  INFO(run.describe());
  const auto operations = run.json()["operations"].elements();
  REQUIRE(operations.size() == 1);
  return operations.front();
}

/// What somebody else does with the account: a payment of nothing, with its next nonce.
void send_from_elsewhere(World& world, std::uint64_t nonce) {
  const devnet::FundedAccount& account = devnet::Devnet::accounts().front();
  const auto key = crypto::PrivateKey::from_bytes(account.private_key.reveal());
  eth::Transaction transaction;
  transaction.chain_id = eth::U256(31337);
  transaction.nonce = nonce;
  transaction.max_priority_fee_per_gas = eth::U256(3'000'000'000);
  transaction.max_fee_per_gas = eth::U256(100'000'000'000);
  transaction.gas_limit = 100'000;
  transaction.to = devnet::Devnet::accounts().back().address;
  const auto signed_one = eth::sign_transaction(*key, transaction);
  const auto answer =
      testing::probe(world.devnet.port(), "POST", "/rpc", {{"Content-Type", "application/json"}},
                     R"({"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[")" +
                         base::to_hex_prefixed(signed_one.raw) + R"("]})");
  INFO(answer.body);
  REQUIRE(answer.body.find("\"result\"") != std::string::npos);
}

}  // namespace

TEST_CASE("With nothing unfinished resume says so and asks nobody", "[e2e][resume]") {
  World world;
  const RunResult run = world.user.run({"resume"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out.empty());
  CHECK(run.err.find("nothing is unfinished on this machine") != std::string::npos);
  CHECK(world.devnet.requests().empty());
  CHECK(world.user.run({"resume", "--list", "--json"}).json()["operations"].elements().empty());
  const RunResult named = world.user.run({"resume", "hello", "--json"});
  CHECK(named.code == 6);
  CHECK(named.error()["code"].as_string() == "resume.not_found");
}

TEST_CASE("A deployment that was cut off is listed and continued without its key",
          "[e2e][resume]") {
  World world;
  run_until_stuck(world, world.deploy());
  const base::Json listed = only_operation(world.user.run({"resume", "--list", "--json"}));
  CHECK(listed["operation"].as_string() == "deploy");
  CHECK(listed["name"].as_string() == "hello");
  CHECK(listed["state"].as_string() == "waiting");
  CHECK(listed["attempts"].as_u64() == 1);
  CHECK(listed["result"].is_null());

  world.devnet.resume_mining();
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const RunResult run = world.user.run({"resume", "--json"});
  const base::Json done = only_operation(run);
  CHECK(run.code == 0);
  CHECK(done["result"].as_string() == "finished");
  CHECK(done["state"].as_string() == "mined");
  CHECK(done["txHash"].as_string() == listed["txHash"].as_string());
  CHECK(run.err.find("without the account's key the platform is not asked") != std::string::npos);
  CHECK(world.devnet.apps().size() == 1);
  CHECK(world.user.run({"resume", "--list", "--json"}).json()["operations"].elements().empty());
}

TEST_CASE("A deployment that is resumed gets the profile that it was to have", "[e2e][resume]") {
  World world;
  world.user.write("logo.png", "\x89PNG\r\n\x1a\n picture");
  run_until_stuck(world, world.deploy({"--website", "https://example.com", "--image", "logo.png"}));
  world.devnet.drop_pending();
  world.devnet.resume_mining();
  const RunResult run = world.user.run({"resume"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.err.find("warning") == std::string::npos);
  REQUIRE(world.devnet.apps().size() == 1);
  CHECK(world.devnet.apps().front().profile_name == "hello");
  CHECK(world.devnet.count("userapi:/profile") == 1);
}

TEST_CASE(
    "Several operations are continued in the order of their nonces and one failure stops none",
    "[e2e][resume]") {
  World world;
  const eth::Address first = deploy_hello(world);
  REQUIRE(world.user.run(world.deploy({"--name", "second"})).code == 0);
  // Nodes take several transactions at once only from accounts without a delegation.
  world.devnet.set_delegate(world.account(), eth::Address());
  run_until_stuck(world, {"compute", "app", "stop", "hello"});
  run_until_stuck(world, {"compute", "app", "stop", "second"});
  world.devnet.drop_pending();
  world.devnet.resume_mining();
  world.devnet.set_run_state(first, "Failed");
  const RunResult run = world.user.run({"resume", "--json"});
  INFO(run.describe());
  const auto operations = run.json()["operations"].elements();
  REQUIRE(operations.size() == 2);
  CHECK(operations[0]["nonce"].as_u64() + 1 == operations[1]["nonce"].as_u64());
  CHECK(operations[1]["result"].as_string() == "finished");
  for (const devnet::AppView& app : world.devnet.apps()) {
    CHECK(app.chain_status == platform::ChainStatus::kStopped);
  }
}

TEST_CASE("What is to terminate an app is sent again only when somebody agrees", "[e2e][resume]") {
  World world;
  deploy_hello(world);
  run_until_stuck(world, {"compute", "app", "terminate", "hello", "--yes"});
  world.devnet.drop_pending();
  world.devnet.resume_mining();
  const RunResult refused = world.user.run({"resume", "--json"});
  INFO(refused.describe());
  CHECK(refused.code == 2);
  CHECK(refused.error()["code"].as_string() == "cli.confirmation_needed");
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStarted);
  CHECK(world.user.run({"resume", "--yes"}).code == 0);
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kTerminated);
}

TEST_CASE("A transaction that is stuck is replaced by the same with higher fees", "[e2e][resume]") {
  World world;
  deploy_hello(world);
  const std::uint64_t nonce = world.devnet.nonce(world.account());
  run_until_stuck(world, {"compute", "app", "stop", "hello"});
  const std::string first =
      only_operation(world.user.run({"resume", "--list", "--json"}))["txHash"].as_string();
  const RunResult plan = world.user.run({"resume", "hello", "--speed-up", "--dry-run", "--json"});
  INFO(plan.describe());
  CHECK(plan.code == 0);
  CHECK(plan.err.find("instead of") != std::string::npos);
  const base::Json planned = only_operation(plan)["replacement"];
  CHECK_FALSE(planned["cancels"].as_bool());
  CHECK(eth::U256::from_decimal(planned["maxCostWei"].as_string()).value() ==
        eth::U256(planned["limit"].as_u64()) *
            eth::U256::from_decimal(planned["maxFeePerGasWei"].as_string()).value());
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 2);

  // The node takes the replacement; the user stops waiting, and it is mined.
  world.interrupt_at_first_wait();
  const RunResult stopped = world.user.run({"resume", first.substr(0, 12), "--speed-up", "--json"});
  INFO(stopped.describe());
  CHECK(stopped.code == 130);
  world.clock.on_sleep({});
  const base::Json listed = only_operation(world.user.run({"resume", "--list", "--json"}));
  CHECK(listed["attempts"].as_u64() == 2);
  CHECK(listed["state"].as_string() == "waiting");
  CHECK(listed["txHash"].as_string() != first);
  CHECK(listed["nonce"].as_u64() == nonce);

  world.devnet.resume_mining();
  const RunResult run = world.user.run({"compute", "app", "stop", "hello", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["txHash"].as_string() == listed["txHash"].as_string());
  CHECK(world.devnet.nonce(world.account()) == nonce + 1);
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStopped);
}

TEST_CASE("Whichever of a transaction and its replacement is mined is found", "[e2e][resume]") {
  World world;
  deploy_hello(world);
  run_until_stuck(world, {"compute", "app", "stop", "hello"});
  const std::string first =
      only_operation(world.user.run({"resume", "--list", "--json"}))["txHash"].as_string();
  // The answer is lost and the node does not have the replacement.
  world.devnet.add_fault(
      {.kind = "rpc:eth_sendRawTransaction", .action = devnet::FaultAction::kReset, .times = 0});
  world.interrupt_at_first_wait();
  CHECK(world.user.run({"resume", "--speed-up"}).code == 130);
  world.clock.on_sleep({});
  world.devnet.clear_faults();
  world.devnet.resume_mining();
  const base::Json done = only_operation(world.user.run({"resume", "--json"}));
  CHECK(done["result"].as_string() == "finished");
  CHECK(done["txHash"].as_string() == first);
  CHECK(done["attempts"].as_u64() == 2);
}

TEST_CASE("A deployment that delegates the account can be sped up too", "[e2e][resume]") {
  World world;
  run_until_stuck(world, world.deploy());
  world.devnet.drop_pending();
  world.devnet.resume_mining();
  const RunResult run = world.user.run({"resume", "--speed-up", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(only_operation(run)["result"].as_string() == "finished");
  REQUIRE(world.devnet.apps().size() == 1);
  CHECK(world.devnet.nonce(world.account()) == 2);  // its authorization counts too
}

TEST_CASE("A transaction that is cancelled has no effect and its nonce is used", "[e2e][resume]") {
  World world;
  run_until_stuck(world, world.deploy());
  world.devnet.drop_pending();
  world.devnet.resume_mining();
  const RunResult run = world.user.run({"resume", "--cancel", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(only_operation(run)["result"].as_string() == "cancelled");
  CHECK(world.devnet.apps().empty());
  CHECK(world.devnet.nonce(world.account()) == 1);
  CHECK(world.user.run({"resume", "--list", "--json"}).json()["operations"].elements().empty());
  // The same command begins anew.
  CHECK(world.user.run(world.deploy()).code == 0);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("What is mined can be neither cancelled nor sped up nor abandoned", "[e2e][resume]") {
  World world;
  run_until_stuck(world, world.deploy());
  world.devnet.resume_mining();
  for (const char* flag : {"--cancel", "--speed-up", "--abandon"}) {
    const RunResult run = world.user.run({"resume", flag, "--yes", "--json"});
    INFO(run.describe());
    CHECK(run.code == 4);
    CHECK(run.error()["code"].as_string() == "resume.too_late");
  }
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 1);
  CHECK(world.user.run({"resume"}).code == 0);
}

TEST_CASE("An operation is forgotten only on the user's word", "[e2e][resume]") {
  World world;
  run_until_stuck(world, world.deploy());
  world.devnet.drop_pending();
  world.devnet.resume_mining();
  CHECK(world.user.run({"resume", "--abandon", "--json"}).code == 2);
  CHECK(only_operation(world.user.run({"resume", "--abandon", "--dry-run", "--json"}))["result"]
            .is_null());
  const RunResult run = world.user.run({"resume", "--abandon", "--yes", "--json"});
  CHECK(run.code == 0);
  CHECK(only_operation(run)["result"].as_string() == "abandoned");
  CHECK(world.user.run({"resume", "--list", "--json"}).json()["operations"].elements().empty());
  CHECK(world.devnet.apps().empty());
}

TEST_CASE("Another account's transaction is not replaced with this key", "[e2e][resume]") {
  World world;
  run_until_stuck(world, world.deploy());
  world.user.set("ECLOUD_PRIVATE_KEY",
                 "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d");
  const RunResult run = world.user.run({"resume", "--cancel", "--json"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "resume.other_account");
}

TEST_CASE("Flags of resume that exclude each other are refused", "[e2e][resume]") {
  World world;
  const RunResult run = world.user.run({"resume", "--list", "--cancel", "--json"});
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "cli.conflict");
}

TEST_CASE("A nonce that somebody else took meanwhile rebuilds the plan once and visibly",
          "[e2e][resume]") {
  World world;
  deploy_hello(world);
  const std::uint64_t nonce = world.devnet.nonce(world.account());
  bool done = false;

  SECTION("before the transaction is sent") {
    world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                            .action = devnet::FaultAction::kRpcError,
                            .body = "nonce too low: next nonce 9, tx nonce 8"});
  }
  SECTION("while it waits in the pool of nobody") {
    world.devnet.pause_mining();
    world.clock.on_sleep([&](base::Milliseconds) {
      if (std::exchange(done, true)) return;
      world.devnet.drop_pending();
      world.devnet.resume_mining();
      send_from_elsewhere(world, nonce);
    });
  }
  const RunResult run = world.user.run({"compute", "app", "stop", "hello", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("another transaction of the account took nonce " + std::to_string(nonce)) !=
        std::string::npos);
  CHECK(run.err.find("; planning again") != std::string::npos);
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStopped);
}

TEST_CASE("A nonce that is taken again and again ends the command", "[e2e][resume]") {
  World world;
  deploy_hello(world);
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kRpcError,
                          .times = 0,
                          .body = "replacement transaction underpriced"});
  const RunResult run = world.user.run({"compute", "app", "stop", "hello", "--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "chain.nonce_taken");
  // The deployment's, and six of the stop.
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 7);
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStarted);
  CHECK(world.user.run({"resume", "--list", "--json"}).json()["operations"].elements().empty());
}

TEST_CASE("A deployment whose nonce was taken keeps its app and its wallet", "[e2e][resume]") {
  World world;
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = devnet::FaultAction::kRpcError,
                          .body = "nonce too low"});
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.devnet.apps().size() == 1);
  std::size_t wallets = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(world.user.state() / "wallets")) {
    wallets += file.is_regular_file() ? 1 : 0;
  }
  CHECK(wallets == 1);
}

TEST_CASE("A transaction whose block is taken back is waited for once more", "[e2e][resume]") {
  World world;
  deploy_hello(world);
  bool reorganised = false;
  world.clock.on_sleep([&](base::Milliseconds) {
    if (!std::exchange(reorganised, true)) {
      world.devnet.reorganise(1, true);
    }
    world.devnet.mine_block();
  });
  const RunResult run =
      world.user.run({"compute", "app", "stop", "hello", "--confirmations", "3", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("is no part of the chain any more") != std::string::npos);
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStopped);
}

TEST_CASE("A transaction that a reorganisation threw out of the chain is sent again",
          "[e2e][resume]") {
  World world;
  deploy_hello(world);
  bool reorganised = false;
  world.clock.on_sleep([&](base::Milliseconds) {
    if (!std::exchange(reorganised, true)) world.devnet.reorganise(1, false);
    world.devnet.mine_block();
  });
  const RunResult run =
      world.user.run({"compute", "app", "stop", "hello", "--confirmations", "2", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 3);
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStopped);
}

TEST_CASE("What was mined and taken back between two runs is sent again", "[e2e][resume]") {
  World world;
  deploy_hello(world);
  world.interrupt_at_first_wait();
  // The transaction is mined; Ctrl-C while the platform is waited for.
  REQUIRE(world.user.run({"compute", "app", "stop", "hello"}).code == 130);
  world.clock.on_sleep({});
  world.devnet.reorganise(1, false);
  REQUIRE(world.devnet.apps().front().chain_status == platform::ChainStatus::kStarted);
  const RunResult run = world.user.run({"resume"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("is no part of the chain any more") != std::string::npos);
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStopped);
}

TEST_CASE("Too few confirmations in time leave the operation open", "[e2e][resume]") {
  World world;
  deploy_hello(world);
  const RunResult run =
      world.user.run({"compute", "app", "stop", "hello", "--confirmations", "2", "--json"});
  INFO(run.describe());
  CHECK(run.code == 8);
  CHECK(run.error()["message"].as_string().find("has not 2 confirmations yet") !=
        std::string::npos);
  const base::Json done = only_operation(world.user.run({"resume", "--json"}));
  CHECK(done["result"].as_string() == "finished");
}

TEST_CASE("Confirmations that make no sense are refused", "[e2e][resume]") {
  World world;
  for (const char* count : {"0", "1001", "many"}) {
    const RunResult run =
        world.user.run({"compute", "app", "stop", "hello", "--confirmations", count, "--json"});
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["message"].as_string().find("--confirmations") != std::string::npos);
  }
}

TEST_CASE("A transaction without a trace is sent again while it is waited for", "[e2e][resume]") {
  World world;
  deploy_hello(world);
  world.devnet.pause_mining();
  int sleeps = 0;
  world.clock.on_sleep([&](base::Milliseconds) {
    if (++sleeps == 10) world.devnet.drop_pending();
    if (sleeps == 60) world.devnet.resume_mining();
  });
  const RunResult run = world.user.run({"compute", "app", "stop", "hello", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStopped);
}

TEST_CASE("A purchase that was cut off is finished and not paid twice", "[e2e][resume][billing]") {
  World world;
  run_until_stuck(world, {"billing", "top-up", "--amount", "5", "--yes"});
  world.devnet.resume_mining();
  const RunResult run = world.user.run({"resume", "--json"});
  const base::Json done = only_operation(run);
  CHECK(run.code == 0);
  CHECK(done["operation"].as_string() == "purchase");
  CHECK(done["appId"].is_null());
  CHECK(done["result"].as_string() == "finished");
  CHECK(world.devnet.credits(world.account()) == eth::U256(5'000'000));
}
