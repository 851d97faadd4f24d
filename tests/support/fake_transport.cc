#include "support/fake_transport.h"

#include <algorithm>

namespace ecloud::testing {
namespace {

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + most, b.begin()).first -
                                  a.begin());
}

std::size_t common_suffix(std::string_view a, std::string_view b) {
  std::size_t size = 0;
  while (size < a.size() && size < b.size() && a[a.size() - 1 - size] == b[b.size() - 1 - size]) {
    ++size;
  }
  return size;
}

}  // namespace

net::Response make_response(int status, std::string body, std::vector<net::Header> headers) {
  net::Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

FakeTransport& FakeTransport::add(std::string_view method, std::string_view url, Handler handler,
                                  bool only_once) {
  const std::lock_guard lock(mutex_);
  routes_.push_back(
      {std::string(method) + " " + std::string(url), std::move(handler), only_once, 0});
  return *this;
}

FakeTransport& FakeTransport::once(std::string_view method, std::string_view url, Handler handler) {
  return add(method, url, std::move(handler), true);
}

FakeTransport& FakeTransport::once(std::string_view method, std::string_view url,
                                   net::Response response) {
  return add(
      method, url, [response](const net::Request&) { return response; }, true);
}

FakeTransport& FakeTransport::once(std::string_view method, std::string_view url,
                                   const Error& error) {
  return add(
      method, url, [error](const net::Request&) -> net::Response { throw error; }, true);
}

FakeTransport& FakeTransport::always(std::string_view method, std::string_view url,
                                     Handler handler) {
  return add(method, url, std::move(handler), false);
}

FakeTransport::Handler FakeTransport::take(const std::string& name) {
  const auto usable = [&](bool only_once) {
    return std::find_if(routes_.begin(), routes_.end(), [&](const Route& route) {
      return route.name == name && route.only_once == only_once && !(only_once && route.used > 0);
    });
  };
  auto route = usable(true);
  if (route == routes_.end()) route = usable(false);
  if (route != routes_.end()) {
    ++route->used;
    return route->handler;
  }
  unmatched_.push_back(name);
  const auto nearest =
      std::max_element(routes_.begin(), routes_.end(), [&](const Route& a, const Route& b) {
        return common_prefix(a.name, name) + common_suffix(a.name, name) <
               common_prefix(b.name, name) + common_suffix(b.name, name);
      });
  std::string message = "no handler for " + name;
  if (nearest == routes_.end()) {
    message += "; none is registered";
  } else {
    message += "; the nearest is " + nearest->name + (nearest->used > 0 ? " (used)" : "");
  }
  throw Error(Category::kBug, "test.unmatched", message);
}

net::Response FakeTransport::send(const net::Request& request) {
  Handler handler;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    handler = take(request.method + " " + request.url);
  }
  net::Response response = handler(request);
  if (response.final_url.empty()) response.final_url = request.url;
  if (request.sink && response.ok() && !response.body.empty()) {
    const std::string body = std::move(response.body);
    response.body.clear();
    if (request.on_answer) request.on_answer(response);
    request.sink(body);
  }
  return response;
}

std::vector<net::Request> FakeTransport::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string FakeTransport::complaints() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const Route& route : routes_) {
    if (route.used == 0) out += "never asked: " + route.name + "\n";
  }
  for (const std::string& name : unmatched_) out += "not expected: " + name + "\n";
  return out;
}

}  // namespace ecloud::testing
