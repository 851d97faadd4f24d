#pragma once

#include <string>

#include "ecloud/base/clock.h"
#include "ecloud/deploy/services.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// Unless told otherwise (--timeout, ECLOUD_WATCH_TIMEOUT_SECONDS).
constexpr base::Milliseconds kDefaultWatchTimeout{600'000};

/// Asks after 0.5, 1 and 2 seconds and then every 5 until the app runs and has an IP address;
/// failures of the API are waited out. Throws Error{kFailure, "app.failed"} when the app failed,
/// was stopped or terminated, and Error{kPending, "app.still_pending"} when the time ran out;
/// `wait_command` is what its hint tells to type.
platform::AppInfo wait_until_running(const Services& services, platform::UserApi& api,
                                     const eth::Address& app, base::Milliseconds timeout,
                                     const std::string& wait_command);

}  // namespace ecloud::deploy
