#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "devnet/contracts.h"
#include "devnet/execution.h"
#include "ecloud/eth/transaction.h"

namespace ecloud::devnet {

/// An error object of JSON-RPC; thrown and caught inside this module.
struct RpcFailure {
  std::int64_t code = -32000;
  std::string message;
  std::optional<base::Bytes> data;
};

/// What eth_call, eth_estimateGas and a transaction have in common.
struct CallRequest {
  eth::Address from;
  eth::Address to;
  eth::U256 value;  ///< wei
  base::Bytes data;
  std::vector<eth::Authorization> authorizations;
  std::optional<std::uint64_t> gas_limit;
  /// Code that accounts are supposed to have: the state override of eth_call and eth_estimateGas.
  std::map<eth::Address, base::Bytes> supposed_code;
  /// Reverts with these data instead of running: an injected fault.
  std::optional<base::Bytes> forced_revert;
};

struct ExecutionResult {
  bool success = false;
  bool out_of_gas = false;
  base::Bytes output;            ///< return or revert data
  std::uint64_t gas_needed = 0;  ///< the smallest limit that it runs with
  std::uint64_t gas_used = 0;    ///< after refunds (EIP-3529)
  std::vector<LogRecord> logs;
};

/// What a transaction costs before anything runs: 21000, calldata, authorizations (EIP-2028,
/// EIP-7702 PER_EMPTY_ACCOUNT_COST).
std::uint64_t standard_intrinsic_gas(const base::Bytes& data, std::size_t authorizations);
/// The same, and at least the floor of EIP-7623.
std::uint64_t intrinsic_gas(const base::Bytes& data, std::size_t authorizations);

/// Raises the sender's nonce, processes the authorizations (one with a wrong chain, nonce or
/// signature is skipped), and runs the call. What stays after a revert is nonce and delegations.
/// Takes no fee.
ExecutionResult execute_call(const Contracts& contracts, WorldState& state,
                             const BlockContext& block, const CallRequest& request);

/// Why a node refuses the transaction before it is in its pool; nothing when it does not.
/// `expected_nonce` counts what the sender has in the pool already.
std::optional<RpcFailure> refusal(const WorldState& state, const eth::SignedTransaction& signed_tx,
                                  const eth::Address& sender, std::uint64_t expected_nonce,
                                  const eth::U256& base_fee);

}  // namespace ecloud::devnet
