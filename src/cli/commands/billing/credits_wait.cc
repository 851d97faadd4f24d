#include "cli/commands/billing/credits_wait.h"

#include "cli/commands/billing/subscription_view.h"
#include "ecloud/base/error.h"
#include "ecloud/eth/u256.h"

namespace ecloud::cli {
namespace {

constexpr base::Milliseconds kPollInterval{5'000};
/// Dollars; less than a millionth of a dollar is rounding.
constexpr double kNoticeable = 0.000'000'5;

ShownCredits own_credits(Context& context, bool warn) {
  const platform::Subscription subscription = billing_api(context).subscription();
  if (warn) warn_of_overdue(context, subscription);
  const double remaining = subscription.remaining_credits.value_or(0);
  return {.total = remaining + subscription.credits_applied.value_or(0), .remaining = remaining};
}

std::optional<ShownCredits> ask(Context& context, const eth::Address& owner, bool warn) {
  if (owner == context.deployer().address) return own_credits(context, warn);
  const auto balance = billing_api(context).credits(owner);
  if (!balance) return std::nullopt;
  return ShownCredits{.total = balance->remaining, .remaining = balance->remaining};
}

}  // namespace

std::optional<ShownCredits> read_credits(Context& context, const eth::Address& owner) {
  return ask(context, owner, true);
}

bool has_risen(const ShownCredits& shown, double before) {
  return shown.total > before + kNoticeable;
}

ShownCredits wait_for_credits(Context& context, Workflow& workflow, const eth::Address& owner,
                              double before, base::Milliseconds timeout, const std::string& what) {
  const base::Milliseconds end = context.clock().monotonic() + timeout;
  workflow.phase("waiting for the credits to show");
  for (;;) {
    try {
      const auto shown = ask(context, owner, false);
      if (shown && has_risen(*shown, before)) return *shown;
    } catch (const Error& error) {
      if (error.category() != Category::kNetwork) throw;
      workflow.detail(error.message());
    }
    if (context.clock().monotonic() >= end) {
      throw Error(Category::kPending, "billing.credits_pending",
                  what + ", and the billing service does not show the credits after " +
                      std::to_string(timeout.count() / 1000) + " s");
    }
    context.clock().sleep(kPollInterval);
  }
}

std::string cents_amount(std::uint64_t cents) {
  return eth::format_units(eth::U256(cents), 2);
}

std::string cents_text(std::uint64_t cents) {
  const std::string rest = std::to_string(cents % 100);
  return std::to_string(cents / 100) + "." + (rest.size() < 2 ? "0" : "") + rest + " USD";
}

}  // namespace ecloud::cli
