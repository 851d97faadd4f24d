#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ecloud::deploy {

/// The time that a line of a log begins with, in unix seconds: RFC 3339 (with or without brackets
/// or quotes around it), "2026/01/31 12:00:00" as Go's log writes it, and time=, ts= or a JSON
/// object whose first member is "time", "ts", "timestamp" or "@timestamp". A time without an offset
/// is UTC. Nothing for a line that carries none.
std::optional<std::int64_t> log_line_time(std::string_view line);

/// The lines since `unix_seconds`: those that carry a later time, and the ones without any that
/// follow them. Lines before the first time belong to it. Nothing when no line carries a time.
std::optional<std::string> log_since(std::string_view log, std::int64_t unix_seconds);

/// The last `lines` lines.
std::string_view log_tail(std::string_view log, std::uint64_t lines);

/// A log that is given whole each time, cut into what is new. It survives rotation: when the text
/// no longer begins with what was there, what is new begins after the longest end of the old text,
/// in whole lines, that the new text begins with.
class LogStream {
 public:
  struct News {
    std::string text;      ///< whole lines, and an unfinished one once a look brought nothing more
    bool rotated = false;  ///< text that was there is gone
  };

  /// The log as it is now.
  News take(std::string log);
  /// The unfinished last line that is held back.
  std::string_view held() const { return std::string_view(seen_).substr(shown_); }
  /// The same, given out now.
  std::string rest();

 private:
  std::string seen_;
  std::size_t shown_ = 0;  ///< octets of seen_ that were given out
};

}  // namespace ecloud::deploy
