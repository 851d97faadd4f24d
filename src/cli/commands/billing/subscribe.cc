#include "cli/browser.h"
#include "cli/commands/billing/commands.h"
#include "cli/commands/billing/subscription_view.h"
#include "cli/progress.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

constexpr base::Milliseconds kPollInterval{5'000};
constexpr char kLookAgain[] = "pay at the checkout page, then look again: ecloud billing status";

void print_subscription(Context& context, const std::string& status,
                        const std::optional<std::string>& checkout_url) {
  context.output().result(
      base::Json::object(
          {{"account", context.deployer().address.to_string()},
           {"status", status},
           {"checkoutUrl", checkout_url ? base::Json(*checkout_url) : base::Json()}}),
      [&] {
        if (checkout_url) {
          context.output().pairs({{"Checkout", *checkout_url}, {"Status", status}});
        } else {
          context.output().line(status);
        }
      });
}

/// A person takes minutes to pay; the billing service may be away for some of them.
std::optional<platform::Subscription> ask(platform::BillingApi& api, Progress& progress) {
  try {
    platform::Subscription subscription = api.subscription();
    progress.detail(subscription.status);
    return subscription;
  } catch (const Error& error) {
    if (error.category() != Category::kNetwork) throw;
    progress.detail(error.message());
    return std::nullopt;
  }
}

std::string poll_until_active(Context& context, platform::BillingApi& api,
                              base::Milliseconds timeout) {
  const base::Milliseconds end = context.clock().monotonic() + timeout;
  Progress progress(context.terminal(), context.clock());
  progress.phase("waiting for the payment");
  std::string last = "unknown";
  for (;;) {
    context.clock().sleep(kPollInterval);
    const auto subscription = ask(api, progress);
    if (subscription && subscription->is_active()) return subscription->status;
    if (subscription) last = subscription->status;
    if (context.clock().monotonic() >= end) {
      throw Error(Category::kPending, "billing.still_pending",
                  "the subscription is not active after " + std::to_string(timeout.count() / 1000) +
                      " s (" + last + ")",
                  kLookAgain);
    }
  }
}

std::string wait_until_active(Context& context, platform::BillingApi& api,
                              base::Milliseconds timeout) {
  try {
    return poll_until_active(context, api, timeout);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw error.with_hint(kLookAgain);
    throw;
  }
}

void refuse_overdue(const platform::Subscription& subscription) {
  if (!subscription.is_overdue()) return;
  throw Error(Category::kFailure, "billing.overdue",
              "the subscription is " + subscription.status + ": a payment is due",
              "settle it at " + (subscription.portal_url.empty() ? "the platform's billing portal"
                                                                 : subscription.portal_url));
}

void run_subscribe(Context& context, const Values& values) {
  require_known_product(values);
  const base::Milliseconds timeout = *values.duration("timeout");
  platform::BillingApi api = billing_api(context);
  const platform::Subscription now = api.subscription();
  if (now.is_active()) {
    context.terminal().note("the account has a subscription already");
    return print_subscription(context, now.status, std::nullopt);
  }
  refuse_overdue(now);
  if (values.flag("dry-run")) {
    context.terminal().note("a checkout would be opened");
    return print_subscription(context, now.status, std::nullopt);
  }
  const std::string url = api.open_checkout();
  if (values.flag("no-wait")) {
    open_page(context, values, url);
    return print_subscription(context, now.status, url);
  }
  context.terminal().status("open this page in a browser and pay there: " + url);
  open_page(context, values, url);
  print_subscription(context, wait_until_active(context, api, timeout), url);
}

}  // namespace

Command make_billing_subscribe_command() {
  Command command;
  command.name = "subscribe";
  command.summary = "Subscribe the account, so that it may run apps";
  command.description =
      "Opens a checkout for the account, prints its URL and waits until a person has paid there. "
      "At a desktop the page is opened in the browser too, unless its host is none that is known "
      "to take payments. An account that has a subscription keeps it.";
  command.options = {product_option(),
                     no_open_option(),
                     {.name = "no-wait", .kind = Kind::kFlag, .help = "Print the URL and return"},
                     {.name = "timeout",
                      .kind = Kind::kDuration,
                      .value_name = "TIME",
                      .help = "How long to wait for the payment: 90s, 10m, or seconds",
                      .default_text = "10m"}};
  command.examples = {{"Subscribe", "ecloud billing subscribe"},
                      {"Only the URL, so that someone else can pay",
                       "ecloud billing subscribe --no-wait --fields checkoutUrl"}};
  command.json_fields = {{"account", "address"},
                         {"status", "of the subscription"},
                         {"checkoutUrl", "where a person pays; null when that is not needed"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials, Category::kNetwork,
                        Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.run = run_subscribe;
  return command;
}

}  // namespace ecloud::cli
