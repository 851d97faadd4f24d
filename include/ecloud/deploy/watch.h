#pragma once

#include <cstdint>
#include <string>

#include "ecloud/base/clock.h"
#include "ecloud/deploy/journal.h"
#include "ecloud/deploy/services.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// Unless told otherwise (--timeout, ECLOUD_WATCH_TIMEOUT_SECONDS).
constexpr base::Milliseconds kDefaultWatchTimeout{600'000};

/// All of these ask after 0.5, 1 and 2 seconds and then every 5; failures of the API are waited
/// out. They throw Error{kFailure, "app.failed"} for a state that leads nowhere, and
/// Error{kPending, "app.still_pending"} when the time ran out; `wait_command` is what its hint
/// tells to type.

/// Until the app runs and has an IP address. Failed, stopped and terminated apps have failed.
platform::AppInfo wait_until_running(const Services& services, platform::UserApi& api,
                                     const eth::Address& app, base::Milliseconds timeout,
                                     const std::string& wait_command);

/// After kStart until the app runs and has an IP address: a state that is still Stopped is that of
/// before. After kStop until Stopped, after kTerminate until Terminated or forgotten by the
/// platform.
platform::AppInfo wait_for_change(const Services& services, platform::UserApi& api,
                                  const eth::Address& app, Operation change,
                                  base::Milliseconds timeout, const std::string& wait_command);

/// An upgrade's answers look alike before and after it. It counts as done when the app is Running
/// (with an IP address) or Stopped, and
///   controller from 1.5.0: the chain says that the platform has confirmed the release,
///   before: another state was seen in between, or the platform's list of releases has it and the
///   state has stood still for 20 seconds.
/// Failed counts when another state was seen before it or it has stood still for 20 seconds.
platform::AppInfo wait_for_upgrade(const Services& services, platform::UserApi& api,
                                   const eth::Address& app, std::uint64_t release_block,
                                   base::Milliseconds timeout, const std::string& wait_command);

}  // namespace ecloud::deploy
