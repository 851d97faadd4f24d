#include "ecloud/platform/billing_api.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/log.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/signatures.h"
#include "platform/server_words.h"

namespace ecloud::platform {
namespace {

std::string text_of(const base::Json& value) {
  return base::printable_line(value.opt_string().value_or(""));
}

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

Subscription read_subscription(const base::Json& document, const std::string& billing_url) {
  Subscription out;
  out.status = base::printable_line(document["subscriptionStatus"].as_string());
  out.period_start = text_of(document["currentPeriodStart"]);
  out.period_end = text_of(document["currentPeriodEnd"]);
  if (document["lineItems"].is_array()) {
    for (const base::Json& item : document["lineItems"].elements()) {
      out.line_items.push_back({text_of(item["description"]), text_of(item["currency"]),
                                item["price"].opt_double(), item["quantity"].opt_double(),
                                item["subtotal"].opt_double()});
    }
  }
  out.upcoming_subtotal = document["upcomingInvoiceSubtotal"].opt_double();
  out.credits_applied = document["creditsApplied"].opt_double();
  out.upcoming_total = document["upcomingInvoiceTotal"].opt_double();
  out.remaining_credits = document["remainingCredits"].opt_double();
  out.next_credit_expiry = text_of(document["nextCreditExpiry"]);
  out.cancel_at_period_end =
      document["cancelAtPeriodEnd"].is_bool() && document["cancelAtPeriodEnd"].as_bool();
  out.canceled_at = text_of(document["canceledAt"]);
  const std::string portal = document["portalUrl"].opt_string().value_or("");
  if (is_page(portal, billing_url)) out.portal_url = portal;
  return out;
}

}  // namespace

BillingApi::BillingApi(net::Transport& transport, base::Clock& clock,
                       const Environment& environment, const crypto::PrivateKey& key)
    : transport_(transport), clock_(clock), environment_(environment), key_(key) {}

net::Response BillingApi::send(std::string method, std::string purpose) {
  net::Request request;
  request.method = std::move(method);
  request.url = environment_.billing_url + "/products/compute/subscription";
  request.purpose = std::move(purpose);
  request.safe_to_repeat = request.method == "GET";
  request.headers = billing_headers(
      key_, static_cast<std::uint64_t>(clock_.unix_seconds() + kBillingSignatureLifetime));
  request.headers.push_back(client_id_header());
  net::Response response = transport_.send(request);
  if (response.ok()) return response;
  const std::string message = "the billing service (" + environment_.billing_url + ") answered " +
                              std::to_string(response.status) + " to the request for " +
                              request.purpose + ": " + server_words(response);
  if (response.status == 401 || response.status == 403) {
    throw Error(Category::kCredentials, "billing.forbidden", message,
                "check the key (ecloud auth whoami) and this machine's clock");
  }
  throw Error(Category::kNetwork, "billing.failed", message, "try again in a moment");
}

Subscription BillingApi::subscription() {
  return read_subscription(base::Json::parse(send("GET", "the subscription").body, "billing"),
                           environment_.billing_url);
}

std::string BillingApi::open_checkout() {
  const net::Response response = send("POST", "a checkout page");
  const base::Json url = base::Json::parse(response.body, "billing")["checkoutUrl"];
  const std::string text = url.as_string();
  if (!is_page(text, environment_.billing_url)) throw url.error("is not a plain https URL");
  return text;
}

void BillingApi::cancel() {
  send("DELETE", "the end of the subscription");
}

}  // namespace ecloud::platform
