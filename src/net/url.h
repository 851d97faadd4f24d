#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ecloud::net {

/// An absolute http or https URL (RFC 3986), without its fragment.
struct Url {
  std::string scheme;     ///< "http" or "https"
  std::string user_info;  ///< "name:password@", or empty
  std::string host;       ///< lower case, an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string target;  ///< path and query, with the slash at the front

  /// Nothing for another scheme, an empty host, and everything that two parsers could understand
  /// differently: control characters, blanks, backslashes, a second "@", foreign characters in the
  /// host. Octets of the path that are not visible ASCII are percent-encoded.
  static std::optional<Url> parse(std::string_view text);
  /// The URL of a Location header (a URI reference) that came from this one.
  std::optional<Url> resolve(std::string_view location) const;

  std::string to_string() const;
  /// Scheme, host and port; the port only when it is not the scheme's own.
  std::string origin() const;
  bool same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

/// A literal address that is loopback, private (RFC 1918, RFC 6598, RFC 4193), link-local or
/// unspecified, in any notation that a resolver takes for an address ("0x7f.1"), or localhost.
bool is_private_host(std::string_view host);

}  // namespace ecloud::net
