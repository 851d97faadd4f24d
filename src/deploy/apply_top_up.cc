#include <utility>

#include "deploy/batch_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/top_up.h"
#include "ecloud/platform/credits.h"

namespace ecloud::deploy {
namespace {

constexpr std::string_view kRunAgain =
    "run the same command again: it finds out and does not pay twice";
/// A node may know an account's new nonce a moment before it finds the receipt.
constexpr base::Milliseconds kLateReceipt{15'000};

std::string hash_of(const PurchaseEntry& entry) {
  return base::to_hex_prefixed(entry.transaction_hash);
}

std::string words_for(const PurchaseEntry& entry) {
  return platform::format_usdc(entry.amount) + " for " + entry.account.to_string();
}

void set_step(const Services& services, PurchaseEntry& entry, Step step) {
  entry.step = step;
  PurchaseJournal(services.paths.state, entry.chain_id).write(entry);
}

bool is_known(const Services& services, const PurchaseEntry& entry) {
  const auto results = services.rpc.batch({chain::get_transaction_by_hash(entry.transaction_hash)});
  const auto* value = std::get_if<base::Json>(&results.front());
  return value != nullptr && value->is_object();
}

void send(const Services& services, PurchaseEntry& entry) {
  services.observer.phase("sending transaction " + hash_of(entry));
  const auto refusal = services.rpc.send_raw_transaction(entry.raw_transaction);
  if (!refusal || is_known(services, entry)) return;
  // Nobody has it, and its nonce is free again for the next attempt, so at most one can be mined.
  set_step(services, entry, Step::kAbandoned);
  const auto revert = revert_of(*refusal);
  throw Error(Category::kTransaction, "chain.refused",
              "the node refused the transaction: " +
                  (revert ? revert->message : base::printable_line(refusal->message)),
              "nothing was paid; mend the cause and run the command again");
}

std::string revert_words(const Services& services, const PurchaseEntry& entry,
                         const chain::Receipt& receipt) {
  const eth::SignedTransaction sent = eth::decode_transaction(entry.raw_transaction);
  const auto results =
      services.rpc.batch({chain::replay(entry.payer, sent.transaction, receipt.block_number)});
  const auto* error = std::get_if<chain::RpcError>(&results.front());
  const auto revert = error != nullptr ? revert_of(*error) : std::nullopt;
  return revert ? revert->message : "the node gave no reason";
}

void check_paid(const Services& services, PurchaseEntry& entry, const chain::Receipt& receipt) {
  const eth::U256 paid = platform::transferred_from(receipt, entry.token, entry.payer);
  if (paid == entry.amount) return;
  set_step(services, entry, Step::kAbandoned);
  if (paid.is_zero()) {
    throw Error(Category::kTransaction, "billing.no_effect",
                "transaction " + hash_of(entry) +
                    " succeeded but paid nothing: the account's delegation was not in place "
                    "(another transaction of the account came between)",
                "run the command again");
  }
  throw Error(Category::kTransaction, "billing.wrong_payment",
              "transaction " + hash_of(entry) + " paid " + platform::format_usdc(paid) +
                  " instead of " + platform::format_usdc(entry.amount),
              "look at the credits: ecloud billing status");
}

chain::Receipt wait_mined(const Services& services, const PurchaseEntry& entry) {
  services.observer.phase("waiting for transaction " + hash_of(entry));
  auto receipt = chain::wait_for_receipt(services.rpc, services.clock, entry.transaction_hash);
  if (receipt) return std::move(*receipt);
  throw Error(Category::kPending, "billing.not_mined",
              "transaction " + hash_of(entry) + ", which pays " + words_for(entry) +
                  ", was sent and is not mined yet",
              std::string(kRunAgain));
}

TopUpOutcome conclude(const Services& services, PurchaseEntry entry, chain::Receipt receipt) {
  if (!receipt.success) {
    const std::string reason = revert_words(services, entry, receipt);
    set_step(services, entry, Step::kAbandoned);
    throw Error(Category::kTransaction, "chain.reverted",
                "transaction " + hash_of(entry) + " was reverted: " + reason,
                "nothing was paid but gas; mend the cause and run the command again");
  }
  check_paid(services, entry, receipt);
  set_step(services, entry, Step::kMined);
  return {.entry = std::move(entry), .receipt = std::move(receipt)};
}

TopUpOutcome send_and_conclude(const Services& services, PurchaseEntry entry) {
  try {
    send(services, entry);
    chain::Receipt receipt = wait_mined(services, entry);
    return conclude(services, std::move(entry), std::move(receipt));
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) {
      throw Error(Category::kInterrupted, "interrupted",
                  "interrupted; transaction " + hash_of(entry) + ", which pays " +
                      words_for(entry) + ", may be on its way",
                  std::string(kRunAgain));
    }
    if (error.category() == Category::kNetwork) {
      throw Error(Category::kNetwork, error.code(),
                  error.message() + "; transaction " + hash_of(entry) + " may be on its way",
                  std::string(kRunAgain));
    }
    throw;
  }
}

PurchaseEntry new_entry(const Services& services, const Signer& payer, const TopUpRequest& request,
                        const TopUpPlan& plan) {
  PurchaseEntry entry;
  entry.payer = payer.address;
  entry.account = request.account;
  entry.token = plan.token;
  entry.amount = request.amount;
  entry.chain_id = services.environment.chain_id;
  entry.nonce = plan.transaction.nonce;
  entry.gas_limit = plan.transaction.gas_limit;
  entry.maximum_cost = plan.maximum_cost;
  entry.created_at = services.clock.unix_seconds();
  entry.credits_before = request.credits_before;
  return entry;
}

/// What became of the transaction; nothing when it can never be mined. One that is not `wanted` now
/// is not sent again: it would be paid unasked.
std::optional<TopUpOutcome> find_out(const Services& services, PurchaseEntry entry, bool wanted) {
  const auto results =
      services.rpc.batch({chain::get_transaction_receipt(entry.transaction_hash),
                          chain::get_transaction_count(entry.payer, chain::BlockTag::kLatest)});
  auto receipt =
      chain::read_receipt(chain::value_or_throw(results[0], "eth_getTransactionReceipt"));
  const std::uint64_t next_nonce =
      chain::read_u64(chain::value_or_throw(results[1], "eth_getTransactionCount"));
  if (!receipt && next_nonce > entry.nonce) {
    receipt = chain::wait_for_receipt(services.rpc, services.clock, entry.transaction_hash,
                                      {.timeout = kLateReceipt});
    if (!receipt) {
      services.observer.note(
          "another transaction of the account took its place; it can never be mined, and nothing "
          "was paid");
      set_step(services, entry, Step::kAbandoned);
      return std::nullopt;
    }
  }
  if (!receipt && !wanted && !is_known(services, entry)) {
    throw Error(Category::kPending, "billing.not_mined",
                "an earlier run signed transaction " + hash_of(entry) + ", which pays " +
                    words_for(entry) + ", and no node knows it",
                "finish it by running that command again, or make another transaction with the "
                "account's nonce " +
                    std::to_string(entry.nonce) + ", so that it can never be mined");
  }
  if (!receipt) return send_and_conclude(services, std::move(entry));
  if (!receipt->success) {
    services.observer.note("it was reverted, and nothing was paid but gas");
    set_step(services, entry, Step::kAbandoned);
    return std::nullopt;
  }
  return conclude(services, std::move(entry), std::move(*receipt));
}

}  // namespace

TopUpOutcome apply_top_up(const Services& services, const Signer& payer,
                          const TopUpRequest& request, TopUpPlan plan) {
  if (plan.delegate) authorize(plan.transaction, payer, services.environment.delegator);
  PurchaseEntry entry = new_entry(services, payer, request, plan);
  eth::SignedTransaction signed_transaction =
      eth::sign_transaction(payer.key, std::move(plan.transaction));
  entry.raw_transaction = std::move(signed_transaction.raw);
  entry.transaction_hash = signed_transaction.hash;
  set_step(services, entry, Step::kSigned);
  return send_and_conclude(services, std::move(entry));
}

std::optional<TopUpOutcome> resume_top_up(const Services& services, const Signer& payer,
                                          const TopUpRequest& request) {
  const PurchaseJournal journal(services.paths.state, services.environment.chain_id);
  std::optional<TopUpOutcome> same;
  for (PurchaseEntry& entry : journal.open(payer.address)) {
    services.observer.note("an earlier run began to pay " + words_for(entry) +
                           " with transaction " + hash_of(entry) + "; looking for it");
    const bool wanted = entry.amount == request.amount && entry.account == request.account;
    auto outcome = find_out(services, std::move(entry), wanted);
    if (!outcome) continue;
    if (wanted && !same) {
      same = std::move(outcome);
      same->resumed = true;
    } else {
      services.observer.note("it was mined: " + words_for(outcome->entry) + " were paid");
      finish_top_up(services, *outcome);
    }
  }
  return same;
}

void finish_top_up(const Services& services, const TopUpOutcome& outcome) {
  PurchaseEntry entry = outcome.entry;
  set_step(services, entry, Step::kDone);
}

}  // namespace ecloud::deploy
