#pragma once

#include "deploy/chain_snapshot.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::deploy {

/// What the chain says of an app and of its latest release, which is read now; in any state. A
/// release that the node does not give is warned of and left empty.
CurrentApp current_app_of(const Services& services, const eth::Address& app,
                          const AppSnapshot& chain);

}  // namespace ecloud::deploy
