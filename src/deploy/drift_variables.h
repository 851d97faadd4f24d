#pragma once

#include "ecloud/deploy/drift.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::deploy {

/// Compares the variables that are meant, by the env file or without one by ecloud.lock, with those
/// of the release that runs: public ones with the chain, private ones with the lock's fingerprints.
/// Asks nobody.
void compare_variables(const Signer* signer, const DriftRequest& request, const CurrentApp& current,
                       DriftReport& report);

}  // namespace ecloud::deploy
