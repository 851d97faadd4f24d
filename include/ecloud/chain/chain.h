#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/chain/rpc_client.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/eth/u256.h"

namespace ecloud::chain {

/// Typed JSON-RPC: builders of calls and readers of answers, to be put into one batch.

enum class BlockTag { kLatest, kPending };

RpcCall get_balance(const eth::Address& account);
RpcCall get_transaction_count(const eth::Address& account, BlockTag tag);
RpcCall get_code(const eth::Address& account);
RpcCall max_priority_fee_per_gas();
RpcCall block_number();
RpcCall latest_block();                         ///< header only
RpcCall block_by_number(std::uint64_t number);  ///< header only; null when there is none
RpcCall eth_call(const eth::Address& to, base::ByteView data);
/// With the authorizationList when there is one; no gas, no fees.
RpcCall estimate_gas(const eth::Address& from, const eth::Transaction& transaction);
/// The whole transaction as a call, at `block` ("latest" when absent): to find why it reverted.
RpcCall replay(const eth::Address& from, const eth::Transaction& transaction,
               std::optional<std::uint64_t> block);
RpcCall get_transaction_receipt(const base::Bytes32& hash);
RpcCall get_transaction_by_hash(const base::Bytes32& hash);
/// The logs of a contract in one block that is known to hold some: EntriesOf::kRequired. A topic
/// that is nothing may be any.
RpcCall get_logs(const eth::Address& contract, std::uint64_t block,
                 const std::vector<std::optional<base::Bytes32>>& topics);
/// Of all blocks from `first` to `last`; nodes limit how many they take. For a single block
/// EntriesOf::kWanted.
RpcCall get_logs(const eth::Address& contract, std::uint64_t first, std::uint64_t last,
                 const std::vector<std::optional<base::Bytes32>>& topics);

// Readers. A malformed answer is Error{kNetwork, "json.shape"} or "chain.bad_answer".
eth::U256 read_quantity(const base::Json& value);
std::uint64_t read_u64(const base::Json& value);
base::Bytes read_data(const base::Json& value);

struct BlockHeader {
  std::uint64_t number = 0;
  std::uint64_t timestamp = 0;  ///< unix seconds
  eth::U256 base_fee_per_gas;   ///< wei
};
BlockHeader read_block_header(const base::Json& value);

struct LogEntry {
  eth::Address address;
  std::vector<base::Bytes32> topics;
  base::Bytes data;
  std::uint64_t block_number = 0;  ///< 0 when the node does not say
};

/// The answer to get_logs().
std::vector<LogEntry> read_logs(const base::Json& value);

struct Receipt {
  base::Bytes32 transaction_hash{};
  std::uint64_t block_number = 0;
  base::Bytes32 block_hash{};
  bool success = false;
  std::uint64_t gas_used = 0;
  eth::U256 effective_gas_price;  ///< wei
  std::vector<LogEntry> logs;

  eth::U256 cost() const { return effective_gas_price * eth::U256(gas_used); }
};
/// Nothing for null: not mined yet.
std::optional<Receipt> read_receipt(const base::Json& value);

/// What a transaction will pay. The tip is what the node suggests, and at least 1 wei, because
/// nodes refuse less; the cap is twice the base fee of the latest block plus tip: enough for six
/// full blocks in a row.
struct Fees {
  eth::U256 max_priority_fee_per_gas;  ///< wei
  eth::U256 max_fee_per_gas;           ///< wei
};
Fees suggest_fees(const eth::U256& base_fee_per_gas, const eth::U256& suggested_tip);
/// The base fee that suggest_fees() made these of, in wei; rounded down for other fees, and 0 when
/// the cap is below the tip.
eth::U256 base_fee_of(const Fees& fees);

/// The estimate plus a fifth, at most eth::kMaxTransactionGas.
std::uint64_t gas_limit_for(std::uint64_t estimated_gas);

/// The words for revert data: Error(string) and Panic(uint256) of Solidity. Nothing for other data.
std::optional<std::string> solidity_revert_reason(base::ByteView data);

}  // namespace ecloud::chain
