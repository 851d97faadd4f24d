#pragma once

#include <string>

#include "ecloud/base/clock.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"
#include "ecloud/net/transport.h"
#include "ecloud/platform/environment.h"

namespace ecloud::platform {

/// The addresses of an app with the KMS's signature, as the UserAPI gives them: what
/// verify_addresses() takes, JSON, unchecked, to be kept as evidence. Empty when it gives none.
/// `key` may be null; `domain_separator` is that of signatures.h. Errors:
///   kCredentials userapi.forbidden  401 and 403
///   kNetwork     userapi.failed     everything else, with the status and the server's words
std::string fetch_signed_addresses(net::Transport& transport, base::Clock& clock,
                                   const Environment& environment, const crypto::PrivateKey* key,
                                   const base::Bytes32& domain_separator, const eth::Address& app);

}  // namespace ecloud::platform
