#pragma once

#include "ecloud/deploy/rollback_app.h"

namespace ecloud::deploy {

/// Fills RollbackPlan::keeps_wallet, wallet_seen_on_chain and gives_up, from the records of this
/// machine and from what both releases say on chain (release_wallet.h). `creator` is the account
/// that deployed the app. Throws Error{kVerification, "wallet.forged"} for a target whose statement
/// is refused; what the current release says falsely is left aside, since a rollback ends it.
void compare_wallets(const Services& services, const Signer& signer, const eth::Address& creator,
                     RollbackPlan& plan);

}  // namespace ecloud::deploy
