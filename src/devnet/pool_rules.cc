#include "devnet/pool_rules.h"

#include <algorithm>

#include "ecloud/base/error.h"

namespace ecloud::devnet {
namespace {

enum class Rule {
  kAlreadyKnown,
  kNonceTooLow,
  kReplacementUnderpriced,
  kTipTooLow,
  kInFlightLimit,
  kGappedNonce,
  kOversized,
  kOther,
};

struct Words {
  NodeWords node;
  Rule rule;
  std::int64_t code;
  const char* message;  ///< "%" stands for the number that geth's words end with
};

// What other clients say where geth's words are not theirs: AcceptTxResult of Nethermind,
// RpcErrorType of Besu, the pool errors of Erigon and Reth.
constexpr Words kOtherWords[] = {
    {NodeWords::kReth, Rule::kTipTooLow, -32000,
     "transaction priority fee below minimum required priority fee %"},
    {NodeWords::kNethermind, Rule::kAlreadyKnown, -32010, "AlreadyKnown"},
    {NodeWords::kNethermind, Rule::kNonceTooLow, -32010, "OldNonce"},
    {NodeWords::kNethermind, Rule::kReplacementUnderpriced, -32010, "ReplacementNotAllowed"},
    {NodeWords::kNethermind, Rule::kTipTooLow, -32010, "FeeTooLow"},
    {NodeWords::kNethermind, Rule::kInFlightLimit, -32010, "NotCurrentNonceForDelegation"},
    {NodeWords::kNethermind, Rule::kGappedNonce, -32010, "NotCurrentNonceForDelegation"},
    {NodeWords::kNethermind, Rule::kOversized, -32010, "MaxTxSizeExceeded"},
    {NodeWords::kErigon, Rule::kNonceTooLow, -32000, "nonce too low"},
    {NodeWords::kErigon, Rule::kReplacementUnderpriced, -32000, "could not replace existing tx"},
    {NodeWords::kErigon, Rule::kTipTooLow, -32000, "underpriced"},
    {NodeWords::kBesu, Rule::kAlreadyKnown, -32000, "Known transaction"},
    {NodeWords::kBesu, Rule::kNonceTooLow, -32001, "Nonce too low"},
    {NodeWords::kBesu, Rule::kReplacementUnderpriced, -32000,
     "Replacement transaction underpriced"},
    {NodeWords::kBesu, Rule::kTipTooLow, -32009, "Gas price below configured minimum gas price"},
};

RpcFailure failure(const NodeBehaviour& node, Rule rule, std::string geth_words) {
  for (const Words& words : kOtherWords) {
    if (words.node != node.words || words.rule != rule) continue;
    std::string message = words.message;
    if (const std::size_t at = message.find('%'); at != std::string::npos) {
      message.replace(at, 1, geth_words.substr(geth_words.rfind(' ') + 1));
    }
    return {words.code, std::move(message), std::nullopt};
  }
  return {-32000, std::move(geth_words), std::nullopt};
}

std::uint64_t nonce_of(const WorldState& state, const eth::Address& account) {
  const auto found = state.accounts.find(account);
  return found == state.accounts.end() ? 0 : found->second.nonce;
}

bool is_delegated(const WorldState& state, const eth::Address& account) {
  const auto found = state.accounts.find(account);
  return found != state.accounts.end() && !found->second.code.empty();
}

bool authorizes(const PoolEntry& entry, const eth::Address& account) {
  const auto& list = entry.transaction.transaction.authorizations;
  return std::any_of(list.begin(), list.end(), [&](const eth::Authorization& authorization) {
    return authorization.authority() == account;
  });
}

/// What can be said without the state: validation.go, ValidateTransaction.
std::optional<RpcFailure> form_refusal(const PoolEntry& candidate, const NodeBehaviour& node,
                                       std::uint64_t chain_id) {
  const eth::Transaction& tx = candidate.transaction.transaction;
  const auto fail = [&](std::string words) {
    return failure(node, Rule::kOther, std::move(words));
  };
  const std::size_t size = candidate.transaction.raw.size();
  if (size > kMaxTransactionBytes) {
    return failure(node, Rule::kOversized,
                   "oversized data: transaction size " + std::to_string(size) + ", limit " +
                       std::to_string(kMaxTransactionBytes));
  }
  if (tx.gas_limit > eth::kMaxTransactionGas) {
    return fail("transaction gas limit too high (cap: " + std::to_string(eth::kMaxTransactionGas) +
                ", tx: " + std::to_string(tx.gas_limit) + ")");
  }
  if (tx.max_fee_per_gas < tx.max_priority_fee_per_gas) {
    return fail("max priority fee per gas higher than max fee per gas");
  }
  if (tx.chain_id != eth::U256(chain_id)) {
    return fail("invalid sender: invalid chain id for signer: have " + tx.chain_id.to_decimal() +
                " want " + std::to_string(chain_id));
  }
  const std::uint64_t intrinsic = standard_intrinsic_gas(tx.data, tx.authorizations.size());
  if (tx.gas_limit < intrinsic) {
    return fail("intrinsic gas too low: gas " + std::to_string(tx.gas_limit) + ", minimum needed " +
                std::to_string(intrinsic));
  }
  const std::uint64_t minimum = intrinsic_gas(tx.data, tx.authorizations.size());
  if (tx.gas_limit < minimum) {
    return fail("insufficient gas for floor data gas cost: gas " + std::to_string(tx.gas_limit) +
                ", minimum needed " + std::to_string(minimum));
  }
  if (tx.max_priority_fee_per_gas < node.minimum_tip) {
    return failure(node, Rule::kTipTooLow,
                   "transaction underpriced: gas tip cap " +
                       tx.max_priority_fee_per_gas.to_decimal() + ", minimum needed " +
                       node.minimum_tip.to_decimal());
  }
  return std::nullopt;
}

/// validation.go, ValidateTransactionWithState: nonce, then the balance, of which the sender's
/// other waiting transactions have their share.
std::optional<RpcFailure> state_refusal(const WorldState& state, const std::vector<PoolEntry>& pool,
                                        const PoolEntry& candidate, const NodeBehaviour& node) {
  const eth::Transaction& tx = candidate.transaction.transaction;
  const std::uint64_t next = nonce_of(state, candidate.sender);
  if (tx.nonce < next) {
    return failure(node, Rule::kNonceTooLow,
                   "nonce too low: next nonce " + std::to_string(next) + ", tx nonce " +
                       std::to_string(tx.nonce));
  }
  const std::string words = "insufficient funds for gas * price + value: balance ";
  const auto found = state.accounts.find(candidate.sender);
  const eth::U256 balance = found == state.accounts.end() ? eth::U256() : found->second.balance;
  try {
    const eth::U256 cost = tx.maximum_cost();
    if (cost > balance) {
      return failure(node, Rule::kOther,
                     words + balance.to_decimal() + ", tx cost " + cost.to_decimal() +
                         ", overshot " + (cost - balance).to_decimal());
    }
    eth::U256 queued;
    for (const PoolEntry& entry : pool) {
      const eth::Transaction& other = entry.transaction.transaction;
      if (entry.sender == candidate.sender && other.nonce != tx.nonce) {
        queued = queued + other.maximum_cost();
      }
    }
    if (queued + cost <= balance) return std::nullopt;
    return failure(node, Rule::kOther,
                   words + balance.to_decimal() + ", queued cost " + queued.to_decimal() +
                       ", tx cost " + cost.to_decimal() + ", overshot " +
                       (queued + cost - balance).to_decimal());
  } catch (const Error&) {
    return failure(node, Rule::kOther, words + balance.to_decimal() + ", tx cost over 256 bits");
  }
}

/// legacypool.go, checkDelegationLimit: an account that has a delegation, or waits for one, has one
/// transaction in flight at most, and none whose nonce is ahead.
std::optional<RpcFailure> delegation_refusal(const WorldState& state,
                                             const std::vector<PoolEntry>& pool,
                                             const PoolEntry& candidate,
                                             const NodeBehaviour& node) {
  const eth::Address& sender = candidate.sender;
  const bool waits_for_delegation = std::any_of(
      pool.begin(), pool.end(), [&](const PoolEntry& entry) { return authorizes(entry, sender); });
  if (!is_delegated(state, sender) && !waits_for_delegation) return std::nullopt;
  const std::uint64_t nonce = candidate.transaction.transaction.nonce;
  bool has_pending = false;
  for (const PoolEntry& entry : pool) {
    if (entry.sender != sender) continue;
    if (entry.transaction.transaction.nonce == nonce) return std::nullopt;
    has_pending = true;
  }
  if (has_pending) {
    return failure(node, Rule::kInFlightLimit,
                   "in-flight transaction limit reached for delegated accounts");
  }
  if (nonce == nonce_of(state, sender)) return std::nullopt;
  return failure(node, Rule::kGappedNonce, "gapped-nonce tx from delegated accounts");
}

/// legacypool.go, validateAuth: whose account is to be delegated has one transaction in flight at
/// most.
std::optional<RpcFailure> authority_refusal(const std::vector<PoolEntry>& pool,
                                            const PoolEntry& candidate, const NodeBehaviour& node) {
  for (const eth::Authorization& authorization : candidate.transaction.transaction.authorizations) {
    const auto authority = authorization.authority();
    const auto waiting = std::count_if(pool.begin(), pool.end(), [&](const PoolEntry& entry) {
      return authority && entry.sender == *authority;
    });
    if (waiting > 1) return failure(node, Rule::kOther, "authority already reserved");
  }
  return std::nullopt;
}

}  // namespace

bool outbids(const eth::Transaction& later, const eth::Transaction& earlier) {
  const auto more = [](const eth::U256& a, const eth::U256& b) {
    return a * eth::U256(10) >= b * eth::U256(11);
  };
  return more(later.max_fee_per_gas, earlier.max_fee_per_gas) &&
         more(later.max_priority_fee_per_gas, earlier.max_priority_fee_per_gas);
}

RpcFailure already_known(const NodeBehaviour& node) {
  return failure(node, Rule::kAlreadyKnown, "already known");
}

std::optional<RpcFailure> pool_refusal(const WorldState& state, const std::vector<PoolEntry>& pool,
                                       const PoolEntry& candidate, const NodeBehaviour& node) {
  if (auto refused = form_refusal(candidate, node, state.chain_id)) return refused;
  if (auto refused = state_refusal(state, pool, candidate, node)) return refused;
  if (auto refused = delegation_refusal(state, pool, candidate, node)) return refused;
  if (auto refused = authority_refusal(pool, candidate, node)) return refused;
  const eth::Transaction& tx = candidate.transaction.transaction;
  for (const PoolEntry& entry : pool) {
    const eth::Transaction& other = entry.transaction.transaction;
    const bool same = entry.sender == candidate.sender && other.nonce == tx.nonce;
    if (!same || outbids(tx, other)) continue;
    return failure(node, Rule::kReplacementUnderpriced, "replacement transaction underpriced");
  }
  return std::nullopt;
}

}  // namespace ecloud::devnet
