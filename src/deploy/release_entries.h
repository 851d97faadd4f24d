#pragma once

#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::deploy {

/// What the journal says of the operation, before a transaction is signed for it.
JournalEntry deploy_entry(const Signer& deployer, const DeployRequest& request,
                          const DeployPlan& plan);
JournalEntry upgrade_entry(const Signer& signer, const UpgradeRequest& request,
                           const UpgradePlan& plan);

/// Puts the words of a plan with WalletSource::kGenerated into the WalletStore.
void store_wallet(const Services& services, const Signer& deployer, const DeployPlan& plan);

}  // namespace ecloud::deploy
