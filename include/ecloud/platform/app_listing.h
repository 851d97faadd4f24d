#pragma once

#include <vector>

#include "ecloud/platform/controller.h"

namespace ecloud::platform {

/// What the lists of the AppController hold of each app.
enum class RecordLayout {
  kFourWords,   ///< before 1.5.0: creator, operator set, block of the latest release, status
  kPending,     ///< from 1.5.0: the block of a pending release before the status
  kTimelocked,  ///< of a controller with team roles (unreleased): a flag behind the status
};

/// getApps(offset, limit): all apps of the platform, in the order in which they were created.
base::Bytes encode_apps(std::uint64_t offset, std::uint64_t limit);

/// The answer of getApps, getAppsByDeveloper and getAppsByCreator. Throws Error{kNetwork,
/// "eth.abi_data"} for a malformed one.
std::vector<AppRecord> decode_app_records(RecordLayout layout, base::ByteView data);

}  // namespace ecloud::platform
