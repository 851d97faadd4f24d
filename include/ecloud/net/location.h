#pragma once

#include <string>
#include <string_view>

namespace ecloud::net {

/// Where a Location header leads.
struct Location {
  std::string url;           ///< absolute
  bool same_origin = false;  ///< scheme, host and port are those of the asked one
};

/// The place that an answer names which is no redirect: an upload that was begun. `asked` is the
/// URL that the caller asked, `location` a URI reference. The rules of Request::follow_redirects
/// hold, with plain http to loopback alone: throws Error{kNetwork, "net.redirect_refused"}.
Location checked_location(std::string_view asked, std::string_view location);

}  // namespace ecloud::net
