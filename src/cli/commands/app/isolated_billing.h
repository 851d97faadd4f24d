#pragma once

#include <optional>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/workflow.h"
#include "ecloud/deploy/deploy_app.h"

namespace ecloud::cli {

/// `deploy --bill-to app`: an app that pays for itself. See ecloud/deploy/isolated_billing.h for
/// the order and for what the next run finds.

/// --bill-to and --credits.
std::vector<Option> billing_options();

/// Whether the app is to pay for itself. Throws Error{kUsage, "cli.conflict"} for --credits without
/// --bill-to app.
bool read_bill_to_app(const Values& values);

/// Fixes the salt: the one that is given, that of a purchase which an earlier run made for this
/// app, or a random one.
void choose_app_salt(Context& context, Workflow& workflow, deploy::DeployRequest& request);

/// Buys the credits that the plan needs, after asking, and waits until the platform has seen them.
/// What an earlier run bought is not bought again. Throws as the purchase of credits does, and
/// Error{kUsage, "cli.missing_value"} without --credits.
void buy_app_credits(Context& context, Workflow& workflow, const Values& values,
                     const deploy::DeployRequest& request, const deploy::DeployPlan& plan);

/// Members and lines about who pays, for the plan of a deployment. With a purchase to be made it is
/// planned too, without signing anything.
struct AppCreditsPlan {
  base::Json document;  ///< of the purchase, or null
  std::string text;     ///< of the purchase, or empty
};
AppCreditsPlan plan_app_credits(Context& context, Workflow& workflow, const Values& values,
                                const deploy::DeployRequest& request,
                                const deploy::DeployPlan& plan);

}  // namespace ecloud::cli
