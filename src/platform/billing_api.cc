#include "ecloud/platform/billing_api.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/log.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/signatures.h"
#include "platform/server_fields.h"
#include "platform/server_words.h"

namespace ecloud::platform {
namespace {

constexpr char kSubscriptionPath[] = "/products/compute/subscription";
constexpr int kNotFound = 404;
constexpr std::size_t kLastDigits = 4;

/// Whether people may be told to open it: visible ASCII and https, without a user's name that looks
/// like a host. Plain http is for a service of this machine alone, as the devnet's is.
bool is_page(std::string_view url, const std::string& billing_url) {
  const bool plain =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
  const std::size_t host = url.find("://");
  if (!plain || host == std::string_view::npos) return false;
  const std::string_view authority =
      url.substr(host + 3, url.find_first_of("/?#", host + 3) - host - 3);
  if (authority.empty() || authority.find('@') != std::string_view::npos) return false;
  return url.starts_with("https://") ||
         (url.starts_with("http://") && base::url_origin(url) == base::url_origin(billing_url));
}

/// A page that the service names; empty without one, and for one that may not be shown.
std::string page_in(const ServerFields& fields, std::string_view name,
                    const std::string& billing_url) {
  const base::Json place = fields.place(name);
  const std::string url = place.is_string() ? place.as_string() : std::string();
  return is_page(url, billing_url) ? url : std::string();
}

std::string required_page(const ServerFields& fields, std::string_view name,
                          const std::string& billing_url) {
  const std::string url = page_in(fields, name, billing_url);
  if (url.empty()) throw fields.place(name).error("is not a plain https URL");
  return url;
}

/// The last digits of a card; as a number they have lost their leading zeros.
std::string last_digits(const ServerFields& card) {
  const std::string text = card.text_or_number("last4");
  return text.empty() || text.size() >= kLastDigits
             ? text
             : std::string(kLastDigits - text.size(), '0') + text;
}

std::vector<LineItem> read_items(const ServerFields& fields) {
  std::vector<LineItem> out;
  for (const base::Json& element : fields.list("lineItems")) {
    const ServerFields item(element);
    if (!item.is_object()) continue;
    out.push_back({item.text("description"), item.text("currency"), item.decimal("price"),
                   item.decimal("quantity"), item.decimal("subtotal")});
  }
  return out;
}

Subscription read_subscription(const base::Json& document, const std::string& billing_url) {
  const ServerFields fields(document);
  Subscription out;
  out.status = base::to_lower(fields.required_text("subscriptionStatus"));
  out.period_start = fields.time_text("currentPeriodStart");
  out.period_end = fields.time_text("currentPeriodEnd");
  out.line_items = read_items(fields);
  out.upcoming_subtotal = fields.decimal("upcomingInvoiceSubtotal");
  out.credits_applied = fields.decimal("creditsApplied");
  out.upcoming_total = fields.decimal("upcomingInvoiceTotal");
  out.remaining_credits = fields.decimal("remainingCredits");
  out.next_credit_expiry = fields.time_text("nextCreditExpiry");
  out.cancel_at_period_end = fields.boolean("cancelAtPeriodEnd").value_or(false);
  out.canceled_at = fields.time_text("canceledAt");
  out.portal_url = page_in(fields, "portalUrl", billing_url);
  return out;
}

CreditBalance read_balance(const base::Json& document) {
  const ServerFields fields(document);
  return {.remaining = fields.decimal("remainingCredits").value_or(0),
          .permanent = fields.decimal("permanentCredits").value_or(0),
          .promotional = fields.decimal("promotionalCredits").value_or(0),
          .next_promotional_expiry = fields.time_text("nextPromotionalCreditExpiry")};
}

/// Whether the service has decided against a purchase or a coupon.
bool is_refusal(int status) {
  return status == 400 || status == 402 || status == kNotFound || status == 409 || status == 410 ||
         status == 422;
}

}  // namespace

BillingApi::BillingApi(net::Transport& transport, base::Clock& clock,
                       const Environment& environment, const crypto::PrivateKey& key)
    : transport_(transport), clock_(clock), environment_(environment), key_(key) {}

net::Request BillingApi::request(std::string method, const std::string& path,
                                 std::string purpose) const {
  net::Request out;
  out.method = std::move(method);
  out.url = environment_.billing_url + path;
  out.purpose = std::move(purpose);
  out.safe_to_repeat = out.method == "GET";
  out.headers = billing_headers(
      key_, static_cast<std::uint64_t>(clock_.unix_seconds() + kBillingSignatureLifetime));
  out.headers.push_back(client_id_header());
  return out;
}

net::Response BillingApi::send(const net::Request& request) const {
  net::Response response = transport_.send(request);
  require_success(request, response);
  return response;
}

std::optional<net::Response> BillingApi::find(const net::Request& request) const {
  net::Response response = transport_.send(request);
  if (response.status == kNotFound) return std::nullopt;
  require_success(request, response);
  return response;
}

void BillingApi::require_success(const net::Request& request, const net::Response& response) const {
  if (response.ok()) return;
  const std::string message =
      refusal_message("the billing service (" + environment_.billing_url + ")", request, response);
  if (is_bot_check(response)) throw bot_check_error(message);
  if (response.status == 401 || response.status == 403) {
    throw Error(Category::kCredentials, "billing.forbidden", message,
                "check the key (ecloud auth whoami) and this machine's clock");
  }
  if (!request.body.empty() && is_refusal(response.status)) {
    throw Error(Category::kFailure, "billing.refused", message,
                "nothing was charged or redeemed; correct what the service names");
  }
  throw Error(Category::kNetwork, "billing.failed", message, "try again in a moment");
}

base::Json BillingApi::post(const std::string& path, const std::string& purpose,
                            const base::Json& body) {
  net::Request asked = request("POST", path, purpose);
  asked.headers.push_back({"Content-Type", "application/json"});
  asked.body = body.dump();
  return base::Json::parse(send(asked).body, "billing");
}

Subscription BillingApi::subscription() {
  const net::Response response = send(request("GET", kSubscriptionPath, "the subscription"));
  return read_subscription(base::Json::parse(response.body, "billing"), environment_.billing_url);
}

std::string BillingApi::open_checkout() {
  const net::Response response = send(request("POST", kSubscriptionPath, "a checkout page"));
  const ServerFields fields(base::Json::parse(response.body, "billing"));
  return required_page(fields, "checkoutUrl", environment_.billing_url);
}

void BillingApi::cancel() {
  send(request("DELETE", kSubscriptionPath, "the end of the subscription"));
}

std::optional<CreditBalance> BillingApi::credits(const eth::Address& account) {
  // Servers differ in the prefix.
  for (const char* prefix : {"", "/v1"}) {
    const auto response =
        find(request("GET", std::string(prefix) + "/accounts/" + account.to_string() + "/credits",
                     "the credits of " + account.to_string()));
    if (response) return read_balance(base::Json::parse(response->body, "billing"));
  }
  return std::nullopt;
}

std::vector<SavedCard> BillingApi::saved_cards() {
  const auto response = find(request("GET", "/v1/payment-methods", "the saved cards"));
  if (!response) return {};
  const ServerFields fields(base::Json::parse(response->body, "billing"));
  std::vector<SavedCard> out;
  for (const base::Json& element : fields.list("paymentMethods")) {
    const ServerFields card(element);
    SavedCard one{.id = card.text_or_number("id"),
                  .stripe_id = card.text("stripePaymentMethodId"),
                  .brand = card.text("brand"),
                  .last4 = last_digits(card),
                  .created_at = card.time_text("createdAt")};
    // Nobody could pay with it.
    if (!one.id.empty()) out.push_back(std::move(one));
  }
  return out;
}

CardPurchase BillingApi::purchase_credits(std::uint64_t cents, const std::string& card_id) {
  base::Json body = base::Json::object({{"amountCents", cents}});
  if (!card_id.empty()) body.set("paymentMethodId", card_id);
  const ServerFields fields(post("/v1/credits/purchase", "a purchase of credits", body));
  const auto answered = fields.whole("amountCents");
  if (answered && *answered != cents) {
    throw Error(Category::kTransaction, "billing.wrong_payment",
                "the billing service was asked for " + std::to_string(cents) +
                    " cents of credits and answered with " + std::to_string(*answered),
                "look at the credits and at the card's statement: ecloud billing status");
  }
  CardPurchase out{.id = fields.text_or_number("purchaseId"),
                   .checkout_url = page_in(fields, "checkoutUrl", environment_.billing_url)};
  // Without a page nobody can pay, unless a saved card was charged.
  const bool wants_page = card_id.empty() || fields.place("checkoutUrl").is_string();
  if (wants_page && out.checkout_url.empty()) {
    required_page(fields, "checkoutUrl", environment_.billing_url);
  }
  return out;
}

std::optional<std::uint64_t> BillingApi::redeem_coupon(const std::string& code) {
  const base::Json body = base::Json::object({{"code", code}});
  return ServerFields(post("/v1/coupons/redeem", "a coupon", body)).whole("amountCents");
}

}  // namespace ecloud::platform
