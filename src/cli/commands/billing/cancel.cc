#include "cli/commands/billing/commands.h"
#include "cli/commands/billing/subscription_view.h"
#include "cli/environments.h"
#include "cli/json_values.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/chain.h"
#include "ecloud/platform/controller.h"

namespace ecloud::cli {
namespace {

/// What runs on the account's bill in an environment.
struct ActiveApps {
  std::string environment;
  std::optional<std::uint64_t> count;  ///< nothing when the chain did not answer
};

std::optional<std::uint64_t> count_active(Context& context, chain::RpcClient& rpc,
                                          const platform::Environment& environment) {
  try {
    const auto results =
        rpc.batch({chain::eth_call(environment.app_controller,
                                   platform::encode_active_app_count(context.deployer().address))});
    return platform::decode_number(
               chain::read_data(chain::value_or_throw(results.front(), "eth_call")))
        .to_u64();
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    context.terminal().warning("the active apps in " + environment.name +
                               " could not be counted: " + error.message());
    return std::nullopt;
  }
}

/// One subscription pays for the apps of all environments that share a billing service.
std::vector<ActiveApps> active_apps(Context& context) {
  const platform::Environment& selected = context.environment();
  std::vector<ActiveApps> out = {{selected.name, count_active(context, context.rpc(), selected)}};
  for (const platform::Environment& builtin : platform::builtin_environments()) {
    if (builtin.name == selected.name || builtin.billing_url != selected.billing_url) continue;
    const platform::Environment other = load_environment(context, builtin.name);
    chain::RpcOptions options;
    options.urls = other.rpc_urls;
    options.chain_id = other.chain_id;
    chain::RpcClient rpc(context.direct_transport(), context.clock(), context.log(),
                         std::move(options));
    out.push_back({other.name, count_active(context, rpc, other)});
  }
  return out;
}

/// "2 active apps in sepolia, 1 in mainnet-alpha"; empty when there are none.
std::string words_for(const std::vector<ActiveApps>& apps) {
  std::vector<std::string> parts;
  for (const ActiveApps& one : apps) {
    if (one.count == 0U) continue;
    const bool single = one.count == 1U;
    parts.push_back((one.count ? std::to_string(*one.count) : "an unknown number of") +
                    (single ? " active app in " : " active apps in ") + one.environment);
  }
  return base::join(parts, ", ");
}

std::string period_words(const platform::Subscription& subscription) {
  return subscription.period_end.empty() ? "the end of the paid period" : subscription.period_end;
}

base::Json document_of(const Deployer& deployer, const platform::Subscription& subscription,
                       const std::vector<ActiveApps>& apps) {
  base::Json list = base::Json::array();
  for (const ActiveApps& one : apps) {
    list.push(base::Json::object(
        {{"environment", one.environment}, {"count", number_or_null(one.count)}}));
  }
  return base::Json::object({{"account", deployer.address.to_string()},
                             {"status", subscription.status},
                             {"canceled", subscription.is_canceled()},
                             {"cancelAtPeriodEnd", subscription.cancel_at_period_end},
                             {"canceledAt", text_or_null(subscription.canceled_at)},
                             {"periodEnd", text_or_null(subscription.period_end)},
                             {"activeApps", list}});
}

void print_canceled(Context& context, const platform::Subscription& subscription,
                    const std::vector<ActiveApps>& apps) {
  const bool later = subscription.cancel_at_period_end;
  context.output().result(document_of(context.deployer(), subscription, apps), [&] {
    context.output().pairs(
        {{"Account", context.deployer().address.to_string()},
         {"Status", subscription.status},
         {"Cancelled", subscription.canceled_at},
         {"Apps run until", later ? period_words(subscription) : std::string()}});
  });
}

/// What there is nothing to do about; true when it was said.
bool nothing_to_cancel(Context& context, const platform::Subscription& subscription) {
  if (subscription.is_subscribed() && !subscription.is_canceled()) return false;
  context.terminal().note(subscription.is_subscribed()
                              ? "the subscription has been cancelled already"
                              : "the account has no subscription");
  print_canceled(context, subscription, {});
  return true;
}

void print_plan(Context& context, const platform::Subscription& subscription,
                const std::vector<ActiveApps>& apps) {
  base::Json document = document_of(context.deployer(), subscription, apps);
  document.set("dryRun", true);
  context.output().result(document, [&] {
    context.output().pairs({{"Account", context.deployer().address.to_string()},
                            {"Status", subscription.status},
                            {"Would cancel", "the subscription to compute"},
                            {"Apps run until", period_words(subscription)},
                            {"Active apps", words_for(apps).empty() ? "none" : words_for(apps)}});
  });
}

void run_cancel(Context& context, const Values& values) {
  require_known_product(values);
  platform::BillingApi api = billing_api(context);
  const platform::Subscription before = api.subscription();
  if (nothing_to_cancel(context, before)) return;
  const std::vector<ActiveApps> apps = active_apps(context);
  if (values.flag("dry-run")) return print_plan(context, before, apps);
  const std::string running = words_for(apps);
  if (!running.empty()) {
    context.terminal().warning("the account has " + running +
                               "; they stop when the subscription ends, and their IP addresses "
                               "may be lost");
  }
  context.terminal().confirm("Cancel the subscription of " +
                             context.deployer().address.to_string() + "? Apps run until " +
                             period_words(before) + ".");
  api.cancel();
  const platform::Subscription after = api.subscription();
  if (!after.is_canceled() && after.is_subscribed()) {
    throw Error(Category::kFailure, "billing.not_cancelled",
                "the billing service took the cancellation, and still shows the subscription as " +
                    after.status,
                "look again in a moment: ecloud billing status");
  }
  print_canceled(context, after, apps);
}

/// --yes as everywhere, with the spellings that the older command line had for it.
Option yes_option() {
  return {.name = "yes",
          .short_name = "y",
          .kind = Kind::kFlag,
          .help = "Answer every confirmation with yes",
          .deprecated = {"force", "f"},
          .heading = "GLOBAL OPTIONS"};
}

}  // namespace

Command make_billing_cancel_command() {
  Command command;
  command.name = "cancel";
  command.summary = "End the subscription";
  command.description =
      "Cancels the account's subscription, after asking. Apps run until the end of the period that "
      "is paid for, which is shown. An account without a subscription stays as it is.";
  command.options = {product_option(), yes_option()};
  command.examples = {{"End it", "ecloud billing cancel"},
                      {"See until when apps would run", "ecloud billing cancel --dry-run"}};
  command.json_fields = {{"account", "address"},
                         {"status", "of the subscription"},
                         {"canceled", "whether it has been cancelled"},
                         {"cancelAtPeriodEnd", "whether it ends with the period"},
                         {"canceledAt", "RFC 3339, or null"},
                         {"periodEnd", "until when apps run, RFC 3339, or null"},
                         {"activeApps", "environment and count (null when unknown)"},
                         {"dryRun", "true with --dry-run"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.destructive = true;
  command.run = run_cancel;
  return command;
}

}  // namespace ecloud::cli
