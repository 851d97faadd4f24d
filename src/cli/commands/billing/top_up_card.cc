// The purchase of credits with a card. Order: look for an unfinished purchase, read the credits,
// choose a card, ask, write the record, send, write the answer, show the checkout page, wait for
// the credits, print, remove the record. A card can be charged although no answer came; the record
// is what keeps the same command from charging it twice.

#include "cli/browser.h"
#include "cli/commands/billing/card_choice.h"
#include "cli/commands/billing/credits_wait.h"
#include "cli/commands/billing/subscription_view.h"
#include "cli/commands/billing/top_up_methods.h"
#include "cli/json_values.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/card_purchases.h"

namespace ecloud::cli {
namespace {

constexpr unsigned kCentDigits = 2;
/// How long a checkout page of the payment service can be paid at.
constexpr std::int64_t kCheckoutLifetimeSeconds = 24 * 3600;
/// A larger amount is taken for a mistake: a million dollars.
constexpr std::uint64_t kMostCents = 100'000'000;

std::uint64_t card_amount(const Values& values) {
  const std::string text = values.required("amount");
  const auto cents = eth::parse_units(text, kCentDigits);
  const std::string where = values.origin("amount").where;
  if (!cents || *cents > eth::U256(kMostCents)) {
    throw Error(Category::kUsage, "cli.bad_value",
                where + " is \"" + base::printable_line(text, 80) +
                    "\", which is not an amount in dollars and cents",
                "write it with at most two digits after a point: --amount 50");
  }
  if (*cents < eth::U256(platform::kLeastCardPurchaseCents)) {
    throw Error(Category::kUsage, "billing.below_minimum",
                cents_text(cents->to_u64()) + " is less than the smallest purchase with a card, " +
                    cents_text(platform::kLeastCardPurchaseCents),
                "give --amount " + cents_amount(platform::kLeastCardPurchaseCents) + " or more");
  }
  return cents->to_u64();
}

void refuse_other_accounts(const Values& values) {
  for (const char* option : {"account", "app", "creator", "chain"}) {
    if (!values.given(option) || values.origin(option).source != Source::kFlag) continue;
    throw Error(Category::kUsage, "cli.conflict",
                "--" + std::string(option) +
                    " does not go with --method card: a card buys credits "
                    "for the account of the key only",
                "leave it out, or pay with --method usdc");
  }
}

std::string words_for(const deploy::CardPurchase& purchase) {
  return cents_text(purchase.cents) +
         (purchase.card.empty() ? " at a checkout page" : " with " + purchase.card) + ", begun " +
         base::format_rfc3339(purchase.started_at);
}

class CardPayment {
 public:
  CardPayment(Context& context, Workflow& workflow, const Values& values, std::uint64_t cents)
      : context_(context),
        workflow_(workflow),
        values_(values),
        account_(context.deployer().address),
        cents_(cents),
        records_(workflow.services().paths.state, context.environment().billing_url) {}

  void run() {
    workflow_.phase("asking the billing service");
    before_ = read_credits(context_, account_).value_or(ShownCredits{});
    if (values_.flag("dry-run")) return show_plan();
    bool is_new = false;
    {
      const base::FileLock lock = records_.lock(account_);
      const auto open = records_.unfinished(account_);
      if (open) purchase_ = *open;
      resumed_ = open && resumes();
      is_new = !resumed_;
      if (is_new) buy();
    }
    finish();
  }

 private:
  /// What an earlier run has begun: true when this one waits for it and buys nothing.
  bool resumes() {
    workflow_.finish_progress();
    const bool expired =
        context_.clock().unix_seconds() - purchase_.started_at > kCheckoutLifetimeSeconds;
    if (purchase_.card.empty() && expired && !has_risen(before_, purchase_.credits_before)) {
      workflow_.note("the checkout page of an earlier purchase has expired: " +
                     words_for(purchase_));
      return false;
    }
    const bool same = purchase_.cents == cents_;
    if (has_risen(before_, purchase_.credits_before)) {
      workflow_.note("the credits of an earlier purchase have arrived: " + words_for(purchase_));
      if (same) return true;
      records_.remove(account_);
      return false;
    }
    if (values_.flag("new-purchase")) return false;
    return waits_for_earlier(same);
  }

  bool waits_for_earlier(bool same) {
    const std::string what =
        "the credits of an earlier purchase have not shown yet: " + words_for(purchase_);
    if (context_.terminal().can_prompt()) {
      workflow_.note(what);
      return context_.terminal().select("An earlier purchase is unfinished",
                                        {"Wait for its credits; pay nothing now",
                                         "Buy " + cents_text(cents_) + " of credits as well"}) == 0;
    }
    if (same) {
      workflow_.note(what + "; waiting for them, nothing is charged now");
      return true;
    }
    throw Error(Category::kUsage, "billing.unfinished_purchase", what,
                "wait for it with the same amount: --amount " + cents_amount(purchase_.cents) +
                    "; or buy again with --new-purchase");
  }

  void buy() {
    platform::BillingApi api = billing_api(context_);
    const auto card = choose_card(context_, values_, api.saved_cards());
    workflow_.finish_progress();
    if (card) {
      context_.terminal().confirm("Charge " + cents_text(cents_) + " to " + card_words(*card) +
                                  " for credits of " + account_.to_string() + "?");
    }
    purchase_ = {.account = account_,
                 .cents = cents_,
                 .card = card ? card_words(*card) : std::string(),
                 .purchase_id = {},
                 .checkout_url = {},
                 .answered = false,
                 .credits_before = before_.total,
                 .started_at = context_.clock().unix_seconds()};
    card_ = card;
    records_.write(purchase_);
    send(api, card ? card->id : std::string());
  }

  void send(platform::BillingApi& api, const std::string& card_id) {
    workflow_.phase(card_id.empty() ? "opening a checkout page" : "charging the card");
    try {
      const platform::CardPurchase answer = api.purchase_credits(cents_, card_id);
      purchase_.purchase_id = answer.id;
      purchase_.checkout_url = answer.checkout_url;
    } catch (const Error& error) {
      // A page that nobody has seen costs nothing.
      const bool nothing_charged = card_id.empty() || error.code() == "billing.refused" ||
                                   error.code() == "billing.forbidden" ||
                                   error.code() == "net.bot_check";
      if (nothing_charged) records_.remove(account_);
      if (nothing_charged || error.code() == "billing.wrong_payment") throw;
      throw error.with_hint(
          "the card may have been charged: check its statement; the same command looks for the "
          "credits and charges nothing more");
    }
    purchase_.answered = true;
    records_.write(purchase_);
    workflow_.finish_progress();
  }

  void finish() {
    const bool arrived = resumed_ && has_risen(before_, purchase_.credits_before);
    std::optional<double> credits;
    if (arrived) credits = before_.remaining;
    if (!arrived) show_page();
    if (!arrived && !values_.flag("no-wait")) credits = wait();
    workflow_.finish_progress();
    if (resumed_) {
      workflow_.note(
          "the earlier run has bought, and nothing more was charged now; to buy more credits, run "
          "the command again");
    }
    context_.output().result(document(credits), [&] { context_.output().pairs(pairs(credits)); });
    // A page that is still to be paid at is found again by the next run.
    const bool page_is_open = !purchase_.checkout_url.empty() && !credits;
    if (!page_is_open) records_.remove(account_);
  }

  void show_page() {
    if (purchase_.checkout_url.empty()) return;
    if (!values_.flag("no-wait")) {
      context_.terminal().status("open this page in a browser and pay there: " +
                                 purchase_.checkout_url);
    }
    open_page(context_, values_, purchase_.checkout_url);
  }

  double wait() {
    const std::string paid =
        purchase_.checkout_url.empty()
            ? cents_text(purchase_.cents) + " were charged to " + purchase_.card
            : "a checkout page for " + cents_text(purchase_.cents) + " is open";
    try {
      return wait_for_credits(context_, workflow_, account_, purchase_.credits_before,
                              *values_.duration("timeout"), paid)
          .remaining;
    } catch (const Error& error) {
      throw error.with_hint(
          "wait again, without another charge, with: "
          "ecloud billing top-up --method card --amount " +
          cents_amount(purchase_.cents) + workflow_.environment_flag());
    }
  }

  void show_plan() {
    platform::BillingApi api = billing_api(context_);
    if (const auto open = records_.unfinished(account_)) {
      workflow_.note("an earlier purchase is unfinished: " + words_for(*open));
    }
    card_ = choose_card(context_, values_, api.saved_cards());
    workflow_.finish_progress();
    purchase_.cents = cents_;
    purchase_.card = card_ ? card_words(*card_) : std::string();
    base::Json plan = document(before_.remaining);
    plan.set("dryRun", true);
    context_.output().result(plan, [&] {
      context_.output().pairs({{"Amount", cents_text(cents_)},
                               {"Credits for", account_.to_string()},
                               {"Paid with", card_ ? card_words(*card_) : "a checkout page"},
                               {"Credits left", money(before_.remaining)}});
    });
  }

  base::Json document(std::optional<double> credits) const {
    const base::Json card = card_ ? base::Json::object({{"id", card_->id},
                                                        {"brand", text_or_null(card_->brand)},
                                                        {"last4", text_or_null(card_->last4)}})
                                  : base::Json();
    return base::Json::object({{"method", "card"},
                               {"amount", cents_amount(purchase_.cents)},
                               {"account", account_.to_string()},
                               {"payer", base::Json()},
                               {"chainId", base::Json()},
                               {"card", card},
                               {"purchaseId", text_or_null(purchase_.purchase_id)},
                               {"checkoutUrl", text_or_null(purchase_.checkout_url)},
                               {"resumed", resumed_},
                               {"remainingCredits", number_or_null(credits)}});
  }

  Pairs pairs(std::optional<double> credits) const {
    const bool paid = purchase_.checkout_url.empty() || credits;
    return {{paid ? "Paid" : "To pay", cents_text(purchase_.cents)},
            {"Card", purchase_.card},
            {"Checkout", paid ? std::string() : purchase_.checkout_url},
            {"Credits for", account_.to_string()},
            {"Purchase", purchase_.purchase_id},
            {"Credits left", money(credits)}};
  }

  Context& context_;
  Workflow& workflow_;
  const Values& values_;
  eth::Address account_;
  std::uint64_t cents_;
  deploy::CardPurchases records_;
  ShownCredits before_;
  deploy::CardPurchase purchase_;
  std::optional<platform::SavedCard> card_;
  bool resumed_ = false;
};

}  // namespace

void pay_with_card(Context& context, const Values& values) {
  const std::uint64_t cents = card_amount(values);
  static_cast<void>(values.duration("timeout"));
  refuse_other_accounts(values);
  context.deployer();
  Workflow workflow(context);
  CardPayment(context, workflow, values, cents).run();
}

}  // namespace ecloud::cli
