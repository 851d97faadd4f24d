#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/cancel.h"

namespace ecloud::base {

using Milliseconds = std::chrono::milliseconds;

/// Time as a parameter, so that no test waits. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Seconds since 1970-01-01 UTC.
  virtual std::int64_t unix_seconds() = 0;
  /// Time since some fixed moment; never goes back.
  virtual Milliseconds monotonic() = 0;
  /// Returns after `duration`. Throws Error{kInterrupted} when the user cancels meanwhile.
  virtual void sleep(Milliseconds duration) = 0;
};

class SystemClock final : public Clock {
 public:
  /// `cancel` outlives the clock.
  explicit SystemClock(CancelToken& cancel) : cancel_(cancel) {}
  std::int64_t unix_seconds() override;
  Milliseconds monotonic() override;
  void sleep(Milliseconds duration) override;

 private:
  CancelToken& cancel_;
};

/// "2026-01-31T12:00:00Z" (RFC 3339, UTC).
std::string format_rfc3339(std::int64_t unix_seconds);

/// The seconds of an RFC 3339 time ("2026-01-31T12:00:00.5+02:00"; a blank instead of the T and a
/// missing offset, which means UTC, are taken too); fractions are dropped. Nothing for anything
/// else.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

}  // namespace ecloud::base
