#pragma once

#include <optional>
#include <string>

#include "devnet/chain_state.h"
#include "ecloud/base/json.h"

namespace ecloud::devnet {

/// JSON-RPC's forms of what is on chain, and the readers of what comes in. Readers throw RpcFailure
/// -32602 for malformed parameters, as nodes do.

base::Json quantity(std::uint64_t value);
base::Json quantity(const eth::U256& value);
base::Json data_text(base::ByteView bytes);

eth::Address read_address(const base::Json& json);
base::Bytes32 read_hash(const base::Json& json);
base::Bytes read_bytes(const base::Json& json);
eth::U256 read_number(const base::Json& json);

/// The call object of eth_call and eth_estimateGas, authorizationList included.
struct RpcCallObject {
  CallRequest request;
  std::optional<eth::U256> fee_cap;  ///< wei for each gas
};
/// `overrides` is the state override set, {ADDRESS: {"code": "0x…"}}, or missing; what it overrides
/// besides code is refused.
RpcCallObject read_call_object(const base::Json& json, const base::Json& overrides);

/// The block that a tag or number names; null for one that does not exist yet.
const Block* read_block(const ChainState& chain, const base::Json& json);

base::Json block_json(const ChainState& chain, const Block& block, bool full_transactions);
base::Json transaction_json(const ChainState& chain, const MinedTransaction& mined);
base::Json transaction_json(const PoolEntry& pending);
base::Json receipt_json(const ChainState& chain, const MinedTransaction& mined);
/// The logs that an eth_getLogs filter lets through.
base::Json logs_json(const ChainState& chain, const base::Json& filter);

}  // namespace ecloud::devnet
