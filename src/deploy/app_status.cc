#include "deploy/app_status.h"

#include "ecloud/base/error.h"

namespace ecloud::deploy {
namespace {

using platform::AppChange;
using platform::ChainStatus;

std::string_view participle_of(AppChange change) {
  switch (change) {
    case AppChange::kStart:
      return "started";
    case AppChange::kStop:
      return "stopped";
    case AppChange::kUpgrade:
      return "upgraded";
    case AppChange::kTerminate:
      return "terminated";
  }
  fail_bug("a change of an app without a participle");
}

/// What leads out of the status.
std::string hint_for(const eth::Address& app, ChainStatus status) {
  const std::string list = "see your apps: ecloud compute app list";
  const std::string start = "ecloud compute app start " + app.to_string();
  switch (status) {
    case ChainStatus::kTerminated:
      return "a terminated app never comes back; deploy a new one, or " + list;
    case ChainStatus::kSuspended:
      return "the platform suspends apps that are not paid for. Pay (ecloud billing status), then "
             "start it again: " +
             start;
    case ChainStatus::kCreated:
      return "the app has not been started yet. Give it a release (ecloud compute app upgrade), "
             "then start it: " +
             start;
    case ChainStatus::kStopped:
      return "start it first: " + start;
    case ChainStatus::kNone:
      return "the platform's contract was replaced by one that misreads the records of older apps; "
             "only the platform can repair that";
    default:
      return list;
  }
}

}  // namespace

void require_exists(const Services& services, const eth::Address& app, const AppSnapshot& chain) {
  if (!chain.creator.is_zero()) return;
  throw Error(Category::kNotFound, "app.not_found",
              "there is no app " + app.to_string() + " on " +
                  platform::chain_name(services.environment.chain_id),
              "see your apps: ecloud compute app list, or check --environment");
}

void require_allowed(const eth::Address& app, ChainStatus status, AppChange change,
                     const std::string& controller_version, std::string_view participle) {
  if (platform::allows(controller_version, change, status)) return;
  const std::string is = status == ChainStatus::kNone
                             ? " exists, but the chain does not know its status"
                             : " is " + std::string(platform::to_string(status));
  throw Error(Category::kTransaction, "app.wrong_status",
              "app " + app.to_string() + is + ": it cannot be " +
                  std::string(participle.empty() ? participle_of(change) : participle),
              hint_for(app, status));
}

void require_quota(const eth::Address& payer, const eth::U256& active_apps,
                   const eth::U256& max_active_apps) {
  if (max_active_apps.is_zero()) {
    throw Error(Category::kTransaction, "deploy.no_subscription",
                "account " + payer.to_string() +
                    " has neither a subscription nor credits: its quota is 0 apps",
                "subscribe first (ecloud billing subscribe), or buy credits (ecloud billing "
                "top-up)");
  }
  if (active_apps >= max_active_apps) {
    throw Error(Category::kTransaction, "deploy.quota",
                "account " + payer.to_string() + " has " + active_apps.to_decimal() + " of the " +
                    max_active_apps.to_decimal() +
                    " apps that its quota allows; stopped apps count too",
                "terminate one first (stopping frees no quota): ecloud compute app list");
  }
}

}  // namespace ecloud::deploy
