#include "cli/commands/billing/commands.h"
#include "cli/context.h"
#include "cli/progress.h"
#include "ecloud/base/error.h"
#include "ecloud/platform/billing_api.h"

namespace ecloud::cli {
namespace {

constexpr base::Milliseconds kPollInterval{5'000};

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

std::string wait_until_active(Context& context, platform::BillingApi& api,
                              base::Milliseconds timeout) {
  const base::Milliseconds end = context.clock().monotonic() + timeout;
  Progress progress(context.terminal(), context.clock());
  progress.phase("waiting for the payment");
  for (;;) {
    context.clock().sleep(kPollInterval);
    const platform::Subscription subscription = api.subscription();
    if (subscription.is_active()) return subscription.status;
    progress.detail(subscription.status);
    if (context.clock().monotonic() >= end) {
      throw Error(Category::kPending, "billing.still_pending",
                  "the subscription is not active after " + std::to_string(timeout.count() / 1000) +
                      " s (" + subscription.status + ")",
                  "pay at the checkout page, then look again: ecloud billing status");
    }
  }
}

void run_subscribe(Context& context, const Values& values) {
  const base::Milliseconds timeout = *values.duration("timeout");
  platform::BillingApi api(context.transport(), context.clock(), context.environment(),
                           context.deployer_key());
  const platform::Subscription now = api.subscription();
  if (now.is_active()) {
    context.terminal().note("the account has a subscription already");
    return print_subscription(context, now.status, std::nullopt);
  }
  if (now.is_overdue()) {
    throw Error(Category::kFailure, "billing.overdue",
                "the subscription is " + now.status + ": a payment is due",
                "settle it at " + now.portal_url);
  }
  if (values.flag("dry-run")) {
    context.terminal().note("a checkout would be opened");
    return print_subscription(context, now.status, std::nullopt);
  }
  const std::string url = api.open_checkout();
  if (values.flag("no-wait")) return print_subscription(context, now.status, url);
  context.terminal().status("open this page in a browser and pay there: " + url);
  print_subscription(context, wait_until_active(context, api, timeout), url);
}

}  // namespace

Command make_billing_subscribe_command() {
  Command command;
  command.name = "subscribe";
  command.summary = "Subscribe the account, so that it may run apps";
  command.description =
      "Opens a checkout for the account, prints its URL and waits until a person has paid there. "
      "An account that has a subscription keeps it.";
  command.options = {{.name = "no-wait", .kind = Kind::kFlag, .help = "Print the URL and return"},
                     {.name = "timeout",
                      .kind = Kind::kDuration,
                      .value_name = "TIME",
                      .help = "How long to wait for the payment: 90s, 10m, or seconds",
                      .default_text = "10m"}};
  command.examples = {{"Subscribe", "ecloud billing subscribe"}};
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
