#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "ecloud/base/clock.h"

namespace ecloud::testing {

/// A clock that stands until somebody sleeps on it: sleeping moves it forward at once.
class ManualClock final : public base::Clock {
 public:
  explicit ManualClock(std::int64_t unix_seconds = 1'800'000'000)
      : now_(base::Milliseconds(unix_seconds * 1000)) {}

  std::int64_t unix_seconds() override { return monotonic().count() / 1000; }
  base::Milliseconds monotonic() override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void sleep(base::Milliseconds duration) override {
    std::function<void(base::Milliseconds)> hook;
    {
      const std::lock_guard lock(mutex_);
      now_ += duration;
      sleeps_.push_back(duration);
      hook = on_sleep_;
    }
    if (hook) hook(duration);
  }

  /// Every sleep so far, in order.
  std::vector<base::Milliseconds> sleeps() {
    const std::lock_guard lock(mutex_);
    return sleeps_;
  }
  /// Runs after each sleep: where a test lets the world move on, or throws.
  void on_sleep(std::function<void(base::Milliseconds)> hook) {
    const std::lock_guard lock(mutex_);
    on_sleep_ = std::move(hook);
  }

 private:
  std::mutex mutex_;
  base::Milliseconds now_;
  std::vector<base::Milliseconds> sleeps_;
  std::function<void(base::Milliseconds)> on_sleep_;
};

}  // namespace ecloud::testing
