#include "devnet/transaction_processor.h"

#include <algorithm>
#include <limits>

#include "ecloud/base/error.h"

namespace ecloud::devnet {
namespace {

constexpr std::uint64_t kTransactionGas = 21'000;
constexpr std::uint64_t kPerEmptyAccountGas = 25'000;  // EIP-7702
constexpr std::uint64_t kPerAuthBaseGas = 12'500;      // EIP-7702
constexpr std::uint64_t kTokenGas = 4;                 // EIP-7623 STANDARD_TOKEN_COST
constexpr std::uint64_t kFloorTokenGas = 10;           // EIP-7623 TOTAL_COST_FLOOR_PER_TOKEN
constexpr std::uint64_t kMaxRefundQuotient = 5;        // EIP-3529

std::uint64_t calldata_tokens(const base::Bytes& data) {
  const auto zeros =
      static_cast<std::uint64_t>(std::count(data.begin(), data.end(), std::uint8_t{0}));
  return zeros + 4 * (data.size() - zeros);
}

std::uint64_t floor_gas(const base::Bytes& data) {
  return kTransactionGas + kFloorTokenGas * calldata_tokens(data);
}

// EIP-7702, "Behavior": every check in its order; a failed one skips the tuple without a word.
bool apply_authorization(WorldState& state, const eth::Authorization& authorization) {
  if (!authorization.chain_id.is_zero() && authorization.chain_id != eth::U256(state.chain_id)) {
    return false;
  }
  if (authorization.nonce == std::numeric_limits<std::uint64_t>::max()) return false;
  const auto authority = authorization.authority();
  if (!authority) return false;
  const base::Bytes code = Contracts::code_at(state, *authority);
  if (!code.empty() && !eth::delegation_target(code)) return false;
  const auto found = state.accounts.find(*authority);
  if ((found == state.accounts.end() ? 0 : found->second.nonce) != authorization.nonce) {
    return false;
  }
  const bool existed = found != state.accounts.end();
  Account& account = state.accounts[*authority];
  account.code =
      authorization.address.is_zero() ? base::Bytes() : eth::delegation_code(authorization.address);
  ++account.nonce;
  return existed;
}

std::string text_of(const eth::Address& address) {
  return address.to_string();
}

}  // namespace

std::uint64_t standard_intrinsic_gas(const base::Bytes& data, std::size_t authorizations) {
  return kTransactionGas + kTokenGas * calldata_tokens(data) + kPerEmptyAccountGas * authorizations;
}

std::uint64_t intrinsic_gas(const base::Bytes& data, std::size_t authorizations) {
  return std::max(standard_intrinsic_gas(data, authorizations), floor_gas(data));
}

ExecutionResult execute_call(const Contracts& contracts, WorldState& state,
                             const BlockContext& block, const CallRequest& request) {
  for (const auto& [account, code] : request.supposed_code) state.accounts[account].code = code;
  ++state.accounts[request.from].nonce;
  std::uint64_t refund = 0;
  for (const eth::Authorization& authorization : request.authorizations) {
    if (apply_authorization(state, authorization)) {
      refund += kPerEmptyAccountGas - kPerAuthBaseGas;
    }
  }
  const WorldState snapshot = state;
  Execution execution{state, block, {}, 0, 0};
  ExecutionResult result;
  try {
    if (request.forced_revert) throw Revert{*request.forced_revert};
    result.output =
        contracts.call(execution, {request.from, request.to, request.value, request.data});
    result.success = true;
  } catch (const Revert& revert) {
    result.output = revert.data;
  } catch (const Error&) {
    // A number out of range or a list too short in decoded arguments.
    result.output.clear();
  }
  const std::uint64_t standard = kTransactionGas + kTokenGas * calldata_tokens(request.data) +
                                 kPerEmptyAccountGas * request.authorizations.size() +
                                 execution.gas;
  const std::uint64_t floor = floor_gas(request.data);
  result.gas_needed = std::max(standard, floor);
  refund = std::min(refund, standard / kMaxRefundQuotient);
  result.gas_used = std::max(standard - refund, floor);
  if (request.gas_limit && *request.gas_limit < result.gas_needed) {
    result.success = false;
    result.out_of_gas = true;
    result.output.clear();
    result.gas_used = *request.gas_limit;
  }
  if (result.success) {
    result.logs = std::move(execution.logs);
  } else {
    state = snapshot;
  }
  return result;
}

std::optional<RpcFailure> refusal(const WorldState& state, const eth::SignedTransaction& signed_tx,
                                  const eth::Address& sender, std::uint64_t expected_nonce,
                                  const eth::U256& base_fee) {
  const eth::Transaction& tx = signed_tx.transaction;
  const auto fail = [](std::string message) {
    return RpcFailure{-32000, std::move(message), std::nullopt};
  };
  if (tx.chain_id != eth::U256(state.chain_id)) {
    return fail("invalid sender: invalid chain id for signer: have " + tx.chain_id.to_decimal() +
                " want " + std::to_string(state.chain_id));
  }
  if (tx.nonce < expected_nonce) {
    return fail("nonce too low: next nonce " + std::to_string(expected_nonce) + ", tx nonce " +
                std::to_string(tx.nonce));
  }
  if (tx.nonce > expected_nonce) {
    return fail("nonce too high: address " + text_of(sender) + ", tx: " + std::to_string(tx.nonce) +
                " state: " + std::to_string(expected_nonce));
  }
  if (tx.gas_limit > eth::kMaxTransactionGas) {
    return fail("transaction gas limit too high (cap: " + std::to_string(eth::kMaxTransactionGas) +
                ", tx: " + std::to_string(tx.gas_limit) + ")");
  }
  const std::uint64_t minimum = intrinsic_gas(tx.data, tx.authorizations.size());
  if (tx.gas_limit < minimum) {
    return fail("intrinsic gas too low: gas " + std::to_string(tx.gas_limit) + ", minimum needed " +
                std::to_string(minimum));
  }
  if (tx.max_fee_per_gas < tx.max_priority_fee_per_gas) {
    return fail("max priority fee per gas higher than max fee per gas: address " + text_of(sender) +
                ", maxPriorityFeePerGas: " + tx.max_priority_fee_per_gas.to_decimal() +
                ", maxFeePerGas: " + tx.max_fee_per_gas.to_decimal());
  }
  if (tx.max_fee_per_gas < base_fee) {
    return fail("max fee per gas less than block base fee: address " + text_of(sender) +
                ", maxFeePerGas: " + tx.max_fee_per_gas.to_decimal() +
                ", baseFee: " + base_fee.to_decimal());
  }
  const auto found = state.accounts.find(sender);
  const eth::U256 balance = found == state.accounts.end() ? eth::U256() : found->second.balance;
  try {
    if (tx.maximum_cost() <= balance) return std::nullopt;
    return fail("insufficient funds for gas * price + value: address " + text_of(sender) +
                " have " + balance.to_decimal() + " want " + tx.maximum_cost().to_decimal());
  } catch (const Error&) {
    return fail("insufficient funds for gas * price + value: address " + text_of(sender) +
                " have " + balance.to_decimal() + " want more than 256 bits hold");
  }
}

}  // namespace ecloud::devnet
