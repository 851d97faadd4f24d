#pragma once

#include <memory>
#include <string>

#include "ecloud/base/cancel.h"
#include "ecloud/base/env.h"
#include "ecloud/base/log.h"
#include "ecloud/net/transport.h"

namespace ecloud::net {

struct CurlOptions {
  std::string user_agent;
  /// Plain http to any host, for --allow-http.
  bool allow_plain_http = false;
  /// A PEM bundle instead of the system's; empty for the system's. Counts for servers and proxies.
  std::string ca_file;
  /// Where the proxies (HTTPS_PROXY, NO_PROXY and so on) and SSL_CERT_DIR, a directory of hashed
  /// certificates besides `ca_file`, come from. Also what hints say about certificates.
  base::Env env = {};
};

/// The transport over libcurl: one connection pool, HTTP/2 where offered, TLS 1.2 or later, proxies
/// from CurlOptions::env. libcurl is opened with the first request and not before.
/// `cancel` and `log` outlive the transport.
std::unique_ptr<Transport> make_curl_transport(CurlOptions options, base::CancelToken& cancel,
                                               const base::Log& log);

}  // namespace ecloud::net
