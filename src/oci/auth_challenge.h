#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/net/transport.h"

namespace ecloud::oci {

/// One challenge of a WWW-Authenticate header (RFC 9110 section 11.6.1).
struct Challenge {
  std::string scheme;                         ///< lower case: "bearer", "basic"
  std::map<std::string, std::string> params;  ///< names in lower case

  /// Empty when there is none of that name.
  std::string param(const std::string& name) const;
};

/// The challenges of one header value, which may hold several. What cannot be read ends the list.
std::vector<Challenge> parse_challenges(std::string_view header);

/// The one to answer: Bearer before Basic; nothing when the answer offers neither.
std::optional<Challenge> choose_challenge(const net::Response& response);

/// Scheme and host of an absolute http or https URL; nothing for another one, with user information
/// in it, or with a host of other characters than host names and IPv6 addresses have.
struct UrlHost {
  std::string scheme;  ///< lower case
  std::string host;    ///< lower case, without the port; IPv6 in brackets
};
std::optional<UrlHost> parse_url_host(std::string_view url);

/// "localhost" of "localhost:5000", "[::1]" of "[::1]:5000".
std::string host_without_port(std::string_view host);

/// Whether a token service at `realm_host` may see the credentials of `registry_host` (both without
/// ports): the same host, both on loopback, a parent or a sibling under the same registrable
/// domain, or auth.docker.io for docker.io. There is no list of public suffixes here: the last two
/// labels count as registrable, three below a second-level country domain such as co.uk.
bool may_see_credentials(std::string_view registry_host, std::string_view realm_host);

/// RFC 3986: everything but unreserved characters as %XX.
std::string percent_encode(std::string_view text);

}  // namespace ecloud::oci
