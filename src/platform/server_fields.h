#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/json.h"

namespace ecloud::platform {

/// An object in a service's answer, read by one rule for all services:
///   - A member is found in camelCase, snake_case and capitalised ("createdAtBlock",
///     "created_at_block", "CreatedAtBlock"), however the reader spells it: letter case and
///     underscores do not count. The exact spelling wins, and null counts as missing.
///   - Numbers may be numbers or decimal text, booleans may be booleans or text, times may be Unix
///     seconds (number or text) or RFC 3339.
///   - Unknown members are ignored. A missing or malformed member costs only that member: readers
///     return nothing, or an empty value. Only the required_ readers throw, and name the path
///     ("userapi: $.apps[0].status: expected a string, found nothing").
///   - A place that is not an object reads as one without members.
/// Texts are printable, in one line and bounded.
class ServerFields {
 public:
  explicit ServerFields(base::Json object) : object_(std::move(object)) {}

  /// The place itself, for errors and for members that are read in another way. `others` are
  /// names that older or newer servers use instead.
  base::Json place(std::string_view name,
                   std::initializer_list<std::string_view> others = {}) const;

  /// Text; empty for anything else.
  std::string text(std::string_view name, std::size_t max_bytes = 300) const;
  /// Text, or a number as its decimal text, for IDs that may be either; empty for anything else.
  std::string text_or_number(std::string_view name) const;
  /// Text with its line breaks.
  std::string paragraph(std::string_view name, std::size_t max_bytes) const;
  /// A whole number that is not negative: 12, 12.0 or "12".
  std::optional<std::uint64_t> whole(std::string_view name) const;
  /// A finite number: 1.5, "1.5", "-2" or "1e3".
  std::optional<double> decimal(std::string_view name) const;
  /// true, false, "true" or "False".
  std::optional<bool> boolean(std::string_view name) const;
  /// Unix seconds, after 1970 and before the year 10000. 0 and the year 1 are what servers write
  /// for no time at all: nothing.
  std::optional<std::int64_t> time(std::string_view name) const;
  /// time() as RFC 3339 in UTC; empty without a time.
  std::string time_text(std::string_view name) const;
  /// The object under that name; without members when it is not an object.
  ServerFields object(std::string_view name) const;
  /// The elements of a list; none when it is not a list.
  std::vector<base::Json> list(std::string_view name,
                               std::initializer_list<std::string_view> others = {}) const;
  bool is_object() const { return object_.is_object(); }

  /// Throws Error{"json.shape"} unless it is text that is not empty after trimming.
  std::string required_text(std::string_view name) const;
  /// Throws Error{"json.shape"} unless it is a list.
  std::vector<base::Json> required_list(std::string_view name,
                                        std::initializer_list<std::string_view> others = {}) const;

 private:
  base::Json object_;
};

/// The readers of ServerFields for a place that is not a member.
std::string server_text(const base::Json& place, std::size_t max_bytes = 300);
std::optional<std::uint64_t> server_whole(const base::Json& place);
std::optional<double> server_decimal(const base::Json& place);
std::optional<bool> server_boolean(const base::Json& place);
std::optional<std::int64_t> server_time(const base::Json& place);

}  // namespace ecloud::platform
