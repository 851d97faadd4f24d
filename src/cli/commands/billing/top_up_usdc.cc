#include "cli/commands/billing/subscription_view.h"
#include "cli/commands/billing/top_up_methods.h"
#include "cli/commands/billing/top_up_view.h"
#include "cli/credits_chain.h"
#include "cli/transaction_course.h"
#include "ecloud/base/error.h"
#include "ecloud/platform/credits.h"

namespace ecloud::cli {
namespace {

constexpr base::Milliseconds kPollInterval{5'000};
/// Dollars; what the billing service shows may be rounded.
constexpr double kNoticeable = 0.000'000'5;

/// Credits of another account cannot be seen with this key.
bool waits_for_credits(Context& context, const Values& values, const eth::Address& account) {
  return !values.flag("no-wait") && account == context.deployer().address;
}

double credits_now(Context& context) {
  const platform::Subscription subscription = billing_api(context).subscription();
  warn_of_overdue(context, subscription);
  return subscription.remaining_credits.value_or(0);
}

void tell_of_real_money(Context& context, const CreditsChain& chain) {
  if (!chain.environment().is_mainnet()) return;
  const std::string& name = context.environment().name;
  context.terminal().warning(
      "this spends real USDC and ETH on Ethereum mainnet" +
      (context.environment().is_mainnet() ? std::string() : ", also for apps in " + name));
}

void confirm(Context& context, const CreditsChain& chain, const deploy::TopUpRequest& request,
             const deploy::TopUpPlan& plan) {
  if (plan.transaction.replaces_delegation) {
    context.terminal().confirm("Replace the account's delegation to " +
                               plan.transaction.replaces_delegation->to_string() + "?");
  }
  context.terminal().confirm("Pay " + platform::format_usdc(request.amount) + " on " +
                             platform::chain_name(chain.environment().chain_id) +
                             " for credits of " + request.account.to_string() + ", and at most " +
                             eth::format_ether(plan.transaction.maximum_cost) + " ETH of gas?");
}

deploy::TopUpPlan make_plan(Context& context, Workflow& workflow, const CreditsChain& chain,
                            deploy::TopUpRequest& request, bool waits) {
  workflow.phase("asking the chain");
  // Asked before anything is paid: a key that it refuses would not see the credits either.
  if (waits) request.credits_before = credits_now(context);
  deploy::TopUpPlan plan = deploy::plan_top_up(chain.services(), workflow.signer(), request);
  workflow.finish_progress();
  return plan;
}

void ask(Context& context, Workflow& workflow, const CreditsChain& chain,
         const deploy::TopUpRequest& request, const deploy::TopUpPlan& plan) {
  tell_of_real_money(context, chain);
  if (!context.output().json()) {
    context.terminal().write_error(format_top_up_plan(
        context.terminal(), Stream::kError, workflow.signer(), chain.environment(), request, plan));
  }
  confirm(context, chain, request, plan);
}

deploy::TransactionOutcome pay(Context& context, Workflow& workflow, const CreditsChain& chain,
                               deploy::TopUpRequest& request, bool waits) {
  deploy::TopUpPlan plan;
  auto outcome = run_transaction(
      workflow, chain.services(),
      {.resume =
           [&] { return deploy::resume_top_up(chain.services(), workflow.signer(), request); },
       .plan =
           [&] {
             plan = make_plan(context, workflow, chain, request, waits);
             return true;
           },
       .ask = [&] { ask(context, workflow, chain, request, plan); },
       .maximum_cost = [&] { return plan.transaction.maximum_cost; },
       .ask_again = [&] { confirm(context, chain, request, plan); },
       .apply =
           [&] {
             return deploy::apply_top_up(chain.services(), workflow.signer(), request,
                                         std::move(plan));
           }});
  return std::move(*outcome);
}

std::optional<double> ask_credits(Context& context, Workflow& workflow) {
  try {
    return billing_api(context).subscription().remaining_credits;
  } catch (const Error& error) {
    if (error.category() != Category::kNetwork) throw;
    workflow.detail(error.message());
    return std::nullopt;
  }
}

double poll_credits(Context& context, Workflow& workflow, const deploy::TransactionOutcome& outcome,
                    base::Milliseconds timeout) {
  const base::Milliseconds end = context.clock().monotonic() + timeout;
  const double before = outcome.entry.purchase->credits_before.value_or(0);
  workflow.phase("waiting until the credits show");
  for (;;) {
    const auto credits = ask_credits(context, workflow);
    if (credits && *credits > before + kNoticeable) return *credits;
    if (context.clock().monotonic() >= end) {
      throw Error(Category::kPending, "billing.credits_pending",
                  platform::format_usdc(outcome.entry.purchase->amount) +
                      " were paid, and the billing service does not show the credits after " +
                      std::to_string(timeout.count() / 1000) + " s");
    }
    context.clock().sleep(kPollInterval);
  }
}

/// A purchase whose credits do not show is left open, so that the same command waits on and pays
/// nothing more.
std::optional<double> wait_for_credits(Context& context, Workflow& workflow, const Values& values,
                                       const deploy::TransactionOutcome& outcome) {
  const bool asked = outcome.entry.purchase->credits_before.has_value();
  if (!asked || !waits_for_credits(context, values, outcome.entry.purchase->account)) {
    return std::nullopt;
  }
  try {
    return poll_credits(context, workflow, outcome, *values.duration("timeout"));
  } catch (const Error& error) {
    throw error.with_hint(
        "it is paid; the same command waits again and pays nothing more; look at the credits "
        "with: ecloud billing status");
  }
}

void show_plan(Context& context, Workflow& workflow, const CreditsChain& chain,
               deploy::TopUpRequest request) {
  request.may_sign_for_estimate = false;
  const deploy::TopUpPlan plan = deploy::plan_top_up(chain.services(), workflow.signer(), request);
  tell_of_real_money(context, chain);
  context.output().result(
      top_up_plan_document(workflow.signer(), chain.environment(), request, plan), [&] {
        context.terminal().write(format_top_up_plan(context.terminal(), Stream::kOutput,
                                                    workflow.signer(), chain.environment(), request,
                                                    plan));
      });
}

}  // namespace

void pay_with_usdc(Context& context, const Values& values) {
  deploy::TopUpRequest request;
  request.amount = top_up_amount(values);
  // Read now, so that a malformed one is refused before anything is done.
  static_cast<void>(values.duration("timeout"));
  context.deployer();
  Workflow workflow(context);
  const CreditsChain chain(context, workflow);
  request.account = top_up_beneficiary(context, workflow, values);
  if (values.flag("dry-run")) return show_plan(context, workflow, chain, request);

  const auto outcome =
      pay(context, workflow, chain, request, waits_for_credits(context, values, request.account));
  if (outcome.resumed) {
    workflow.note(
        "the earlier run has paid, and nothing more was paid now; to buy more credits, "
        "run the command again");
  }
  const auto credits = wait_for_credits(context, workflow, values, outcome);
  workflow.finish_progress();
  context.output().result(top_up_document(outcome, credits),
                          [&] { context.output().pairs(top_up_pairs(outcome, credits)); });
  // Last, so that whoever has not seen the result pays nothing more by asking again.
  workflow.close_told(chain.services(), outcome);
}

}  // namespace ecloud::cli
