#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ecloud/net/curl_transport.h"

namespace ecloud::testing {

/// The transport over libcurl with what it needs, and its log.
struct NetBench {
  explicit NetBench(net::CurlOptions options = {})
      : transport(net::make_curl_transport(std::move(options), cancel, log)) {}

  net::Response send(const net::Request& request) { return transport->send(request); }
  net::Response get(const std::string& url) {
    net::Request request;
    request.url = url;
    return send(request);
  }
  /// The error that a request ends with; a kBug one when it is answered.
  Error failure(const net::Request& request) {
    try {
      const net::Response response = send(request);
      return Error(Category::kBug, "answered", std::to_string(response.status));
    } catch (const Error& error) {
      return error;
    }
  }
  Error failure(const std::string& url) {
    net::Request request;
    request.url = url;
    return failure(request);
  }
  std::vector<std::string> log_lines() {
    const std::lock_guard lock(mutex);
    return lines;
  }

  std::mutex mutex;
  std::vector<std::string> lines;
  base::CancelToken cancel;
  base::Log log{[this](std::string_view topic, std::string_view line) {
    const std::lock_guard lock(mutex);
    lines.push_back(std::string(topic) + ": " + std::string(line));
  }};
  std::unique_ptr<net::Transport> transport;
};

inline std::string origin_of(const std::string& url) {
  return base::url_origin(url);
}

}  // namespace ecloud::testing
