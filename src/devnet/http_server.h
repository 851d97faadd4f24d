#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "devnet/http_types.h"

namespace ecloud::devnet {

/// HTTP/1.1 on 127.0.0.1 with a thread for each connection, so that idle ones starve nobody.
class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  /// Binds `port`, or any free one for 0, without answering yet. `handler` is called from many
  /// threads at once. Throws Error{kFailure, "devnet.port"} when the port is taken.
  HttpServer(std::uint16_t port, Handler handler);
  /// stop().
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  void start();
  /// Closes the port and every connection; returns when no handler runs any more.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ecloud::devnet
