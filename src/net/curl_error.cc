#include "net/curl_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "ecloud/base/text.h"

namespace ecloud::net {
namespace {

constexpr char kCheckUrl[] = "check the URL and your network";
constexpr char kTryAgain[] = "try again; the service may be down for a moment";

struct Reason {
  const char* code;
  std::string text;
  const char* hint;
};

std::string seconds(base::Milliseconds duration) {
  return fmt::format("{:g} s", static_cast<double>(duration.count()) / 1000);
}

Reason timed_out(const CurlFailure& failure) {
  // libcurl tells the two limits apart in its words alone.
  if (failure.text.find("too slow") != std::string::npos) {
    return {"net.timeout", "no octet came within " + seconds(failure.stall_timeout), kTryAgain};
  }
  if (failure.connected) {
    return {"net.timeout", "no complete answer within " + seconds(failure.timeout), kTryAgain};
  }
  return {"net.timeout",
          "no connection within " + seconds(std::min(failure.timeout, failure.connect_timeout)),
          kCheckUrl};
}

Reason not_connected(const CurlFailure& failure) {
  switch (failure.os_error) {
    case ECONNREFUSED:
      return {"net.refused", "connection refused", kCheckUrl};
    case ETIMEDOUT:
      return {"net.timeout", "the connection timed out", kCheckUrl};
    case ENETUNREACH:
    case EHOSTUNREACH:
      return {"net.refused", "there is no route to the host", kCheckUrl};
    default:
      return {"net.refused", "no connection (" + base::printable_line(failure.text) + ")",
              kCheckUrl};
  }
}

Reason tls_failed(const CurlFailure& failure) {
  if (failure.os_error == ECONNRESET || failure.os_error == EPIPE) {
    return {"net.closed", "the connection was closed while TLS began", kTryAgain};
  }
  return {"net.tls", "TLS failed: " + base::printable_line(failure.text),
          "check the URL, the clock of this machine and its certificates (ca-certificates)"};
}

Reason reason_of(const CurlFailure& failure) {
  if (failure.body_limit) {
    return {"net.too_large", fmt::format("the answer is larger than {} bytes", *failure.body_limit),
            kCheckUrl};
  }
  if (failure.headers_too_large) {
    return {"net.too_large", "the headers of the answer are too large", kCheckUrl};
  }
  switch (failure.result) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {"net.resolve", "the name cannot be resolved", kCheckUrl};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {"net.resolve", "the name of the proxy cannot be resolved",
              "check the environment variables http_proxy, https_proxy and all_proxy"};
    case CURLE_COULDNT_CONNECT:
      return not_connected(failure);
    case CURLE_OPERATION_TIMEDOUT:
      return timed_out(failure);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_USE_SSL_FAILED:
      return tls_failed(failure);
    case CURLE_GOT_NOTHING:
      return {"net.closed", "the connection was closed without an answer", kTryAgain};
    case CURLE_PARTIAL_FILE:
      return {"net.closed", "the connection was closed in the middle of the answer", kTryAgain};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return {"net.closed", "the connection was lost (" + base::printable_line(failure.text) + ")",
              kTryAgain};
    default:
      return {"net.protocol",
              "the answer is not understood (" + base::printable_line(failure.text) + ")",
              kCheckUrl};
  }
}

}  // namespace

Error to_error(const CurlFailure& failure, const std::string& origin) {
  const Reason reason = reason_of(failure);
  return {Category::kNetwork, reason.code, origin + ": " + reason.text, reason.hint};
}

}  // namespace ecloud::net
