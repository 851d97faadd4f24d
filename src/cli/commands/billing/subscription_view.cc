#include "cli/commands/billing/subscription_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace ecloud::cli {

Option product_option() {
  return {.name = "product",
          .kind = Kind::kChoice,
          .value_name = "PRODUCT",
          .help = "What is subscribed to; there is one product",
          .choices = {"compute"},
          .default_text = "compute",
          .variables = {"ECLOUD_PRODUCT_ID"}};
}

void require_known_product(const Values& values) {
  // Reading a choice checks it.
  static_cast<void>(values.text("product"));
}

platform::BillingApi billing_api(Context& context) {
  const Deployer& deployer = context.deployer();
  return platform::BillingApi(context.transport(), context.clock(), context.environment(),
                              deployer.key);
}

std::string currency_name(const std::string& currency) {
  std::string unit = currency.empty() ? "usd" : currency;
  std::transform(unit.begin(), unit.end(), unit.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return unit;
}

std::string money(const std::optional<double>& amount, const std::string& currency) {
  if (!amount) return {};
  return fmt::format("{:.2f} {}", *amount, currency_name(currency));
}

void warn_of_overdue(Context& context, const platform::Subscription& subscription) {
  if (!subscription.is_overdue()) return;
  context.terminal().warning("the subscription is " + subscription.status + ": a payment is due" +
                             (subscription.portal_url.empty()
                                  ? std::string()
                                  : "; settle it at " + subscription.portal_url));
}

}  // namespace ecloud::cli
