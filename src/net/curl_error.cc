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
  std::string hint;
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

bool is_unknown_issuer(const std::string& text) {
  for (const char* words : {"issuer", "self-signed", "self signed", "unable to verify"}) {
    if (text.find(words) != std::string::npos) return true;
  }
  return false;
}

Reason tls_failed(const CurlFailure& failure) {
  if (failure.os_error == ECONNRESET || failure.os_error == EPIPE) {
    return {"net.closed", "the connection was closed while TLS began", kTryAgain};
  }
  const bool about_ca =
      failure.result == CURLE_SSL_CACERT_BADFILE || is_unknown_issuer(failure.text);
  if (about_ca && !failure.ca_hint.empty()) {
    return {"net.tls", "TLS failed: " + base::printable_line(failure.text), failure.ca_hint};
  }
  return {"net.tls", "TLS failed: " + base::printable_line(failure.text),
          "check the URL, the clock of this machine and its certificates (ca-certificates)"};
}

std::string proxy_hint(const Proxy& proxy) {
  return "check " + proxy.variable + ", or unset it; NO_PROXY lists the hosts to reach directly";
}

Reason refused_by_proxy(const CurlFailure& failure) {
  const Proxy& proxy = *failure.proxy;
  constexpr long kLoginRequired = 407;
  if (failure.proxy_status == kLoginRequired) {
    return {"net.proxy", proxy.in_words() + " requires a login (HTTP 407)",
            "put user and password into " + proxy.variable + ": http://USER:PASSWORD@HOST:PORT"};
  }
  return {failure.proxy_status >= 500 ? "net.closed" : "net.proxy",
          fmt::format("{} refuses to connect (HTTP {})", proxy.in_words(), failure.proxy_status),
          proxy_hint(proxy)};
}

/// When it is the proxy that fails and not the host behind it.
std::optional<Reason> reason_of_proxy(const CurlFailure& failure) {
  if (!failure.proxy) return std::nullopt;
  const Proxy& proxy = *failure.proxy;
  const std::string words = proxy.in_words();
  if (failure.proxy_status >= 300) return refused_by_proxy(failure);
  switch (failure.result) {
    case CURLE_COULDNT_RESOLVE_HOST:
      // With these two the name of the host is resolved here as well.
      if (proxy.url.starts_with("socks4://") || proxy.url.starts_with("socks5://")) {
        return std::nullopt;
      }
      [[fallthrough]];
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Reason{"net.proxy", "the name of " + words + " cannot be resolved", proxy_hint(proxy)};
    case CURLE_COULDNT_CONNECT:
      return Reason{"net.proxy", words + ": " + not_connected(failure).text, proxy_hint(proxy)};
#if LIBCURL_VERSION_NUM >= 0x074900
    case CURLE_PROXY:
      return Reason{"net.proxy", words + " fails (" + base::printable_line(failure.text) + ")",
                    proxy_hint(proxy)};
#endif
    case CURLE_OPERATION_TIMEDOUT:
      if (failure.connected) return std::nullopt;
      return Reason{"net.timeout", timed_out(failure).text + " through " + words,
                    proxy_hint(proxy)};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: {
      // An answer to CONNECT means that TLS with the proxy succeeded.
      if (!proxy.uses_tls() || failure.proxy_status != 0) return std::nullopt;
      const Reason reason = tls_failed(failure);
      return Reason{reason.code, words + ": " + reason.text, reason.hint};
    }
    default:
      return std::nullopt;
  }
}

Reason reason_of(const CurlFailure& failure) {
  if (auto reason = reason_of_proxy(failure)) return *reason;
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
