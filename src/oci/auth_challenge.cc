#include "auth_challenge.h"

#include <algorithm>

#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

// RFC 9110 section 5.6.2.
bool is_token_char(char c) {
  const bool alphanumeric =
      (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// A cursor over a header value.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
    const std::string_view out = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(out.size());
    return out;
  }

  /// What follows the opening quote; nothing when the closing one is missing.
  std::optional<std::string> rest_of_quoted_string() {
    std::string out;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      out.push_back(rest_[i]);
    }
    return std::nullopt;
  }

  /// NAME=VALUE with its quotes undone; puts everything back when there is none.
  std::optional<std::pair<std::string, std::string>> parameter() {
    const std::string_view before = rest_;
    const std::string_view name = token();
    skip(" \t");
    if (!name.empty() && take('=')) {
      skip(" \t");
      std::optional<std::string> value;
      if (take('"')) {
        value = rest_of_quoted_string();
      } else if (const std::string_view plain = token(); !plain.empty()) {
        value = std::string(plain);
      }
      if (value) return std::pair(base::to_lower(name), *value);
    }
    rest_ = before;
    return std::nullopt;
  }

  /// The other form of a challenge, "Negotiate YIIB…==", which nothing here answers.
  void skip_token68() { rest_.remove_prefix(std::min(rest_.find(','), rest_.size())); }

 private:
  std::string_view rest_;
};

bool is_host_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         std::string_view(".-_[:]").find(c) != std::string_view::npos;
}

bool is_ip_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string registrable_domain(std::string_view host) {
  const std::vector<std::string> labels = base::split(host, '.');
  std::size_t count = 2;
  if (labels.size() >= 3 && labels.back().size() == 2) {
    static const std::vector<std::string> kSecondLevels = {"ac",  "co",  "com", "edu", "go",
                                                           "gov", "net", "ne",  "or",  "org"};
    const std::string& second = labels[labels.size() - 2];
    if (std::find(kSecondLevels.begin(), kSecondLevels.end(), second) != kSecondLevels.end()) {
      count = 3;
    }
  }
  if (labels.size() <= count) return std::string(host);
  return base::join({labels.end() - static_cast<std::ptrdiff_t>(count), labels.end()}, ".");
}

}  // namespace

std::string Challenge::param(const std::string& name) const {
  const auto found = params.find(name);
  return found == params.end() ? "" : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view header) {
  std::vector<Challenge> out;
  Scanner scanner(header);
  for (;;) {
    scanner.skip(" \t,");
    if (scanner.at_end()) return out;
    if (!out.empty()) {
      if (auto parameter = scanner.parameter()) {
        out.back().params.insert(std::move(*parameter));
        continue;
      }
    }
    const std::string_view scheme = scanner.token();
    if (scheme.empty()) return out;
    out.push_back({base::to_lower(scheme), {}});
    scanner.skip(" \t");
    if (auto parameter = scanner.parameter()) {
      out.back().params.insert(std::move(*parameter));
    } else {
      scanner.skip_token68();
    }
  }
}

std::optional<Challenge> choose_challenge(const net::Response& response) {
  std::optional<Challenge> basic;
  for (const net::Header& header : response.headers) {
    if (!base::equal_ignoring_case(header.name, "WWW-Authenticate")) continue;
    for (Challenge& challenge : parse_challenges(header.value)) {
      if (challenge.scheme == "bearer" && challenge.params.contains("realm")) return challenge;
      if (challenge.scheme == "basic" && !basic) basic = std::move(challenge);
    }
  }
  return basic;
}

std::string host_without_port(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return std::string(has_port ? host.substr(0, colon) : host);
}

std::optional<UrlHost> parse_url_host(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  UrlHost out;
  out.scheme = base::to_lower(url.substr(0, scheme_end));
  if (out.scheme != "http" && out.scheme != "https") return std::nullopt;
  const auto is_clean = [](char c) { return c > ' ' && c <= '~'; };
  if (!std::all_of(url.begin(), url.end(), is_clean)) return std::nullopt;
  std::string_view authority = url.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  out.host = base::to_lower(host_without_port(authority));
  // Stricter than URLs are, so that nobody who reads it after us finds another host in it.
  if (out.host.empty() || !std::all_of(out.host.begin(), out.host.end(), is_host_char)) {
    return std::nullopt;
  }
  return out;
}

bool may_see_credentials(std::string_view registry_host, std::string_view realm_host) {
  if (registry_host == realm_host) return true;
  if (net::is_loopback_host(registry_host)) return net::is_loopback_host(realm_host);
  if (is_ip_address(registry_host) || is_ip_address(realm_host)) return false;
  return registrable_domain(registry_host) == registrable_domain(realm_host);
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (alphanumeric || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

}  // namespace ecloud::oci
