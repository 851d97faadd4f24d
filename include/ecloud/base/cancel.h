#pragma once

#include <atomic>
#include <chrono>
#include <string>

namespace ecloud::base {

/// The user's wish to stop, given once and seen by every wait. cancel() may be called from a signal
/// handler, everything else from any thread.
class CancelToken {
 public:
  CancelToken();
  ~CancelToken();
  CancelToken(const CancelToken&) = delete;
  CancelToken& operator=(const CancelToken&) = delete;

  /// Async-signal-safe.
  void cancel() noexcept;
  bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  /// Throws Error{kInterrupted, "interrupted"} once cancelled.
  void check() const;
  /// Becomes readable once cancelled: for poll() beside other descriptors.
  int descriptor() const noexcept { return pipe_[0]; }
  /// Returns after `duration`, or throws as check() does as soon as cancelled.
  void wait(std::chrono::milliseconds duration) const;

 private:
  std::atomic<bool> cancelled_{false};
  int pipe_[2] = {-1, -1};
};

}  // namespace ecloud::base
