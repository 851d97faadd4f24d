#include "deploy/batch_transaction.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/eth/abi.h"
#include "interop/anvil_chain.h"

namespace ecloud::deploy {
namespace {

using platform::Generation;
using testing::Anvil;
using testing::Chain;
using testing::kWeiPerEther;

eth::Address address_of(std::string_view text) {
  const auto out = eth::Address::parse(text);
  REQUIRE(out);
  return *out;
}

eth::Transaction transfer(Chain& chain, const eth::Address& to, std::uint64_t wei) {
  const ChainSnapshot snapshot = chain.snapshot();
  eth::Transaction out;
  out.chain_id = eth::U256(Anvil::kChainId);
  out.nonce = snapshot.nonce;
  out.max_priority_fee_per_gas = snapshot.fees.max_priority_fee_per_gas;
  out.max_fee_per_gas = snapshot.fees.max_fee_per_gas;
  out.gas_limit = 21'000;
  out.to = to;
  out.value = eth::U256(wei);
  return out;
}

base::Bytes32 salt_of(std::uint8_t octet) {
  base::Bytes32 salt;
  salt.fill(octet);
  return salt;
}

platform::Release sample_release() {
  platform::Artifact image;
  image.digest.fill(0xab);
  image.registry = "docker.io/library/nginx";
  return {.artifacts = {image},
          .upgrade_by_time = 1800003600,
          .public_env = base::to_bytes(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"})"),
          .encrypted_env = base::Bytes(700, 'j')};
}

/// keccak256(abi.encode(deployer, salt)), last 20 octets: how the stand-ins name an app.
eth::Address app_of(const eth::Address& deployer, const base::Bytes32& salt) {
  const base::Bytes32 hash =
      crypto::keccak256(eth::abi_encode("(address,bytes32)", {deployer, salt}));
  base::FixedBytes<20> bytes;
  std::copy(hash.begin() + 12, hash.end(), bytes.begin());
  return eth::Address(bytes);
}

/// The calls of a deployment with public logs.
std::vector<platform::Call> deployment(const Chain& chain, const base::Bytes32& salt) {
  const platform::Environment& environment = chain.environment();
  const eth::Address app = app_of(chain.account(), salt);
  return {{environment.app_controller,
           {},
           platform::encode_create_app(chain.generation(), salt, sample_release())},
          {environment.permission_controller, {}, platform::encode_accept_admin(app)},
          {environment.permission_controller,
           {},
           platform::encode_set_appointee(app, platform::anyone_appointee(),
                                          platform::api_permission_target(),
                                          platform::kViewLogsPermission)}};
}

/// The data of the log of an event.
base::Bytes data_of(const chain::Receipt& receipt, std::string_view event) {
  const base::Bytes32 topic = crypto::keccak256(base::as_bytes(event));
  for (const chain::LogEntry& log : receipt.logs) {
    if (!log.topics.empty() && log.topics[0] == topic) return log.data;
  }
  FAIL("no log of " + std::string(event));
  return {};
}

/// What Solidity's decoder read of the release against what was encoded.
void check_release(const chain::Receipt& receipt, const base::Bytes32& salt) {
  const base::Bytes data =
      data_of(receipt, "Read(bytes32,(bytes32,string)[],uint32,bytes,bytes,uint256)");
  const auto read =
      eth::abi_decode("(bytes32,(bytes32,string)[],uint32,bytes,bytes,uint256)", data);
  const platform::Release expected = sample_release();
  CHECK(base::to_hex(read[0].bytes()) == base::to_hex(salt));
  REQUIRE(read[1].list().size() == 1);
  CHECK(base::to_hex(read[1][0][0].bytes()) == base::to_hex(expected.artifacts[0].digest));
  CHECK(read[1][0][1].text() == expected.artifacts[0].registry);
  CHECK(read[2].number() == eth::U256(expected.upgrade_by_time));
  CHECK(read[3].bytes() == expected.public_env);
  CHECK(read[4].bytes() == expected.encrypted_env);
  CHECK(read[5].number() == eth::U256(0));
}

TEST_CASE("anvil accepts our type 2 transaction", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Chain chain(*anvil);
  const eth::Address recipient = address_of("0x1111222233334444555566667777888899990000");
  const eth::Transaction transaction = transfer(chain, recipient, 123'456'789);
  const chain::Receipt receipt = chain.send(transaction);
  CHECK(receipt.success);
  CHECK(receipt.gas_used == 21'000);
  CHECK(chain.balance_of(recipient) == eth::U256(123'456'789));
  CHECK(chain.balance_of(chain.account()) ==
        eth::U256(kWeiPerEther) - eth::U256(123'456'789) - receipt.cost());
  const base::Json mined =
      chain.rpc().call("eth_getTransactionByHash",
                       base::Json::strings({base::to_hex_prefixed(receipt.transaction_hash)}));
  CHECK(mined["type"].as_string() == "0x2");
  CHECK(base::to_lower(mined["from"].as_string()) == chain.account().to_lower_hex());
}

TEST_CASE("anvil refuses what the platform's chain would refuse", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Chain chain(*anvil);
  const auto refusal = [&](auto change) {
    eth::Transaction transaction = transfer(chain, chain.account(), 1);
    change(transaction);
    const auto error =
        chain.rpc().send_raw_transaction(eth::sign_transaction(chain.key(), transaction).raw);
    return error ? base::to_lower(error->error.message) : "accepted";
  };
  CHECK(refusal([](eth::Transaction& t) {
          t.value = eth::U256(kWeiPerEther);
        }).find("insufficient funds") != std::string::npos);
  CHECK(refusal([](eth::Transaction& t) { t.chain_id = eth::U256(1); }) != "accepted");
  CHECK(refusal([](eth::Transaction& t) { t.gas_limit = 20'999; }) != "accepted");
  chain.send(transfer(chain, chain.account(), 1));
  CHECK(refusal([](eth::Transaction& t) { t.nonce = 0; }).find("nonce") != std::string::npos);
}

TEST_CASE("a deployment delegates the account and runs the batch, in both generations",
          "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  for (const Generation generation : {Generation::kThreeFields, Generation::kFourFields}) {
    Chain chain(*anvil, generation);
    const base::Bytes32 salt = salt_of(7);
    const ChainSnapshot before = chain.snapshot();
    CHECK(delegation_of(before.code, chain.environment().delegator) == Delegation::kMissing);
    eth::Transaction transaction =
        batch_transaction(chain.services(), chain.account(), before, deployment(chain, salt));
    // The estimate supposes the delegation and needs no signature.
    const std::uint64_t estimate =
        estimate_batch(chain.services(), chain.signer(), transaction, Delegation::kMissing, false);
    transaction.gas_limit = chain::gas_limit_for(estimate);
    authorize(transaction, chain.signer(), chain.environment().delegator);
    REQUIRE(transaction.type() == 4);
    const chain::Receipt receipt = chain.send(transaction);
    CHECK(receipt.success);
    CHECK(receipt.gas_used <= transaction.gas_limit);
    CHECK(chain.code_of_account() ==
          "0xef0100" + chain.environment().delegator.to_lower_hex().substr(2));
    const auto created = platform::find_app_created(receipt, chain.environment().app_controller);
    REQUIRE(created.size() == 1);
    CHECK(created[0].creator == chain.account());
    CHECK(created[0].app == app_of(chain.account(), salt));
    check_release(receipt, salt);
    // The account itself called the PermissionController.
    const auto accepted =
        eth::abi_decode("(address,address)", data_of(receipt, "Accepted(address,address)"));
    CHECK(accepted[0].address() == created[0].app);
    CHECK(accepted[1].address() == chain.account());
    const auto appointed =
        eth::abi_decode("(address,address,address,bytes4)",
                        data_of(receipt, "Appointed(address,address,address,bytes4)"));
    CHECK(appointed[1].address() == platform::anyone_appointee());
    CHECK(appointed[2].address() == platform::api_permission_target());
    CHECK(base::to_hex(appointed[3].bytes()) == "2fd3f2fe");
  }
}

TEST_CASE("a delegated account deploys with type 2, until it is undelegated", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Chain chain(*anvil);
  eth::Transaction delegate = transfer(chain, chain.account(), 0);
  delegate.gas_limit = 60'000;
  authorize(delegate, chain.signer(), chain.environment().delegator);
  CHECK(chain.send(delegate).success);
  const ChainSnapshot delegated = chain.snapshot();
  CHECK(delegation_of(delegated.code, chain.environment().delegator) == Delegation::kInPlace);

  eth::Transaction batch = batch_transaction(chain.services(), chain.account(), delegated,
                                             deployment(chain, salt_of(8)));
  batch.gas_limit = chain::gas_limit_for(
      estimate_batch(chain.services(), chain.signer(), batch, Delegation::kInPlace, false));
  REQUIRE(batch.type() == 2);
  const chain::Receipt receipt = chain.send(batch);
  CHECK(receipt.success);
  CHECK(platform::find_app_created(receipt, chain.environment().app_controller).size() == 1);

  eth::Transaction undelegate = transfer(chain, chain.account(), 0);
  // Exactly what the program plans for it: 21,000 and 25,000 for the authorization (EIP-7702).
  undelegate.gas_limit = 46'000;
  authorize(undelegate, chain.signer(), eth::Address());
  CHECK(chain.send(undelegate).success);
  CHECK(chain.code_of_account() == "0x");
}

TEST_CASE("an authorization with a wrong nonce leaves the account as it was", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Chain chain(*anvil);
  eth::Transaction transaction = transfer(chain, chain.account(), 0);
  transaction.gas_limit = 60'000;
  transaction.authorizations = {eth::sign_authorization(
      chain.key(), transaction.chain_id, chain.environment().delegator, transaction.nonce)};
  CHECK(chain.send(transaction).success);
  CHECK(chain.code_of_account() == "0x");
}

TEST_CASE("a batch that would revert is refused with the contract's reason", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Chain chain(*anvil);
  const eth::Address app = app_of(chain.account(), salt_of(9));
  const platform::Call accept = {
      chain.environment().permission_controller, {}, platform::encode_accept_admin(app)};
  const eth::Transaction twice =
      batch_transaction(chain.services(), chain.account(), chain.snapshot(), {accept, accept});
  try {
    estimate_batch(chain.services(), chain.signer(), twice, Delegation::kMissing, false);
    FAIL("the estimate should have failed");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kTransaction);
    CHECK(error.code() == "chain.would_revert");
    CHECK(error.message() ==
          "the contract would refuse the transaction: this account is an admin of the app already "
          "(AdminAlreadySet)");
  }
}

TEST_CASE("a batch that reverts when it is mined is explained by a replay", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Chain chain(*anvil);
  const eth::Address app = app_of(chain.account(), salt_of(10));
  const platform::Call accept = {
      chain.environment().permission_controller, {}, platform::encode_accept_admin(app)};
  eth::Transaction twice =
      batch_transaction(chain.services(), chain.account(), chain.snapshot(), {accept, accept});
  twice.gas_limit = 500'000;
  authorize(twice, chain.signer(), chain.environment().delegator);
  const chain::Receipt receipt = chain.send(twice);
  CHECK_FALSE(receipt.success);
  // All or none: nothing of the batch is left, but the delegation is (EIP-7702).
  CHECK(receipt.logs.empty());
  CHECK(delegation_of(chain.snapshot().code, chain.environment().delegator) ==
        Delegation::kInPlace);
  eth::Transaction plain = twice;
  plain.authorizations.clear();
  const auto replayed =
      chain.rpc().batch({chain::replay(chain.account(), plain, receipt.block_number)}).front();
  const auto* error = std::get_if<chain::RpcError>(&replayed);
  REQUIRE(error != nullptr);
  const auto revert = revert_of(*error);
  REQUIRE(revert);
  CHECK(revert->message == "this account is an admin of the app already (AdminAlreadySet)");
}

TEST_CASE("a node of another chain is sent nothing", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  base::CancelToken cancel;
  const base::Log log;
  base::SystemClock clock(cancel);
  const auto transport = net::make_curl_transport({.user_agent = "ecloud-test"}, cancel, log);
  chain::RpcClient rpc(*transport, clock, log, {.urls = {anvil->url()}, .chain_id = 11155111});
  try {
    rpc.batch({chain::latest_block()});
    FAIL("the client should have refused the node");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kNetwork);
    CHECK(error.code() == "chain.wrong_chain");
  }
}

}  // namespace
}  // namespace ecloud::deploy
