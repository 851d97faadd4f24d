#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/net/transport.h"

namespace ecloud::testing {

net::Response make_response(int status, std::string body, std::vector<net::Header> headers = {});

/// A transport without a network: answers what a test registered and notes what was asked.
/// Thread-safe.
class FakeTransport final : public net::Transport {
 public:
  using Handler = std::function<net::Response(const net::Request&)>;

  /// Answers one request of that method and URL. The same again answers the next one.
  FakeTransport& once(std::string_view method, std::string_view url, Handler handler);
  FakeTransport& once(std::string_view method, std::string_view url, net::Response response);
  /// Fails one request, with `error`.
  FakeTransport& once(std::string_view method, std::string_view url, const Error& error);
  /// Answers every request of that method and URL that no `once` answers.
  FakeTransport& always(std::string_view method, std::string_view url, Handler handler);

  /// An unmatched request is an Error{kBug, "test.unmatched"} that names it and the nearest
  /// handler.
  net::Response send(const net::Request& request) override;

  /// Everything that was asked, in order.
  std::vector<net::Request> requests() const;
  /// What was registered and never used, and what was asked and not registered, a line each; empty
  /// when all is well: CHECK(transport.complaints() == "").
  std::string complaints() const;

 private:
  struct Route {
    std::string name;  // "GET URL"
    Handler handler;
    bool only_once = true;
    int used = 0;
  };
  FakeTransport& add(std::string_view method, std::string_view url, Handler handler, bool once);
  Handler take(const std::string& name);

  mutable std::mutex mutex_;
  std::vector<Route> routes_;
  std::vector<net::Request> requests_;
  std::vector<std::string> unmatched_;
};

}  // namespace ecloud::testing
