#include "deploy/send_transaction.h"

#include <utility>

#include "deploy/batch_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/credits.h"
#include "ecloud/platform/signatures.h"

namespace ecloud::deploy {
namespace {

/// A node may know an account's new nonce a moment before it finds the receipt.
constexpr base::Milliseconds kLateReceipt{15'000};
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
  return "finish it: " + command + "\nor make another transaction with the account's nonce " +
         std::to_string(entry.nonce) + ", so that it can never be mined";
}

/// Whether a node knows the transaction, mined or not.
bool is_known(const Services& services, const JournalEntry& entry) {
  const auto results = services.rpc.batch({chain::get_transaction_by_hash(entry.transaction_hash)});
  const auto* value = std::get_if<base::Json>(&results.front());
  return value != nullptr && value->is_object();
}

/// `again`: an earlier run may have sent it, to whatever node, so that no refusal says that nobody
/// has it.
void send(const Services& services, JournalEntry& entry, bool again) {
  services.observer.phase("sending transaction " + hash_of(entry));
  const auto refusal = services.rpc.send_raw_transaction(entry.raw_transaction);
  if (!refusal || is_known(services, entry)) return;
  const auto revert = revert_of(refusal->error);
  const std::string reason =
      revert ? revert->message : base::printable_line(refusal->error.message);
  if (again || refusal->maybe_delivered) {
    throw Error(Category::kPending, "deploy.not_mined",
                "the node refused the transaction: " + reason + "; " + subject(entry) +
                    " may be on its way all the same",
                std::string(kRunAgain) + "\nor make another transaction with the account's nonce " +
                    std::to_string(entry.nonce) + ", so that it can never be mined");
  }
  // Nobody has it, and its nonce is free again for the next attempt, so at most one can be mined.
  set_step(services, entry, Step::kAbandoned);
  throw Error(Category::kTransaction, "chain.refused",
              "the node refused the transaction: " + reason,
              refusal->nonce_too_low
                  ? "another transaction of the account came first; run the command again"
                  : "nothing is on chain; mend the cause and run the command again");
}

chain::Receipt wait_mined(const Services& services, const JournalEntry& entry) {
  services.observer.phase("waiting for transaction " + hash_of(entry));
  auto receipt = chain::wait_for_receipt(services.rpc, services.clock, entry.transaction_hash);
  if (receipt) return std::move(*receipt);
  throw Error(Category::kPending, "deploy.not_mined",
              subject(entry) + " was sent and is not mined yet", std::string(kRunAgain));
}

[[noreturn]] void fail_reverted(const Services& services, JournalEntry& entry,
                                const chain::Receipt& receipt) {
  const eth::SignedTransaction sent = eth::decode_transaction(entry.raw_transaction);
  const auto results =
      services.rpc.batch({chain::replay(entry.deployer, sent.transaction, receipt.block_number)});
  const auto* error = std::get_if<chain::RpcError>(&results.front());
  const auto revert = error != nullptr ? revert_of(*error) : std::nullopt;
  set_step(services, entry, Step::kAbandoned);
  throw Error(
      Category::kTransaction, "chain.reverted",
      "transaction " + hash_of(entry) +
          " was reverted: " + (revert ? revert->message : "the node gave no reason"),
      revert && !revert->hint.empty() ? revert->hint : "mend the cause and run the command again");
}

TransactionOutcome conclude(const Services& services, JournalEntry entry, chain::Receipt receipt,
                            const Check& check) {
  if (!receipt.success) fail_reverted(services, entry, receipt);
  check(entry, receipt);
  set_step(services, entry, Step::kMined);
  return {.entry = std::move(entry), .receipt = std::move(receipt)};
}

enum class Sending { kFirst, kAgain, kNot };

TransactionOutcome see_through(const Services& services, JournalEntry entry, const Check& check,
                               Sending sending) {
  try {
    if (sending != Sending::kNot) send(services, entry, sending == Sending::kAgain);
    chain::Receipt receipt = wait_mined(services, entry);
    return conclude(services, entry, std::move(receipt), check);
  } catch (const Error& error) {
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

/// What has become of a transaction that an earlier run signed.
struct Trace {
  std::optional<chain::Receipt> receipt;
  bool impossible = false;  ///< another one took its nonce
};

Trace trace(const Services& services, const JournalEntry& entry) {
  const auto results =
      services.rpc.batch({chain::get_transaction_receipt(entry.transaction_hash),
                          chain::get_transaction_count(entry.deployer, chain::BlockTag::kLatest)});
  Trace out;
  out.receipt = chain::read_receipt(chain::value_or_throw(results[0], "eth_getTransactionReceipt"));
  const std::uint64_t next_nonce =
      chain::read_u64(chain::value_or_throw(results[1], "eth_getTransactionCount"));
  if (!out.receipt && next_nonce > entry.nonce) {
    out.receipt = chain::wait_for_receipt(services.rpc, services.clock, entry.transaction_hash,
                                          {.timeout = kLateReceipt});
    out.impossible = !out.receipt;
  }
  return out;
}

}  // namespace

Journal journal_of(const Services& services) {
  return Journal(services.paths.state, services.environment.name);
}

std::string hash_of(const JournalEntry& entry) {
  return base::to_hex_prefixed(entry.transaction_hash);
}

void set_step(const Services& services, JournalEntry& entry, Step step) {
  entry.step = step;
  journal_of(services).write(entry);
}

void finish_operation(const Services& services, const TransactionOutcome& outcome) {
  JournalEntry entry = outcome.entry;
  set_step(services, entry, Step::kDone);
}

void sign_and_record(const Services& services, const Signer& signer, TransactionPlan plan,
                     JournalEntry& entry) {
  if (plan.delegate) authorize(plan.transaction, signer, services.environment.delegator);
  if (plan.undelegate) authorize(plan.transaction, signer, eth::Address());
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
  Trace found = trace(services, entry);
  if (found.impossible) {
    services.observer.note("another transaction of the account took the place of " +
                           hash_of(entry) + "; it can never be mined and has had no effect");
    set_step(services, entry, Step::kAbandoned);
    return std::nullopt;
  }
  if (!found.receipt && !may_send && !is_known(services, entry)) {
    throw Error(Category::kPending, "deploy.not_mined",
                "an earlier run signed " + subject(entry) + " and no node knows it",
                finishing_hint(entry));
  }
  TransactionOutcome outcome =
      found.receipt ? conclude(services, std::move(entry), std::move(*found.receipt), check)
                    : see_through(services, std::move(entry), check,
                                  may_send ? Sending::kAgain : Sending::kNot);
  outcome.resumed = true;
  return outcome;
}

base::Bytes32 domain_separator_of(const Services& services, const std::string& controller_version) {
  return platform::controller_domain_separator(controller_version, services.environment.chain_id,
                                               services.environment.app_controller);
}

base::Bytes32 ask_domain_separator(const Services& services) {
  const auto results = services.rpc.batch(
      {chain::eth_call(services.environment.app_controller, platform::encode_version())});
  return domain_separator_of(
      services,
      platform::decode_text(chain::read_data(chain::value_or_throw(results.front(), "eth_call"))));
}

}  // namespace ecloud::deploy
