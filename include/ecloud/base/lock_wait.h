#pragma once

#include <filesystem>

#include "ecloud/base/clock.h"
#include "ecloud/base/files.h"

namespace ecloud::base {

/// Long enough for any process that only reads and writes a file under a lock.
constexpr Milliseconds kLockPatience{10'000};

/// As FileLock, and waits while another process holds it, at most `patience` of the system's time;
/// then Error{kFailure, "file.locked"}. For short work on a shared file: read, change, write.
FileLock wait_for_lock(const std::filesystem::path& path, Milliseconds patience = kLockPatience);

}  // namespace ecloud::base
