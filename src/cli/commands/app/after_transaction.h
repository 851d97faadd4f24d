#pragma once

#include <optional>

#include "cli/workflow.h"
#include "ecloud/deploy/account_transaction.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {

/// Sets the profile of an app that has just come to be. The app runs without it, so that a failure
/// is a warning; false when another attempt may help, for which the operation is left open. Nothing
/// is done when there is no profile.
bool set_profile(Workflow& workflow, const deploy::TransactionOutcome& outcome,
                 const std::optional<platform::AppProfile>& profile,
                 const std::optional<platform::ProfileImage>& picture);

/// As set_profile(), of the profile that the journal has for the deployment.
bool set_recorded_profile(Context& context, Workflow& workflow,
                          const deploy::TransactionOutcome& outcome);

/// Waits as --timeout and --no-wait say until the platform has done what the transaction of
/// `outcome` asks for: a deployment runs, an upgrade is in force, an app is started, stopped or
/// terminated. Nothing with --no-wait. A verdict of the platform (Error "app.failed") ends the
/// operation in the journal; a time-out leaves it open, with the command that waits again in its
/// hint.
std::optional<platform::AppInfo> wait_for_platform(Workflow& workflow, const Values& values,
                                                   const deploy::TransactionOutcome& outcome,
                                                   const std::string& waits_again);

/// After wait_for_platform() of an upgrade or a rollback: waits until the platform's list of
/// releases has caught up, for 45 seconds at most. Another image there is a warning, a list that
/// lags or cannot be read a note. Returns the digest that the list has as its newest; empty when
/// there is none, with --no-wait and after every other operation.
std::string check_listed_release(Workflow& workflow, const Values& values,
                                 const deploy::TransactionOutcome& outcome);

}  // namespace ecloud::cli
