#pragma once

#include <optional>
#include <string>

#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/journal.h"
#include "ecloud/deploy/services.h"
#include "ecloud/eth/u256.h"

namespace ecloud::deploy {

/// A deployment of an app that pays for itself. Its ID follows from account and salt before it
/// exists, and credits are bought for that ID first: the platform then gives the ID a quota,
/// without which the contract refuses to create the app. The order, each step found again by the
/// next run:
///   salt chosen -> credits bought (journal of purchases: salt, name, image) -> quota seen
///   (purchase closed) -> app created with the same salt (journal of deployments).

/// The purchase for an app of that name (of that image, when it has none) that `deployer` has paid
/// or begun to pay for, whose app does not exist yet; empty without one. `journal` is the
/// credits_journal() of the chain that sells the credits.
std::optional<JournalEntry> begun_app_purchase(const Services& services, const std::string& journal,
                                               const eth::Address& deployer,
                                               const DeployRequest& request);

/// The ID of the app that account and salt lead to: computed here where the environment says how,
/// else as the controller says.
eth::Address app_id_of(const Services& services, const eth::Address& deployer,
                       const base::Bytes32& salt);

/// How many apps the account or app may have (getMaxActiveAppsPerUser).
eth::U256 quota_of(const Services& services, const eth::Address& account);

/// Asks every 5 s, for 3 minutes at most, until the app's quota is above 0. Throws Error{kPending,
/// "deploy.quota_pending"} with `waits_again` as the command that waits again.
void wait_for_quota(const Services& services, const eth::Address& app,
                    const std::string& waits_again);

}  // namespace ecloud::deploy
