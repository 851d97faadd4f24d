#include "net/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <vector>

#include "ecloud/base/text.h"
#include "ecloud/net/transport.h"

namespace ecloud::net {
namespace {

constexpr std::string_view kHostCharacters = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
constexpr std::string_view kIpv6Characters = "abcdef0123456789:.";

bool has_foreign_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet <= 0x20 || octet == 0x7f || c == '\\';
  });
}

std::string percent_encode_foreign(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet < 0x7f) {
      out.push_back(c);
    } else {
      out += {'%', kDigits[octet >> 4], kDigits[octet & 15]};
    }
  }
  return out;
}

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

bool parse_port(std::string_view text, Url& url) {
  const std::optional<std::uint64_t> port = base::parse_decimal(text);
  if (!port || *port == 0 || *port > 65535) return false;
  url.port = static_cast<std::uint16_t>(*port);
  return true;
}

/// Host and port, without user information.
bool parse_host(std::string_view text, Url& url) {
  std::string_view port;
  std::string_view allowed = kHostCharacters;
  if (text.substr(0, 1) == "[") {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    url.host = base::to_lower(text.substr(1, end - 1));
    port = text.substr(end + 1);
    allowed = kIpv6Characters;
  } else {
    const std::size_t colon = text.find(':');
    url.host = base::to_lower(text.substr(0, colon));
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (url.host.empty() || url.host.find_first_not_of(allowed) != std::string::npos) return false;
  if (port.empty()) return true;
  return port[0] == ':' && parse_port(port.substr(1), url);
}

/// The scheme of a URI reference, lower case; empty for a relative one.
std::string scheme_of(std::string_view reference) {
  const std::size_t end = reference.find_first_of(":/?#");
  if (end == std::string_view::npos || reference[end] != ':') return {};
  return base::to_lower(reference.substr(0, end));
}

bool is_private_ipv4(std::uint32_t address) {
  const auto in = [&](std::uint32_t network, int bits) {
    return (address >> (32 - bits)) == (network >> (32 - bits));
  };
  return in(0x00000000, 8) || in(0x0a000000, 8) || in(0x64400000, 10) || in(0x7f000000, 8) ||
         in(0xa9fe0000, 16) || in(0xac100000, 12) || in(0xc0a80000, 16);
}

bool is_private_ipv6(const in6_addr& address) {
  const std::uint8_t* octets = address.s6_addr;
  const bool zeros = std::all_of(octets, octets + 10, [](std::uint8_t o) { return o == 0; });
  const bool translated =
      octets[0] == 0 && octets[1] == 0x64 && octets[2] == 0xff && octets[3] == 0x9b;  // RFC 6052
  if (zeros || translated) {
    const std::uint32_t low = static_cast<std::uint32_t>(octets[12]) << 24 |
                              static_cast<std::uint32_t>(octets[13]) << 16 |
                              static_cast<std::uint32_t>(octets[14]) << 8 | octets[15];
    return is_private_ipv4(low);  // ::1 and :: are in 0.0.0.0/8
  }
  return (octets[0] & 0xfe) == 0xfc || (octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80);
}

/// RFC 3986 section 5.2.4, of a path that begins with a slash.
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_in_folder = false;
  for (std::size_t at = 1;;) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, slash - at);
    ends_in_folder = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!ends_in_folder) kept.push_back(segment);
    if (slash == path.size()) break;
    at = slash + 1;
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  return ends_in_folder || out.empty() ? out + "/" : out;
}

}  // namespace

std::optional<Url> Url::parse(std::string_view text) {
  if (has_foreign_characters(text)) return std::nullopt;
  Url url;
  url.scheme = scheme_of(text);
  if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
  text.remove_prefix(url.scheme.size() + 1);
  if (text.substr(0, 2) != "//") return std::nullopt;
  text = text.substr(2, text.find('#') == std::string_view::npos ? text.npos : text.find('#') - 2);
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, end);
  const std::size_t at = authority.find('@');
  if (at != std::string_view::npos) {
    url.user_info = authority.substr(0, at + 1);
    authority.remove_prefix(at + 1);
  }
  url.port = default_port(url.scheme);
  if (!parse_host(authority, url)) return std::nullopt;
  url.target = percent_encode_foreign(text.substr(end));
  if (url.target.empty() || url.target[0] != '/') url.target.insert(0, "/");
  return url;
}

std::optional<Url> Url::resolve(std::string_view location) const {
  const std::string reference = percent_encode_foreign(base::trim(location));
  if (!scheme_of(reference).empty()) return parse(reference);
  if (reference.substr(0, 2) == "//") return parse(scheme + ":" + reference);
  Url base = *this;
  base.target.clear();
  const std::string authority = base.to_string();
  if (reference.substr(0, 1) == "/") return parse(authority + reference);
  const std::string path = target.substr(0, target.find('?'));
  if (reference.empty() || reference[0] == '#') return *this;
  if (reference[0] == '?') return parse(authority + path + reference);
  const std::size_t query = std::min(reference.find_first_of("?#"), reference.size());
  const std::string merged = path.substr(0, path.rfind('/') + 1) + reference.substr(0, query);
  return parse(authority + remove_dot_segments(merged) + reference.substr(query));
}

std::string Url::to_string() const {
  std::string out = origin();
  out.insert(scheme.size() + 3, user_info);
  return out + target;
}

std::string Url::origin() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  std::string out = scheme + "://" + (ipv6 ? "[" + host + "]" : host);
  if (port != default_port(scheme)) out += ":" + std::to_string(port);
  return out;
}

bool is_private_host(std::string_view host) {
  if (host.substr(0, 1) == "[" && host.substr(host.size() - 1) == "]") {
    host = host.substr(1, host.size() - 2);
  }
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  if (is_loopback_host(host)) return true;
  const std::string text(host);
  in_addr ipv4{};
  if (::inet_aton(text.c_str(), &ipv4) != 0) return is_private_ipv4(ntohl(ipv4.s_addr));
  in6_addr ipv6{};
  return ::inet_pton(AF_INET6, text.c_str(), &ipv6) == 1 && is_private_ipv6(ipv6);
}

}  // namespace ecloud::net
