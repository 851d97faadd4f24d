#pragma once

#include <map>
#include <string>

#include "deploy/chain_snapshot.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::deploy {

/// What the chain says of an app and of its latest release, which is read now; in any state. A
/// release that the node does not give is warned of and left empty.
CurrentApp current_app_of(const Services& services, const eth::Address& app,
                          const AppSnapshot& chain);

/// Without the machine type, which goes on chain among them; fit to be shown.
std::map<std::string, std::string> public_variables_of(const platform::Release& release);

/// Whether the encrypted variables of a release may have a MNEMONIC. False only when they are too
/// short for one, so that the wallet can only be the KMS's.
bool may_hold_mnemonic(const base::Bytes& encrypted_env);

}  // namespace ecloud::deploy
