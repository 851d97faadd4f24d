// The workflows against what real nodes do: changing fees, one transaction in flight for a
// delegated account, limits of batches, rates and sizes, and logs that a node lacks.

#include <memory>
#include <thread>

#include "e2e/session.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/transaction.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/http_probe.h"

using namespace ecloud;
using devnet::FaultAction;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t kGwei = 1'000'000'000;

RunResult must(Session& user, const Words& arguments) {
  RunResult run = user.run(arguments);
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run;
}

/// What a wallet does elsewhere with the same key: a payment of nothing.
void send_from_elsewhere(World& world) {
  const devnet::FundedAccount& account = devnet::Devnet::accounts().front();
  const auto key = crypto::PrivateKey::from_bytes(account.private_key.reveal());
  eth::Transaction transaction;
  transaction.chain_id = eth::U256(31337);
  transaction.nonce = world.devnet.nonce(account.address);
  transaction.max_priority_fee_per_gas = eth::U256(3 * kGwei);
  transaction.max_fee_per_gas = eth::U256(100 * kGwei);
  transaction.gas_limit = 100'000;
  transaction.to = devnet::Devnet::accounts().back().address;
  const auto answer = testing::probe(
      world.devnet.port(), "POST", "/rpc", {},
      R"({"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[")" +
          base::to_hex_prefixed(eth::sign_transaction(*key, transaction).raw) + R"("]})");
  INFO(answer.body);
  REQUIRE(answer.body.find("\"result\"") != std::string::npos);
}

/// Has an app, "hello", and a transaction of its delegated account in flight: no block is mined.
struct BusyWorld : World {
  BusyWorld() {
    must(user, deploy());
    devnet.pause_mining();
    send_from_elsewhere(*this);
  }
};

std::size_t times(const std::string& text, const std::string& words) {
  std::size_t out = 0;
  for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    ++out;
  }
  return out;
}

constexpr char kBusy[] =
    "is in flight, and nodes accept one at a time from a delegated account; waiting until it is "
    "mined";

}  // namespace

TEST_CASE("A saved plan is applied whatever the base fee and the tip are", "[e2e][node]") {
  struct Row {
    std::uint64_t base_fee, tip;
  };
  const Row row = GENERATE(values<Row>({{0, 0},
                                        {0, kGwei},
                                        {7, 2 * kGwei},
                                        {649'626'282, kGwei},
                                        {kGwei, kGwei},
                                        {30 * kGwei, 5 * kGwei},
                                        {200 * kGwei, 0}}));
  INFO(row.base_fee << " and " << row.tip);
  World world;
  world.devnet.set_fees(eth::U256(row.base_fee), eth::U256(row.tip));
  must(world.user, world.deploy({"--plan-out", "it.plan", "--json"}));
  must(world.user, {"compute", "app", "apply", "it.plan", "--yes", "--json"});
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A plan whose cap the base fee has passed names the base fee", "[e2e][node]") {
  World world;
  world.devnet.set_fees(eth::U256(kGwei), eth::U256(2 * kGwei));
  must(world.user, world.deploy({"--plan-out", "it.plan", "--json"}));
  world.devnet.set_fees(eth::U256(200 * kGwei), eth::U256(2 * kGwei));
  const RunResult run = world.user.run({"compute", "app", "apply", "it.plan", "--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["message"].as_string() ==
        "the plan does not fit the chain any more: the base fee is 200 gwei, and the plan pays 4 "
        "gwei at most");
}

TEST_CASE("A delegated account's transaction from elsewhere is waited for", "[e2e][node]") {
  BusyWorld world;
  int waits = 0;
  world.clock.on_sleep([&](base::Milliseconds) {
    if (++waits == 20) world.devnet.resume_mining();
  });
  Words command = {"compute", "app", "stop", "hello"};
  SECTION("by a stop") {}
  SECTION("by an upgrade") {
    command = {"compute", "app", "upgrade", "hello", "--instance-type", "g1-standard-8t"};
  }
  SECTION("by a deployment") {
    command = world.deploy({"--name", "second"});
  }
  const RunResult run = must(world.user, command);
  CHECK(times(run.err, kBusy) == 1);
  CHECK(run.err.find("planning again") == std::string::npos);
  CHECK(waits >= 20);
}

TEST_CASE("Ctrl-C while the account is busy leaves nothing unfinished", "[e2e][node]") {
  BusyWorld world;
  world.interrupt_at_first_wait();
  const RunResult run = world.user.run({"compute", "app", "stop", "hello", "--json"});
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.error()["message"].as_string().find(" was not sent") != std::string::npos);
  world.clock.on_sleep({});
  CHECK(must(world.user, {"resume", "--list", "--json"}).json()["operations"].size() == 0);
  world.devnet.resume_mining();
  must(world.user, {"compute", "app", "stop", "hello"});
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStopped);
}

TEST_CASE("An account that stays busy is told, and nothing was sent", "[e2e][node]") {
  BusyWorld world;
  const RunResult run = world.user.run({"compute", "app", "stop", "hello", "--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "chain.account_busy");
  CHECK(must(world.user, {"resume", "--list", "--json"}).json()["operations"].size() == 0);
  world.devnet.resume_mining();
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStarted);
}

TEST_CASE("A transaction that vanishes while it is waited for is planned around", "[e2e][node]") {
  BusyWorld world;
  int waits = 0;
  world.clock.on_sleep([&](base::Milliseconds) {
    if (++waits == 3) {
      world.devnet.drop_pending();
      world.devnet.resume_mining();
    }
  });
  const RunResult run = must(world.user, {"compute", "app", "stop", "hello"});
  CHECK(run.err.find("; planning again") != std::string::npos);
  CHECK(world.devnet.apps().front().chain_status == platform::ChainStatus::kStopped);
}

TEST_CASE("Machines that deploy with one delegated key at once all get their app",
          "[e2e][node][parallel]") {
  World world;
  must(world.user, world.deploy());
  world.devnet.pause_mining();
  constexpr int kMachines = 3;
  std::vector<std::unique_ptr<Session>> homes;
  std::vector<std::unique_ptr<testing::ChildProcess>> running;
  for (int i = 0; i < kMachines; ++i) {
    homes.push_back(std::make_unique<Session>(world.devnet, world.clock));
    testing::ProcessOptions options;
    options.argv = {ECLOUD_BINARY, "compute",
                    "app",         "deploy",
                    "--name",      "machine-" + std::to_string(i),
                    "--image-ref", world.devnet.image("sample/layered:1.0"),
                    "--no-wait",   "--json"};
    options.env = homes.back()->env();
    options.directory = homes.back()->folder();
    running.push_back(std::make_unique<testing::ChildProcess>(options));
  }
  const auto any_running = [&] {
    return std::any_of(running.begin(), running.end(),
                       [](const auto& one) { return one->running(); });
  };
  // Blocks come of themselves, and none before a transaction waits for it.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(200);
  while (any_running() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    world.devnet.mine_block();
  }
  for (const auto& one : running) {
    const testing::ProcessResult result = one->wait(std::chrono::seconds(10));
    INFO(result.describe());
    CHECK(result.exit_code == 0);
  }
  CHECK(world.devnet.apps().size() == 1 + kMachines);
}

TEST_CASE("A transaction that was given up and delegates takes two nonces of the next plan",
          "[e2e][node]") {
  World world;
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  CHECK(world.user.run(world.deploy()).code == 130);
  world.clock.on_sleep({});
  must(world.user, {"resume", "--abandon", "--yes"});
  int waits = 0;
  world.clock.on_sleep([&](base::Milliseconds) {
    if (++waits == 5) world.devnet.resume_mining();
  });
  const RunResult run = must(world.user, world.deploy({"--name", "second"}));
  CHECK(run.err.find("planning again") == std::string::npos);
  // Both are of an account that was not delegated when they were planned.
  CHECK(world.devnet.nonce(world.account()) == 4);
}

TEST_CASE("A replacement is sent once and told once", "[e2e][node]") {
  const std::string how = GENERATE("--speed-up", "--cancel");
  World world;
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  CHECK(world.user.run(world.deploy()).code == 130);
  world.clock.on_sleep([&](base::Milliseconds) { world.devnet.resume_mining(); });
  world.devnet.clear_requests();
  const RunResult run = must(world.user, {"resume", how, "--yes"});
  CHECK(times(run.err, "sending transaction 0x") == 1);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 1);
}

TEST_CASE("A node that limits its rate is waited for at every step", "[e2e][node]") {
  const std::string method =
      GENERATE("eth_call", "eth_estimateGas", "eth_getTransactionCount", "eth_getBlockByNumber",
               "eth_sendRawTransaction", "eth_getTransactionReceipt", "eth_getCode");
  World world;
  world.devnet.add_fault({.kind = "rpc:" + method,
                          .action = FaultAction::kRpcError,
                          .code = -32016,
                          .body = "over rate limit"});
  INFO(method);
  must(world.user, world.deploy());
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A node that is too busy for the transaction has not refused it", "[e2e][node]") {
  World world;
  world.devnet.add_fault({.kind = "rpc:eth_sendRawTransaction",
                          .action = FaultAction::kRpcError,
                          .times = 0,
                          .body = "429 Too Many Requests"});
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.error()["code"].as_string() == "chain.unreachable");
  CHECK(run.err.find("refused the transaction") == std::string::npos);
  SECTION("the same command continues") {
    world.devnet.clear_faults();
    must(world.user, world.deploy());
  }
  SECTION("another node takes it") {
    must(world.user, world.deploy({"--rpc-url", world.devnet.url() + "/rpc", "--rpc-url",
                                   world.devnet.url() + "/rpc-lagging"}));
  }
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("A deployment copes with short batches and other habits of nodes", "[e2e][node]") {
  using devnet::BatchRefusal;
  devnet::NodeBehaviour node;
  SECTION("batches of three") {
    node.batch_limit = GENERATE(1, 3, 7);
    node.batch_refusal =
        GENERATE(BatchRefusal::kLoneError, BatchRefusal::kErrorObject, BatchRefusal::kServerError,
                 BatchRefusal::kServerText, BatchRefusal::kTooLarge);
  }
  SECTION("ids as text") {
    node.text_ids = true;
  }
  SECTION("a tip that it demands") {
    node.minimum_tip = eth::U256(3 * kGwei);
    node.words = GENERATE(devnet::NodeWords::kGeth, devnet::NodeWords::kReth);
  }
  World world;
  world.devnet.set_fees(eth::U256(kGwei), eth::U256());
  world.devnet.set_behaviour("rpc", node);
  const RunResult run = must(world.user, world.deploy());
  CHECK(world.devnet.apps().size() == 1);
  CHECK(world.devnet.apps().front().run_state == "Running");
  const bool is_told =
      run.err.find("the node accepts no priority fee below 3 gwei") != std::string::npos;
  CHECK(is_told == (node.minimum_tip > eth::U256(1)));
}

TEST_CASE("A release whose logs one node lacks is read from another", "[e2e][node]") {
  World world;
  must(world.user, world.deploy());
  const Words upgrade = {"compute", "app", "upgrade", "hello", "--instance-type", "g1-standard-8t"};
  const auto from = [&](Words words, const std::vector<std::string>& nodes) {
    for (const std::string& node : nodes) {
      words.emplace_back("--rpc-url");
      words.push_back(world.devnet.url() + node);
    }
    return words;
  };
  const std::string missing =
      "no node has the logs that are needed: " + world.devnet.url() + " has no logs of block ";
  SECTION("which is there") {
    const RunResult run = must(world.user, from(upgrade, {"/rpc-nologs", "/rpc"}));
    CHECK(run.err.find("logs") == std::string::npos);
  }
  SECTION("which is not") {
    const RunResult run = world.user.run(from(upgrade, {"/rpc-nologs"}));
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.err.find(missing) != std::string::npos);
    CHECK(run.err.find("no image was given, and the node does not say which one the app runs") !=
          std::string::npos);
  }
}

TEST_CASE("An env file that does not fit is refused before anything is stored or sent",
          "[e2e][node]") {
  World world;
  const auto check = [&](Words words) {
    for (const bool dry : {true, false}) {
      Words arguments = words;
      arguments.emplace_back("--json");
      if (dry) arguments.emplace_back("--dry-run");
      const std::size_t before = world.devnet.count("rpc:eth_sendRawTransaction");
      const RunResult run = world.user.run(arguments);
      INFO(run.describe());
      CHECK(run.code == 2);
      CHECK(run.error()["code"].as_string() == "deploy.too_large");
      const std::string message = run.error()["message"].as_string();
      CHECK(message.find("nodes accept at most 131072; the env file's variables take up 14") !=
            std::string::npos);
      CHECK(message.find(" KiB fit") != std::string::npos);
      CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == before);
    }
  };
  SECTION("by a deployment") {
    world.user.write(".env", "BIG=" + std::string(150'000, 'x') + "\n");
    check(world.deploy());
    CHECK_FALSE(std::filesystem::exists(world.user.state() / "wallets"));
  }
  SECTION("by an upgrade") {
    must(world.user, world.deploy());
    world.user.write(".env", "BIG=" + std::string(150'000, 'x') + "\n");
    check({"compute", "app", "upgrade", "hello", "--yes"});
  }
  SECTION("while a large one that fits is deployed") {
    world.user.write(".env", "BIG=" + std::string(90'000, 'x') + "\n");
    must(world.user, world.deploy());
  }
}
