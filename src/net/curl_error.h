#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <optional>
#include <string>

#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "net/proxy.h"

namespace ecloud::net {

/// What is known about a transfer that gave no answer.
struct CurlFailure {
  CURLcode result = CURLE_OK;
  std::string text;   ///< libcurl's words
  long os_error = 0;  ///< errno of the last connection attempt, or 0
  bool connected = false;
  base::Milliseconds timeout{0};
  base::Milliseconds connect_timeout{0};
  base::Milliseconds stall_timeout{0};
  std::optional<std::size_t> body_limit;  ///< in bytes, when the body passed it
  bool headers_too_large = false;
  std::optional<Proxy> proxy;  ///< what the transfer went through
  long proxy_status = 0;       ///< HTTP status of the proxy's answer to CONNECT, or 0
  std::string ca_hint;         ///< what to do about a certificate of an unknown issuer
};

/// The error for it, with the codes that Transport names; its message is "ORIGIN: reason".
Error to_error(const CurlFailure& failure, const std::string& origin);

}  // namespace ecloud::net
