#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "ecloud/net/curl_transport.h"
#include "ecloud/net/transport.h"
#include "net/curl_library.h"
#include "net/proxy.h"
#include "net/url.h"

namespace ecloud::net {

/// One request to one URL: the easy handle and what comes back on it. Not copied or moved, because
/// libcurl holds its address.
class CurlTransfer {
 public:
  /// All but `options` are used until the transfer has ended. Throws Error{kUsage, "net.header"}
  /// for a header with a line break in it.
  CurlTransfer(const CurlLibrary& curl, const CurlOptions& options, const Request& request,
               const Url& url, base::Milliseconds timeout);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  CURL* handle() const { return easy_; }
  /// After the transfer has ended with `result`: the answer, or an Error{kNetwork} that says why
  /// there is none, its message "ORIGIN: reason".
  Response take(CURLcode result);

 private:
  template <typename Value>
  void set(CURLoption option, Value value);
  void set_up(const CurlOptions& options, base::Milliseconds timeout);
  void set_up_method();
  void set_up_security(const CurlOptions& options);
  void set_up_headers(const CurlOptions& options);
  void add_header(const std::string& line);

  static std::size_t on_upload(char* out, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  std::size_t take_body(std::string_view octets);
  void header_line(std::string_view line);
  void take_certificates();

  const CurlLibrary& curl_;
  const Request& request_;
  const Url& url_;
  base::Milliseconds timeout_;
  std::optional<Proxy> proxy_;
  std::string ca_hint_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  Response response_;
  std::size_t header_bytes_ = 0;
  std::uint64_t uploaded_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  bool in_headers_ = false;
  bool ended_early_ = false;   // by the sink
  std::exception_ptr thrown_;  // by the caller's functions, which libcurl is not to see
  bool body_too_large_ = false;
  bool headers_too_large_ = false;
  char error_text_[CURL_ERROR_SIZE] = "";
};

}  // namespace ecloud::net
