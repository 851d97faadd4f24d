#include "ecloud/deploy/unfinished.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "deploy/batch_transaction.h"
#include "deploy/chain_snapshot.h"
#include "deploy/expected_effects.h"
#include "deploy/plan_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"

namespace ecloud::deploy {
namespace {

/// A transfer to an account without code: 21,000. One that is delegated runs its code, which may
/// take or refuse a payment of nothing: the nonce is used in either case.
constexpr std::uint64_t kCancelGas = 21'000;
constexpr std::uint64_t kCancelGasWithCode = 100'000;

/// Nodes take a replacement for a tenth more (geth's txpool.pricebump).
eth::U256 raised(const eth::U256& wei) {
  return wei + wei / eth::U256(8) + eth::U256(1);
}

Error too_late(const JournalEntry& entry, const std::string& what) {
  return {Category::kTransaction, "resume.too_late", "transaction " + hash_of(entry) + " " + what,
          "see it through: ecloud resume " + hash_of(entry)};
}

void refuse_ended(const Services& services, const JournalEntry& entry) {
  const Fate fate = fate_of(services, entry);
  if (fate == Fate::kMined) throw too_late(entry, "is mined already");
  if (fate == Fate::kImpossible) {
    throw too_late(entry, "can never be mined: another one took its nonce");
  }
}

eth::Transaction last_attempt(const JournalEntry& entry) {
  return eth::decode_transaction(entry.latest_raw_transaction()).transaction;
}

/// With a list of authorizations nodes may not run it as a call.
void refuse_certain_failure(const Services& services, const JournalEntry& entry,
                            const eth::Transaction& transaction) {
  if (!transaction.authorizations.empty()) return;
  const auto results =
      services.rpc.batch({chain::replay(entry.deployer, transaction, std::nullopt)});
  const auto* error = std::get_if<chain::RpcError>(&results.front());
  const auto revert = error != nullptr ? revert_of(*error) : std::nullopt;
  if (!revert) return;
  throw Error(Category::kTransaction, "chain.would_revert",
              "the contract would refuse the transaction now: " + revert->message,
              "cancel it: ecloud resume " + hash_of(entry) + " --cancel");
}

/// Of all that were signed it is known to be the last one that a node refused.
[[noreturn]] void fail_refused(const chain::Refusal& refusal) {
  throw Error(Category::kTransaction, "chain.refused",
              "the node refused the replacement: " + refusal.error.message,
              "the transaction before it is not touched; try again with higher fees by running "
              "the command again");
}

}  // namespace

std::vector<JournalEntry> unfinished_operations(const Services& services) {
  std::vector<JournalEntry> out = journal_of(services).all_unfinished();
  std::sort(out.begin(), out.end(), [](const JournalEntry& a, const JournalEntry& b) {
    return std::tie(a.deployer, a.nonce, a.created_at) <
           std::tie(b.deployer, b.nonce, b.created_at);
  });
  return out;
}

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::kMined:
      return "mined";
    case Fate::kWaiting:
      return "waiting";
    case Fate::kUnknown:
      return "unknown";
    case Fate::kImpossible:
      return "impossible";
  }
  fail_bug("a fate without a name");
}

Fate fate_of(const Services& services, const JournalEntry& entry) {
  std::vector<chain::RpcCall> calls = {
      chain::get_transaction_count(entry.deployer, chain::BlockTag::kLatest)};
  for (const base::Bytes32& hash : entry.hashes()) {
    calls.push_back(chain::get_transaction_by_hash(hash));
  }
  const auto answers = services.rpc.batch(calls);
  bool waits = false;
  for (std::size_t i = 1; i < answers.size(); ++i) {
    const base::Json& found = chain::value_or_throw(answers[i], calls[i].method);
    if (!found.is_object()) continue;
    if (!found["blockNumber"].is_null()) return Fate::kMined;
    waits = true;
  }
  const std::uint64_t next = chain::read_u64(chain::value_or_throw(answers[0], calls[0].method));
  if (next > entry.nonce) return Fate::kImpossible;
  return waits ? Fate::kWaiting : Fate::kUnknown;
}

std::optional<TransactionOutcome> continue_operation(const Services& services, JournalEntry entry,
                                                     bool may_send) {
  const bool of_platform = concerns_platform(entry.operation);
  const Operation operation = entry.operation;
  auto outcome = go_on(services, std::move(entry), expected_effect(services, operation), may_send);
  if (outcome && of_platform) outcome->domain_separator = ask_domain_separator(services);
  return outcome;
}

ReplacementPlan plan_replacement(const Services& services, const Signer& signer,
                                 const JournalEntry& entry, bool cancels) {
  if (signer.address != entry.deployer) {
    throw Error(Category::kUsage, "resume.other_account",
                "transaction " + hash_of(entry) + " is of account " + entry.deployer.to_string() +
                    ", and your key is that of " + signer.address.to_string(),
                "give the key of that account: --private-key-file FILE");
  }
  refuse_ended(services, entry);
  const AccountSnapshot chain = read_account(services, signer.address);
  ReplacementPlan plan{.entry = entry, .cancels = cancels};
  const eth::Transaction before = last_attempt(entry);
  plan.former_maximum_cost = before.maximum_cost();
  plan.balance = chain.balance;
  if (cancels) {
    plan.transaction.chain_id = before.chain_id;
    plan.transaction.nonce = before.nonce;
    plan.transaction.to = entry.deployer;
    plan.transaction.gas_limit = chain.code.empty() ? kCancelGas : kCancelGasWithCode;
  } else {
    plan.transaction = eth::decode_transaction(entry.raw_transaction).transaction;
    refuse_certain_failure(services, entry, plan.transaction);
  }
  plan.transaction.max_priority_fee_per_gas =
      std::max(raised(before.max_priority_fee_per_gas), chain.fees.max_priority_fee_per_gas);
  plan.transaction.max_fee_per_gas =
      std::max(raised(before.max_fee_per_gas), chain.fees.max_fee_per_gas);
  plan.maximum_cost = plan.transaction.maximum_cost();
  check_funds(services, signer.address, plan.balance, plan.maximum_cost, "the replacement");
  return plan;
}

std::optional<TransactionOutcome> apply_replacement(const Services& services, const Signer& signer,
                                                    ReplacementPlan plan) {
  JournalEntry entry = std::move(plan.entry);
  eth::SignedTransaction signed_one =
      eth::sign_transaction(signer.key, std::move(plan.transaction));
  entry.replacements.push_back({.cancels = plan.cancels,
                                .raw_transaction = std::move(signed_one.raw),
                                .transaction_hash = signed_one.hash,
                                .max_cost_wei = plan.maximum_cost.to_decimal(),
                                .created_at = services.clock.unix_seconds()});
  entry.max_cost_wei = plan.maximum_cost.to_decimal();
  journal_of(services).write(entry);
  services.observer.phase("sending transaction " + hash_of(entry));
  const auto refusal = services.rpc.send_raw_transaction(entry.latest_raw_transaction());
  // A nonce that is used is what the one before it was for: that is looked at next.
  if (refusal && !refusal->nonce_too_low && !refusal->maybe_delivered) fail_refused(*refusal);
  if (refusal) return continue_operation(services, std::move(entry), true);
  const Operation operation = entry.operation;
  auto outcome = await_sent(services, std::move(entry), expected_effect(services, operation));
  if (outcome && concerns_platform(operation)) {
    outcome->domain_separator = ask_domain_separator(services);
  }
  return outcome;
}

void abandon_operation(const Services& services, JournalEntry entry) {
  if (fate_of(services, entry) == Fate::kMined) throw too_late(entry, "is mined already");
  set_step(services, entry, Step::kAbandoned);
}

}  // namespace ecloud::deploy
