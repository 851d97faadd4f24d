#include "platform/server_fields.h"

#include <charconv>
#include <cmath>

#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::platform {
namespace {

/// The last second of the year 9999: RFC 3339 has four digits for the year.
constexpr std::int64_t kLastTime = 253'402'300'799;
/// Above it a double no longer tells every whole number from its neighbours.
constexpr double kLargestExactDouble = 9'007'199'254'740'992.0;

bool is_present(const base::Json& place) {
  return place.exists() && !place.is_null();
}

/// What all spellings of a name have in common.
std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '_' && c != '-') out.push_back(c);
  }
  return base::to_lower(out);
}

/// A present member under any spelling; a missing place when there is none.
base::Json find_member(const base::Json& object, std::string_view name) {
  base::Json exact = object[name];
  if (is_present(exact) || !object.is_object()) return exact;
  const std::string wanted = folded(name);
  for (auto& [spelling, value] : object.members()) {
    if (is_present(value) && folded(spelling) == wanted) return value;
  }
  return exact;
}

/// All of the text is a number. from_chars takes no leading plus sign and knows no locale.
std::optional<double> parse_double(std::string_view text) {
  text = base::trim(text);
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole_text = problem == std::errc() && end == text.data() + text.size();
  return whole_text && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> plausible_time(std::int64_t seconds) {
  return seconds > 0 && seconds <= kLastTime ? std::optional(seconds) : std::nullopt;
}

}  // namespace

std::string server_text(const base::Json& place, std::size_t max_bytes) {
  return place.is_string() ? base::printable_line(place.as_string(), max_bytes) : std::string();
}

std::optional<std::uint64_t> server_whole(const base::Json& place) {
  if (place.is_string()) return base::parse_decimal(base::trim(place.as_string()));
  if (!place.is_number()) return std::nullopt;
  const double value = place.as_double();
  if (!(value >= 0) || value != std::floor(value)) return std::nullopt;
  // Beyond it the integer of the document is the exact one; a fraction there cannot be trusted.
  try {
    return place.as_u64();
  } catch (const Error&) {
    return value <= kLargestExactDouble ? std::optional(static_cast<std::uint64_t>(value))
                                        : std::nullopt;
  }
}

std::optional<double> server_decimal(const base::Json& place) {
  if (place.is_string()) return parse_double(place.as_string());
  if (!place.is_number()) return std::nullopt;
  const double value = place.as_double();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<bool> server_boolean(const base::Json& place) {
  if (place.is_bool()) return place.as_bool();
  if (!place.is_string()) return std::nullopt;
  const std::string text = place.as_string();
  const std::string_view word = base::trim(text);
  if (base::equal_ignoring_case(word, "true")) return true;
  if (base::equal_ignoring_case(word, "false")) return false;
  return std::nullopt;
}

std::optional<std::int64_t> server_time(const base::Json& place) {
  if (place.is_string()) {
    const std::string text = place.as_string();
    if (const auto seconds = base::parse_rfc3339(base::trim(text))) return plausible_time(*seconds);
  }
  const auto seconds = server_decimal(place);
  if (!seconds || *seconds < 0 || *seconds > static_cast<double>(kLastTime)) return std::nullopt;
  return plausible_time(static_cast<std::int64_t>(*seconds));
}

base::Json ServerFields::place(std::string_view name,
                               std::initializer_list<std::string_view> others) const {
  base::Json found = find_member(object_, name);
  for (const std::string_view other : others) {
    if (is_present(found)) break;
    if (base::Json candidate = find_member(object_, other); is_present(candidate)) {
      found = std::move(candidate);
    }
  }
  return found;
}

std::string ServerFields::text(std::string_view name, std::size_t max_bytes) const {
  return server_text(place(name), max_bytes);
}

std::string ServerFields::text_or_number(std::string_view name) const {
  const base::Json found = place(name);
  if (const auto whole = server_whole(found); whole && found.is_number()) {
    return std::to_string(*whole);
  }
  return found.is_number() ? found.dump() : server_text(found);
}

std::string ServerFields::paragraph(std::string_view name, std::size_t max_bytes) const {
  const base::Json found = place(name);
  return found.is_string() ? base::printable(found.as_string(), max_bytes) : std::string();
}

std::optional<std::uint64_t> ServerFields::whole(std::string_view name) const {
  return server_whole(place(name));
}

std::optional<double> ServerFields::decimal(std::string_view name) const {
  return server_decimal(place(name));
}

std::optional<bool> ServerFields::boolean(std::string_view name) const {
  return server_boolean(place(name));
}

std::optional<std::int64_t> ServerFields::time(std::string_view name) const {
  return server_time(place(name));
}

std::string ServerFields::time_text(std::string_view name) const {
  const auto seconds = time(name);
  return seconds ? base::format_rfc3339(*seconds) : std::string();
}

ServerFields ServerFields::object(std::string_view name) const {
  return ServerFields(place(name));
}

std::vector<base::Json> ServerFields::list(std::string_view name,
                                           std::initializer_list<std::string_view> others) const {
  const base::Json found = place(name, others);
  return found.is_array() ? found.elements() : std::vector<base::Json>();
}

std::string ServerFields::required_text(std::string_view name) const {
  const base::Json found = place(name);
  const std::string text = found.as_string();
  if (base::trim(text).empty()) throw found.error("is empty");
  return base::printable_line(text);
}

std::vector<base::Json> ServerFields::required_list(
    std::string_view name, std::initializer_list<std::string_view> others) const {
  return place(name, others).elements();
}

}  // namespace ecloud::platform
