#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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

/// A body that is read while it is sent, instead of Request::body. `read` fills `out` with the
/// octets from `offset` on and returns how many, at least 1 before the end; it is called on a
/// thread of the transport, must be quick, and what it throws ends the request.
struct UploadBody {
  std::uint64_t size_bytes = 0;
  std::function<std::size_t(std::uint64_t offset, char* out, std::size_t size)> read;
};

/// Takes the octets of an answer's body as they arrive; false ends the request early, without an
/// error. Called on a thread of the transport; what it throws ends the request.
using BodySink = std::function<bool(std::string_view octets)>;

struct Response;

struct Request {
  std::string method = "GET";
  std::string url;
  /// Accept-Encoding is left to the transport, which decodes what it asks for, unless it is here.
  std::vector<Header> headers;
  std::string body;
  std::optional<UploadBody> upload;
  /// Where the body of an answer with a status of 200 to 299 goes; Response::body is empty then.
  /// Such a request is sent again by the retry policy only while nothing has arrived.
  BodySink sink;
  /// Told status and headers of such an answer before the first octet goes to `sink`; on a thread
  /// of the transport, what it throws ends the request.
  std::function<void(const Response& head)> on_answer;
  /// What is asked for, in words for errors: "the app's status".
  std::string purpose;
  /// From the first byte sent to the last received; redirects included.
  base::Milliseconds timeout{30'000};
  /// Longer than this without an octet in either direction is net.timeout too; whole seconds. 0:
  /// `timeout` alone counts.
  base::Milliseconds stall_timeout{0};
  base::Milliseconds connect_timeout{10'000};
  std::size_t max_response_bytes = kDefaultMaxResponseBytes;
  /// Whether a second sending does no harm: what the retry policy asks. When false, the request
  /// gets a connection of its own, because a pooled one that turns out dead would make libcurl send
  /// again.
  bool safe_to_repeat = true;
  /// GET and HEAD only, at most 10 times. Authorization, X-Account, X-Payment and Cookie are
  /// dropped when scheme, host or port changes. Refused with Error{kNetwork,
  /// "net.redirect_refused"}: https to http, plain http to where it would not be sent at first,
  /// other schemes, and from a public host to a literal private, loopback or link-local address.
  bool follow_redirects = false;
  /// The path holds a key, as those of RPC providers do: logs show scheme, host and port alone.
  bool secret_path = false;
  /// Fills Response::certificates; the request gets a connection of its own for it.
  bool wants_certificates = false;
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body;
  /// The URL that answered, after redirects.
  std::string final_url;
  /// What the server showed in the TLS handshake, its own first, in PEM; empty for plain http, and
  /// unless it was asked for. The transport has checked it like that of every other connection.
  std::vector<std::string> certificates;

  bool ok() const { return status >= 200 && status < 300; }
  /// Case-insensitive; the first of that name.
  std::optional<std::string> header(std::string_view name) const;
};

/// Sends a request and waits for its answer. Every HTTP status is an answer. No answer is an
/// Error{kNetwork}: net.resolve, net.refused, net.timeout, net.tls, net.closed, net.too_large,
/// net.protocol, net.proxy; the message is "cannot get PURPOSE: ORIGIN: reason" (without its first
/// part when the purpose is empty) and never holds path or query. Plain http to a host that is not
/// loopback is Error{kUsage, "net.insecure"}, a malformed URL or one that is neither http nor https
/// is Error{kUsage, "net.url"}, and neither is sent. Throws Error{kInterrupted} when cancelled.
/// Thread-safe: calls from several threads share connections.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Response send(const Request& request) = 0;
};

/// 127.0.0.0/8, ::1 (with brackets or without) or localhost. Only the dotted form of an IPv4
/// address counts.
bool is_loopback_host(std::string_view host);

}  // namespace ecloud::net
