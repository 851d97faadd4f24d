#pragma once

#include <optional>

#include "ecloud/net/transport.h"
#include "net/url.h"

namespace ecloud::net {

/// Who may be followed where: the rules of Request::follow_redirects.
struct RedirectRules {
  Url original;  ///< what the caller asked for
  bool allow_plain_http = false;
};

/// Where `response`, which `from` gave, sends the client; nothing when it is no redirect. Throws
/// Error{kNetwork, "net.redirect_refused"}.
std::optional<Url> redirect_target(const RedirectRules& rules, const Url& from,
                                   const Response& response);

/// Drops the headers that are for one host only.
void drop_credentials(std::vector<Header>& headers);

}  // namespace ecloud::net
