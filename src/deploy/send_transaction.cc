#include "deploy/send_transaction.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "deploy/batch_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/transaction_watch.h"
#include "ecloud/deploy/controller_reads.h"
#include "ecloud/platform/credits.h"
#include "ecloud/platform/signatures.h"

namespace ecloud::deploy {
namespace {

/// How long the account's other transaction may stay in flight, as long as a receipt is waited for;
/// how often it is asked for; and how long nodes may disagree whether there is one.
constexpr base::Milliseconds kBusyPatience{180'000};
constexpr base::Milliseconds kBusyDelay{1'000};
constexpr base::Milliseconds kGapPatience{15'000};

constexpr std::string_view kRunAgain = "run the same command again: it finds out and goes on";

/// "transaction 0x… of app 0x…".
std::string subject(const JournalEntry& entry) {
  const std::string out = "transaction " + hash_of(entry);
  if (entry.purchase) {
    return out + ", which pays " + platform::format_usdc(entry.purchase->amount) + " for " +
           entry.purchase->account.to_string() + ",";
  }
  if (entry.app.is_zero()) return out;
  if (entry.operation == Operation::kTerminate) {
    return out + ", which terminates app " + entry.app.to_string() + ",";
  }
  return out + " of app " + entry.app.to_string();
}

/// For a transaction that waits. The same command finds it again; `ecloud resume` does more.
std::string waiting_hint(const JournalEntry& entry) {
  return std::string(kRunAgain) + "\nwhen it is stuck, pay more for it: ecloud resume " +
         hash_of(entry) + " --speed-up (or --cancel it)";
}

/// The hint that finishes what an earlier run began and this one may not.
std::string finishing_hint(const JournalEntry& entry) {
  std::string command = "the command that began it";
  if (entry.purchase) {
    command = "ecloud billing top-up --amount " +
              eth::format_units(entry.purchase->amount, platform::kUsdcDecimals) + " --account " +
              entry.purchase->account.to_string();
  } else if (entry.operation == Operation::kTerminate) {
    command = "ecloud compute app terminate " + entry.app.to_string();
  }
  return "finish it: " + command +
         "\nor take its nonce away, so that it can never be mined: " + "ecloud resume " +
         hash_of(entry) + " --cancel";
}

/// Whether a node knows the transaction, mined or not.
bool is_known(const Services& services, const JournalEntry& entry) {
  const auto results = services.rpc.batch({chain::get_transaction_by_hash(entry.latest_hash())});
  const auto* value = std::get_if<base::Json>(&results.front());
  return value != nullptr && value->is_object();
}

std::string reason_of(const chain::Refusal& refusal) {
  const auto revert = revert_of(refusal.error);
  return revert ? revert->message : base::printable_line(refusal.error.message);
}

/// Nobody has it, and its nonce is used or spoken for.
[[noreturn]] void fail_nonce_taken(const Services& services, JournalEntry& entry) {
  set_step(services, entry, Step::kAbandoned);
  throw Error(Category::kTransaction, "chain.nonce_taken",
              "another transaction of the account took nonce " + std::to_string(entry.nonce) +
                  ", so that " + hash_of(entry) + " can never be mined; it has had no effect",
              "run the command again");
}

[[noreturn]] void fail_tip_too_low(const Services& services, JournalEntry& entry,
                                   const eth::U256& demanded) {
  set_step(services, entry, Step::kAbandoned);
  throw Error(Category::kTransaction, "chain.tip_too_low",
              "the node accepts no priority fee below " + eth::format_units(demanded, 9) +
                  " gwei; nothing is on chain",
              "run the command again");
}

/// Another transaction of the account that is not mined yet, as one node sees it.
class AccountQueue {
 public:
  AccountQueue(const Services& services, const JournalEntry& entry)
      : services_(services), entry_(entry) {}

  enum class State {
    kBusy,   ///< a transaction before ours is in flight
    kFree,   ///< ours is the next one
    kTaken,  ///< our nonce is used
    kGap,    ///< nothing is in flight, and ours is not the next one
  };
  State ask() const {
    try {
      const auto answers = services_.rpc.batch(
          {chain::get_transaction_count(entry_.deployer, chain::BlockTag::kLatest),
           chain::get_transaction_count(entry_.deployer, chain::BlockTag::kPending)});
      const std::uint64_t latest = number_in(answers[0]);
      const std::uint64_t pending = number_in(answers[1]);
      if (latest > entry_.nonce) return State::kTaken;
      if (latest == entry_.nonce) return State::kFree;
      return pending > latest ? State::kBusy : State::kGap;
    } catch (const Error& error) {
      if (error.category() != Category::kNetwork || error.code() == "chain.wrong_chain") throw;
      return State::kBusy;
    }
  }

 private:
  static std::uint64_t number_in(const chain::RpcResult& answer) {
    return chain::read_u64(chain::value_or_throw(answer, "eth_getTransactionCount"));
  }

  const Services& services_;
  const JournalEntry& entry_;
};

/// Nodes take one transaction at a time from a delegated account (geth, reth, nethermind): waits
/// until the one in flight is mined and sends again. The last refusal, or nothing when a node took
/// it. `is_out` is false while no node can have it; once an attempt may have reached a node it
/// stays true, and the transaction is not given up here.
std::optional<chain::Refusal> send_after_others(const Services& services, JournalEntry& entry,
                                                chain::Refusal refusal, bool& is_out) {
  services.observer.note("another transaction of account " + entry.deployer.to_string() +
                         " is in flight, and nodes accept one at a time from a delegated account; "
                         "waiting until it is mined");
  services.observer.phase("waiting for the account's other transaction");
  const AccountQueue queue(services, entry);
  const base::Milliseconds start = services.clock.monotonic();
  base::Milliseconds gap_since = start;
  for (;;) {
    const base::Milliseconds now = services.clock.monotonic();
    const auto state = queue.ask();
    if (state != AccountQueue::State::kGap) gap_since = now;
    if (state == AccountQueue::State::kTaken) {
      refusal.nonce_too_low = true;
      return refusal;
    }
    if (state == AccountQueue::State::kFree) {
      services.observer.phase("sending transaction " + hash_of(entry));
      const bool was_out = std::exchange(is_out, true);
      auto next = services.rpc.send_raw_transaction(entry.latest_raw_transaction());
      if (!next) return next;
      is_out = was_out || next->maybe_delivered;
      refusal = std::move(*next);
      if (!refusal.account_is_busy) return refusal;
    }
    if (now - gap_since >= kGapPatience) {
      if (is_out) return refusal;
      set_step(services, entry, Step::kAbandoned);
      throw Error(Category::kTransaction, "chain.nonce_gap",
                  "the transaction before " + hash_of(entry) +
                      " is gone, so that it was planned with nonce " + std::to_string(entry.nonce) +
                      " too early; nothing is on chain",
                  "run the command again");
    }
    if (now - start >= kBusyPatience) return refusal;
    services.clock.sleep(kBusyDelay);
  }
}

[[noreturn]] void fail_account_busy(const Services& services, JournalEntry& entry) {
  set_step(services, entry, Step::kAbandoned);
  throw Error(Category::kTransaction, "chain.account_busy",
              "another transaction of account " + entry.deployer.to_string() +
                  " is still in flight after " + std::to_string(kBusyPatience.count() / 1000) +
                  " s, and nodes accept one at a time from a delegated account; nothing was sent",
              "run the command again when it is mined; if this machine sent it: ecloud resume "
              "--list");
}

/// `again`: an earlier run may have sent it, to whatever node, so that no refusal says that nobody
/// has it. `is_out` tells the caller whether a node may have it.
void send(const Services& services, JournalEntry& entry, bool again, bool& is_out) {
  services.observer.phase("sending transaction " + hash_of(entry));
  is_out = true;
  auto refusal = services.rpc.send_raw_transaction(entry.latest_raw_transaction());
  if (!refusal || is_known(services, entry)) return;
  if (refusal->account_is_busy) {
    is_out = again || refusal->maybe_delivered;
    refusal = send_after_others(services, entry, std::move(*refusal), is_out);
    if (!refusal || is_known(services, entry)) return;
    refusal->maybe_delivered = is_out;
    if (refusal->account_is_busy && !refusal->nonce_too_low && !refusal->maybe_delivered) {
      fail_account_busy(services, entry);
    }
  }
  const bool nonce_is_gone = refusal->nonce_too_low || refusal->nonce_in_pool;
  if (again || refusal->maybe_delivered) {
    // What took the nonce may have been this very transaction.
    if (nonce_is_gone) return;
    throw Error(Category::kPending, "deploy.not_mined",
                "the node refused the transaction: " + reason_of(*refusal) + "; " + subject(entry) +
                    " may be on its way all the same",
                waiting_hint(entry));
  }
  if (nonce_is_gone) fail_nonce_taken(services, entry);
  if (refusal->demanded_tip) fail_tip_too_low(services, entry, *refusal->demanded_tip);
  // Nobody has it, and its nonce is free again for the next attempt, so at most one can be mined.
  set_step(services, entry, Step::kAbandoned);
  throw Error(Category::kTransaction, "chain.refused",
              "the node refused the transaction: " + reason_of(*refusal),
              "nothing is on chain; mend the cause and run the command again");
}

/// While it is waited for: that it cannot be sent just now changes nothing.
void resend(const Services& services, const JournalEntry& entry) {
  try {
    static_cast<void>(services.rpc.send_raw_transaction(entry.latest_raw_transaction()));
  } catch (const Error& error) {
    if (error.category() != Category::kNetwork || error.code() == "chain.wrong_chain") throw;
  }
}

chain::WatchedTransaction watched(const JournalEntry& entry) {
  return {entry.hashes(), entry.deployer, entry.nonce};
}

std::uint64_t confirmations_for(const Services& services) {
  if (services.confirmations != 0) return services.confirmations;
  return services.environment.is_mainnet() ? 2 : 1;
}

chain::WatchOptions watch_options(const Services& services, const JournalEntry& entry,
                                  bool may_send) {
  chain::WatchOptions out;
  out.confirmations = confirmations_for(services);
  if (may_send) out.resend = [&] { resend(services, entry); };
  out.on_seen = [&services, count = out.confirmations](const chain::Receipt& receipt) {
    services.observer.detail("in block " + std::to_string(receipt.block_number) + ", waiting for " +
                             std::to_string(count) + " confirmations");
  };
  out.on_reorganised = [&](const chain::Receipt& receipt) {
    services.observer.warning("block " + std::to_string(receipt.block_number) +
                              " with transaction " + hash_of(entry) +
                              " is no part of the chain any more; waiting until it is mined again");
  };
  return out;
}

chain::Receipt wait_mined(const Services& services, JournalEntry& entry, bool may_send) {
  services.observer.phase("waiting for transaction " + hash_of(entry));
  const chain::WatchOptions options = watch_options(services, entry, may_send);
  auto end = chain::watch_transaction(services.rpc, services.clock, watched(entry), options);
  switch (end.end) {
    case chain::Watched::End::kMined:
      return std::move(*end.receipt);
    case chain::Watched::End::kNonceTaken:
      fail_nonce_taken(services, entry);
    case chain::Watched::End::kTimeOut:
      break;
  }
  if (end.receipt) {
    throw Error(Category::kPending, "deploy.not_mined",
                subject(entry) + " is in block " + std::to_string(end.receipt->block_number) +
                    ", and has not " + std::to_string(options.confirmations) + " confirmations yet",
                std::string(kRunAgain));
  }
  throw Error(Category::kPending, "deploy.not_mined",
              subject(entry) + " was sent and is not mined yet", waiting_hint(entry));
}

/// Nothing when no node can run it again: that it was reverted is certain from its receipt.
std::optional<Revert> reason_of_revert(const Services& services, const JournalEntry& entry,
                                       const chain::Receipt& receipt) {
  const eth::SignedTransaction sent = eth::decode_transaction(entry.raw_transaction);
  try {
    const auto results =
        services.rpc.batch({chain::replay(entry.deployer, sent.transaction, receipt.block_number)});
    const auto* error = std::get_if<chain::RpcError>(&results.front());
    return error != nullptr ? revert_of(*error) : std::nullopt;
  } catch (const Error& error) {
    if (error.category() != Category::kNetwork) throw;
    return std::nullopt;
  }
}

[[noreturn]] void fail_reverted(const Services& services, JournalEntry& entry,
                                const chain::Receipt& receipt) {
  const auto revert = reason_of_revert(services, entry, receipt);
  set_step(services, entry, Step::kAbandoned);
  throw Error(
      Category::kTransaction, "chain.reverted",
      "transaction " + hash_of(entry) +
          " was reverted: " + (revert ? revert->message : "the node gave no reason"),
      revert && !revert->hint.empty() ? revert->hint : "mend the cause and run the command again");
}

/// What was signed last to do nothing came first.
void refuse_cancelled(const Services& services, JournalEntry& entry) {
  const auto is_mined_cancellation = [&](const Replacement& one) {
    return one.cancels && one.transaction_hash == entry.mined_hash;
  };
  if (std::none_of(entry.replacements.begin(), entry.replacements.end(), is_mined_cancellation)) {
    return;
  }
  set_step(services, entry, Step::kAbandoned);
  throw Error(
      Category::kTransaction, "chain.cancelled",
      "the transaction was cancelled: " + hash_of(entry) + ", which does nothing, took its nonce",
      "run the command again when you want it after all");
}

TransactionOutcome conclude(const Services& services, JournalEntry entry, chain::Receipt receipt,
                            const Check& check) {
  entry.mined_hash = receipt.transaction_hash;
  entry.block_number = receipt.block_number;
  refuse_cancelled(services, entry);
  if (!receipt.success) fail_reverted(services, entry, receipt);
  check(entry, receipt);
  set_step(services, entry, Step::kMined);
  return {.entry = std::move(entry), .receipt = std::move(receipt)};
}

enum class Sending {
  kFirst,    ///< nobody can have it yet
  kAgain,    ///< an earlier run may have sent it
  kNot,      ///< it is only waited for
  kHasBeen,  ///< a node has just taken it
};

TransactionOutcome see_through(const Services& services, JournalEntry entry, const Check& check,
                               Sending sending) {
  bool is_out = sending != Sending::kFirst;
  try {
    if (sending == Sending::kFirst || sending == Sending::kAgain) {
      send(services, entry, sending == Sending::kAgain, is_out);
    }
    chain::Receipt receipt = wait_mined(services, entry, sending != Sending::kNot);
    services.rpc.require_block(receipt.block_number);
    return conclude(services, entry, std::move(receipt), check);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted && !is_out) {
      set_step(services, entry, Step::kAbandoned);
      throw Error(Category::kInterrupted, "interrupted",
                  "interrupted; " + subject(entry) + " was not sent", "run the command again");
    }
    if (error.category() == Category::kInterrupted) {
      throw Error(Category::kInterrupted, "interrupted",
                  "interrupted; " + subject(entry) + " may be on its way", std::string(kRunAgain));
    }
    if (error.category() == Category::kNetwork) {
      throw Error(Category::kNetwork, error.code(),
                  error.message() + "; transaction " + hash_of(entry) + " may be on its way",
                  std::string(kRunAgain));
    }
    throw;
  }
}

/// One look at what has become of a transaction that an earlier run signed.
chain::Watched look(const Services& services, const JournalEntry& entry) {
  return chain::watch_transaction(services.rpc, services.clock, watched(entry),
                                  {.timeout = base::Milliseconds(0)});
}

/// The outcome of what an earlier run began; nothing, after a note, when the transaction can never
/// have an effect, so that a new one may be made.
std::optional<TransactionOutcome> unless_without_effect(
    const Services& services, const std::function<TransactionOutcome()>& finish) {
  try {
    TransactionOutcome outcome = finish();
    outcome.resumed = true;
    return outcome;
  } catch (const Error& error) {
    const bool has_no_effect =
        error.code() == "chain.nonce_taken" || error.code() == "chain.cancelled";
    if (!has_no_effect) throw;
    services.observer.note(error.message());
    return std::nullopt;
  }
}

void add_authorization(const Services& services, const Signer& signer, TransactionPlan& plan) {
  if (plan.delegate) authorize(plan.transaction, signer, services.environment.delegator);
  if (plan.undelegate) authorize(plan.transaction, signer, eth::Address());
}

}  // namespace

Journal journal_of(const Services& services) {
  return Journal(services.paths.state, services.environment.name);
}

std::string hash_of(const JournalEntry& entry) {
  return base::to_hex_prefixed(entry.mined_hash.value_or(entry.latest_hash()));
}

void set_step(const Services& services, JournalEntry& entry, Step step) {
  entry.step = step;
  journal_of(services).write(entry);
}

void finish_operation(const Services& services, const TransactionOutcome& outcome) {
  JournalEntry entry = outcome.entry;
  set_step(services, entry, Step::kDone);
}

base::Bytes32 planned_hash(const Services& services, const Signer& signer, TransactionPlan plan) {
  add_authorization(services, signer, plan);
  return eth::sign_transaction(signer.key, std::move(plan.transaction)).hash;
}

void sign_and_record(const Services& services, const Signer& signer, TransactionPlan plan,
                     JournalEntry& entry) {
  add_authorization(services, signer, plan);
  entry.deployer = signer.address;
  entry.chain_id = services.environment.chain_id;
  entry.nonce = plan.transaction.nonce;
  entry.gas_limit = plan.transaction.gas_limit;
  entry.max_cost_wei = plan.maximum_cost.to_decimal();
  entry.created_at = services.clock.unix_seconds();
  eth::SignedTransaction signed_transaction =
      eth::sign_transaction(signer.key, std::move(plan.transaction));
  entry.raw_transaction = std::move(signed_transaction.raw);
  entry.transaction_hash = signed_transaction.hash;
  journal_of(services).write(entry);
}

TransactionOutcome send_and_conclude(const Services& services, JournalEntry entry,
                                     const Check& check) {
  return see_through(services, std::move(entry), check, Sending::kFirst);
}

std::optional<TransactionOutcome> go_on(const Services& services, JournalEntry entry,
                                        const Check& check, bool may_send) {
  const chain::Watched found = look(services, entry);
  const bool is_in_block = found.end == chain::Watched::End::kMined;
  return unless_without_effect(services, [&] {
    if (found.end == chain::Watched::End::kNonceTaken) fail_nonce_taken(services, entry);
    if (!is_in_block && !may_send && !is_known(services, entry)) {
      throw Error(Category::kPending, "deploy.not_mined",
                  "an earlier run signed " + subject(entry) + " and no node knows it",
                  finishing_hint(entry));
    }
    if (entry.step == Step::kMined && !is_in_block) {
      services.observer.warning("the block that held " + hash_of(entry) +
                                " is no part of the chain any more");
    }
    const bool sends = may_send && !is_in_block;
    return see_through(services, std::move(entry), check, sends ? Sending::kAgain : Sending::kNot);
  });
}

std::optional<TransactionOutcome> await_sent(const Services& services, JournalEntry entry,
                                             const Check& check) {
  return unless_without_effect(
      services, [&] { return see_through(services, std::move(entry), check, Sending::kHasBeen); });
}

base::Bytes32 domain_separator_of(const Services& services, const std::string& controller_version) {
  return platform::controller_domain_separator(controller_version, services.environment.chain_id,
                                               services.environment.app_controller);
}

base::Bytes32 ask_domain_separator(const Services& services) {
  const auto results = services.rpc.batch(
      {chain::eth_call(services.environment.app_controller, platform::encode_version())});
  return domain_separator_of(services, controller_version(services, results.front()));
}

}  // namespace ecloud::deploy
