#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ecloud::base {

/// What --verbose and ECLOUD_DEBUG show on stderr. Thread-safe as far as its sink is.
/// Who logs writes only what is on an allow-list: hosts, paths, methods, sizes, statuses, times,
/// public identifiers. Bodies, query values and header values stay out.
class Log {
 public:
  /// One line without its line break; `topic` is "http", "rpc", "config" or "deploy".
  using Sink = std::function<void(std::string_view topic, std::string_view line)>;

  /// Drops everything.
  Log() = default;
  explicit Log(Sink sink) : sink_(std::move(sink)) {}

  bool enabled() const { return static_cast<bool>(sink_); }
  void write(std::string_view topic, std::string_view line) const {
    if (sink_) sink_(topic, line);
  }

 private:
  Sink sink_;
};

/// Scheme, host, port and path of `url`; user information and every query value replaced by
/// "REDACTED". For messages and logs.
std::string redact_url(std::string_view url);

/// Scheme, host and port alone: RPC URLs carry keys in their paths.
std::string url_origin(std::string_view url);

}  // namespace ecloud::base
