#include "devnet/billing_service.h"

#include <algorithm>

#include "devnet/api_signatures.h"
#include "devnet/credits_contract.h"
#include "devnet/user_api_service.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"

namespace ecloud::devnet {
namespace {

constexpr std::string_view kPrefix = "/billing/";
constexpr std::uint64_t kMicros = 1'000'000;
constexpr std::uint64_t kMicrosPerCent = kMicros / 100;
constexpr std::uint64_t kMonthlyBill = 1'200'000;
constexpr std::uint64_t kLeastPurchaseCents = 500;
constexpr std::int64_t kPeriodSeconds = 30 * 24 * 3600;
constexpr std::int64_t kCreditLifetimeSeconds = 365 * 24 * 3600;
constexpr std::int64_t kPromotionSeconds = 90 * 24 * 3600;
/// The end of a test card that is always declined.
constexpr std::string_view kDeclinedCard = "0002";

bool is_active(const std::string& status) {
  return status == "active" || status == "trialing";
}

/// Whether there is anything to cancel: an unpaid subscription can be ended too.
bool can_cancel(const std::string& status) {
  return is_active(status) || status == "past_due" || status == "unpaid";
}

base::Json time_or_null(std::optional<std::int64_t> seconds) {
  if (!seconds) return nullptr;
  return base::format_rfc3339(*seconds);
}

base::Json seconds_or_null(std::optional<std::int64_t> seconds) {
  return seconds ? base::Json(*seconds) : base::Json();
}

double dollars(std::uint64_t micros) {
  return static_cast<double>(micros) / static_cast<double>(kMicros);
}

/// "12.5".
std::string dollars_text(std::uint64_t micros) {
  return eth::format_units(eth::U256(micros), 6);
}

base::Json body_of(const HttpRequest& request) {
  const auto body = base::Json::try_parse(request.body);
  if (!body || !body->is_object()) throw Refusal{400, "the body is not a JSON object"};
  return *body;
}

std::uint64_t whole_cents(const base::Json& amount) {
  try {
    return amount.as_u64();
  } catch (const Error&) {
    throw Refusal{400, "amountCents must be a whole number"};
  }
}

void take_earlier(std::optional<std::int64_t>& time, std::int64_t other) {
  if (!time || other < *time) time = other;
}

}  // namespace

std::vector<std::string> BillingService::kinds(const HttpRequest& request) const {
  const auto parts = path_parts(request.path, kPrefix);
  const auto has = [&](std::string_view word) {
    return std::find(parts.begin(), parts.end(), word) != parts.end();
  };
  if (has("checkout")) return {"billing:/checkout"};
  if (has("purchase")) return {"billing:/purchase"};
  if (has("credits")) return {"billing:/credits"};
  if (has("payment-methods")) return {"billing:/cards"};
  if (has("coupons")) return {"billing:/coupons"};
  return {"billing:/subscription"};
}

HttpResponse BillingService::handle(const HttpRequest& request,
                                    const std::vector<std::optional<FaultRule>>&) {
  try {
    return route(request);
  } catch (const Refusal& refusal) {
    return error_response(refusal.status, refusal.message);
  }
}

HttpResponse BillingService::route(const HttpRequest& request) {
  auto parts = path_parts(request.path, kPrefix);
  const bool versioned = !parts.empty() && parts[0] == "v1";
  if (versioned) parts.erase(parts.begin());
  const auto is = [&](std::size_t i, std::string_view word) {
    return i < parts.size() && parts[i] == word;
  };
  const auto lock = world_.enter();
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (parts.size() == 3 && is(0, "accounts") && is(2, "credits") && get) {
    if (!versioned && world_.strictness() == Strictness::kStrict) throw Refusal{404, "not found"};
    return account_credits(request, parts[1]);
  }
  if (versioned && parts.size() == 1 && is(0, "payment-methods") && get) {
    return payment_methods(request);
  }
  if (versioned && parts.size() == 2 && is(0, "credits") && is(1, "purchase") && post) {
    return purchase(request);
  }
  if (versioned && parts.size() == 2 && is(0, "coupons") && is(1, "redeem") && post) {
    return redeem(request);
  }
  if (versioned) throw Refusal{404, "not found"};
  if (parts.size() == 2 && is(0, "checkout") && get) return checkout(parts[1]);
  if (parts.size() != 3 || !is(0, "products") || !is(2, "subscription")) {
    throw Refusal{404, "not found"};
  }
  if (!is(1, "compute")) throw Refusal{404, "unknown product " + parts[1]};
  return subscription(request);
}

HttpResponse BillingService::checkout(const std::string& what) {
  if (world_.billing().checkout(what) != nullptr) {
    complete_checkout(world_, what);
    return text_response("Paid. No money was moved.\n");
  }
  const eth::Address account = address_in_url(what);
  world_.commit(base::Json::object(
      {{"op", "subscription"}, {"address", account.to_string()}, {"status", "active"}}));
  return text_response("Subscribed. No money was moved.\n");
}

HttpResponse BillingService::subscription(const HttpRequest& request) {
  const eth::Address account = billing_signer(request, "x-expiry", world_.now_seconds());
  if (request.method == "GET") return json_response(subscription_json(account));
  if (request.method == "POST") return subscribe(request, account);
  if (request.method == "DELETE") {
    if (!can_cancel(world_.subscription(account).status)) {
      throw Refusal{404, "there is no active subscription"};
    }
    world_.commit(base::Json::object({{"op", "cancel"}, {"address", account.to_string()}}));
    return json_response(subscription_json(account));
  }
  throw Refusal{405, "method not allowed"};
}

HttpResponse BillingService::subscribe(const HttpRequest& request, const eth::Address& account) {
  if (!request.body.empty()) body_of(request);
  if (is_active(world_.subscription(account).status)) {
    throw Refusal{409, "there is a subscription already"};
  }
  return json_response(
      base::Json::object({{"checkoutUrl", "http://" + world_.authority() + "/billing/checkout/" +
                                              account.to_string()}}));
}

HttpResponse BillingService::account_credits(const HttpRequest& request,
                                             const std::string& account) {
  // Anybody may ask; a signature that is there has to be right.
  if (is_signed(request)) billing_signer(request, "x-expiry", world_.now_seconds());
  const eth::Address owner = address_in_url(account);
  const Credits credits = credits_of(owner);
  const std::uint64_t remaining = credits.total() - applied_credits(owner, credits);
  const base::Json expiry = seconds_or_null(credits.promotional_expiry);
  if (world_.strictness() == Strictness::kGentle) {
    return json_response(base::Json::object({{"remainingCredits", dollars(remaining)},
                                             {"permanentCredits", dollars(credits.permanent)},
                                             {"promotionalCredits", dollars(credits.promotional)},
                                             {"nextPromotionalCreditExpiry", expiry}}));
  }
  base::Json out = base::Json::object({{"remaining_credits", dollars_text(remaining)},
                                       {"permanent_credits", dollars_text(credits.permanent)},
                                       {"promotional_credits", dollars_text(credits.promotional)}});
  if (credits.promotional_expiry) out.set("next_promotional_credit_expiry", expiry);
  return json_response(out);
}

HttpResponse BillingService::payment_methods(const HttpRequest& request) {
  const eth::Address account = billing_signer(request, "x-expiry", world_.now_seconds());
  base::Json list = base::Json::array();
  for (const SavedCard& card : world_.billing().cards(account)) {
    list.push(base::Json::object({{"id", card.id},
                                  {"stripePaymentMethodId", card.stripe_id},
                                  {"createdAt", base::format_rfc3339(card.created_at)},
                                  {"brand", card.brand},
                                  {"last4", card.last4}}));
  }
  return json_response(base::Json::object({{"paymentMethods", list}}));
}

HttpResponse BillingService::purchase(const HttpRequest& request) {
  const eth::Address account = billing_signer(request, "x-expiry", world_.now_seconds());
  const base::Json body = body_of(request);
  const std::uint64_t cents = whole_cents(body["amountCents"]);
  if (cents < kLeastPurchaseCents) throw Refusal{400, "amountCents must be at least 500"};
  const base::Json method = body["paymentMethodId"];
  if (method.exists() && (!method.is_string() || method.as_string().empty())) {
    throw Refusal{400, "paymentMethodId must be the ID of a payment method"};
  }
  const base::Json amount =
      world_.strictness() == Strictness::kGentle ? base::Json(cents) : std::to_string(cents);
  const std::string number = std::to_string(world_.billing().grants().size() + 1);
  if (!method.exists()) {
    const std::string id = "cs_test_" + std::to_string(world_.billing().checkout_count() + 1);
    world_.commit(base::Json::object(
        {{"op", "checkout"}, {"address", account.to_string()}, {"id", id}, {"cents", cents}}));
    return json_response(base::Json::object(
        {{"checkoutSessionId", id},
         {"checkoutUrl", "http://" + world_.authority() + "/billing/checkout/" + id},
         {"amountCents", amount}}));
  }
  const std::string wanted = method.as_string();
  const auto cards = world_.billing().cards(account);
  const auto card = std::find_if(cards.begin(), cards.end(),
                                 [&](const SavedCard& known) { return known.id == wanted; });
  if (card == cards.end()) throw Refusal{404, "payment method not found"};
  if (card->last4 == kDeclinedCard) throw Refusal{402, "Your card was declined."};
  world_.commit(base::Json::object(
      {{"op", "cardPurchase"}, {"address", account.to_string()}, {"cents", cents}}));
  return json_response(
      base::Json::object({{"purchaseId", "purchase-" + number}, {"amountCents", amount}}));
}

HttpResponse BillingService::redeem(const HttpRequest& request) {
  const eth::Address account = billing_signer(request, "x-expiry", world_.now_seconds());
  const base::Json body = body_of(request);
  const std::string code = body["code"].opt_string().value_or("");
  if (code.empty()) throw Refusal{400, "code is required"};
  const Coupon* coupon = world_.billing().coupon(code);
  if (coupon == nullptr) throw Refusal{404, "coupon not found"};
  if (coupon->redeemed_by) throw Refusal{409, "coupon already redeemed"};
  const std::uint64_t cents = coupon->cents;
  world_.commit(base::Json::object(
      {{"op", "couponRedeemed"}, {"address", account.to_string()}, {"code", code}}));
  const base::Json amount =
      world_.strictness() == Strictness::kGentle ? base::Json(cents) : std::to_string(cents);
  return json_response(base::Json::object({{"amountCents", amount}}));
}

BillingService::Credits BillingService::credits_of(const eth::Address& account) const {
  const auto lag = static_cast<std::int64_t>(world_.timings().crediting_seconds);
  const auto known = static_cast<std::uint64_t>(world_.now_seconds() - lag);
  Credits out;
  const auto add_chain = [&](const CreditsState& state) {
    out.permanent += credits_bought(state, account, known).to_u64();
    for (const Purchase& purchase : state.purchases) {
      if (purchase.account != account || purchase.time > known) continue;
      take_earlier(out.expiry, static_cast<std::int64_t>(purchase.time) + kCreditLifetimeSeconds);
    }
  };
  add_chain(world_.chain().state().credits);
  {
    const auto lock = test_chain_.enter();
    add_chain(test_chain_.chain().state().credits);
  }
  for (const Grant& grant : world_.billing().grants()) {
    if (grant.account != account || static_cast<std::uint64_t>(grant.time) > known) continue;
    const std::int64_t lifetime = grant.promotional ? kPromotionSeconds : kCreditLifetimeSeconds;
    (grant.promotional ? out.promotional : out.permanent) += grant.cents * kMicrosPerCent;
    take_earlier(out.expiry, grant.time + lifetime);
    if (grant.promotional) take_earlier(out.promotional_expiry, grant.time + lifetime);
  }
  return out;
}

std::uint64_t BillingService::applied_credits(const eth::Address& account,
                                              const Credits& credits) const {
  if (!is_active(world_.subscription(account).status)) return 0;
  return std::min(kMonthlyBill, credits.total());
}

base::Json BillingService::subscription_json(const eth::Address& account) const {
  const Subscription subscription = world_.subscription(account);
  const bool active = is_active(subscription.status);
  const Credits credits = credits_of(account);
  const std::uint64_t subtotal = active ? kMonthlyBill : 0;
  const std::uint64_t applied = applied_credits(account, credits);
  const std::string portal =
      "http://" + world_.authority() + "/billing/checkout/" + account.to_string();
  base::Json items = base::Json::array();
  if (active) {
    // The platform's own words: the price is that of an hour all the same.
    items.push(base::Json::object({{"description", "EigenCompute g1-standard-4t / month"},
                                   {"price", 0.12},
                                   {"quantity", 10},
                                   {"currency", "usd"},
                                   {"subtotal", dollars(kMonthlyBill)}}));
  }
  return base::Json::object(
      {{"productId", "compute"},
       {"subscriptionStatus", subscription.status},
       {"currentPeriodStart", active ? time_or_null(subscription.period_start) : base::Json()},
       {"currentPeriodEnd",
        active ? time_or_null(subscription.period_start + kPeriodSeconds) : base::Json()},
       {"lineItems", items},
       {"upcomingInvoiceSubtotal", dollars(subtotal)},
       {"upcomingInvoiceTotal", dollars(subtotal - applied)},
       {"creditsApplied", dollars(applied)},
       {"remainingCredits", dollars(credits.total() - applied)},
       {"nextCreditExpiry", seconds_or_null(credits.expiry)},
       {"cancelAtPeriodEnd", subscription.cancel_at_period_end},
       {"canceledAt", time_or_null(subscription.canceled_at)},
       {"portalUrl", portal}});
}

std::string save_card(World& world, const eth::Address& account, std::string_view brand,
                      std::string_view last4) {
  const std::string id = "card-" + std::to_string(world.billing().cards(account).size() + 1);
  world.commit(base::Json::object({{"op", "card"},
                                   {"address", account.to_string()},
                                   {"id", id},
                                   {"brand", brand},
                                   {"last4", last4}}));
  return id;
}

void make_coupon(World& world, std::string_view code, std::uint64_t cents) {
  world.commit(base::Json::object({{"op", "coupon"},
                                   {"address", platform_account().to_string()},
                                   {"code", code},
                                   {"cents", cents}}));
}

void complete_checkout(World& world, const std::string& id) {
  const Checkout* page = world.billing().checkout(id);
  if (page == nullptr) throw Error(Category::kNotFound, "devnet.no_checkout", "no checkout " + id);
  if (page->completed) return;
  world.commit(base::Json::object(
      {{"op", "checkoutCompleted"}, {"address", page->account.to_string()}, {"id", id}}));
}

}  // namespace ecloud::devnet
