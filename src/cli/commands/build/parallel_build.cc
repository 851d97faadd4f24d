#include "cli/commands/build/parallel_build.h"

#include <cmath>

#include "cli/commands/billing/credits_wait.h"
#include "cli/commands/billing/subscription_view.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

/// Nothing when the billing service does not tell; `problem` is why.
std::optional<double> remaining_credits(Context& context, std::string& problem) {
  try {
    const eth::Address account = context.deployer().address;
    if (const auto balance = billing_api(context).credits(account)) return balance->remaining;
    const auto shown = read_credits(context, account);
    return shown ? std::optional(shown->remaining) : std::nullopt;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    problem = error.message();
    return std::nullopt;
  }
}

/// Rounded down: 4.999 dollars are not enough, and must not look as if they were.
std::string credits_text(double dollars) {
  constexpr double kCentsPerDollar = 100;
  constexpr double kRounding = 1e-6;
  return money(std::floor(dollars * kCentsPerDollar + kRounding) / kCentsPerDollar);
}

std::string amounts_text(const std::optional<double>& credits, const std::string& problem) {
  const std::string needed = "a parallel build uses credits and needs at least " +
                             credits_text(kParallelBuildCredits) + " of them; ";
  if (credits) return needed + "the account has " + credits_text(*credits);
  return needed + "the account's credits could not be read" +
         (problem.empty() ? std::string() : " (" + problem + ")");
}

Error too_few_credits(Workflow& workflow, const std::string& amounts, bool known) {
  return Error(
      Category::kFailure, "build.parallel_credits",
      "another build of this account is running, and " + amounts,
      (known ? "buy credits: ecloud billing top-up --amount 5" : "see: ecloud billing status") +
          workflow.environment_flag() +
          "; or wait for the running build: ecloud compute build list" +
          workflow.environment_flag());
}

}  // namespace

std::string submit_build(Context& context, Workflow& workflow, platform::BuildApi& api,
                         const platform::BuildRequest& request, bool force,
                         const std::string& option) {
  try {
    return deploy::submit_build(workflow.services(), api, workflow.signer(), request);
  } catch (const Error& error) {
    if (error.code() != "build.running") throw;
  }
  std::string problem;
  const auto credits = remaining_credits(context, problem);
  const std::string amounts = amounts_text(credits, problem);
  if (!force) {
    throw Error(Category::kFailure, "build.running",
                "another build of this account is running, and nothing was submitted; " + amounts,
                "wait for it: ecloud compute build list" + workflow.environment_flag() +
                    "; or build in parallel: add " + option);
  }
  if (!credits || *credits < kParallelBuildCredits) {
    throw too_few_credits(workflow, amounts, credits.has_value());
  }
  workflow.warning(
      "another build of this account is running; building in parallel, which uses "
      "credits (the account has " +
      credits_text(*credits) + ")");
  return deploy::submit_build(workflow.services(), api, workflow.signer(), request, true);
}

}  // namespace ecloud::cli
