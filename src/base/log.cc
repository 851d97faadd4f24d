#include "ecloud/base/log.h"

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

std::string redact_query(std::string_view query) {
  std::string out;
  bool in_value = false;
  for (const char c : query) {
    if (c == '&' || c == '?') {
      in_value = false;
      out.push_back(c);
    } else if (c == '=' && !in_value) {
      in_value = true;
      out += "=REDACTED";
    } else if (!in_value) {
      out.push_back(c);
    }
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
