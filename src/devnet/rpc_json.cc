#include "devnet/rpc_json.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"

namespace ecloud::devnet {
namespace {

[[noreturn]] void bad_params(const std::string& message) {
  throw RpcFailure{-32602, "invalid argument: " + message, std::nullopt};
}

std::string text_of(const base::Json& json) {
  if (!json.is_string()) bad_params(json.path() + " is no string");
  return json.as_string();
}

eth::Authorization read_authorization(const base::Json& json) {
  eth::Authorization out;
  out.chain_id = read_number(json["chainId"]);
  out.address = read_address(json["address"]);
  const eth::U256 nonce = read_number(json["nonce"]);
  if (!nonce.fits_u64()) bad_params("the nonce of an authorization is too large");
  out.nonce = nonce.to_u64();
  const eth::U256 parity = read_number(json["yParity"].exists() ? json["yParity"] : json["v"]);
  // Anything but 0 and 1 recovers nobody, so the authorization is skipped.
  out.signature.y_parity = parity <= eth::U256(1) ? static_cast<std::uint8_t>(parity.to_u64()) : 2;
  out.signature.r = read_number(json["r"]).to_word();
  out.signature.s = read_number(json["s"]).to_word();
  return out;
}

base::Json signature_number(const base::Bytes32& word) {
  return quantity(eth::U256::from_big_endian(word).value_or(eth::U256()));
}

base::Json authorization_json(const eth::Authorization& authorization) {
  return base::Json::object({{"chainId", quantity(authorization.chain_id)},
                             {"address", authorization.address.to_lower_hex()},
                             {"nonce", quantity(authorization.nonce)},
                             {"yParity", quantity(authorization.signature.y_parity)},
                             {"r", signature_number(authorization.signature.r)},
                             {"s", signature_number(authorization.signature.s)}});
}

base::Json signed_json(const eth::SignedTransaction& signed_tx, const eth::Address& sender) {
  const eth::Transaction& tx = signed_tx.transaction;
  base::Json out = base::Json::object({
      {"type", quantity(tx.type())},
      {"chainId", quantity(tx.chain_id)},
      {"hash", data_text(signed_tx.hash)},
      {"from", sender.to_lower_hex()},
      {"to", tx.to.to_lower_hex()},
      {"nonce", quantity(tx.nonce)},
      {"gas", quantity(tx.gas_limit)},
      {"maxFeePerGas", quantity(tx.max_fee_per_gas)},
      {"maxPriorityFeePerGas", quantity(tx.max_priority_fee_per_gas)},
      {"value", quantity(tx.value)},
      {"input", data_text(tx.data)},
      {"accessList", base::Json::array()},
      {"v", quantity(signed_tx.signature.y_parity)},
      {"yParity", quantity(signed_tx.signature.y_parity)},
      {"r", signature_number(signed_tx.signature.r)},
      {"s", signature_number(signed_tx.signature.s)},
  });
  if (!tx.authorizations.empty()) {
    base::Json list = base::Json::array();
    for (const auto& authorization : tx.authorizations)
      list.push(authorization_json(authorization));
    out.set("authorizationList", list);
  }
  return out;
}

base::Json log_json(const ChainState& chain, const MinedTransaction& mined, std::size_t index) {
  const LogRecord& log = mined.logs[index];
  const Block& block = chain.blocks()[mined.block_number];
  base::Json topics = base::Json::array();
  for (const base::Bytes32& topic : log.topics) topics.push(data_text(topic));
  return base::Json::object({{"address", log.address.to_lower_hex()},
                             {"topics", topics},
                             {"data", data_text(log.data)},
                             {"blockNumber", quantity(block.number)},
                             {"blockHash", data_text(block.hash)},
                             {"blockTimestamp", quantity(block.timestamp)},
                             {"transactionHash", data_text(mined.hash)},
                             {"transactionIndex", quantity(mined.index)},
                             {"logIndex", quantity(mined.first_log_index + index)},
                             {"removed", false}});
}

// A filter place: null lets everything through, a text itself, an array any of its texts.
bool lets_through(const base::Json& place, base::ByteView actual) {
  if (!place.exists() || place.is_null()) return true;
  if (!place.is_array()) return read_bytes(place) == base::Bytes(actual.begin(), actual.end());
  if (place.size() == 0) return true;
  for (const base::Json& choice : place.elements()) {
    if (lets_through(choice, actual)) return true;
  }
  return false;
}

bool log_matches(const LogRecord& log, const base::Json& filter) {
  if (!lets_through(filter["address"], log.address.bytes())) return false;
  const base::Json topics = filter["topics"];
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const base::Json place = topics.at(i);
    if (place.is_null()) continue;
    if (i >= log.topics.size() || !lets_through(place, log.topics[i])) return false;
  }
  return true;
}

}  // namespace

base::Json quantity(std::uint64_t value) {
  return eth::U256(value).to_hex();
}
base::Json quantity(const eth::U256& value) {
  return value.to_hex();
}
base::Json data_text(base::ByteView bytes) {
  return base::to_hex_prefixed(bytes);
}

eth::Address read_address(const base::Json& json) {
  const auto address = eth::Address::parse(text_of(json));
  if (!address) bad_params(json.path() + " is no address");
  return *address;
}

base::Bytes32 read_hash(const base::Json& json) {
  const auto hash = base::fixed_from_hex<32>(text_of(json));
  if (!hash) bad_params(json.path() + " is no hash of 32 octets");
  return *hash;
}

base::Bytes read_bytes(const base::Json& json) {
  const std::string text = text_of(json);
  const auto bytes = base::from_hex(text);
  if (!bytes || !text.starts_with("0x")) bad_params(json.path() + " is no 0x hex string");
  return *bytes;
}

eth::U256 read_number(const base::Json& json) {
  const auto number = eth::U256::from_hex(text_of(json));
  if (!number) bad_params(json.path() + " is no hex number");
  return *number;
}

RpcCallObject read_call_object(const base::Json& json, const base::Json& overrides) {
  if (!json.is_object()) bad_params("the call is no object");
  RpcCallObject out;
  if (overrides.is_object()) {
    for (const auto& [account, change] : overrides.members()) {
      if (change.size() != 1 || !change["code"].is_string()) {
        bad_params("only code can be overridden here");
      }
      out.request.supposed_code[read_address(base::Json(account))] = read_bytes(change["code"]);
    }
  }
  const auto given = [&](std::string_view name) {
    return json[name].exists() && !json[name].is_null();
  };
  if (given("from")) out.request.from = read_address(json["from"]);
  if (!given("to")) {
    throw RpcFailure{-32000, "contract creation is not supported here", std::nullopt};
  }
  out.request.to = read_address(json["to"]);
  if (given("value")) out.request.value = read_number(json["value"]);
  if (given("data")) out.request.data = read_bytes(json["data"]);
  if (given("input")) out.request.data = read_bytes(json["input"]);
  if (given("gas")) out.request.gas_limit = read_number(json["gas"]).to_u64();
  if (given("gasPrice")) out.fee_cap = read_number(json["gasPrice"]);
  if (given("maxFeePerGas")) out.fee_cap = read_number(json["maxFeePerGas"]);
  if (given("authorizationList")) {
    for (const base::Json& item : json["authorizationList"].elements()) {
      out.request.authorizations.push_back(read_authorization(item));
    }
  }
  return out;
}

const Block* read_block(const ChainState& chain, const base::Json& json) {
  if (!json.exists() || json.is_null()) return &chain.head();
  if (json.is_object()) {
    if (json["blockHash"].exists()) return chain.find_block(read_hash(json["blockHash"]));
    return read_block(chain, json["blockNumber"]);
  }
  const std::string text = text_of(json);
  if (text == "latest" || text == "pending" || text == "safe" || text == "finalized") {
    return &chain.head();
  }
  if (text == "earliest") return &chain.blocks().front();
  const eth::U256 number = read_number(json);
  if (number > eth::U256(chain.head().number)) return nullptr;
  return &chain.blocks()[number.to_u64()];
}

base::Json transaction_json(const ChainState& chain, const MinedTransaction& mined) {
  base::Json out = signed_json(mined.transaction, mined.sender);
  out.set("gasPrice", quantity(mined.effective_gas_price));
  out.set("blockHash", data_text(chain.blocks()[mined.block_number].hash));
  out.set("blockNumber", quantity(mined.block_number));
  out.set("transactionIndex", quantity(mined.index));
  return out;
}

base::Json transaction_json(const PoolEntry& pending) {
  base::Json out = signed_json(pending.transaction, pending.sender);
  out.set("gasPrice", quantity(pending.transaction.transaction.max_fee_per_gas));
  for (const char* name : {"blockHash", "blockNumber", "transactionIndex"}) out.set(name, nullptr);
  return out;
}

base::Json block_json(const ChainState& chain, const Block& block, bool full_transactions) {
  base::Json transactions = base::Json::array();
  for (const base::Bytes32& hash : block.transactions) {
    transactions.push(full_transactions ? transaction_json(chain, *chain.find_transaction(hash))
                                        : data_text(hash));
  }
  const base::Bytes32 zero{};
  return base::Json::object({{"number", quantity(block.number)},
                             {"hash", data_text(block.hash)},
                             {"parentHash", data_text(block.parent_hash)},
                             {"timestamp", quantity(block.timestamp)},
                             {"miner", eth::Address().to_lower_hex()},
                             {"gasLimit", quantity(std::uint64_t{60'000'000})},
                             {"gasUsed", quantity(block.gas_used)},
                             {"baseFeePerGas", quantity(block.fees.base_fee)},
                             {"difficulty", "0x0"},
                             {"extraData", "0x"},
                             {"logsBloom", data_text(base::Bytes(256, 0))},
                             {"mixHash", data_text(zero)},
                             {"nonce", "0x0000000000000000"},
                             {"stateRoot", data_text(zero)},
                             {"transactionsRoot", data_text(zero)},
                             {"receiptsRoot", data_text(zero)},
                             {"sha3Uncles", data_text(zero)},
                             {"size", quantity(std::uint64_t{1024})},
                             {"uncles", base::Json::array()},
                             {"withdrawals", base::Json::array()},
                             {"transactions", transactions}});
}

base::Json receipt_json(const ChainState& chain, const MinedTransaction& mined) {
  base::Json logs = base::Json::array();
  for (std::size_t i = 0; i < mined.logs.size(); ++i) logs.push(log_json(chain, mined, i));
  const eth::Transaction& tx = mined.transaction.transaction;
  return base::Json::object({{"type", quantity(tx.type())},
                             {"status", quantity(std::uint64_t{mined.success ? 1u : 0u})},
                             {"transactionHash", data_text(mined.hash)},
                             {"transactionIndex", quantity(mined.index)},
                             {"blockHash", data_text(chain.blocks()[mined.block_number].hash)},
                             {"blockNumber", quantity(mined.block_number)},
                             {"from", mined.sender.to_lower_hex()},
                             {"to", tx.to.to_lower_hex()},
                             {"contractAddress", nullptr},
                             {"gasUsed", quantity(mined.gas_used)},
                             {"cumulativeGasUsed", quantity(mined.cumulative_gas)},
                             {"effectiveGasPrice", quantity(mined.effective_gas_price)},
                             {"logsBloom", data_text(base::Bytes(256, 0))},
                             {"logs", logs}});
}

base::Json logs_json(const ChainState& chain, const base::Json& filter) {
  if (!filter.is_object()) bad_params("the filter is no object");
  const Block* from = nullptr;
  const Block* to = nullptr;
  if (filter["blockHash"].exists()) {
    from = to = chain.find_block(read_hash(filter["blockHash"]));
    if (from == nullptr) throw RpcFailure{-32000, "unknown block", std::nullopt};
  } else {
    from = read_block(chain, filter["fromBlock"]);
    to = read_block(chain, filter["toBlock"]);
    if (to == nullptr) to = &chain.head();
  }
  base::Json out = base::Json::array();
  if (from == nullptr) return out;
  for (std::uint64_t number = from->number; number <= to->number; ++number) {
    for (const base::Bytes32& hash : chain.blocks()[number].transactions) {
      const MinedTransaction& mined = *chain.find_transaction(hash);
      for (std::size_t i = 0; i < mined.logs.size(); ++i) {
        if (log_matches(mined.logs[i], filter)) out.push(log_json(chain, mined, i));
      }
    }
  }
  return out;
}

}  // namespace ecloud::devnet
