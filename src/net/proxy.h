#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/env.h"
#include "net/url.h"

namespace ecloud::net {

/// A proxy that the environment names.
struct Proxy {
  std::string url;       ///< with its scheme and, if given, user and password
  std::string variable;  ///< where it comes from: "HTTPS_PROXY"

  bool uses_tls() const { return url.starts_with("https://"); }
  /// "the proxy http://proxy:3128 (from HTTPS_PROXY)": without user and password.
  std::string in_words() const;
};

/// The proxy for `target`, chosen as libcurl does: https_proxy, HTTPS_PROXY or, for plain http,
/// http_proxy; else all_proxy or ALL_PROXY; nothing for loopback and hosts in no_proxy or NO_PROXY.
/// Throws Error{kNetwork, "net.proxy"} for a value that is not a proxy's URL, without repeating it.
std::optional<Proxy> choose_proxy(const base::Env& env, const Url& target);

/// Whether `target` matches an entry of a NO_PROXY list, separated by commas or spaces: "*", a host
/// with its subdomains ("corp.example", ".corp.example", "*.corp.example"), an IP address, a
/// network
/// ("10.0.0.0/8", "fd00::/8"); each but "*" and networks also with a port ("host:8443").
bool is_in_no_proxy(std::string_view list, const Url& target);

}  // namespace ecloud::net
