// What the chain takes and refuses, over JSON-RPC.
#include "ecloud/platform/environment.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

const eth::Address kSomebody = *eth::Address::parse("0x00000000000000000000000000000000000000cc");
constexpr char kBatchMode[] = "01";

base::Bytes execute(const std::string& mode_prefix, const std::vector<platform::Call>& calls) {
  eth::AbiValue::List list;
  for (const auto& call : calls) {
    list.push_back(eth::AbiValue::List{call.target, call.value, call.data});
  }
  base::Bytes mode = *base::from_hex(mode_prefix);
  mode.resize(32);
  return eth::abi_encode_call(
      "execute(bytes32,bytes)",
      {mode, eth::abi_encode("((address,uint256,bytes)[])", {eth::AbiValue(list)})});
}

TEST_CASE("the well-known accounts are funded, others are not", "[devnet]") {
  DevnetFixture net;
  // The accounts of the mnemonic as viem derives them.
  const auto known = vectors()["accounts"];
  for (std::size_t i = 0; i < known.size(); ++i) {
    CHECK(DevnetFixture::address(i).to_string() == known.at(i)["address"].as_string());
    CHECK(base::to_hex_prefixed(DevnetFixture::key(i).secret().reveal()) ==
          known.at(i)["privateKey"].as_string());
  }
  CHECK(devnet::Devnet::accounts().size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(eth::format_ether(net.devnet.balance(DevnetFixture::address(i))) == "10000");
    CHECK(eth::Address::of(DevnetFixture::key(i).public_key()) == DevnetFixture::address(i));
  }
  CHECK(net.devnet.balance(kSomebody).is_zero());
}

TEST_CASE("a transfer moves the value and costs the gas", "[devnet]") {
  DevnetFixture net;
  eth::Transaction tx = net.transaction(0, kSomebody);
  tx.value = eth::U256(5);
  const eth::U256 before = net.devnet.balance(DevnetFixture::address(0));
  const base::Json receipt = net.receipt(net.send(0, tx)["result"]);
  CHECK(receipt["status"].as_string() == "0x1");
  CHECK(receipt["gasUsed"].as_string() == "0x5208");
  // The base fee of its block, and the tip of 1 gwei.
  const eth::U256 price = net.devnet.base_fee() + eth::U256(1'000'000'000);
  CHECK(receipt["effectiveGasPrice"].as_string() == price.to_hex());
  CHECK(receipt["blockNumber"].as_string() == "0x1");
  CHECK(net.devnet.balance(kSomebody) == eth::U256(5));
  CHECK(before - net.devnet.balance(DevnetFixture::address(0)) ==
        eth::U256(5) + eth::U256(21'000) * price);
  CHECK(net.devnet.nonce(DevnetFixture::address(0)) == 1);
}

TEST_CASE("transactions are refused as nodes refuse them", "[devnet]") {
  const bool strict = GENERATE(true, false);
  devnet::Options options;
  options.strictness = strict ? devnet::Strictness::kStrict : devnet::Strictness::kGentle;
  DevnetFixture net(std::move(options));
  eth::Transaction tx = net.transaction(0, kSomebody);
  const std::string sender = DevnetFixture::address(0).to_string();
  const auto refusal = [&] { return DevnetFixture::error_of(net.send(0, tx)); };
  SECTION("a nonce that was used") {
    REQUIRE(net.send(0, tx)["result"].exists());
    tx.value = eth::U256(1);
    CHECK(refusal() == "-32000 nonce too low: next nonce 1, tx nonce 0");
  }
  SECTION("another chain's id") {
    tx.chain_id = eth::U256(1);
    CHECK(refusal() == "-32000 invalid sender: invalid chain id for signer: have 1 want 31337");
  }
  SECTION("less than the intrinsic gas") {
    tx.gas_limit = 20'999;
    CHECK(refusal() == "-32000 intrinsic gas too low: gas 20999, minimum needed 21000");
  }
  SECTION("less than the floor of EIP-7623 for calldata") {
    // Ten bytes that are not zero are 40 tokens: 21000 + 10 * 40.
    tx.data = base::Bytes(10, 1);
    tx.gas_limit = 21'399;
    CHECK(refusal() ==
          std::string("-32000 ") +
              (strict ? "insufficient gas for floor data gas cost" : "intrinsic gas too low") +
              ": gas 21399, minimum needed 21400");
  }
  SECTION("more gas than EIP-7825 allows") {
    tx.gas_limit = (1u << 24) + 1;
    CHECK(refusal() == "-32000 transaction gas limit too high (cap: 16777216, tx: 16777217)");
  }
  SECTION("a balance that does not pay for value and gas") {
    net.devnet.pause_mining();
    tx.value = net.devnet.balance(DevnetFixture::address(0));
    CHECK(refusal() == "-32000 insufficient funds for gas * price + value: " +
                           (strict ? "balance 10000000000000000000000, tx cost "
                                     "10000006000000000000000, overshot 6000000000000000"
                                   : "address " + sender +
                                         " have 10000000000000000000000 want "
                                         "10000006000000000000000"));
  }
  SECTION("a tip above the cap") {
    tx.max_priority_fee_per_gas = eth::U256(4'000'000'000);
    CHECK(refusal().starts_with("-32000 max priority fee per gas higher than max fee per gas"));
  }
  CHECK(net.devnet.block_number() <= 1);
}

TEST_CASE("a gentle pool refuses what the next block cannot hold", "[devnet]") {
  devnet::Options options;
  options.strictness = devnet::Strictness::kGentle;
  DevnetFixture net(std::move(options));
  eth::Transaction tx = net.transaction(0, kSomebody);
  const auto refusal = [&] { return DevnetFixture::error_of(net.send(0, tx)); };
  SECTION("a nonce that is ahead") {
    tx.nonce = 3;
    CHECK(refusal() == "-32000 nonce too high: address " + DevnetFixture::address(0).to_string() +
                           ", tx: 3 state: 0");
  }
  SECTION("a cap below the base fee") {
    tx.max_fee_per_gas = tx.max_priority_fee_per_gas = eth::U256(999'999'999);
    CHECK(refusal().starts_with("-32000 max fee per gas less than block base fee"));
  }
  CHECK(net.devnet.block_number() == 0);
}

TEST_CASE("a transaction whose signature was tampered with is somebody else's", "[devnet]") {
  DevnetFixture net;
  eth::SignedTransaction signed_tx =
      eth::sign_transaction(DevnetFixture::key(0), net.transaction(0, kSomebody));
  SECTION("another value recovers to an account without money") {
    // The last octets are s; the value before them is not what was signed.
    base::Bytes raw = signed_tx.raw;
    raw[raw.size() - 40] ^= 1;
    const std::string error = DevnetFixture::error_of(net.send_raw(raw));
    const bool refused = error.find("insufficient funds") != std::string::npos ||
                         error.find("invalid") != std::string::npos;
    INFO(error);
    CHECK(refused);
  }
  SECTION("octets that are no transaction") {
    CHECK(DevnetFixture::error_of(net.send_raw(base::Bytes{2, 1, 2, 3}))
              .starts_with("-32000 invalid transaction: "));
    CHECK(DevnetFixture::error_of(net.send_raw({})).starts_with("-32000 invalid transaction: "));
    CHECK(DevnetFixture::error_of(net.rpc("eth_sendRawTransaction", base::Json::array({"zz"})))
              .starts_with("-32602 "));
  }
  CHECK(net.devnet.block_number() == 0);
}

TEST_CASE("viem's deployment is understood, in both generations", "[devnet]") {
  const bool four = GENERATE(true, false);
  devnet::Options options;
  options.generation =
      four ? platform::Generation::kFourFields : platform::Generation::kThreeFields;
  DevnetFixture net(std::move(options));
  const base::Json sent =
      net.rpc("eth_sendRawTransaction",
              base::Json::array({vectors()[four ? "deployFour" : "deployThree"]}));
  INFO(sent.dump());
  const base::Json receipt = net.receipt(sent["result"]);
  CHECK(receipt["status"].as_string() == "0x1");
  CHECK(receipt["type"].as_string() == "0x4");
  CHECK(receipt["logs"].size() == 5);
  // Within 2 percent of what the real contracts use for the deploy of a fresh account with public
  // logs (measured on chain: 862,478 and 891,980).
  const double measured = four ? 891'980 : 862'478;
  const double used =
      static_cast<double>(eth::U256::from_hex(receipt["gasUsed"].as_string())->to_u64());
  CHECK(used > measured * 0.98);
  CHECK(used < measured * 1.02);

  const auto apps = net.devnet.apps();
  REQUIRE(apps.size() == 1);
  CHECK(apps[0].app.to_string() == vectors()["appId"].as_string());
  CHECK(apps[0].creator == DevnetFixture::address(0));
  CHECK(apps[0].run_state == "Deploying");
  CHECK(base::to_hex(net.devnet.code(DevnetFixture::address(0))) ==
        "ef0100de00000000000000000000000000000000000003");
  // Its own nonce, and that of the authorization.
  CHECK(net.devnet.nonce(DevnetFixture::address(0)) == 2);
  CHECK(net.devnet.can_call(apps[0].app, platform::anyone_appointee(),
                            platform::api_permission_target(), platform::kViewLogsPermission));
}

TEST_CASE("the deployment of the other generation reverts without data", "[devnet]") {
  DevnetFixture net;
  const base::Json sent =
      net.rpc("eth_sendRawTransaction", base::Json::array({vectors()["deployThree"]}));
  CHECK(net.receipt(sent["result"])["status"].as_string() == "0x0");
  CHECK(net.devnet.apps().empty());
  // EIP-7702: the delegation stays.
  CHECK(net.devnet.code(DevnetFixture::address(0)).size() == 23);
}

TEST_CASE("an authorization with a wrong nonce delegates nothing and fails nothing", "[devnet]") {
  DevnetFixture net;
  const base::Json sent = net.rpc("eth_sendRawTransaction",
                                  base::Json::array({vectors()["deployFourStaleAuthorization"]}));
  const base::Json receipt = net.receipt(sent["result"]);
  CHECK(receipt["status"].as_string() == "0x1");
  CHECK(receipt["logs"].size() == 0);
  CHECK(net.devnet.apps().empty());
  CHECK(net.devnet.code(DevnetFixture::address(0)).empty());
  CHECK(net.devnet.nonce(DevnetFixture::address(0)) == 1);
}

TEST_CASE("authorizations are checked one by one", "[devnet]") {
  DevnetFixture net;
  const eth::Address delegator = net.environment().delegator;
  eth::Transaction tx = net.transaction(0, DevnetFixture::address(0));
  const auto code_after = [&](const eth::Authorization& authorization) {
    tx.authorizations = {authorization};
    const base::Json sent = net.send(0, tx);
    INFO(sent.dump());
    CHECK(net.receipt(sent["result"])["status"].as_string() == "0x1");
    return base::to_hex(net.devnet.code(DevnetFixture::address(0)));
  };
  const std::string delegated = "ef0100de00000000000000000000000000000000000003";
  const crypto::PrivateKey key = DevnetFixture::key(0);
  SECTION("for another chain") {
    CHECK(code_after(eth::sign_authorization(key, eth::U256(1), delegator, 1)) == "");
  }
  SECTION("for every chain") {
    CHECK(code_after(eth::sign_authorization(key, eth::U256(0), delegator, 1)) == delegated);
  }
  SECTION("with the transaction's own nonce") {
    CHECK(code_after(eth::sign_authorization(key, eth::U256(31337), delegator, 0)) == "");
  }
  SECTION("of another account, which is delegated instead") {
    CHECK(code_after(eth::sign_authorization(DevnetFixture::key(1), eth::U256(31337), delegator,
                                             0)) == "");
    CHECK(base::to_hex(net.devnet.code(DevnetFixture::address(1))) == delegated);
    CHECK(net.devnet.nonce(DevnetFixture::address(1)) == 1);
  }
  SECTION("for the zero address, which takes the delegation away") {
    net.devnet.set_delegate(DevnetFixture::address(0), delegator);
    CHECK(code_after(eth::sign_authorization(key, eth::U256(31337), eth::Address(), 1)) == "");
  }
}

TEST_CASE("a batch happens as a whole or not at all", "[devnet]") {
  DevnetFixture net;
  const platform::Environment at = net.environment();
  net.devnet.set_delegate(DevnetFixture::address(0), at.delegator);
  const eth::Address app = net.app_id(0, 1);
  const platform::Call create{
      at.app_controller,
      {},
      platform::encode_create_app(net.generation(), DevnetFixture::salt(1), net.release(app))};
  const platform::Call accept{at.permission_controller, {}, platform::encode_accept_admin(app)};
  const base::Bytes good = execute(kBatchMode, {create, accept});
  const base::Bytes bad = execute(kBatchMode, {create, accept, accept});

  const base::Json failed = net.run(0, DevnetFixture::address(0), bad);
  CHECK(failed["status"].as_string() == "0x0");
  CHECK(failed["logs"].size() == 0);
  CHECK(net.devnet.apps().empty());
  // The reason of the inner call is the reason of the whole: AdminNotPending.
  CHECK(DevnetFixture::error_of(net.call(0, DevnetFixture::address(0), bad)) ==
        "3 execution reverted 0xbed8295f");

  CHECK(net.run(0, DevnetFixture::address(0), good)["status"].as_string() == "0x1");
  CHECK(net.devnet.apps().size() == 1);
}

TEST_CASE("the delegator takes batches of its own account alone", "[devnet]") {
  // Selectors of the errors, as published.
  DevnetFixture net;
  const platform::Environment at = net.environment();
  net.devnet.set_delegate(DevnetFixture::address(0), at.delegator);
  const auto error = [&](std::size_t from, const base::Bytes& data) {
    return DevnetFixture::error_of(net.call(from, DevnetFixture::address(0), data));
  };
  const std::string argument(62, '0');
  CHECK(error(1, execute(kBatchMode, {})) == "3 execution reverted 0x0796d945");
  CHECK(error(0, execute("00", {})) == "3 execution reverted 0xb96fcfe400" + argument);
  CHECK(error(0, execute("ff", {})) == "3 execution reverted 0xb96fcfe4ff" + argument);
  CHECK(error(0, execute("0101", {})) == "3 execution reverted 0x1187dc0601" + argument);
  CHECK(error(0, {1, 2, 3, 4}) == "3 execution reverted 0x");
  CHECK(net.call(0, DevnetFixture::address(0), execute(kBatchMode, {}))["result"].as_string() ==
        "0x");

  // Delegated to something else, the account knows no batch.
  net.devnet.set_delegate(DevnetFixture::address(0), kSomebody);
  CHECK(error(0, execute(kBatchMode, {})) == "3 execution reverted 0x");
  // And not delegated at all, it does nothing successfully.
  net.devnet.set_delegate(DevnetFixture::address(0), eth::Address());
  CHECK(net.call(0, DevnetFixture::address(0), execute(kBatchMode, {}))["result"].as_string() ==
        "0x");
}

TEST_CASE("an estimate is exactly enough", "[devnet]") {
  DevnetFixture net;
  const platform::Environment at = net.environment();
  const base::Bytes data = platform::encode_create_app(net.generation(), DevnetFixture::salt(1),
                                                       net.release(net.app_id(0, 1)));
  base::Json object = base::Json::object({{"from", DevnetFixture::address(0).to_string()},
                                          {"to", at.app_controller.to_string()},
                                          {"data", base::to_hex_prefixed(data)}});
  const std::uint64_t gas =
      eth::U256::from_hex(net.result("eth_estimateGas", base::Json::array({object})).as_string())
          ->to_u64();
  eth::Transaction tx = net.transaction(0, at.app_controller, data);
  SECTION("with it the call succeeds") {
    tx.gas_limit = gas;
    const base::Json receipt = net.receipt(net.send(0, tx)["result"]);
    CHECK(receipt["status"].as_string() == "0x1");
    CHECK(net.devnet.apps().size() == 1);
  }
  SECTION("with one less it runs out of gas and pays for all of it") {
    tx.gas_limit = gas - 1;
    const base::Json receipt = net.receipt(net.send(0, tx)["result"]);
    CHECK(receipt["status"].as_string() == "0x0");
    CHECK(receipt["gasUsed"].as_string() == eth::U256(gas - 1).to_hex());
    CHECK(net.devnet.apps().empty());
  }
  SECTION("what cannot be paid for is said") {
    net.devnet.set_balance(DevnetFixture::address(0), eth::U256(1000));
    object.set("maxFeePerGas", "0x1");
    CHECK(DevnetFixture::error_of(net.rpc("eth_estimateGas", base::Json::array({object}))) ==
          "-32000 gas required exceeds allowance (1000)");
    object.set("value", "0x3e9");
    CHECK(DevnetFixture::error_of(net.rpc("eth_estimateGas", base::Json::array({object}))) ==
          "-32000 insufficient funds for transfer");
  }
  SECTION("a revert is an error with its data") {
    net.devnet.set_max_active_apps(DevnetFixture::address(0), 0);
    CHECK(DevnetFixture::error_of(net.rpc("eth_estimateGas", base::Json::array({object}))) ==
          "3 execution reverted 0x82d7ade6");
  }
}

TEST_CASE("an estimate takes the authorizations into account", "[devnet]") {
  DevnetFixture net;
  const platform::Environment at = net.environment();
  const eth::Address app = net.app_id(0, 1);
  const base::Bytes data = execute(
      kBatchMode,
      {{at.app_controller,
        {},
        platform::encode_create_app(net.generation(), DevnetFixture::salt(1), net.release(app))}});
  const auto estimate = [&](std::uint64_t authorization_nonce) {
    const eth::Authorization authorization = eth::sign_authorization(
        DevnetFixture::key(0), eth::U256(31337), at.delegator, authorization_nonce);
    const auto number = [](const base::Bytes32& word) {
      return eth::U256::from_big_endian(word)->to_hex();
    };
    const base::Json item =
        base::Json::object({{"chainId", "0x7a69"},
                            {"address", authorization.address.to_string()},
                            {"nonce", eth::U256(authorization.nonce).to_hex()},
                            {"yParity", eth::U256(authorization.signature.y_parity).to_hex()},
                            {"r", number(authorization.signature.r)},
                            {"s", number(authorization.signature.s)}});
    const std::string self = DevnetFixture::address(0).to_string();
    return net.result("eth_estimateGas", base::Json::array({base::Json::object(
                                             {{"from", self},
                                              {"to", self},
                                              {"data", base::to_hex_prefixed(data)},
                                              {"authorizationList", base::Json::array({item})}})}));
  };
  const eth::U256 right = *eth::U256::from_hex(estimate(1).as_string());
  const eth::U256 wrong = *eth::U256::from_hex(estimate(0).as_string());
  CHECK(right > eth::U256(600'000));
  // Skipped as on the real chain: nothing runs, and the estimate is too small.
  CHECK(wrong < eth::U256(150'000));
  CHECK(net.devnet.code(DevnetFixture::address(0)).empty());
}

TEST_CASE("an account can be supposed to have code, and nothing else", "[devnet]") {
  DevnetFixture net;
  const eth::Address self = DevnetFixture::address(0);
  const base::Json object =
      base::Json::object({{"from", self.to_string()},
                          {"to", self.to_string()},
                          {"data", base::to_hex_prefixed(execute("ff", {}))}});
  const auto call = [&](const base::Json& change) {
    return net.rpc(
        "eth_call",
        base::Json::array({object, "latest", base::Json::object({{self.to_string(), change}})}));
  };
  const auto code = [](const eth::Address& delegate) {
    return base::Json::object({{"code", base::to_hex_prefixed(eth::delegation_code(delegate))}});
  };
  // Without code the call does nothing, with the delegator's it is refused by the delegator.
  CHECK(net.rpc("eth_call", base::Json::array({object, "latest"}))["result"].as_string() == "0x");
  CHECK(DevnetFixture::error_of(call(code(net.environment().delegator))) ==
        "3 execution reverted 0xb96fcfe4ff" + std::string(62, '0'));
  CHECK(net.devnet.code(self).empty());
  CHECK(DevnetFixture::error_of(call(base::Json::object({{"balance", "0x1"}}))) ==
        "-32602 invalid argument: only code can be overridden here");
}

TEST_CASE("while mining stands still a transaction waits", "[devnet]") {
  DevnetFixture net;
  net.devnet.pause_mining();
  const eth::Transaction tx = net.transaction(0, kSomebody);
  const base::Json hash = net.send(0, tx)["result"];
  CHECK(net.receipt(hash).is_null());
  CHECK(net.result("eth_getTransactionByHash", base::Json::array({hash}))["blockNumber"].is_null());
  const auto count = [&](const char* tag) {
    return net
        .result("eth_getTransactionCount",
                base::Json::array({DevnetFixture::address(0).to_string(), tag}))
        .as_string();
  };
  CHECK(count("latest") == "0x0");
  CHECK(count("pending") == "0x1");
  CHECK(DevnetFixture::error_of(net.send(0, tx)) == "-32000 already known");
  SECTION("it is mined when mining goes on") {
    net.devnet.resume_mining();
    CHECK(net.receipt(hash)["status"].as_string() == "0x1");
    CHECK(count("latest") == "0x1");
    CHECK(DevnetFixture::error_of(net.send(0, tx)) ==
          "-32000 nonce too low: next nonce 1, tx nonce 0");
  }
  SECTION("it can be replaced for more money, not for the same") {
    eth::Transaction other = tx;
    other.value = eth::U256(1);
    CHECK(DevnetFixture::error_of(net.send(0, other)) ==
          "-32000 replacement transaction underpriced");
    other.max_fee_per_gas = eth::U256(3'300'000'000);
    other.max_priority_fee_per_gas = eth::U256(1'100'000'000);
    const base::Json replacement = net.send(0, other)["result"];
    net.devnet.resume_mining();
    CHECK(net.receipt(replacement)["status"].as_string() == "0x1");
    CHECK(net.receipt(hash).is_null());
  }
  SECTION("it can be lost") {
    net.devnet.drop_pending();
    net.devnet.resume_mining();
    CHECK(net.result("eth_getTransactionByHash", base::Json::array({hash})).is_null());
    CHECK(count("pending") == "0x0");
  }
}

TEST_CASE("with a block time blocks come at its multiples", "[devnet]") {
  devnet::Options options;
  options.block_time_seconds = 12;
  DevnetFixture net(std::move(options));
  net.pass(5);
  const base::Json first = net.send(0, net.transaction(0, kSomebody))["result"];
  const base::Json second = net.send(1, net.transaction(1, kSomebody))["result"];
  net.pass(6.9);
  CHECK(net.receipt(first).is_null());
  net.pass(0.1);
  CHECK(net.receipt(first)["blockNumber"].as_string() == "0x1");
  CHECK(net.receipt(second)["blockNumber"].as_string() == "0x1");
  CHECK(net.receipt(second)["transactionIndex"].as_string() == "0x1");
  CHECK(net.receipt(second)["cumulativeGasUsed"].as_string() == "0xa410");
}

}  // namespace
}  // namespace ecloud::testing
