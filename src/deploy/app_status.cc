#include "deploy/app_status.h"

#include "ecloud/base/error.h"

namespace ecloud::deploy {

void require_exists(const Services& services, const eth::Address& app, const AppSnapshot& chain) {
  if (!chain.creator.is_zero()) return;
  throw Error(Category::kNotFound, "app.not_found",
              "there is no app " + app.to_string() + " on " +
                  platform::chain_name(services.environment.chain_id),
              "see your apps: ecloud compute app list, or check --environment");
}

void fail_status(const eth::Address& app, platform::ChainStatus status,
                 std::string_view participle) {
  std::string hint = "see your apps: ecloud compute app list";
  if (status == platform::ChainStatus::kTerminated) {
    hint = "a terminated app never comes back; " + hint;
  } else if (status == platform::ChainStatus::kSuspended) {
    hint = "the platform suspends apps that are not paid for; see: ecloud billing status";
  }
  throw Error(Category::kTransaction, "app.wrong_status",
              "app " + app.to_string() + " is " + std::string(platform::to_string(status)) +
                  ": it cannot be " + std::string(participle),
              hint);
}

}  // namespace ecloud::deploy
