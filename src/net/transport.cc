#include "ecloud/net/transport.h"

#include <arpa/inet.h>

#include "ecloud/base/text.h"

namespace ecloud::net {

std::optional<std::string> Response::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (base::equal_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

bool is_loopback_host(std::string_view host) {
  if (base::equal_ignoring_case(host, "localhost")) return true;
  if (host == "::1" || host == "[::1]") return true;
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         ntohl(address.s_addr) >> 24 == 127;
}

}  // namespace ecloud::net
