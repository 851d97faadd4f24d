#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"

namespace ecloud::net {

struct Header {
  std::string name;
  std::string value;
};

/// What an answer may weigh unless a request says otherwise, in bytes.
constexpr std::size_t kDefaultMaxResponseBytes = std::size_t{16} << 20;

struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<Header> headers;
  std::string body;
  /// What is asked for, in words for errors: "the app's status".
  std::string purpose;
  /// From the first byte sent to the last received; redirects included.
  base::Milliseconds timeout{30'000};
  base::Milliseconds connect_timeout{10'000};
  std::size_t max_response_bytes = kDefaultMaxResponseBytes;
  /// Whether a second sending does no harm: what the retry policy asks.
  bool safe_to_repeat = true;
  /// GET and HEAD only. Authorization, X-Account and Cookie are dropped when scheme, host or port
  /// changes; https never becomes http.
  bool follow_redirects = false;
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body;
  /// The URL that answered, after redirects.
  std::string final_url;

  bool ok() const { return status >= 200 && status < 300; }
  /// Case-insensitive; the first of that name.
  std::optional<std::string> header(std::string_view name) const;
};

/// Sends a request and waits for its answer. Every HTTP status is an answer. No answer is an
/// Error{kNetwork}: net.resolve, net.refused, net.timeout, net.tls, net.closed, net.too_large,
/// net.protocol; the message names scheme, host and port of the URL and never its query. Plain http
/// to a host that is not loopback is Error{kUsage, "net.insecure"} and is not sent. Throws
/// Error{kInterrupted} when cancelled. Thread-safe: calls from several threads share connections.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Response send(const Request& request) = 0;
};

/// 127.0.0.0/8, [::1] or localhost.
bool is_loopback_host(std::string_view host);

}  // namespace ecloud::net
