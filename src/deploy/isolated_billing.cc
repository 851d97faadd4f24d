#include "ecloud/deploy/isolated_billing.h"

#include "ecloud/base/error.h"
#include "ecloud/chain/chain.h"
#include "ecloud/deploy/controller_reads.h"
#include "ecloud/platform/app_id.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {
namespace {

constexpr base::Milliseconds kPollInterval{5'000};
constexpr base::Milliseconds kPatience{180'000};

bool is_for(const JournalEntry& entry, const DeployRequest& request) {
  return request.name.empty()
             ? entry.name.empty() && entry.image_reference == request.image.to_string()
             : entry.name == request.name;
}

bool exists(const Services& services, const eth::Address& app) {
  const auto results = services.rpc.batch(
      {chain::eth_call(services.environment.app_controller, platform::encode_app_creator(app))});
  return !platform::decode_address(controller_data(services, results.front())).is_zero();
}

}  // namespace

std::optional<JournalEntry> begun_app_purchase(const Services& services, const std::string& journal,
                                               const eth::Address& deployer,
                                               const DeployRequest& request) {
  std::optional<JournalEntry> found;
  for (JournalEntry& entry : Journal(services.paths.state, journal).all()) {
    const bool ours = entry.operation == Operation::kPurchase && entry.deployer == deployer &&
                      entry.step != Step::kAbandoned && entry.purchase &&
                      entry.salt != base::Bytes32{} && is_for(entry, request);
    if (!ours || (request.salt && *request.salt != entry.salt)) continue;
    // Environments that share a chain for credits share the journal.
    if (app_id_of(services, deployer, entry.salt) != entry.purchase->account) continue;
    if (!exists(services, entry.purchase->account)) found = std::move(entry);
  }
  return found;
}

eth::Address app_id_of(const Services& services, const eth::Address& deployer,
                       const base::Bytes32& salt) {
  const platform::Environment& environment = services.environment;
  if (!environment.app_beacon.is_zero()) {
    return platform::compute_app_id(environment.app_controller, environment.app_beacon,
                                    environment.app_proxy, deployer, salt);
  }
  const auto results = services.rpc.batch({chain::eth_call(
      environment.app_controller, platform::encode_calculate_app_id(deployer, salt))});
  return platform::decode_address(controller_data(services, results.front()));
}

eth::U256 quota_of(const Services& services, const eth::Address& account) {
  const auto results = services.rpc.batch({chain::eth_call(
      services.environment.app_controller, platform::encode_max_active_apps(account))});
  return platform::decode_number(controller_data(services, results.front()));
}

void wait_for_quota(const Services& services, const eth::Address& app,
                    const std::string& waits_again) {
  const base::Milliseconds end = services.clock.monotonic() + kPatience;
  services.observer.phase("waiting until the platform has seen the credits of app " +
                          app.to_string());
  while (quota_of(services, app).is_zero()) {
    if (services.clock.monotonic() >= end) {
      throw Error(
          Category::kPending, "deploy.quota_pending",
          "the credits for app " + app.to_string() +
              " are paid, and the platform has given it no quota after " +
              std::to_string(kPatience.count() / 1000) + " s",
          "run the same command again: it waits again and pays nothing more: " + waits_again);
    }
    services.clock.sleep(kPollInterval);
  }
}

}  // namespace ecloud::deploy
