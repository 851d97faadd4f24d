#include "net/redirect.h"

#include <algorithm>

#include "ecloud/base/text.h"
#include "ecloud/net/location.h"

namespace ecloud::net {
namespace {

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

[[noreturn]] void refuse(const Url& from, const std::string& why) {
  throw Error(Category::kNetwork, "net.redirect_refused",
              from.origin() + ": its redirect is refused: " + why);
}

Url checked_target(const RedirectRules& rules, const Url& from, std::string_view location) {
  const std::optional<Url> to = from.resolve(location);
  if (!to) refuse(from, "it leads to something that is no http or https URL");
  if (from.scheme == "https" && to->scheme == "http") {
    refuse(from, "it leads from https to plain http (" + to->origin() + ")");
  }
  if (to->scheme == "http" && !rules.allow_plain_http && !is_loopback_host(to->host)) {
    refuse(from, "it leads to plain http (" + to->origin() + ")");
  }
  if (!is_private_host(rules.original.host) && is_private_host(to->host)) {
    refuse(from, "it leads from a public host to a private address (" + to->origin() + ")");
  }
  return *to;
}

}  // namespace

std::optional<Url> redirect_target(const RedirectRules& rules, const Url& from,
                                   const Response& response) {
  const std::optional<std::string> location = response.header("Location");
  if (!is_redirect(response.status) || !location) return std::nullopt;
  return checked_target(rules, from, *location);
}

Location checked_location(std::string_view asked, std::string_view location) {
  const std::optional<Url> from = Url::parse(asked);
  if (!from) fail_bug("what was asked is a URL");
  const Url to = checked_target({*from}, *from, location);
  return {to.to_string(), to.same_origin(*from)};
}

void drop_credentials(std::vector<Header>& headers) {
  static constexpr const char* kForOneHost[] = {"Authorization", "X-Account", "X-Payment",
                                                "Cookie"};
  const auto is_credential = [](const Header& header) {
    return std::any_of(std::begin(kForOneHost), std::end(kForOneHost), [&](const char* name) {
      return base::equal_ignoring_case(header.name, name);
    });
  };
  headers.erase(std::remove_if(headers.begin(), headers.end(), is_credential), headers.end());
}

}  // namespace ecloud::net
