#include "net/curl_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "ecloud/base/text.h"
#include "net/curl_error.h"

namespace ecloud::net {
namespace {

using namespace std::chrono_literals;

/// No server of ours needs more than a few KiB.
constexpr std::size_t kMaxHeaderBytes = std::size_t{256} << 10;

/// For what may weigh gigabytes; libcurl's own is 16 KiB for downloads and 64 KiB for uploads.
constexpr long kLargeBufferBytes = 256L << 10;

bool has_header(const Request& request, std::string_view name) {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const Header& header) {
    return base::equal_ignoring_case(header.name, name);
  });
}

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

/// What ecloud reads, and which variables of other programs it does not.
std::string hint_for_unknown_issuer(const base::Env& env) {
  if (const auto file = env.get("SSL_CERT_FILE")) {
    return "add the certificate of the CA to the PEM file in SSL_CERT_FILE (" +
           base::printable_line(*file) + ")";
  }
  std::string out = "for a private CA, set SSL_CERT_FILE to a PEM file with its certificate";
  for (const char* other :
       {"NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"}) {
    if (env.get(other)) out += fmt::format("; {} is set, but ecloud does not read it", other);
  }
  return out;
}

}  // namespace

CurlTransfer::CurlTransfer(const CurlLibrary& curl, const CurlOptions& options,
                           const Request& request, const Url& url, base::Milliseconds timeout)
    : curl_(curl), request_(request), url_(url), timeout_(timeout), easy_(curl.easy_init()) {
  if (easy_ == nullptr) {
    throw Error(Category::kFailure, "net.no_libcurl", "libcurl does not start");
  }
  try {
    set_up(options, timeout);
    set_up_method();
    set_up_security(options);
    set_up_headers(options);
  } catch (...) {
    curl_.easy_cleanup(easy_);
    curl_.slist_free_all(headers_);
    throw;
  }
}

CurlTransfer::~CurlTransfer() {
  curl_.easy_cleanup(easy_);
  curl_.slist_free_all(headers_);
}

template <typename Value>
void CurlTransfer::set(CURLoption option, Value value) {
  const CURLcode result = curl_.easy_setopt(easy_, option, value);
  if (result != CURLE_OK) {
    throw Error(Category::kFailure, "net.no_libcurl",
                fmt::format("libcurl refuses option {}: {}", static_cast<int>(option),
                            curl_.easy_strerror(result)));
  }
}

void CurlTransfer::set_up(const CurlOptions& options, base::Milliseconds timeout) {
  const auto milliseconds = [](base::Milliseconds duration) {
    return static_cast<long>(std::max<base::Milliseconds::rep>(duration.count(), 1));
  };
  set(CURLOPT_URL, url_.to_string().c_str());
  set(CURLOPT_TIMEOUT_MS, milliseconds(timeout));
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request_.connect_timeout));
  if (request_.stall_timeout.count() > 0) {
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, milliseconds(request_.stall_timeout + 999ms) / 1'000);
  }
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_ERRORBUFFER, error_text_);
  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  if (request_.sink) set(CURLOPT_BUFFERSIZE, kLargeBufferBytes);
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  if (!options.user_agent.empty()) set(CURLOPT_USERAGENT, options.user_agent.c_str());
  // HTTP/2 may be missing in a libcurl, which then says HTTP/1.1.
  curl_.easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (url_.scheme == "https") set(CURLOPT_PIPEWAIT, 1L);
  if (!request_.safe_to_repeat || request_.wants_certificates) set(CURLOPT_FRESH_CONNECT, 1L);
  // Chosen here, so that an error can name it; "" keeps libcurl from reading the environment.
  proxy_ = choose_proxy(options.env, url_);
  set(CURLOPT_PROXY, proxy_ ? proxy_->url.c_str() : "");
  set(CURLOPT_NOPROXY, "");
  if (!has_header(request_, "Accept-Encoding")) set(CURLOPT_ACCEPT_ENCODING, "");
#if LIBCURL_VERSION_NUM >= 0x075700
  // Without it, an interrupted transfer waits for its name lookup.
  curl_.easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);
#endif
}

void CurlTransfer::set_up_method() {
  const std::string& method = request_.method;
  if (method == "GET" && request_.body.empty()) {
    set(CURLOPT_HTTPGET, 1L);
    return;
  }
  if (method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.upload) {
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &CurlTransfer::on_upload);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_UPLOAD_BUFFERSIZE, kLargeBufferBytes);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.upload->size_bytes));
    if (method != "PUT") set(CURLOPT_CUSTOMREQUEST, method.c_str());
    return;
  }
  const bool with_body =
      !request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
  if (with_body) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request_.body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  if (method != "POST") set(CURLOPT_CUSTOMREQUEST, method.c_str());
}

void CurlTransfer::set_up_security(const CurlOptions& options) {
#if LIBCURL_VERSION_NUM >= 0x075500
  set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) {
    set(CURLOPT_CAINFO, options.ca_file.c_str());
    curl_.easy_setopt(easy_, CURLOPT_PROXY_CAINFO, options.ca_file.c_str());
  }
  if (const auto directory = options.env.get("SSL_CERT_DIR")) {
    // Not every TLS library of libcurl has directories.
    curl_.easy_setopt(easy_, CURLOPT_CAPATH, directory->c_str());
    curl_.easy_setopt(easy_, CURLOPT_PROXY_CAPATH, directory->c_str());
  }
  ca_hint_ = hint_for_unknown_issuer(options.env);
  if (request_.wants_certificates) set(CURLOPT_CERTINFO, 1L);
}

void CurlTransfer::set_up_headers(const CurlOptions& options) {
  for (const Header& header : request_.headers) {
    if (header.name.empty() || breaks_line(header.name) || breaks_line(header.value)) {
      throw Error(Category::kUsage, "net.header",
                  "the header " + base::printable_line(header.name, 60) + " holds a line break");
    }
    // libcurl's notation for a header without a value.
    add_header(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  // What libcurl would add by itself: a form's type, and a pause before a large body.
  if (!has_header(request_, "Content-Type")) add_header("Content-Type:");
  if (!has_header(request_, "Expect")) add_header("Expect:");
  if (options.user_agent.empty() && !has_header(request_, "User-Agent")) add_header("User-Agent:");
  set(CURLOPT_HTTPHEADER, headers_);
}

void CurlTransfer::add_header(const std::string& line) {
  curl_slist* longer = curl_.slist_append(headers_, line.c_str());
  if (longer == nullptr) throw Error(Category::kFailure, "net.memory", "out of memory");
  headers_ = longer;
}

std::size_t CurlTransfer::on_upload(char* out, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const UploadBody& body = *transfer.request_.upload;
  const std::uint64_t left = body.size_bytes - transfer.uploaded_bytes_;
  if (left == 0) return 0;
  try {
    const std::size_t wanted = std::min<std::uint64_t>(left, size * count);
    const std::size_t given = body.read(transfer.uploaded_bytes_, out, wanted);
    if (given == 0 || given > wanted) fail_bug("an upload gives as many octets as it has");
    transfer.uploaded_bytes_ += given;
    return given;
  } catch (...) {
    transfer.thrown_ = std::current_exception();
    return CURL_READFUNC_ABORT;
  }
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<CurlTransfer*>(self)->take_body({data, size * count});
}

/// Anything else than the size of `octets` ends the transfer.
std::size_t CurlTransfer::take_body(std::string_view octets) {
  if (octets.size() > request_.max_response_bytes - body_bytes_) {
    body_too_large_ = true;
    return 0;
  }
  body_bytes_ += octets.size();
  long status = 0;
  if (request_.sink) curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 299) {
    response_.body.append(octets);
    return octets.size();
  }
  try {
    if (body_bytes_ == octets.size() && request_.on_answer) {
      response_.status = static_cast<int>(status);
      request_.on_answer(response_);
    }
    ended_early_ = !request_.sink(octets);
  } catch (...) {
    thrown_ = std::current_exception();
  }
  // An empty piece never comes, so that 0 is an end.
  return ended_early_ || thrown_ ? 0 : octets.size();
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const std::size_t bytes = size * count;
  transfer.header_bytes_ += bytes;
  if (transfer.header_bytes_ > kMaxHeaderBytes) {
    transfer.headers_too_large_ = true;
    return 0;
  }
  transfer.header_line(base::trim(std::string_view(data, bytes)));
  return bytes;
}

/// Interim answers (100, 103) come before the final one; trailers after its blank line are dropped.
void CurlTransfer::header_line(std::string_view line) {
  if (line.substr(0, 5) == "HTTP/") {
    response_.headers.clear();
    in_headers_ = true;
  } else if (line.empty()) {
    in_headers_ = false;
  } else if (const std::size_t colon = line.find(':'); in_headers_ && colon != line.npos) {
    response_.headers.push_back({std::string(base::trim(line.substr(0, colon))),
                                 std::string(base::trim(line.substr(colon + 1)))});
  }
}

void CurlTransfer::take_certificates() {
  constexpr std::string_view kName = "Cert:";
  const curl_certinfo* all = nullptr;
  if (curl_.easy_getinfo(easy_, CURLINFO_CERTINFO, &all) != CURLE_OK || all == nullptr) return;
  for (int i = 0; i < all->num_of_certs; ++i) {
    for (const curl_slist* line = all->certinfo[i]; line != nullptr; line = line->next) {
      const std::string_view text(line->data);
      if (text.starts_with(kName)) response_.certificates.emplace_back(text.substr(kName.size()));
    }
  }
}

Response CurlTransfer::take(CURLcode result) {
  if (thrown_) std::rethrow_exception(thrown_);
  if (result == CURLE_OK || ended_early_) {
    long status = 0;
    curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    response_.final_url = url_.to_string();
    if (request_.wants_certificates) take_certificates();
    return std::move(response_);
  }
  CurlFailure failure;
  failure.result = result;
  failure.text = error_text_[0] != '\0' ? error_text_ : curl_.easy_strerror(result);
  failure.timeout = timeout_;
  failure.connect_timeout = request_.connect_timeout;
  failure.stall_timeout = request_.stall_timeout;
  failure.headers_too_large = headers_too_large_;
  if (body_too_large_) failure.body_limit = request_.max_response_bytes;
  curl_.easy_getinfo(easy_, CURLINFO_OS_ERRNO, &failure.os_error);
  curl_off_t connected = 0;
  curl_.easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &connected);
  failure.connected = connected > 0;
  failure.proxy = proxy_;
  if (proxy_) curl_.easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &failure.proxy_status);
  failure.ca_hint = ca_hint_;
  throw to_error(failure, url_.origin());
}

}  // namespace ecloud::net
