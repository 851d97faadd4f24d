#include <fmt/format.h>

#include "cli/commands/billing/commands.h"
#include "cli/context.h"
#include "cli/json_values.h"
#include "ecloud/platform/billing_api.h"

namespace ecloud::cli {
namespace {

std::string money(const std::optional<double>& amount) {
  return amount ? fmt::format("{:.2f} USD", *amount) : std::string();
}

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
      {"upcomingTotal", number_or_null(subscription.upcoming_total)},
      {"remainingCredits", number_or_null(subscription.remaining_credits)},
      {"nextCreditExpiry", text_or_null(subscription.next_credit_expiry)},
      {"cancelAtPeriodEnd", subscription.cancel_at_period_end},
      {"portalUrl", text_or_null(subscription.portal_url)},
  });
}

Pairs pairs_of(const platform::Subscription& subscription, const std::string& account) {
  Pairs pairs = {{"Account", account},
                 {"Status", subscription.status},
                 {"Period", subscription.period_start.empty()
                                ? std::string()
                                : subscription.period_start + " to " + subscription.period_end}};
  for (const platform::LineItem& item : subscription.line_items) {
    pairs.emplace_back(item.description, money(item.subtotal));
  }
  pairs.emplace_back("Next invoice", money(subscription.upcoming_total));
  pairs.emplace_back("Credits left", money(subscription.remaining_credits));
  pairs.emplace_back("Credits expire", subscription.next_credit_expiry);
  if (subscription.cancel_at_period_end) pairs.emplace_back("Ends", "with this period");
  pairs.emplace_back("Portal", subscription.portal_url);
  return pairs;
}

void run_status(Context& context, const Values&) {
  const Deployer& deployer = context.deployer();
  platform::BillingApi api(context.transport(), context.clock(), context.environment(),
                           deployer.key);
  const platform::Subscription subscription = api.subscription();
  const std::string account = deployer.address.to_string();
  context.output().result(document_of(subscription, account),
                          [&] { context.output().pairs(pairs_of(subscription, account)); });
}

}  // namespace

Command make_billing_status_command() {
  Command command;
  command.name = "status";
  command.summary = "Show the subscription, its period and its credits";
  command.description =
      "Shows what the account has subscribed to: status, period, items, the next invoice, the "
      "credits that are left, and the portal where a person changes any of it.";
  command.examples = {{"Whether apps may run", "ecloud billing status --fields active"}};
  command.json_fields = {{"account", "address"},
                         {"status", "active, trialing, past_due, unpaid, canceled, inactive, …"},
                         {"active", "whether apps may run"},
                         {"periodStart", "RFC 3339, or null"},
                         {"periodEnd", "RFC 3339, or null"},
                         {"lineItems", "description, price, quantity, subtotal, currency"},
                         {"upcomingTotal", "of the next invoice, or null"},
                         {"remainingCredits", "or null"},
                         {"nextCreditExpiry", "RFC 3339, or null"},
                         {"cancelAtPeriodEnd", "whether it ends with the period"},
                         {"portalUrl", "where a person changes it, or null"}};
  command.exit_codes = {Category::kCredentials, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_status;
  return command;
}

}  // namespace ecloud::cli
