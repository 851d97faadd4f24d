#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ecloud/net/transport.h"

namespace ecloud::testing {

struct ServerRequest {
  std::string method;
  std::string path;  ///< with its query
  std::vector<net::Header> headers;
  std::string body;
  std::size_t connection = 0;  ///< which connection it came on, counted from 0

  /// Case-insensitive; empty when there is none.
  std::string header(std::string_view name) const;
};

/// What goes wrong with an answer.
enum class Fault {
  kNone,
  kClose,     ///< the connection ends without an answer
  kReset,     ///< the same with a TCP reset
  kTruncate,  ///< half of the body, then the connection ends
  kGarbage,   ///< octets that are no HTTP
  kSilence,   ///< no answer and no end until the client goes or the server stops
  kDrip,      ///< an octet of the body at a time, `drip_interval` apart
  kEndless,   ///< the body again and again, for ever
};

struct Reply {
  int status = 200;
  std::vector<net::Header> headers;
  std::string body;
  Fault fault = Fault::kNone;
  bool chunked = false;  ///< in chunks of 7 octets
  bool keep_alive = true;
  std::string raw;  ///< sent as it is instead of all above, when not empty
  std::chrono::milliseconds drip_interval{5};
};

Reply json_reply(std::string body, int status = 200);
Reply faulty_reply(Fault fault, std::string body = {});

/// An HTTP/1.1 server on 127.0.0.1, on a port that the system picks, with a thread a connection.
/// The handler is called on these threads, one call at a time.
class ScriptedServer {
 public:
  using Handler = std::function<Reply(const ServerRequest&)>;

  explicit ScriptedServer(Handler handler);
  /// Ends all connections and waits for their threads.
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// "http://127.0.0.1:PORT" and `path`.
  std::string url(std::string_view path = "/") const;
  /// Everything that was asked, in order.
  std::vector<ServerRequest> requests();
  std::size_t connections();
  /// How much of answers without an end has gone out.
  std::uint64_t endless_octets() const { return endless_octets_; }

 private:
  void accept_all();
  void serve(int socket, std::size_t connection);
  bool answer(int socket, const ServerRequest& request);
  bool repeat(int socket, const std::string& head, const std::string& body);
  bool drip(int socket, std::string_view text, std::chrono::milliseconds interval);
  /// False when the server stops.
  bool wait_readable(int socket);

  Handler handler_;
  std::uint16_t port_ = 0;
  int listener_;
  int stop_[2] = {-1, -1};
  std::mutex mutex_;
  std::mutex handler_mutex_;
  std::vector<ServerRequest> requests_;
  std::atomic<std::uint64_t> endless_octets_{0};
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A port of 127.0.0.1 on which nobody listens: connections are refused. Held while the object
/// lives.
class ClosedPort {
 public:
  ClosedPort();
  ~ClosedPort();
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  std::string url(std::string_view path = "/") const;

 private:
  std::uint16_t port_ = 0;
  int socket_;
};

}  // namespace ecloud::testing
