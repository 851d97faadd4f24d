#include "cli/commands/app/after_transaction.h"

#include "cli/commands/app/release_options.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/change_app.h"
#include "ecloud/deploy/controller_reads.h"
#include "ecloud/deploy/watch.h"
#include "ecloud/platform/controller.h"

namespace ecloud::cli {
namespace {

using deploy::Operation;

/// What the platform is waited for to do: "runs".
std::string goal_of(Operation operation) {
  switch (operation) {
    case Operation::kDeploy:
    case Operation::kStart:
      return "runs";
    case Operation::kUpgrade:
      return "is upgraded";
    case Operation::kRollback:
      return "is rolled back";
    default:
      return "is " + std::string(platform::to_string(deploy::status_after(operation)));
  }
}

std::string ctrl_c_hint(Operation operation) {
  if (operation == Operation::kDeploy) return "the app is deployed and starts without you";
  return "the " +
         std::string(operation == Operation::kUpgrade    ? "upgrade"
                     : operation == Operation::kRollback ? "rollback"
                                                         : "change") +
         " is on chain, the platform goes on without you";
}

deploy::SentRelease sent_release(const deploy::TransactionOutcome& outcome) {
  return {outcome.receipt.block_number, outcome.entry.image_digest};
}

std::optional<platform::AppInfo> wait(Workflow& workflow, base::Milliseconds timeout,
                                      const deploy::TransactionOutcome& outcome,
                                      const std::string& waits_again) {
  const deploy::Services& services = workflow.services();
  const eth::Address& app = outcome.entry.app;
  platform::UserApi api = workflow.user_api(outcome.domain_separator, false);
  switch (outcome.entry.operation) {
    case Operation::kDeploy:
      return deploy::wait_until_running(services, api, app, timeout, waits_again);
    case Operation::kUpgrade:
    case Operation::kRollback:
      return deploy::wait_for_upgrade(services, api, app, sent_release(outcome), timeout,
                                      waits_again);
    default:
      return deploy::wait_for_change(services, api, app, outcome.entry.operation, timeout,
                                     waits_again);
  }
}

std::optional<platform::ProfileImage> picture_of(Context& context,
                                                 const deploy::JournalEntry& entry) {
  if (entry.picture.empty()) return std::nullopt;
  return read_profile_image_file(context,
                                 (std::filesystem::path(entry.folder) / entry.picture).string());
}

/// A release for an app without a machine is taken up when the app is started: there is nothing to
/// wait for before.
bool waits_for_a_start(Workflow& workflow, const deploy::TransactionOutcome& outcome) {
  const Operation operation = outcome.entry.operation;
  if (operation != Operation::kUpgrade && operation != Operation::kRollback) return false;
  const auto status = deploy::chain_status(workflow.services(), outcome.entry.app);
  if (status != platform::ChainStatus::kSuspended && status != platform::ChainStatus::kCreated) {
    return false;
  }
  workflow.finish_progress();
  workflow.note("the app is " + std::string(platform::to_string(*status)) +
                ": it runs the release once it is started: ecloud compute app start " +
                outcome.entry.app.to_string() + workflow.environment_flag());
  return true;
}

}  // namespace

bool set_profile(Workflow& workflow, const deploy::TransactionOutcome& outcome,
                 const std::optional<platform::AppProfile>& profile,
                 const std::optional<platform::ProfileImage>& picture) {
  if (!profile) return true;
  workflow.phase("setting the profile");
  try {
    workflow.user_api(outcome.domain_separator, true)
        .set_profile(outcome.entry.app, *profile, picture);
    return true;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    const bool may_pass = error.category() == Category::kNetwork;
    workflow.warning("the app is deployed, but its profile is not set: " + error.message() +
                     (may_pass ? "; the same command sets it when it is run again" : ""));
    return !may_pass;
  }
}

std::optional<platform::AppInfo> wait_for_platform(Workflow& workflow, const Values& values,
                                                   const deploy::TransactionOutcome& outcome,
                                                   const std::string& waits_again) {
  if (waits_for_a_start(workflow, outcome) || values.flag("no-wait")) return std::nullopt;
  const Operation operation = outcome.entry.operation;
  workflow.phase("waiting until app " + outcome.entry.app.to_string() + " " + goal_of(operation));
  try {
    return wait(workflow, *values.duration("timeout"), outcome, waits_again);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) {
      throw error.with_hint(ctrl_c_hint(operation) + "; wait again with: " + waits_again);
    }
    // The platform's verdict ends the operation; a time-out leaves it open.
    if (error.code() == "app.failed") deploy::finish_operation(workflow.services(), outcome);
    throw;
  }
}

std::string check_listed_release(Workflow& workflow, const Values& values,
                                 const deploy::TransactionOutcome& outcome) {
  using State = deploy::ListedRelease::State;
  const Operation operation = outcome.entry.operation;
  const bool releases = operation == Operation::kUpgrade || operation == Operation::kRollback;
  if (!releases || values.flag("no-wait")) return {};
  const eth::Address& app = outcome.entry.app;
  workflow.phase("waiting until the platform lists the release");
  platform::UserApi api = workflow.user_api(outcome.domain_separator, false);
  const deploy::ListedRelease listed =
      deploy::wait_until_listed(workflow.services(), api, app, sent_release(outcome));
  const std::string see =
      "; see: ecloud compute app releases " + app.to_string() + workflow.environment_flag();
  switch (listed.state) {
    case State::kSettled:
      break;
    case State::kLagging:
      workflow.note("the platform does not list the release yet, only the chain does" + see);
      break;
    case State::kUnknown:
      workflow.note("which release the platform lists cannot be read: " + listed.problem + see);
      break;
    case State::kOther:
      workflow.warning("the platform lists another image than the one that was sent: " +
                       listed.image_digest + " instead of " + outcome.entry.image_digest +
                       "; another account may have upgraded the app since" + see);
      break;
  }
  return listed.image_digest;
}

bool set_recorded_profile(Context& context, Workflow& workflow,
                          const deploy::TransactionOutcome& outcome) {
  const deploy::JournalEntry& entry = outcome.entry;
  if (entry.operation != deploy::Operation::kDeploy || !entry.profile) return true;
  try {
    return set_profile(workflow, outcome, entry.profile, picture_of(context, entry));
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    workflow.warning("the app is deployed, but its profile is not set: " + error.message());
    return true;
  }
}

}  // namespace ecloud::cli
