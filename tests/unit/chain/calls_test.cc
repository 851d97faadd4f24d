#include <string>

#include "ecloud/base/hex.h"
#include "ecloud/chain/chain.h"
#include "ecloud/eth/transaction.h"
#include "support/catch.h"

using namespace ecloud;
using chain::BlockTag;
using chain::RpcCall;

namespace {

/// The first account of anvil and hardhat: its key is public.
constexpr char kKey[] = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
constexpr char kAccount[] = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

eth::Address account() {
  return *eth::Address::parse(kAccount);
}

std::string text_of(const RpcCall& call) {
  return call.method + " " + call.params.dump();
}

eth::Transaction batch_transaction() {
  eth::Transaction transaction;
  transaction.chain_id = 11155111;
  transaction.nonce = 52;
  transaction.gas_limit = 300'000;
  transaction.to = account();
  transaction.data = *base::from_hex("e9ae5c53");
  return transaction;
}

eth::Transaction delegating_transaction() {
  eth::Transaction transaction = batch_transaction();
  const auto delegator = eth::Address::parse("0x63c0c19a282a1b52b07dd5a65b58948a07dae32b");
  transaction.authorizations = {eth::sign_authorization(*crypto::PrivateKey::from_hex(kKey),
                                                        eth::U256(11155111), *delegator, 53)};
  return transaction;
}

/// What viem's formatTransactionRequest makes of the same transaction; r begins with a zero octet.
constexpr char kViemAuthorization[] =
    R"({"address":"0x63c0c19a282a1b52b07dd5a65b58948a07dae32b",)"
    R"("r":"0xd71cd5659073eb8dc90485dcc05e5d6b7bdda27fcfb8a1ae4aea31047dd79c",)"
    R"("s":"0x6c92ab67d80e3837aa463151778c4f86d060762b72a92f1c27f710f26cd22749",)"
    R"("chainId":"0xaa36a7","nonce":"0x35","yParity":"0x1"})";

}  // namespace

// The execution-apis of Ethereum (github.com/ethereum/execution-apis) give the parameters.
TEST_CASE("calls have the parameters of the Ethereum API", "[chain]") {
  const std::string address = kAccount;
  CHECK(text_of(chain::get_balance(account())) ==
        "eth_getBalance [\"" + address + "\",\"latest\"]");
  CHECK(text_of(chain::get_transaction_count(account(), BlockTag::kPending)) ==
        "eth_getTransactionCount [\"" + address + "\",\"pending\"]");
  CHECK(text_of(chain::get_transaction_count(account(), BlockTag::kLatest)) ==
        "eth_getTransactionCount [\"" + address + "\",\"latest\"]");
  CHECK(text_of(chain::get_code(account())) == "eth_getCode [\"" + address + "\",\"latest\"]");
  CHECK(text_of(chain::max_priority_fee_per_gas()) == "eth_maxPriorityFeePerGas []");
  CHECK(text_of(chain::latest_block()) == "eth_getBlockByNumber [\"latest\",false]");
  CHECK(text_of(chain::eth_call(account(), base::as_bytes("\x01"))) ==
        "eth_call [{\"to\":\"" + address + "\",\"data\":\"0x01\"},\"latest\"]");
  base::Bytes32 hash{};
  hash[31] = 7;
  const std::string hash_text = "0x" + std::string(63, '0') + "7";
  CHECK(text_of(chain::get_transaction_receipt(hash)) ==
        "eth_getTransactionReceipt [\"" + hash_text + "\"]");
  CHECK(text_of(chain::get_transaction_by_hash(hash)) ==
        "eth_getTransactionByHash [\"" + hash_text + "\"]");
}

TEST_CASE("a gas estimate carries the call and no gas or fees", "[chain]") {
  CHECK(text_of(chain::estimate_gas(account(), batch_transaction())) ==
        std::string("eth_estimateGas [{\"from\":\"") + kAccount + "\",\"to\":\"" + kAccount +
            "\",\"value\":\"0x0\",\"data\":\"0xe9ae5c53\"}]");
}

TEST_CASE("a gas estimate with a delegation is what viem sends", "[chain]") {
  const RpcCall call = chain::estimate_gas(account(), delegating_transaction());
  const base::Json expected = base::Json::parse(
      std::string(R"([{"from":"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",)") +
          R"("to":"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266","data":"0xe9ae5c53","value":"0x0",)" +
          "\"authorizationList\":[" + kViemAuthorization + "]}]",
      "expected");
  CHECK(call.params.dump().size() == expected.dump().size());
  CHECK(call.params.equals(expected));
}

TEST_CASE("a replay is the whole transaction as a call at its block", "[chain]") {
  const RpcCall at_block = chain::replay(account(), delegating_transaction(), 0x1234);
  CHECK(at_block.method == "eth_call");
  CHECK(at_block.params.at(0)["gas"].as_string() == "0x493e0");
  CHECK(at_block.params.at(0)["authorizationList"].at(0).equals(
      base::Json::parse(kViemAuthorization, "expected")));
  CHECK(at_block.params.at(1).as_string() == "0x1234");
  const RpcCall latest = chain::replay(account(), batch_transaction(), std::nullopt);
  CHECK(latest.params.at(1).as_string() == "latest");
  CHECK_FALSE(latest.params.at(0)["authorizationList"].exists());
}

TEST_CASE("the fee cap survives six full blocks", "[chain]") {
  const eth::U256 base_fee(30'000'000'000);
  const eth::U256 tip(1'500'000'000);
  const chain::Fees fees = chain::suggest_fees(base_fee, tip);
  CHECK(fees.max_priority_fee_per_gas == tip);
  CHECK(fees.max_fee_per_gas == eth::U256(61'500'000'000));
  // EIP-1559: a full block raises the base fee by an eighth. After five raises, the sixth block
  // still includes it at full tip.
  eth::U256 raised = base_fee;
  for (int block = 1; block < 6; ++block) raised = raised + raised / eth::U256(8);
  CHECK(raised + tip <= fees.max_fee_per_gas);
}

TEST_CASE("the gas limit is the estimate and a fifth, within the protocol's limit", "[chain]") {
  CHECK(chain::gas_limit_for(21'000) == 25'200);
  CHECK(chain::gas_limit_for(0) == 0);
  CHECK(chain::gas_limit_for(16'000'000) == 16'777'216);
  CHECK(chain::gas_limit_for(UINT64_MAX) == 16'777'216);
}
