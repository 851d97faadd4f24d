#include "ecloud/base/lock_wait.h"

#include <chrono>
#include <thread>

namespace ecloud::base {
namespace {

constexpr Milliseconds kPause{5};

}  // namespace

FileLock wait_for_lock(const std::filesystem::path& path, Milliseconds patience) {
  // Not a Clock of the caller's: the other process lives in real time.
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      return FileLock(path);
    } catch (const Error& error) {
      if (error.code() != "file.locked" || std::chrono::steady_clock::now() >= end) throw;
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace ecloud::base
