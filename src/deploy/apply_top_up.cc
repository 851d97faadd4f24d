#include <utility>

#include "deploy/expected_effects.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/top_up.h"
#include "ecloud/platform/credits.h"

namespace ecloud::deploy {
namespace {

std::string words_for(const Purchase& purchase) {
  return platform::format_usdc(purchase.amount) + " for " + purchase.account.to_string();
}

/// The money is gone by then: the purchase stays open, so that the same command says this again,
/// perhaps of another node's receipt, and does not pay again.
void check_credited(const Services& services, const JournalEntry& entry,
                    const chain::Receipt& receipt) {
  const Purchase& purchase = *entry.purchase;
  const eth::U256 credited = platform::credited_to(receipt, services.environment.usdc_credits,
                                                   entry.deployer, purchase.account);
  if (credited == purchase.amount) return;
  throw Error(Category::kTransaction, "billing.not_credited",
              "transaction " + hash_of(entry) + " paid " + words_for(purchase) +
                  ", but USDCCredits announced " + platform::format_usdc(credited) +
                  " of credits for that account",
              "compare the credits (ecloud billing status); if they are missing, contact the "
              "platform with the transaction");
}

void check_paid(const Services& services, JournalEntry& entry, const chain::Receipt& receipt) {
  const Purchase& purchase = *entry.purchase;
  const eth::U256 paid = platform::transferred_from(receipt, purchase.token, entry.deployer);
  if (paid == purchase.amount) return check_credited(services, entry, receipt);
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
                  " instead of " + platform::format_usdc(purchase.amount),
              "look at the credits: ecloud billing status");
}

/// Nothing when it can never be mined, or was reverted.
std::optional<TransactionOutcome> settle(const Services& services, JournalEntry entry,
                                         bool wanted) {
  services.observer.note("an earlier run began to pay " + words_for(*entry.purchase) +
                         " with transaction " + hash_of(entry) + "; looking for it");
  try {
    return go_on(services, std::move(entry), paid(services), wanted);
  } catch (const Error& error) {
    if (error.code() != "chain.reverted") throw;
    services.observer.note(error.message() + "; nothing was paid but gas");
    return std::nullopt;
  }
}

}  // namespace

Check paid(const Services& services) {
  return [&services](JournalEntry& entry, const chain::Receipt& receipt) {
    check_paid(services, entry, receipt);
  };
}

TransactionOutcome apply_top_up(const Services& services, const Signer& payer,
                                const TopUpRequest& request, TopUpPlan plan) {
  JournalEntry entry;
  entry.operation = Operation::kPurchase;
  entry.purchase = Purchase{request.account, plan.token, request.amount, request.credits_before};
  if (request.app) {
    entry.salt = request.app->salt;
    entry.name = request.app->name;
    entry.image_reference = request.app->image_reference;
  }
  sign_and_record(services, payer, std::move(plan.transaction), entry);
  return send_and_conclude(services, std::move(entry), paid(services));
}

std::optional<TransactionOutcome> resume_top_up(const Services& services, const Signer& payer,
                                                const TopUpRequest& request) {
  std::optional<TransactionOutcome> same;
  for (JournalEntry& entry : journal_of(services).open_purchases(payer.address)) {
    const Purchase purchase = *entry.purchase;
    const bool wanted = purchase.amount == request.amount && purchase.account == request.account;
    auto outcome = settle(services, std::move(entry), wanted);
    if (!outcome) continue;
    if (wanted && !same) {
      same = std::move(outcome);
    } else {
      services.observer.note("it was mined: " + words_for(purchase) + " were paid");
      finish_operation(services, *outcome);
    }
  }
  return same;
}

}  // namespace ecloud::deploy
