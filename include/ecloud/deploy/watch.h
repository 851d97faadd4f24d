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
/// out. They throw Error{kFailure, "app.failed"} for a state that leads nowhere, Error{kPending,
/// "app.still_pending"} when the time ran out, and Error{kNetwork, "json.shape" or "json.syntax"}
/// after five answers in a row that cannot be read; `wait_command` is what the hints tell to type.

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

/// A release on chain: its block and its image's digest ("sha256:…").
struct SentRelease {
  std::uint64_t block = 0;
  std::string image_digest;
};

/// An upgrade's answers look alike before and after it. It counts as done when the app is Running
/// (with an IP address) or Stopped, and
///   controller from 1.5.0: the chain says that the platform has confirmed the release,
///   before: another state was seen in between, or the platform's list of releases has it and the
///   state has stood still for 20 seconds.
/// Failed counts when another state was seen before it or it has stood still for 20 seconds.
platform::AppInfo wait_for_upgrade(const Services& services, platform::UserApi& api,
                                   const eth::Address& app, const SentRelease& release,
                                   base::Milliseconds timeout, const std::string& wait_command);

/// Whether the platform's list of releases has `release`: by its block, or where the list does not
/// tell blocks, by the digest of its newest entry. Throws Error{kNetwork, "json.shape"} when the
/// newest entry tells neither.
bool is_listed(const platform::AppDetails& details, const SentRelease& release);

/// What the platform lists as the newest release of an app.
struct ListedRelease {
  enum class State {
    kSettled,  ///< the image that was sent
    kLagging,  ///< still an older release, or none
    kOther,    ///< another image, at the block of the release or later, or at an unknown block
    kUnknown,  ///< the list cannot be read
  };
  State state = State::kUnknown;
  std::string image_digest;  ///< "sha256:…"; empty when nothing is listed
  std::string problem;       ///< with kUnknown: why
};

/// Asks for the app's releases at once and then every 3 seconds, for 45 at most, until the newest
/// one is `release`: the list is an indexer's, which lags the chain.
ListedRelease wait_until_listed(const Services& services, platform::UserApi& api,
                                const eth::Address& app, const SentRelease& release);

}  // namespace ecloud::deploy
