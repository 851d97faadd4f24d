#include "ecloud/base/log.h"

#include <algorithm>

namespace ecloud::base {
namespace {

struct UrlParts {
  std::string_view scheme;     // with "://"
  std::string_view authority;  // with user information
  std::string_view rest;       // path, query and fragment
};

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  const std::size_t colon = url.find("://");
  if (colon != std::string_view::npos) {
    parts.scheme = url.substr(0, colon + 3);
    url.remove_prefix(colon + 3);
  }
  const std::size_t end = url.find_first_of("/?#");
  parts.authority = url.substr(0, end);
  if (end != std::string_view::npos) parts.rest = url.substr(end);
  return parts;
}

std::string_view host_and_port(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

/// Keeps the names and hides the values of a query and a fragment; what has no "=" is a value.
std::string redact_query(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const std::size_t start =
        std::string_view("?#&").find(query[0]) == std::string_view::npos ? 0 : 1;
    out += query.substr(0, start);
    query.remove_prefix(start);
    const std::size_t end = std::min(query.find_first_of("&#"), query.size());
    const std::string_view field = query.substr(0, end);
    const std::size_t equals = field.find('=');
    if (equals != std::string_view::npos) out += field.substr(0, equals + 1);
    if (!field.empty()) out += "REDACTED";
    query.remove_prefix(end);
  }
  return out;
}

}  // namespace

std::string redact_url(std::string_view url) {
  const UrlParts parts = split_url(url);
  std::string out(parts.scheme);
  if (parts.authority.find('@') != std::string_view::npos) out += "REDACTED@";
  out += host_and_port(parts.authority);
  const std::size_t query = parts.rest.find_first_of("?#");
  out += parts.rest.substr(0, query);
  if (query != std::string_view::npos) out += redact_query(parts.rest.substr(query));
  return out;
}

std::string url_origin(std::string_view url) {
  const UrlParts parts = split_url(url);
  return std::string(parts.scheme) + std::string(host_and_port(parts.authority));
}

}  // namespace ecloud::base
