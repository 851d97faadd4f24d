#include <fmt/format.h>

#include "cli/commands/billing/commands.h"
#include "cli/commands/billing/subscription_view.h"
#include "cli/commands/billing/top_up_methods.h"
#include "cli/json_values.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

base::Json items_document(const platform::Subscription& subscription) {
  base::Json items = base::Json::array();
  for (const platform::LineItem& item : subscription.line_items) {
    items.push(base::Json::object({{"description", item.description},
                                   {"price", number_or_null(item.price)},
                                   {"quantity", number_or_null(item.quantity)},
                                   {"priceUnit", "hour"},
                                   {"subtotal", number_or_null(item.subtotal)},
                                   {"currency", item.currency}}));
  }
  return items;
}

void add_balance(base::Json& document, const std::optional<platform::CreditBalance>& balance) {
  document.set("permanentCredits", balance ? base::Json(balance->permanent) : base::Json());
  document.set("promotionalCredits", balance ? base::Json(balance->promotional) : base::Json());
  document.set("nextPromotionalCreditExpiry",
               balance ? text_or_null(balance->next_promotional_expiry) : base::Json());
}

base::Json document_of(const platform::Subscription& subscription, const std::string& account,
                       const std::optional<platform::CreditBalance>& balance) {
  base::Json out = base::Json::object({
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
  add_balance(out, balance);
  return out;
}

/// An app that pays for itself has credits and no subscription.
base::Json app_document(const eth::Address& app, const platform::CreditBalance& balance) {
  base::Json out = base::Json::object({{"account", app.to_string()}});
  for (const char* member : {"status", "active", "periodStart", "periodEnd", "lineItems",
                             "upcomingSubtotal", "creditsApplied", "upcomingTotal"}) {
    out.set(member, nullptr);
  }
  out.set("remainingCredits", balance.remaining);
  for (const char* member : {"nextCreditExpiry", "cancelAtPeriodEnd", "canceledAt", "portalUrl"}) {
    out.set(member, nullptr);
  }
  add_balance(out, balance);
  return out;
}

/// The service's description ends in "/ month", although the price is that of an hour.
std::string item_name(const platform::LineItem& item) {
  std::string out = item.description;
  for (const std::string_view wrong : {"/ month", "/month", "per month"}) {
    const std::size_t at = base::to_lower(out).rfind(wrong);
    if (at != std::string::npos) out.erase(at, wrong.size());
  }
  return std::string(base::trim(out));
}

/// "1.20 USD (10 h at 0.12 USD/h)".
std::string item_text(const platform::LineItem& item) {
  std::string text = money(item.subtotal, item.currency);
  if (item.quantity && item.price) {
    text += fmt::format("{}({} h at {} {}/h)", text.empty() ? "" : " ", *item.quantity, *item.price,
                        currency_name(item.currency));
  }
  return text;
}

std::string promotional_text(const platform::CreditBalance& balance) {
  const std::string& expiry = balance.next_promotional_expiry;
  return money(balance.promotional) + (expiry.empty() ? "" : " (the first expire " + expiry + ")");
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

/// Scripts look for "✓ Active".
std::string status_text(const platform::Subscription& subscription) {
  return subscription.status == "active" ? "✓ Active" : subscription.status;
}

Pairs pairs_of(const platform::Subscription& subscription, const std::string& account,
               const std::optional<platform::CreditBalance>& balance) {
  Pairs pairs = {{"Account", account},
                 {"Status", status_text(subscription)},
                 {"Period", subscription.period_start.empty()
                                ? std::string()
                                : subscription.period_start + " to " + subscription.period_end}};
  for (const platform::LineItem& item : subscription.line_items) {
    pairs.emplace_back(item_name(item).empty() ? "Item" : item_name(item), item_text(item));
  }
  pairs.emplace_back("Next invoice", invoice_text(subscription));
  pairs.emplace_back("Credits left", money(subscription.remaining_credits));
  pairs.emplace_back("Credits expire", subscription.next_credit_expiry);
  if (balance) {
    pairs.emplace_back("Permanent credits", money(balance->permanent));
    pairs.emplace_back("Promotional credits", promotional_text(*balance));
  }
  pairs.emplace_back("End", end_text(subscription));
  pairs.emplace_back("Portal", subscription.portal_url);
  return pairs;
}

/// The subscription is worth showing without it.
std::optional<platform::CreditBalance> find_balance(Context& context) {
  try {
    return billing_api(context).credits(context.deployer().address);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    context.terminal().warning("permanent and promotional credits could not be read: " +
                               error.message());
    return std::nullopt;
  }
}

void show_app(Context& context, const Values& values) {
  Workflow workflow(context);
  const eth::Address app = app_that_pays(workflow, *values.text("app"));
  const auto balance = billing_api(context).credits(app);
  if (!balance) {
    throw Error(Category::kNetwork, "billing.failed",
                "the billing service (" + context.environment().billing_url +
                    ") does not report the credits of apps",
                "try again later");
  }
  workflow.finish_progress();
  context.output().result(app_document(app, *balance), [&] {
    context.output().pairs({{"App ID", app.to_string()},
                            {"Credits left", money(balance->remaining)},
                            {"Permanent credits", money(balance->permanent)},
                            {"Promotional credits", promotional_text(*balance)}});
  });
}

void run_status(Context& context, const Values& values) {
  require_known_product(values);
  if (values.given("app")) return show_app(context, values);
  platform::Subscription subscription = billing_api(context).subscription();
  const std::string account = context.deployer().address.to_string();
  warn_of_overdue(context, subscription);
  const auto balance = find_balance(context);
  if (!subscription.remaining_credits && balance)
    subscription.remaining_credits = balance->remaining;
  context.output().result(document_of(subscription, account, balance), [&] {
    context.output().pairs(pairs_of(subscription, account, balance));
  });
}

}  // namespace

Command make_billing_status_command() {
  Command command;
  command.name = "status";
  command.summary = "Show the subscription, its period and its credits";
  command.description =
      "Shows what the account has subscribed to: status, period, items with their price for an "
      "hour, the next invoice and what credits pay of it, the credits that are left, permanent and "
      "promotional ones, and when the first of them expire, whether the subscription has been "
      "cancelled, and the portal where a person changes any of it. With --app it shows the credits "
      "of an app that pays for itself.";
  command.options = {{.name = "app",
                      .value_name = "APP",
                      .help = "ID or name of an app that pays for itself, to show its credits",
                      .completer = Completer::kApp},
                     product_option()};
  command.examples = {{"Whether apps may run", "ecloud billing status --fields active"},
                      {"The credits that are left, for a script",
                       "ecloud billing status --fields remainingCredits"}};
  command.json_fields = {
      {"account", "address of the account, or of the app with --app"},
      {"status", "active, trialing, past_due, unpaid, canceled, inactive, …"},
      {"active", "whether apps may run"},
      {"periodStart", "RFC 3339, or null"},
      {"periodEnd", "RFC 3339, or null"},
      {"lineItems",
       "description (the service's words), price, priceUnit (always hour), quantity "
       "(hours), subtotal, currency"},
      {"upcomingSubtotal", "of the next invoice before credits, or null"},
      {"creditsApplied", "what credits pay of it, or null"},
      {"upcomingTotal", "of the next invoice, or null"},
      {"remainingCredits", "dollars besides creditsApplied, or null"},
      {"permanentCredits", "dollars of credits that were bought, or null"},
      {"promotionalCredits", "dollars of credits that were given, or null"},
      {"nextPromotionalCreditExpiry", "RFC 3339, or null"},
      {"nextCreditExpiry", "RFC 3339, or null"},
      {"cancelAtPeriodEnd", "whether it ends with the period"},
      {"canceledAt", "when it was cancelled, RFC 3339, or null"},
      {"portalUrl", "where a person changes it, or null"}};
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_status;
  return command;
}

}  // namespace ecloud::cli
