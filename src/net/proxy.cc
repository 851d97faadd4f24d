#include "net/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/net/transport.h"

namespace ecloud::net {
namespace {

// What libcurl has (CURLOPT_PROXY).
constexpr std::string_view kSchemes[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};

/// An address in network byte order: 4 or 16 bytes.
std::string address_bytes(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const std::string copy(text);
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (::inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

bool is_in_network(std::string_view network, std::string_view host) {
  const std::size_t slash = network.find('/');
  const std::string base = address_bytes(network.substr(0, slash));
  const std::string address = address_bytes(host);
  const auto bits = base::parse_decimal(network.substr(slash + 1));
  if (base.empty() || base.size() != address.size() || !bits || *bits > base.size() * 8) {
    return false;
  }
  for (std::size_t bit = 0; bit < *bits; ++bit) {
    const int mask = 0x80 >> (bit % 8);
    if (((base[bit / 8] ^ address[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

std::string_view without_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

/// Removes ":443" of an entry; false when it is another port than the target's.
bool fits_port(std::string_view& entry, const Url& target) {
  const std::size_t colon = entry.rfind(':');
  if (colon == std::string_view::npos || !address_bytes(entry).empty()) return true;
  const auto port = base::parse_decimal(entry.substr(colon + 1));
  if (!port) return true;
  entry = entry.substr(0, colon);
  return *port == target.port;
}

bool matches(std::string_view entry, const Url& target) {
  if (entry == "*") return true;
  if (entry.find('/') != std::string_view::npos) return is_in_network(entry, target.host);
  if (!fits_port(entry, target)) return false;
  if (entry.starts_with('*')) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  const std::string wanted = base::to_lower(without_dot(entry));
  const std::string_view host = without_dot(target.host);
  if (wanted.empty()) return false;
  const std::string address = address_bytes(wanted);
  if (!address.empty()) return address == address_bytes(host);
  return host == wanted || host.ends_with("." + wanted);
}

struct Setting {
  std::string variable;
  std::string value;
};

std::optional<Setting> first_of(const base::Env& env, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = env.get(name)) return Setting{name, std::string(base::trim(*value))};
  }
  return std::nullopt;
}

std::string_view scheme_of(std::string_view url) {
  return url.substr(0, url.find("://"));
}

Proxy checked(Setting setting) {
  std::string url = std::move(setting.value);
  if (url.find("://") == std::string::npos) url.insert(0, "http://");
  const std::string scheme = base::to_lower(scheme_of(url));
  url.replace(0, scheme.size(), scheme);
  const bool known =
      std::find(std::begin(kSchemes), std::end(kSchemes), scheme) != std::end(kSchemes);
  const bool printable =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!known || !printable || url.size() == scheme.size() + 3) {
    throw Error(
        Category::kNetwork, "net.proxy", setting.variable + " is not the URL of a proxy",
        "set it to http://HOST:PORT, https://HOST:PORT or socks5h://HOST:PORT, or unset it");
  }
  return {std::move(url), std::move(setting.variable)};
}

}  // namespace

std::string Proxy::in_words() const {
  const std::size_t begin = url.find("://") + 3;
  std::string authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  // A password with a slash in it: the host is behind the last "@".
  const std::size_t at = url.rfind('@');
  if (at != std::string::npos) {
    authority = url.substr(at + 1, url.find_first_of("/?#", at) - at - 1);
  }
  return "the proxy " + std::string(scheme_of(url)) + "://" + authority + " (from " + variable +
         ")";
}

std::optional<Proxy> choose_proxy(const base::Env& env, const Url& target) {
  if (is_loopback_host(target.host)) return std::nullopt;
  const auto bypass = first_of(env, {"no_proxy", "NO_PROXY"});
  if (bypass && is_in_no_proxy(bypass->value, target)) return std::nullopt;
  // HTTP_PROXY is not read, as in libcurl: a web server sets it from a header of a request.
  auto setting = target.scheme == "https" ? first_of(env, {"https_proxy", "HTTPS_PROXY"})
                                          : first_of(env, {"http_proxy"});
  if (!setting) setting = first_of(env, {"all_proxy", "ALL_PROXY"});
  if (!setting || setting->value.empty()) return std::nullopt;
  return checked(std::move(*setting));
}

bool is_in_no_proxy(std::string_view list, const Url& target) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(", \t"), list.size());
    if (end > 0 && matches(list.substr(0, end), target)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

}  // namespace ecloud::net
