#include "devnet/billing_service.h"

#include <algorithm>

#include "devnet/api_signatures.h"
#include "devnet/credits_contract.h"
#include "devnet/user_api_service.h"
#include "ecloud/base/clock.h"

namespace ecloud::devnet {
namespace {

constexpr std::string_view kPrefix = "/billing/";
constexpr double kMonthlyBill = 1.2;
constexpr std::int64_t kPeriodSeconds = 30 * 24 * 3600;
constexpr std::int64_t kCreditLifetimeSeconds = 365 * 24 * 3600;

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

}  // namespace

std::vector<std::string> BillingService::kinds(const HttpRequest& request) const {
  const auto parts = path_parts(request.path, kPrefix);
  const bool checkout = !parts.empty() && parts[0] == "checkout";
  return {checkout ? "billing:/checkout" : "billing:/subscription"};
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
  const auto parts = path_parts(request.path, kPrefix);
  const auto lock = world_.enter();
  if (parts.size() == 2 && parts[0] == "checkout" && request.method == "GET") {
    const eth::Address account = address_in_url(parts[1]);
    world_.commit(base::Json::object(
        {{"op", "subscription"}, {"address", account.to_string()}, {"status", "active"}}));
    return text_response("Subscribed. No money was moved.\n");
  }
  if (parts.size() != 3 || parts[0] != "products" || parts[2] != "subscription") {
    throw Refusal{404, "not found"};
  }
  if (parts[1] != "compute") throw Refusal{404, "unknown product " + parts[1]};
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
  if (!request.body.empty()) {
    const auto body = base::Json::try_parse(request.body);
    if (!body || !body->is_object()) throw Refusal{400, "the body is no JSON object"};
  }
  if (is_active(world_.subscription(account).status)) {
    throw Refusal{409, "there is a subscription already"};
  }
  return json_response(
      base::Json::object({{"checkoutUrl", "http://" + world_.authority() + "/billing/checkout/" +
                                              account.to_string()}}));
}

BillingService::Credits BillingService::credits_of(const eth::Address& account) const {
  const auto lag = static_cast<std::int64_t>(world_.timings().crediting_seconds);
  const auto known = static_cast<std::uint64_t>(world_.now_seconds() - lag);
  const CreditsState& state = world_.chain().state().credits;
  Credits out;
  out.dollars = static_cast<double>(credits_bought(state, account, known).to_u64()) / 1e6;
  for (const Purchase& purchase : state.purchases) {
    if (purchase.account != account || purchase.time > known || out.expiry) continue;
    out.expiry = static_cast<std::int64_t>(purchase.time) + kCreditLifetimeSeconds;
  }
  return out;
}

base::Json BillingService::subscription_json(const eth::Address& account) const {
  const Subscription subscription = world_.subscription(account);
  const bool active = is_active(subscription.status);
  const Credits credits = credits_of(account);
  const double subtotal = active ? kMonthlyBill : 0.0;
  const double applied = std::min(subtotal, credits.dollars);
  const std::string portal =
      "http://" + world_.authority() + "/billing/checkout/" + account.to_string();
  base::Json items = base::Json::array();
  if (active) {
    items.push(base::Json::object({{"description", "g1-standard-4t, hours"},
                                   {"price", 0.12},
                                   {"quantity", 10},
                                   {"currency", "usd"},
                                   {"subtotal", kMonthlyBill}}));
  }
  return base::Json::object(
      {{"productId", "compute"},
       {"subscriptionStatus", subscription.status},
       {"currentPeriodStart", active ? time_or_null(subscription.period_start) : base::Json()},
       {"currentPeriodEnd",
        active ? time_or_null(subscription.period_start + kPeriodSeconds) : base::Json()},
       {"lineItems", items},
       {"upcomingInvoiceSubtotal", subtotal},
       {"upcomingInvoiceTotal", subtotal - applied},
       {"creditsApplied", applied},
       {"remainingCredits", credits.dollars},
       {"nextCreditExpiry", time_or_null(credits.expiry)},
       {"cancelAtPeriodEnd", subscription.cancel_at_period_end},
       {"canceledAt", time_or_null(subscription.canceled_at)},
       {"portalUrl", portal}});
}

}  // namespace ecloud::devnet
