#include "ecloud/deploy/log_text.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ecloud/base/clock.h"

namespace ecloud::deploy {
namespace {

constexpr std::array<std::string_view, 6> kLabels = {
    "time=", "ts=", "timestamp=", "@timestamp=", "\"time\":", "\"ts\":"};
constexpr std::array<std::string_view, 2> kLongLabels = {"\"timestamp\":", "\"@timestamp\":"};

std::string_view without(std::string_view line, std::string_view characters) {
  const std::size_t start = line.find_first_not_of(characters);
  return start == std::string_view::npos ? std::string_view() : line.substr(start);
}

/// Behind brackets, quotes and labels, where a time may stand.
std::string_view time_part(std::string_view line) {
  std::string_view rest = without(line, "[({ \t");
  const auto skip = [&](std::string_view label) {
    if (rest.starts_with(label)) rest.remove_prefix(label.size());
  };
  for (const std::string_view label : kLabels) skip(label);
  for (const std::string_view label : kLongLabels) skip(label);
  return without(rest, "\"' ");
}

/// "2026-01-31T12:00:00" and what belongs to it.
std::string_view time_word(std::string_view text) {
  constexpr std::size_t kSeconds = 19;
  if (text.size() < kSeconds) return {};
  std::size_t end = kSeconds;
  if (end < text.size() && (text[end] == '.' || text[end] == ',')) {
    end = std::min(text.find_first_not_of("0123456789", end + 1), text.size());
    if (end == kSeconds + 1) end = kSeconds;
  }
  if (end < text.size() && (text[end] == 'Z' || text[end] == 'z')) return text.substr(0, end + 1);
  const bool offset = end < text.size() && (text[end] == '+' || text[end] == '-');
  if (offset && end + 6 <= text.size() && text[end + 3] == ':') return text.substr(0, end + 6);
  return text.substr(0, end);
}

/// Calls `visit` for every line, line break included.
template <typename Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    visit(text.substr(0, end));
    text.remove_prefix(end);
  }
}

/// An overlap that is longer is looked for by its end, which is quick and needs no memory.
constexpr std::size_t kShortOverlap = 4'096;

/// The longest end of `before` that `after` begins with, when it is at least kShortOverlap long.
std::size_t long_overlap(std::string_view before, std::string_view after) {
  if (before.size() < kShortOverlap) return 0;
  const std::string_view tail = before.substr(before.size() - kShortOverlap);
  for (std::size_t found = after.rfind(tail); found != std::string_view::npos;
       found = found == 0 ? std::string_view::npos : after.rfind(tail, found - 1)) {
    const std::size_t length = found + tail.size();
    if (before.ends_with(after.substr(0, length))) return length;
  }
  return 0;
}

/// As long_overlap, of any length (the failure function of Knuth, Morris and Pratt).
std::size_t overlap(std::string_view before, std::string_view after) {
  if (const std::size_t length = long_overlap(before, after); length > 0) return length;
  const std::size_t most = std::min({before.size(), after.size(), kShortOverlap});
  before = before.substr(before.size() - most);
  const std::string_view pattern = after.substr(0, most);
  std::vector<std::size_t> border(pattern.size() + 1, 0);
  std::size_t matched = 0;
  for (std::size_t i = 1; i < pattern.size(); ++i) {
    while (matched > 0 && pattern[i] != pattern[matched]) matched = border[matched];
    if (pattern[i] == pattern[matched]) ++matched;
    border[i + 1] = matched;
  }
  matched = 0;
  for (const char c : before) {
    while (matched > 0 && (matched == pattern.size() || c != pattern[matched])) {
      matched = border[matched];
    }
    if (matched < pattern.size() && c == pattern[matched]) ++matched;
  }
  return matched;
}

}  // namespace

std::optional<std::int64_t> log_line_time(std::string_view line) {
  const std::string_view word = time_word(time_part(line));
  if (word.empty()) return std::nullopt;
  std::string text(word);
  if (text[4] == '/' && text[7] == '/') text[4] = text[7] = '-';
  return base::parse_rfc3339(text);
}

std::optional<std::string> log_since(std::string_view log, std::int64_t unix_seconds) {
  std::string out, untimed;
  bool any = false, within = false;
  for_each_line(log, [&](std::string_view line) {
    const auto time = log_line_time(line);
    if (time) {
      within = *time >= unix_seconds;
      if (!any && within) out = untimed;
      any = true;
    }
    if (!any) untimed += line;
    if (any && within) out += line;
  });
  return any ? std::optional(out) : std::nullopt;
}

std::string_view log_tail(std::string_view log, std::uint64_t lines) {
  if (lines == 0) return {};
  std::size_t start = log.size();
  if (start > 0 && log[start - 1] == '\n') --start;
  for (; lines > 0; --lines) {
    const std::size_t found = start == 0 ? std::string_view::npos : log.rfind('\n', start - 1);
    if (found == std::string_view::npos) return log;
    start = found;
  }
  return log.substr(start + 1);
}

LogStream::News LogStream::take(std::string log) {
  News news;
  const bool grown = log.starts_with(seen_);
  const bool still = grown && log.size() == seen_.size();
  if (!grown) {
    news.rotated = true;
    // An unfinished line that was held back is lost with the text around it.
    std::size_t kept = overlap(std::string_view(seen_).substr(0, shown_), log);
    const bool whole =
        kept > 0 && log[kept - 1] == '\n' && (kept == shown_ || seen_[shown_ - kept - 1] == '\n');
    shown_ = whole ? kept : 0;
  }
  seen_ = std::move(log);
  const std::size_t last = seen_.rfind('\n');
  const std::size_t end = still                       ? seen_.size()
                          : last == std::string::npos ? shown_
                                                      : std::max(last + 1, shown_);
  news.text = seen_.substr(shown_, end - shown_);
  shown_ = end;
  return news;
}

std::string LogStream::rest() {
  std::string out = seen_.substr(shown_);
  shown_ = seen_.size();
  return out;
}

}  // namespace ecloud::deploy
