#include "ecloud/net/curl_transport.h"

#include <fmt/format.h>

#include <chrono>
#include <mutex>

#include "ecloud/base/text.h"
#include "net/curl_engine.h"
#include "net/curl_library.h"
#include "net/curl_transfer.h"
#include "net/redirect.h"
#include "net/url.h"

namespace ecloud::net {
namespace {

constexpr int kMaxRedirects = 10;

using SteadyClock = std::chrono::steady_clock;

base::Milliseconds since(SteadyClock::time_point start) {
  return std::chrono::duration_cast<base::Milliseconds>(SteadyClock::now() - start);
}

std::string shown_url(const Request& request, const Url& url) {
  return request.secret_path ? url.origin() : base::redact_url(url.to_string());
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(CurlOptions options, base::CancelToken& cancel, const base::Log& log)
      : options_(std::move(options)), cancel_(cancel), log_(log) {}

  Response send(const Request& request) override;

 private:
  Url checked_url(const Request& request) const;
  Response follow(Request request, const Url& original);
  Response send_once(const Request& request, const Url& url, base::Milliseconds timeout);
  CurlEngine& engine();

  const CurlOptions options_;
  base::CancelToken& cancel_;
  const base::Log& log_;
  std::mutex mutex_;
  std::unique_ptr<CurlEngine> engine_;
};

Response CurlTransport::send(const Request& request) {
  cancel_.check();
  const Url url = checked_url(request);
  try {
    const bool follows =
        request.follow_redirects && (request.method == "GET" || request.method == "HEAD");
    return follows ? follow(request, url) : send_once(request, url, request.timeout);
  } catch (const Error& error) {
    if (error.category() != Category::kNetwork || request.purpose.empty()) throw;
    throw Error(error.category(), error.code(),
                "cannot get " + request.purpose + ": " + error.message(), error.hint());
  }
}

Url CurlTransport::checked_url(const Request& request) const {
  const std::optional<Url> url = Url::parse(request.url);
  if (!url) {
    const std::string shown =
        request.secret_path ? base::url_origin(request.url) : base::redact_url(request.url);
    throw Error(Category::kUsage, "net.url",
                "not an http or https URL: " + base::printable_line(shown),
                "a URL looks like https://host.example:443/path");
  }
  if (url->scheme == "http" && !options_.allow_plain_http && !is_loopback_host(url->host)) {
    throw Error(Category::kUsage, "net.insecure",
                url->origin() + ": plain http goes to this machine alone",
                "use https, or say --allow-http");
  }
  return *url;
}

Response CurlTransport::follow(Request request, const Url& original) {
  const RedirectRules rules{original, options_.allow_plain_http};
  const auto start = SteadyClock::now();
  Url url = original;
  for (int redirects = 0; redirects <= kMaxRedirects; ++redirects) {
    Response response = send_once(request, url, request.timeout - since(start));
    const std::optional<Url> next = redirect_target(rules, url, response);
    if (!next) return response;
    if (!next->same_origin(url)) drop_credentials(request.headers);
    url = *next;
  }
  throw Error(Category::kNetwork, "net.redirect_refused",
              fmt::format("{}: redirected more than {} times", original.origin(), kMaxRedirects));
}

Response CurlTransport::send_once(const Request& request, const Url& url,
                                  base::Milliseconds timeout) {
  CurlEngine& engine_now = engine();
  CurlTransfer transfer(curl_library(), options_, request, url, timeout);
  const auto start = SteadyClock::now();
  try {
    Response response = transfer.take(engine_now.perform(transfer.handle()));
    log_.write("http",
               fmt::format("{} {} {} in {} ms, {} bytes", request.method, shown_url(request, url),
                           response.status, since(start).count(), response.body.size()));
    return response;
  } catch (const Error& error) {
    log_.write("http", fmt::format("{} {} {} in {} ms", request.method, shown_url(request, url),
                                   error.code(), since(start).count()));
    throw;
  }
}

CurlEngine& CurlTransport::engine() {
  const std::lock_guard lock(mutex_);
  if (!engine_) engine_ = std::make_unique<CurlEngine>(curl_library(), cancel_);
  return *engine_;
}

}  // namespace

std::unique_ptr<Transport> make_curl_transport(CurlOptions options, base::CancelToken& cancel,
                                               const base::Log& log) {
  return std::make_unique<CurlTransport>(std::move(options), cancel, log);
}

}  // namespace ecloud::net
