// Sending from a delegated account whose other transaction is in flight, to nodes that want a tip,
// and what fits into a transaction.
#include "deploy/send_transaction.h"

#include <functional>

#include "deploy/batch_transaction.h"
#include "deploy/plan_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/platform/app_environment.h"
#include "support/catch.h"
#include "unit/chain/fake_node.h"
#include "unit/deploy/deploy_support.h"

using namespace ecloud;
using base::Milliseconds;

namespace {

constexpr char kInFlight[] = "in-flight transaction limit reached for delegated accounts";
constexpr char kGapped[] = "gapped-nonce tx from delegated accounts";

std::string quantity(std::uint64_t number) {
  return eth::U256(number).to_hex();
}

/// A node of Sepolia with an account whose transaction of nonce 4 is in flight; ours has nonce 5.
struct BusyAccount : testing::FakeServices {
  crypto::PrivateKey key = testing::test_key();
  deploy::Signer signer{key};
  testing::FakeNode node;
  std::uint64_t latest = 4;
  std::uint64_t pending = 5;
  std::string refusal = kInFlight;  ///< empty: it is taken
  int sent = 0;
  std::function<void()> on_send;
  bool mined = false;
  deploy::JournalEntry entry;

  BusyAccount() {
    transport.always("POST", environment.rpc_urls.front(),
                     [this](const net::Request& request) { return answer(request); });
    deploy::TransactionPlan plan;
    plan.transaction.chain_id = eth::U256(environment.chain_id);
    plan.transaction.nonce = 5;
    plan.transaction.max_priority_fee_per_gas = eth::U256(1);
    plan.transaction.max_fee_per_gas = eth::U256(3'000'000'000);
    plan.transaction.gas_limit = 50'000;
    plan.transaction.to = testing::test_app();
    entry.operation = deploy::Operation::kStop;
    entry.app = testing::test_app();
    deploy::sign_and_record(services, signer, plan, entry);
  }

  net::Response answer(const net::Request& request) {
    const std::string hash = base::to_hex_prefixed(entry.transaction_hash);
    node.answers["eth_getTransactionByHash"] = "\"result\":null";
    node.answers["eth_getTransactionReceipt"] = "\"result\":null";
    if (mined) {
      node.answers["eth_getTransactionReceipt"] =
          "\"result\":{\"transactionHash\":\"" + hash +
          "\",\"blockNumber\":\"0x9\",\"blockHash\":\"" + hash +
          "\",\"status\":\"0x1\",\"gasUsed\":\"0x1\",\"effectiveGasPrice\":\"0x1\",\"logs\":[]}";
    }
    node.answers["eth_blockNumber"] = "\"result\":\"0x9\"";
    if (request.body.find("eth_sendRawTransaction") != std::string::npos) {
      ++sent;
      if (on_send) on_send();
      node.answers["eth_sendRawTransaction"] =
          refusal.empty() ? "\"result\":\"" + hash + "\""
                          : R"("error":{"code":-32000,"message":")" + refusal + "\"}";
      if (refusal.empty()) mined = true;
    }
    // Of both tags, in the order in which they are asked.
    const bool both = request.body.find("\"pending\"") != std::string::npos;
    if (!both) {
      node.answers["eth_getTransactionCount"] = "\"result\":\"" + quantity(latest) + "\"";
      return node.answer(request);
    }
    return testing::make_response(200, R"([{"jsonrpc":"2.0","id":1,"result":")" + quantity(latest) +
                                           R"("},{"jsonrpc":"2.0","id":2,"result":")" +
                                           quantity(pending) + "\"}]");
  }

  Error failure() {
    try {
      deploy::send_and_conclude(services, entry, [](auto&, const auto&) {});
    } catch (const Error& error) {
      return error;
    }
    return Error(Category::kBug, "sent", "it was sent");
  }
  deploy::Step step() const { return deploy::journal_of(services).all().front().step; }
};

}  // namespace

TEST_CASE("A delegated account's other transaction is waited for", "[deploy][send]") {
  const std::string words =
      GENERATE(kInFlight, kGapped, "NotCurrentNonceForDelegation", "DelegatorHasPendingTx");
  INFO(words);
  BusyAccount world;
  world.refusal = words;
  int waits = 0;
  world.clock.on_sleep([&](Milliseconds) {
    if (++waits != 12) return;
    world.latest = 5;
    world.refusal.clear();
  });
  const auto outcome =
      deploy::send_and_conclude(world.services, world.entry, [](auto&, const auto&) {});
  CHECK(outcome.entry.step == deploy::Step::kMined);
  CHECK(world.sent == 2);
  CHECK(waits == 12);
  const std::string hash = base::to_hex_prefixed(world.entry.transaction_hash);
  CHECK(world.observer.lines ==
        std::vector<std::string>{
            "phase: sending transaction " + hash,
            "note: another transaction of account " + world.signer.address.to_string() +
                " is in flight, and nodes accept one at a time from a delegated account; waiting "
                "until it is mined",
            "phase: waiting for the account's other transaction",
            "phase: sending transaction " + hash, "phase: waiting for transaction " + hash});
}

TEST_CASE("An account that stays busy ends the command, and nothing was sent", "[deploy][send]") {
  BusyAccount world;
  const Error error = world.failure();
  CHECK(error.category() == Category::kTransaction);
  CHECK(error.code() == "chain.account_busy");
  CHECK(error.message() ==
        "another transaction of account " + world.signer.address.to_string() +
            " is still in flight after 180 s, and nodes accept one at a time from a delegated "
            "account; nothing was sent");
  CHECK(world.step() == deploy::Step::kAbandoned);
  CHECK(world.sent == 1);
}

TEST_CASE("Ctrl-C while another transaction is waited for leaves nothing behind",
          "[deploy][send]") {
  BusyAccount world;
  world.clock.on_sleep(
      [](Milliseconds) { throw Error(Category::kInterrupted, "interrupted", "interrupted"); });
  const Error error = world.failure();
  CHECK(error.category() == Category::kInterrupted);
  CHECK(error.message() == "interrupted; transaction " +
                               base::to_hex_prefixed(world.entry.transaction_hash) + " of app " +
                               world.entry.app.to_string() + " was not sent");
  CHECK(error.hint() == "run the command again");
  CHECK(world.step() == deploy::Step::kAbandoned);
}

TEST_CASE("What the other transaction leads to decides what comes next", "[deploy][send]") {
  BusyAccount world;
  SECTION("it delegates its own account and takes two nonces") {
    world.clock.on_sleep([&](Milliseconds) { world.latest = 6; });
    CHECK(world.failure().code() == "chain.nonce_taken");
  }
  SECTION("every node forgets it") {
    world.clock.on_sleep([&](Milliseconds) { world.pending = 4; });
    world.refusal = kGapped;
    const Error error = world.failure();
    CHECK(error.code() == "chain.nonce_gap");
    CHECK(error.category() == Category::kTransaction);
    CHECK(world.clock.sleeps().size() < 20);
  }
  SECTION("it is mined, and the balance is gone") {
    world.clock.on_sleep([&](Milliseconds) {
      world.latest = 5;
      world.refusal = "insufficient funds for gas * price + value";
    });
    const Error error = world.failure();
    CHECK(error.code() == "chain.refused");
    CHECK(error.message() ==
          "the node refused the transaction: insufficient funds for gas * price + value");
  }
  CHECK(world.step() == deploy::Step::kAbandoned);
}

TEST_CASE("A transaction that an earlier run may have sent is not given up", "[deploy][send]") {
  BusyAccount world;
  world.refusal = kGapped;
  int waits = 0;
  std::string code = "deploy.not_mined";
  SECTION("when every node has forgotten the one before it") {
    world.clock.on_sleep([&](Milliseconds) { world.pending = 4; });
  }
  SECTION("when the account stays busy") {}
  SECTION("when the user interrupts the wait after another attempt") {
    code = "interrupted";
    world.clock.on_sleep([&](Milliseconds) {
      if (++waits == 2) throw Error(Category::kInterrupted, "interrupted", "interrupted");
      world.latest = 5;
    });
  }
  try {
    deploy::go_on(
        world.services, world.entry, [](auto&, const auto&) {}, true);
    FAIL("it was sent");
  } catch (const Error& error) {
    CHECK(error.code() == code);
    CHECK(error.message().find(" may be on its way") != std::string::npos);
  }
  CHECK(world.step() == deploy::Step::kSigned);
}

TEST_CASE("A node that does not answer while the account is busy is waited out", "[deploy][send]") {
  BusyAccount world;
  int waits = 0;
  world.clock.on_sleep([&](Milliseconds) {
    ++waits;
    world.node.chain_id = "0xaa36a7";
    if (waits == 8) {
      world.latest = 5;
      world.refusal.clear();
    }
  });
  CHECK(world.failure().code() == "sent");
}

TEST_CASE("A tip that the node refuses leads to one that it demands", "[deploy][send]") {
  BusyAccount world;
  world.refusal = "transaction underpriced: gas tip cap 1, minimum needed 25000000";
  const Error error = world.failure();
  CHECK(error.category() == Category::kTransaction);
  CHECK(error.code() == "chain.tip_too_low");
  CHECK(error.message() ==
        "the node accepts no priority fee below 0.025 gwei; nothing is on chain");
  CHECK(world.step() == deploy::Step::kAbandoned);
  world.node.answers["eth_maxPriorityFeePerGas"] = "\"result\":\"0x0\"";
  CHECK(std::get<base::Json>(world.rpc.batch({chain::max_priority_fee_per_gas()})[0]).as_string() ==
        quantity(25'000'000));
}

TEST_CASE("A node that is busy has not refused the transaction", "[deploy][send]") {
  BusyAccount world;
  world.refusal = "429 Too Many Requests";
  const Error error = world.failure();
  CHECK(error.category() == Category::kNetwork);
  CHECK(error.code() == "chain.unreachable");
  CHECK(error.message().find("limits our rate: 429 Too Many Requests") != std::string::npos);
  CHECK(world.step() == deploy::Step::kSigned);
}

namespace {

deploy::TransactionPlan plan_with(std::size_t private_bytes, std::size_t public_bytes,
                                  testing::FakeServices& world) {
  platform::AppEnvironment variables;
  variables.private_variables["BIG"] = base::Secret(std::string(private_bytes, 'x'));
  if (public_bytes > 0) variables.public_variables["A_PUBLIC"] = std::string(public_bytes, 'y');
  platform::Release release;
  release.artifacts = {{base::Bytes32{}, "docker.io/a/b"}};
  release.public_env = platform::encode_public_environment(variables, "g1-standard-4t");
  release.encrypted_env = platform::encrypt_private_environment(
      variables, testing::test_app(), world.environment.kms_encryption_key, world.random);
  deploy::TransactionPlan plan;
  plan.delegate = true;
  plan.calls = {
      {world.environment.app_controller,
       {},
       platform::encode_create_app(platform::Generation::kThreeFields, base::Bytes32{}, release)}};
  plan.transaction.chain_id = eth::U256(world.environment.chain_id);
  plan.transaction.max_fee_per_gas = plan.transaction.max_priority_fee_per_gas =
      eth::U256(1'000'000'000);
  plan.transaction.data = platform::encode_execute(plan.calls);
  return plan;
}

std::string size_problem(const deploy::Services& services, const deploy::TransactionPlan& plan) {
  try {
    deploy::check_size(services, plan);
    return "";
  } catch (const Error& error) {
    CHECK(error.category() == Category::kUsage);
    return error.code() + ": " + error.message();
  }
}

}  // namespace

TEST_CASE("Variables that do not fit into a transaction are refused with what fits",
          "[deploy][size]") {
  testing::FakeServices world;
  CHECK(size_problem(world.services, plan_with(95'000, 0, world)) == "");
  const std::string problem = size_problem(world.services, plan_with(150'000, 0, world));
  INFO(problem);
  CHECK(problem.starts_with("deploy.too_large: the transaction would be 2"));
  CHECK(problem.find(" bytes, and nodes accept at most 131072; the env file's variables take up "
                     "146.") != std::string::npos);
  // What it says does fit, and a little more does not.
  const std::size_t at = problem.find("and about ") + 10;
  const double room = std::stod(problem.substr(at)) * 1024;
  CHECK(problem.substr(problem.find(' ', at)) == " KiB fit");
  CHECK(size_problem(world.services, plan_with(static_cast<std::size_t>(room) - 300, 0, world)) ==
        "");
  CHECK(size_problem(world.services, plan_with(static_cast<std::size_t>(room) + 600, 0, world)) !=
        "");
  // Public ones count as they are.
  CHECK(size_problem(world.services, plan_with(10, 125'000, world)) == "");
  CHECK(size_problem(world.services, plan_with(10, 135'000, world)).find("take up 13") !=
        std::string::npos);
}

TEST_CASE("A signed transaction is as large as it was expected to be", "[deploy][size]") {
  testing::FakeServices world;
  const crypto::PrivateKey key = testing::test_key();
  const deploy::Signer signer(key);
  deploy::TransactionPlan plan = plan_with(10, 0, world);
  const auto size_with = [&](std::size_t bytes) {
    eth::Transaction transaction = plan.transaction;
    transaction.data = base::Bytes(bytes, 1);
    transaction.gas_limit = eth::kMaxTransactionGas;
    deploy::authorize(transaction, signer, world.environment.delegator);
    return eth::sign_transaction(key, transaction).raw.size();
  };
  // The longest calldata that is taken, and a byte more.
  std::size_t most = 130'000 + (131'072 - size_with(130'000)) - 8;
  const auto fits = [&](std::size_t bytes) {
    plan.transaction.data = base::Bytes(bytes, 1);
    return size_problem(world.services, plan) == "";
  };
  while (fits(most)) ++most;
  CHECK(size_with(most - 1) <= 131'072);
  CHECK(size_with(most - 1) >= 131'064);
}

TEST_CASE("More gas than one transaction may use is refused in the plan", "[deploy][size]") {
  testing::FakeServices world;
  deploy::TransactionPlan plan = plan_with(10, 0, world);
  plan.estimated_gas = 16'777'216;
  CHECK(size_problem(world.services, plan) == "");
  plan.estimated_gas = 16'777'217;
  CHECK(size_problem(world.services, plan) ==
        "deploy.too_much_gas: the transaction needs 16777217 gas, and the network accepts at most "
        "16777216 in one transaction (EIP-7825)");
  for (const char* words : {"gas required exceeds allowance (16777216)",
                            "transaction gas limit too high (cap: 16777216, tx: 20000000)"}) {
    try {
      deploy::gas_or_throw(chain::RpcError{-32000, words, std::nullopt});
      FAIL("it has no gas");
    } catch (const Error& error) {
      CHECK(error.code() == "deploy.too_much_gas");
    }
  }
  try {
    deploy::gas_or_throw(chain::RpcError{-32000, "gas required exceeds allowance (500)", {}});
    FAIL("it has no gas");
  } catch (const Error& error) {
    CHECK(error.code() == "chain.estimate_failed");
  }
}

TEST_CASE("A waiting transaction that delegates its account takes two nonces", "[deploy][send]") {
  testing::FakeServices world;
  const crypto::PrivateKey key = testing::test_key();
  const deploy::Signer signer(key);
  testing::FakeNode node;
  world.transport.always("POST", world.environment.rpc_urls.front(), node.handler());
  deploy::TransactionPlan plan;
  plan.transaction.chain_id = eth::U256(world.environment.chain_id);
  plan.transaction.nonce = 7;
  plan.transaction.to = signer.address;
  plan.delegate = true;
  deploy::JournalEntry entry;
  entry.app = testing::test_app();
  bool waits = true;
  bool delegates = true;
  SECTION("that was given up") {}
  SECTION("that is mined") {
    waits = false;
  }
  SECTION("that delegates nothing") {
    delegates = false;
    plan.delegate = false;
  }
  deploy::sign_and_record(world.services, signer, plan, entry);
  deploy::set_step(world.services, entry, deploy::Step::kAbandoned);
  const std::string hash = base::to_hex_prefixed(entry.transaction_hash);
  node.answers["eth_getTransactionByHash"] =
      "\"result\":{\"hash\":\"" + hash + "\",\"blockNumber\":" + (waits ? "null" : "\"0x1\"") + "}";
  deploy::AccountSnapshot chain;
  for (const std::uint64_t pending : {7u, 8u, 9u}) {
    chain.nonce = pending;
    const std::uint64_t nonce =
        deploy::batch_transaction(world.services, signer.address, chain, {}).nonce;
    CHECK(nonce == (pending == 8 && waits && delegates ? 9 : pending));
  }
}
