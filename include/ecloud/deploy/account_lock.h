#pragma once

#include "ecloud/base/files.h"
#include "ecloud/deploy/services.h"

namespace ecloud::deploy {

/// Held from reading an account's nonce on a chain until its transaction is mined, so that two
/// ecloud processes on this machine do not sign different transactions with one nonce. Waits for
/// the other one, telling the observer once, at most `timeout`; then throws Error{kFailure,
/// "file.locked"}.
base::FileLock lock_account(const Services& services, const eth::Address& account,
                            base::Milliseconds timeout = base::Milliseconds(300'000));

}  // namespace ecloud::deploy
