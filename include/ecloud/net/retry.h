#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ecloud/base/clock.h"
#include "ecloud/base/log.h"
#include "ecloud/net/transport.h"

namespace ecloud::net {

/// What the Retry-After header of an answer asks for: seconds, or an HTTP date (RFC 9110 section
/// 10.2.3; the IMF-fixdate form) counted from `unix_seconds`, never negative. Nothing without the
/// header or with a malformed one.
std::optional<base::Milliseconds> retry_after(const Response& response, std::int64_t unix_seconds);

/// Seconds since 1970-01-01 UTC of an HTTP date in its IMF-fixdate form (RFC 9110 section 5.6.7),
/// "Sun, 06 Nov 1994 08:49:37 GMT"; nothing for anything else.
std::optional<std::int64_t> parse_http_date(const std::string& text);

/// After a 429, 502, 503 or 504, or when no answer came, a request that is safe_to_repeat is sent
/// again: after Retry-After (seconds or an HTTP date), else after `first_delay`, doubling, never
/// more than `max_delay`.
struct RetryPolicy {
  int max_attempts = 5;
  base::Milliseconds first_delay{1'000};
  base::Milliseconds max_delay{30'000};
};

/// Wraps `inner`. The last answer or error is what the caller sees. Only errors of category
/// kNetwork are tried again, and of these not net.tls, net.too_large and net.redirect_refused,
/// which another sending does not change. All outlive the wrapper.
class RetryingTransport final : public Transport {
 public:
  RetryingTransport(Transport& inner, base::Clock& clock, const base::Log& log,
                    RetryPolicy policy = {});
  Response send(const Request& request) override;

 private:
  Transport& inner_;
  base::Clock& clock_;
  const base::Log& log_;
  RetryPolicy policy_;
};

}  // namespace ecloud::net
