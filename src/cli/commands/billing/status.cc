#include <fmt/format.h>

#include "cli/commands/billing/commands.h"
#include "cli/commands/billing/subscription_view.h"
#include "cli/json_values.h"

namespace ecloud::cli {
namespace {

base::Json items_document(const platform::Subscription& subscription) {
  base::Json items = base::Json::array();
  for (const platform::LineItem& item : subscription.line_items) {
    items.push(base::Json::object({{"description", item.description},
                                   {"price", number_or_null(item.price)},
                                   {"quantity", number_or_null(item.quantity)},
                                   {"subtotal", number_or_null(item.subtotal)},
                                   {"currency", item.currency}}));
  }
  return items;
}

base::Json document_of(const platform::Subscription& subscription, const std::string& account) {
  return base::Json::object({
      {"account", account},
      {"status", subscription.status},
      {"active", subscription.is_active()},
      {"periodStart", text_or_null(subscription.period_start)},
      {"periodEnd", text_or_null(subscription.period_end)},
      {"lineItems", items_document(subscription)},
      {"upcomingSubtotal", number_or_null(subscription.upcoming_subtotal)},
      {"creditsApplied", number_or_null(subscription.credits_applied)},
      {"upcomingTotal", number_or_null(subscription.upcoming_total)},
      {"remainingCredits", number_or_null(subscription.remaining_credits)},
      {"nextCreditExpiry", text_or_null(subscription.next_credit_expiry)},
      {"cancelAtPeriodEnd", subscription.cancel_at_period_end},
      {"canceledAt", text_or_null(subscription.canceled_at)},
      {"portalUrl", text_or_null(subscription.portal_url)},
  });
}

/// "1.20 USD (10 x 0.12)".
std::string item_text(const platform::LineItem& item) {
  std::string text = money(item.subtotal, item.currency);
  if (item.quantity && item.price) {
    text += fmt::format(" ({} x {})", *item.quantity, *item.price);
  }
  return text;
}

/// "1.20 USD, of which credits pay 0.70 USD".
std::string invoice_text(const platform::Subscription& subscription) {
  std::string text = money(subscription.upcoming_total);
  if (subscription.credits_applied.value_or(0) > 0) {
    text += " (" + money(subscription.upcoming_subtotal) + " less " +
            money(subscription.credits_applied) + " of credits)";
  }
  return text;
}

std::string end_text(const platform::Subscription& subscription) {
  if (!subscription.is_canceled()) return {};
  const std::string when =
      subscription.canceled_at.empty() ? "" : " on " + subscription.canceled_at;
  if (!subscription.cancel_at_period_end) return "cancelled" + when;
  return "cancelled" + when + "; ends with this period";
}

Pairs pairs_of(const platform::Subscription& subscription, const std::string& account) {
  Pairs pairs = {{"Account", account},
                 {"Status", subscription.status},
                 {"Period", subscription.period_start.empty()
                                ? std::string()
                                : subscription.period_start + " to " + subscription.period_end}};
  for (const platform::LineItem& item : subscription.line_items) {
    pairs.emplace_back(item.description, item_text(item));
  }
  pairs.emplace_back("Next invoice", invoice_text(subscription));
  pairs.emplace_back("Credits left", money(subscription.remaining_credits));
  pairs.emplace_back("Credits expire", subscription.next_credit_expiry);
  pairs.emplace_back("End", end_text(subscription));
  pairs.emplace_back("Portal", subscription.portal_url);
  return pairs;
}

void run_status(Context& context, const Values& values) {
  require_known_product(values);
  const platform::Subscription subscription = billing_api(context).subscription();
  const std::string account = context.deployer().address.to_string();
  warn_of_overdue(context, subscription);
  context.output().result(document_of(subscription, account),
                          [&] { context.output().pairs(pairs_of(subscription, account)); });
}

}  // namespace

Command make_billing_status_command() {
  Command command;
  command.name = "status";
  command.summary = "Show the subscription, its period and its credits";
  command.description =
      "Shows what the account has subscribed to: status, period, items, the next invoice and what "
      "credits pay of it, the credits that are left and when the first of them expire, whether the "
      "subscription has been cancelled, and the portal where a person changes any of it.";
  command.options = {product_option()};
  command.examples = {{"Whether apps may run", "ecloud billing status --fields active"},
                      {"The credits that are left, for a script",
                       "ecloud billing status --fields remainingCredits"}};
  command.json_fields = {{"account", "address"},
                         {"status", "active, trialing, past_due, unpaid, canceled, inactive, …"},
                         {"active", "whether apps may run"},
                         {"periodStart", "RFC 3339, or null"},
                         {"periodEnd", "RFC 3339, or null"},
                         {"lineItems", "description, price, quantity, subtotal, currency"},
                         {"upcomingSubtotal", "of the next invoice before credits, or null"},
                         {"creditsApplied", "what credits pay of it, or null"},
                         {"upcomingTotal", "of the next invoice, or null"},
                         {"remainingCredits", "or null"},
                         {"nextCreditExpiry", "RFC 3339, or null"},
                         {"cancelAtPeriodEnd", "whether it ends with the period"},
                         {"canceledAt", "when it was cancelled, RFC 3339, or null"},
                         {"portalUrl", "where a person changes it, or null"}};
  command.exit_codes = {Category::kCredentials, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_status;
  return command;
}

}  // namespace ecloud::cli
