#include "devnet/http_server.h"

#include <dirent.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::devnet {
namespace {

// A layer comes in one request.
constexpr std::size_t kMaxBodyBytes = std::size_t{4} << 30;
constexpr int kBacklog = 512;
constexpr int kKeepAliveSeconds = 3600;
constexpr std::size_t kKeepAliveRequests = 1'000'000;

// A connection blocks its thread while it idles, so each gets its own.
class ThreadPerConnection final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override {
    {
      const std::lock_guard lock(mutex_);
      ++running_;
    }
    std::thread([this, work = std::move(task)] {
      work();
      const std::lock_guard done(mutex_);
      --running_;
      idle_.notify_all();
    }).detach();
  }
  void shutdown() override {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable idle_;
  int running_ = 0;
};

class Server final : public httplib::Server {
 public:
  // The library's backlog of 5 makes the sixth of simultaneous connections wait for a second.
  void widen_backlog() { ::listen(svr_sock_, kBacklog); }
};

using PortReader = int (*)(int, sockaddr*, socklen_t*);

int port_of(int descriptor, PortReader reader) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (reader(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  return address.sin_family == AF_INET ? ntohs(address.sin_port) : -1;
}

// The accepted connections of the server on `port`; of one peer alone when `peer_port` is given.
// The library does not say which descriptor a request came by, the kernel does.
std::vector<int> connections(int port, std::optional<int> peer_port) {
  std::vector<int> out;
  DIR* directory = ::opendir("/dev/fd");
  if (directory == nullptr) return out;
  while (const dirent* entry = ::readdir(directory)) {
    const auto number = base::parse_decimal(entry->d_name);
    if (!number) continue;
    const int descriptor = static_cast<int>(*number);
    if (port_of(descriptor, ::getsockname) != port) continue;
    const int peer = port_of(descriptor, ::getpeername);
    if (peer >= 0 && (!peer_port || peer == *peer_port)) out.push_back(descriptor);
  }
  ::closedir(directory);
  return out;
}

void close_connection(int port, int peer_port, bool reset) {
  for (const int descriptor : connections(port, peer_port)) {
    if (reset) {
      // Dissolving the association makes the kernel send RST at once.
      sockaddr nowhere{};
      nowhere.sa_family = AF_UNSPEC;
      ::connect(descriptor, &nowhere, sizeof nowhere);
    } else {
      ::shutdown(descriptor, SHUT_RDWR);
    }
  }
}

HttpRequest convert(const httplib::Request& in) {
  HttpRequest out;
  out.method = in.method;
  out.path = in.path;
  out.target = in.target;
  out.body = in.body;
  out.client_port = in.remote_port;
  for (const auto& [name, value] : in.params) out.query[name] = value;
  for (const auto& [name, value] : in.headers) out.headers[base::to_lower(name)] = value;
  for (const auto& [name, part] : in.files) {
    out.parts.push_back({part.name, part.filename, part.content_type, part.content});
  }
  return out;
}

// In one piece as it is. Given a whole body the library compresses it for whoever accepts that,
// which takes longer than anything else that is done for a request.
void send_whole(httplib::Response& out, const HttpResponse& response) {
  const auto body = std::make_shared<const std::string>(response.body);
  out.set_content_provider(body->size(), response.content_type,
                           [body](std::size_t offset, std::size_t size, httplib::DataSink& sink) {
                             return sink.write(body->data() + offset, size);
                           });
}

// Announces the whole body, sends half of it, and gives up: the library closes the connection.
void send_cut(httplib::Response& out, const HttpResponse& response) {
  const std::string body = response.body.empty() ? "cut" : response.body;
  out.set_content_provider(body.size(), response.content_type,
                           [body](std::size_t, std::size_t, httplib::DataSink& sink) {
                             sink.write(body.data(), body.size() / 2);
                             return false;
                           });
}

}  // namespace

struct HttpServer::Impl {
  Handler handler;
  std::uint16_t port = 0;
  std::unique_ptr<Server> server;
  std::thread listener;

  void answer(const httplib::Request& request, httplib::Response& out) const {
    answer(request, convert(request), out);
  }
  // A registry keeps what it has of an upload that was cut, so that the body is read here.
  void answer_streamed(const httplib::Request& request, httplib::Response& out,
                       const httplib::ContentReader& read) const {
    HttpRequest converted = convert(request);
    converted.is_cut = !read([&](const char* octets, std::size_t size) {
      converted.body.append(octets, size);
      return true;
    });
    if (converted.is_cut && !converted.path.starts_with("/v2/")) return;
    answer(request, converted, out);
  }
  void answer(const httplib::Request& request, const HttpRequest& converted,
              httplib::Response& out) const {
    const HttpResponse response = handler(converted);
    using Ending = HttpResponse::Ending;
    if (response.ending == Ending::kClose || response.ending == Ending::kReset) {
      close_connection(port, request.remote_port, response.ending == Ending::kReset);
      return;
    }
    // Left alone, the library makes 206 of a successful answer to a range request.
    if (response.status != 200) out.status = response.status;
    for (const auto& [name, value] : response.headers) out.set_header(name, value);
    if (response.ending == Ending::kCut) {
      send_cut(out, response);
    } else if (!response.body.empty()) {
      send_whole(out, response);
    } else if (!response.content_type.empty()) {
      out.set_content("", response.content_type);
    }
  }

  void bind() {
    server = std::make_unique<Server>();
    server->new_task_queue = [] { return new ThreadPerConnection; };
    server->set_keep_alive_max_count(kKeepAliveRequests);
    server->set_keep_alive_timeout(kKeepAliveSeconds);
    server->set_payload_max_length(kMaxBodyBytes);
    server->set_tcp_nodelay(true);
    // Not the library's SO_REUSEPORT, with which two servers would share a port.
    server->set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
    };
    const std::string everything = "[^]*";
    server->Get(everything, handle);
    server->Post(everything, handle);
    server->Put(everything, handle);
    server->Patch(everything, [this](const httplib::Request& request, httplib::Response& response,
                                     const httplib::ContentReader& read) {
      answer_streamed(request, response, read);
    });
    server->Delete(everything, handle);
    server->Options(everything, handle);
    if (port == 0) {
      const int bound = server->bind_to_any_port("127.0.0.1");
      if (bound > 0) port = static_cast<std::uint16_t>(bound);
    } else if (!server->bind_to_port("127.0.0.1", port)) {
      throw Error(Category::kFailure, "devnet.port",
                  "port " + std::to_string(port) + " on 127.0.0.1 is taken",
                  "choose another --port, or stop what listens there");
    }
    if (port == 0) throw Error(Category::kFailure, "devnet.port", "no port on 127.0.0.1 is free");
    server->widen_backlog();
  }
};

HttpServer::HttpServer(std::uint16_t port, Handler handler) : impl_(std::make_unique<Impl>()) {
  impl_->handler = std::move(handler);
  impl_->port = port;
  impl_->bind();
}

HttpServer::~HttpServer() {
  stop();
}

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

void HttpServer::start() {
  if (impl_->listener.joinable()) return;
  if (!impl_->server) impl_->bind();
  impl_->listener = std::thread([server = impl_->server.get()] { server->listen_after_bind(); });
  while (!impl_->server->is_running()) std::this_thread::yield();
}

void HttpServer::stop() {
  if (!impl_->listener.joinable()) {
    impl_->server.reset();
    return;
  }
  impl_->server->stop();
  // Connections that a thread has just accepted may show up late, so this is said until all heard.
  std::atomic<bool> ended{false};
  std::thread closer([&] {
    while (!ended) {
      for (const int descriptor : connections(impl_->port, std::nullopt)) {
        ::shutdown(descriptor, SHUT_RDWR);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  impl_->listener.join();
  ended = true;
  closer.join();
  impl_->server.reset();
}

}  // namespace ecloud::devnet
