#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecloud::testing {

/// What came back over one connection, whole or not.
struct ProbeAnswer {
  int status = 0;                              ///< 0 when no status line came
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  bool reset = false;  ///< the connection ended with RST

  /// The body is shorter than Content-Length announced.
  bool cut() const;
  std::string header(const std::string& name) const;
};

using ProbeHeaders = std::vector<std::pair<std::string, std::string>>;

/// Sends one request over a fresh connection to 127.0.0.1:`port` and reads until it ends. Knows
/// nothing of HTTP but lines and Content-Length, so that it sees what a client library would hide.
/// Throws std::runtime_error when nobody listens.
ProbeAnswer probe(std::uint16_t port, std::string_view method, std::string_view target,
                  const ProbeHeaders& headers = {}, std::string_view body = {});

}  // namespace ecloud::testing
