#include "cli/commands/billing/credits_wait.h"
#include "cli/commands/billing/top_up_methods.h"
#include "cli/commands/billing/top_up_view.h"
#include "cli/credits_chain.h"
#include "cli/transaction_course.h"
#include "ecloud/base/error.h"
#include "ecloud/platform/credits.h"

namespace ecloud::cli {
namespace {

bool is_own(Context& context, const eth::Address& account) {
  return account == context.deployer().address;
}

/// Dollars of credits before the purchase; nothing when they are not waited for. Credits of others
/// may not be told.
std::optional<double> credits_before(Context& context, Workflow& workflow, const Values& values,
                                     const eth::Address& account) {
  if (values.flag("no-wait")) return std::nullopt;
  try {
    if (const auto shown = read_credits(context, account)) return shown->total;
  } catch (const Error& error) {
    if (is_own(context, account) || error.category() == Category::kInterrupted) throw;
    workflow.detail(error.message());
  }
  workflow.note("the billing service does not report the credits of " + account.to_string() +
                "; they are not waited for");
  return std::nullopt;
}

/// What the user types to wait for the credits of this purchase again.
std::string wait_command(Workflow& workflow, const deploy::Purchase& purchase,
                         const Values& values) {
  std::string out = "ecloud billing top-up --amount " +
                    eth::format_units(purchase.amount, platform::kUsdcDecimals);
  if (credits_chain_name(values, "chain") != platform::kMainCreditsChain) {
    out += " --chain " + credits_chain_name(values, "chain");
  }
  for (const char* option : {"account", "app", "creator"}) {
    if (values.given(option)) out += " --" + std::string(option) + " " + *values.text(option);
  }
  return out + workflow.environment_flag();
}

void tell_of_real_money(Context& context, const CreditsChain& chain) {
  if (!chain.environment().is_mainnet()) return;
  const std::string& name = context.environment().name;
  context.terminal().warning(
      "this spends real USDC and ETH on Ethereum mainnet" +
      (context.environment().is_mainnet() ? std::string() : ", also for apps in " + name) +
      (context.environment().other_credits_chains.empty()
           ? std::string()
           : "; test money buys credits too: --chain " +
                 context.environment().other_credits_chains.front().name));
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

deploy::TopUpPlan make_plan(Context& context, Workflow& workflow, const Values& values,
                            const CreditsChain& chain, deploy::TopUpRequest& request) {
  workflow.phase("asking the chain");
  // Asked before anything is paid: a key that it refuses would not see the credits either.
  request.credits_before = credits_before(context, workflow, values, request.account);
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

deploy::TransactionOutcome pay(Context& context, Workflow& workflow, const Values& values,
                               const CreditsChain& chain, deploy::TopUpRequest& request) {
  deploy::TopUpPlan plan;
  auto outcome = run_transaction(
      workflow, chain.services(),
      {.resume =
           [&] { return deploy::resume_top_up(chain.services(), workflow.signer(), request); },
       .plan =
           [&] {
             plan = make_plan(context, workflow, values, chain, request);
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

/// A purchase whose credits do not show is left open, so that the same command waits on and pays
/// nothing more.
std::optional<double> wait_for_purchase(Context& context, Workflow& workflow, const Values& values,
                                        const deploy::TransactionOutcome& outcome) {
  const deploy::Purchase& purchase = *outcome.entry.purchase;
  if (!purchase.credits_before || values.flag("no-wait")) return std::nullopt;
  try {
    return wait_for_credits(context, workflow, purchase.account, *purchase.credits_before,
                            *values.duration("timeout"),
                            platform::format_usdc(purchase.amount) + " were paid")
        .remaining;
  } catch (const Error& error) {
    throw error.with_hint("it is paid; wait again, without paying more, with: " +
                          wait_command(workflow, purchase, values));
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
  const CreditsChain chain(context, workflow, credits_chain(context, values, "chain"));
  request.account = top_up_beneficiary(context, workflow, values);
  if (values.flag("dry-run")) return show_plan(context, workflow, chain, request);

  const auto outcome = pay(context, workflow, values, chain, request);
  if (outcome.resumed) {
    workflow.note(
        "the earlier run has paid, and nothing more was paid now; to buy more credits, "
        "run the command again");
  }
  const auto credits = wait_for_purchase(context, workflow, values, outcome);
  workflow.finish_progress();
  context.output().result(top_up_document(outcome, credits),
                          [&] { context.output().pairs(top_up_pairs(outcome, credits)); });
  // Last, so that whoever has not seen the result pays nothing more by asking again.
  workflow.close_told(chain.services(), outcome);
}

}  // namespace ecloud::cli
