#include <algorithm>

#include "ecloud/base/hex.h"
#include "ecloud/chain/chain.h"

namespace ecloud::chain {
namespace {

base::Json quantity(const eth::U256& value) {
  return value.to_hex();
}

/// Nodes refuse leading zeros in numbers, and r and s may have them.
base::Json quantity(const base::Bytes32& word) {
  return quantity(*eth::U256::from_big_endian(word));
}

base::Json authorization_list(const std::vector<eth::Authorization>& authorizations) {
  base::Json list = base::Json::array();
  for (const eth::Authorization& authorization : authorizations) {
    list.push(base::Json::object({{"chainId", quantity(authorization.chain_id)},
                                  {"address", authorization.address.to_lower_hex()},
                                  {"nonce", quantity(authorization.nonce)},
                                  {"yParity", quantity(authorization.signature.y_parity)},
                                  {"r", quantity(authorization.signature.r)},
                                  {"s", quantity(authorization.signature.s)}}));
  }
  return list;
}

base::Json transaction_object(const eth::Address& from, const eth::Transaction& transaction) {
  base::Json out = base::Json::object({{"from", from.to_lower_hex()},
                                       {"to", transaction.to.to_lower_hex()},
                                       {"value", quantity(transaction.value)},
                                       {"data", base::to_hex_prefixed(transaction.data)}});
  if (!transaction.authorizations.empty()) {
    out.set("authorizationList", authorization_list(transaction.authorizations));
  }
  return out;
}

RpcCall with_account(const char* method, const eth::Address& account, const char* tag) {
  return {method, base::Json::strings({account.to_lower_hex(), tag})};
}

RpcCall with_hash(const char* method, const base::Bytes32& hash) {
  return {method, base::Json::strings({base::to_hex_prefixed(hash)})};
}

}  // namespace

RpcCall get_balance(const eth::Address& account) {
  return with_account("eth_getBalance", account, "latest");
}

RpcCall get_transaction_count(const eth::Address& account, BlockTag tag) {
  return with_account("eth_getTransactionCount", account,
                      tag == BlockTag::kPending ? "pending" : "latest");
}

RpcCall get_code(const eth::Address& account) {
  return with_account("eth_getCode", account, "latest");
}

RpcCall max_priority_fee_per_gas() {
  return {"eth_maxPriorityFeePerGas", base::Json::array()};
}

RpcCall block_number() {
  return {"eth_blockNumber", base::Json::array()};
}

RpcCall latest_block() {
  return {"eth_getBlockByNumber", base::Json::array({"latest", base::Json(false)})};
}

RpcCall block_by_number(std::uint64_t number) {
  return {"eth_getBlockByNumber",
          base::Json::array({quantity(eth::U256(number)), base::Json(false)})};
}

RpcCall eth_call(const eth::Address& to, base::ByteView data) {
  return {"eth_call",
          base::Json::array({base::Json::object({{"to", to.to_lower_hex()},
                                                 {"data", base::to_hex_prefixed(data)}}),
                             "latest"})};
}

RpcCall estimate_gas(const eth::Address& from, const eth::Transaction& transaction) {
  return {"eth_estimateGas", base::Json::array({transaction_object(from, transaction)})};
}

RpcCall replay(const eth::Address& from, const eth::Transaction& transaction,
               std::optional<std::uint64_t> block) {
  base::Json call = transaction_object(from, transaction);
  call.set("gas", quantity(transaction.gas_limit));
  return {"eth_call", base::Json::array({call, block ? quantity(*block) : base::Json("latest")})};
}

RpcCall get_transaction_receipt(const base::Bytes32& hash) {
  return with_hash("eth_getTransactionReceipt", hash);
}

RpcCall get_transaction_by_hash(const base::Bytes32& hash) {
  return with_hash("eth_getTransactionByHash", hash);
}

RpcCall get_logs(const eth::Address& contract, std::uint64_t block,
                 const std::vector<std::optional<base::Bytes32>>& topics) {
  RpcCall call = get_logs(contract, block, block, topics);
  call.entries = EntriesOf::kRequired;
  return call;
}

RpcCall get_logs(const eth::Address& contract, std::uint64_t first, std::uint64_t last,
                 const std::vector<std::optional<base::Bytes32>>& topics) {
  base::Json list = base::Json::array();
  for (const auto& topic : topics) {
    list.push(topic ? base::Json(base::to_hex_prefixed(*topic)) : base::Json());
  }
  const base::Json filter = base::Json::object({{"address", contract.to_lower_hex()},
                                                {"fromBlock", quantity(eth::U256(first))},
                                                {"toBlock", quantity(eth::U256(last))},
                                                {"topics", list}});
  return {"eth_getLogs", base::Json::array({filter}),
          first == last ? EntriesOf::kWanted : EntriesOf::kAny};
}

Fees suggest_fees(const eth::U256& base_fee_per_gas, const eth::U256& suggested_tip) {
  Fees fees;
  fees.max_priority_fee_per_gas = std::max(suggested_tip, eth::U256(1));
  fees.max_fee_per_gas = base_fee_per_gas + base_fee_per_gas + fees.max_priority_fee_per_gas;
  return fees;
}

eth::U256 base_fee_of(const Fees& fees) {
  if (fees.max_fee_per_gas < fees.max_priority_fee_per_gas) return {};
  return (fees.max_fee_per_gas - fees.max_priority_fee_per_gas) / eth::U256(2);
}

std::uint64_t gas_limit_for(std::uint64_t estimated_gas) {
  const std::uint64_t estimate = std::min(estimated_gas, eth::kMaxTransactionGas);
  return std::min(estimate + estimate / 5, eth::kMaxTransactionGas);
}

}  // namespace ecloud::chain
