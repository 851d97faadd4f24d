#include "ecloud/net/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "ecloud/base/text.h"

namespace ecloud::net {
namespace {

bool asks_for_patience(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

bool may_pass(const Error& error) {
  return error.category() == Category::kNetwork && error.code() != "net.tls" &&
         error.code() != "net.too_large" && error.code() != "net.redirect_refused" &&
         error.code() != "net.proxy";
}

}  // namespace

std::optional<std::int64_t> parse_http_date(const std::string& text) {
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, used = 0;
  char month_name[4] = "";
  std::sscanf(text.c_str(), "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month_name,
              &year, &hour, &minute, &second, &used);
  if (used == 0 || static_cast<std::size_t>(used) != text.size()) return std::nullopt;
  const auto* month = std::find_if(std::begin(kMonths), std::end(kMonths), [&](const char* name) {
    return std::strcmp(name, month_name) == 0;
  });
  if (month == std::end(kMonths)) return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month - kMonths) + 1),
      std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || hour < 0 || minute < 0 ||
      second < 0) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

std::optional<base::Milliseconds> retry_after(const Response& response, std::int64_t unix_seconds) {
  const std::optional<std::string> header = response.header("Retry-After");
  if (!header) return std::nullopt;
  // A week is as good as for ever, and keeps the arithmetic in range.
  constexpr std::int64_t kLongest = 7 * 24 * 3600;
  if (const std::optional<std::uint64_t> seconds = base::parse_decimal(*header)) {
    return std::chrono::seconds(std::min<std::uint64_t>(*seconds, kLongest));
  }
  const std::optional<std::int64_t> date = parse_http_date(*header);
  if (!date) return std::nullopt;
  return std::chrono::seconds(std::clamp<std::int64_t>(*date - unix_seconds, 0, kLongest));
}

RetryingTransport::RetryingTransport(Transport& inner, base::Clock& clock, const base::Log& log,
                                     RetryPolicy policy)
    : inner_(inner), clock_(clock), log_(log), policy_(policy) {}

Response RetryingTransport::send(const Request& request) {
  const int attempts = request.safe_to_repeat ? policy_.max_attempts : 1;
  base::Milliseconds delay = policy_.first_delay;
  bool delivered = false;
  Request watched;
  if (request.sink) {
    watched = request;
    watched.sink = [&](std::string_view octets) {
      delivered = true;
      return request.sink(octets);
    };
  }
  for (int attempt = 1;; ++attempt) {
    base::Milliseconds wait = delay;
    std::string why;
    try {
      Response response = inner_.send(request.sink ? watched : request);
      if (attempt >= attempts || !asks_for_patience(response.status)) return response;
      wait = retry_after(response, clock_.unix_seconds()).value_or(delay);
      why = std::to_string(response.status);
    } catch (const Error& error) {
      if (attempt >= attempts || delivered || !may_pass(error)) throw;
      why = error.code();
    }
    wait = std::min(wait, policy_.max_delay);
    log_.write("http", fmt::format("{} {} gave {}: again in {} ms ({} of {})", request.method,
                                   base::url_origin(request.url), why, wait.count(), attempt + 1,
                                   attempts));
    clock_.sleep(wait);
    delay = std::min(delay * 2, policy_.max_delay);
  }
}

}  // namespace ecloud::net
