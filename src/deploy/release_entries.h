#pragma once

#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::deploy {

/// What the journal says of the operation, before a transaction is signed for it.
JournalEntry deploy_entry(const Signer& deployer, const DeployRequest& request,
                          const DeployPlan& plan);
JournalEntry upgrade_entry(const Signer& signer, const UpgradeRequest& request,
                           const UpgradePlan& plan);

/// Puts a recovery phrase that was read from chain into the WalletStore, as if the app had been
/// deployed here.
void store_recovered(const Services& services, const Signer& signer, const UpgradeRequest& request);

/// Puts the words of a plan with WalletSource::kGenerated into the WalletStore.
void store_wallet(const Services& services, const Signer& deployer, const DeployPlan& plan);

}  // namespace ecloud::deploy
