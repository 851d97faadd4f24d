#include "support/scripted_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>

#include "ecloud/base/text.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

namespace ecloud::testing {
namespace {

/// A socket bound to a free port of 127.0.0.1, and that port.
int bind_loopback(std::uint16_t& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (socket < 0 || ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port on loopback");
  }
  port = ntohs(address.sin_port);
  return socket;
}

std::string loopback_url(std::uint16_t port, std::string_view path) {
  return "http://127.0.0.1:" + std::to_string(port) + std::string(path);
}

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string header_of(const std::vector<net::Header>& headers, std::string_view name) {
  for (const net::Header& header : headers) {
    if (base::equal_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

ServerRequest parse_head(std::string_view head) {
  ServerRequest request;
  const std::vector<std::string> lines = base::split(head, '\n');
  const std::vector<std::string> words = base::split(base::trim(lines[0]), ' ');
  request.method = words[0];
  if (words.size() > 1) request.path = words[1];
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string::npos) continue;
    request.headers.push_back(
        {lines[i].substr(0, colon), std::string(base::trim(lines[i].substr(colon + 1)))});
  }
  return request;
}

/// Takes one whole request out of `buffer`; nothing when there is not yet one.
std::optional<ServerRequest> take_request(std::string& buffer) {
  const std::size_t end = buffer.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  ServerRequest request = parse_head(buffer.substr(0, end));
  const std::uint64_t size = base::parse_decimal(request.header("Content-Length")).value_or(0);
  if (buffer.size() < end + 4 + size) return std::nullopt;
  request.body = buffer.substr(end + 4, size);
  buffer.erase(0, end + 4 + size);
  return request;
}

std::string hex_size(std::size_t size) {
  char text[20];
  std::snprintf(text, sizeof text, "%zx\r\n", size);
  return text;
}

std::string encode_body(const Reply& reply) {
  if (!reply.chunked) return reply.body;
  std::string out;
  for (std::size_t at = 0; at < reply.body.size(); at += 7) {
    const std::string part = reply.body.substr(at, 7);
    out += hex_size(part.size()) + part + "\r\n";
  }
  return out + "0\r\n\r\n";
}

std::string encode_head(const Reply& reply) {
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
  for (const net::Header& header : reply.headers) out += header.name + ": " + header.value + "\r\n";
  if (reply.chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (header_of(reply.headers, "Content-Length").empty() && reply.status != 204 &&
             reply.fault != Fault::kEndless) {
    out += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  }
  return out + (reply.keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
}

/// close() sends a reset instead of an end.
void reset_on_close(int socket) {
  const linger now{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace

std::string ServerRequest::header(std::string_view name) const {
  return header_of(headers, name);
}

Reply json_reply(std::string body, int status) {
  Reply reply;
  reply.status = status;
  reply.headers = {{"Content-Type", "application/json"}};
  reply.body = std::move(body);
  return reply;
}

Reply faulty_reply(Fault fault, std::string body) {
  Reply reply;
  reply.fault = fault;
  reply.body = std::move(body);
  return reply;
}

ScriptedServer::ScriptedServer(Handler handler)
    : handler_(std::move(handler)), listener_(bind_loopback(port_)) {
  if (::listen(listener_, 64) != 0 || ::pipe(stop_) != 0) {
    throw std::runtime_error("the scripted server cannot listen");
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  [[maybe_unused]] const ssize_t written = ::write(stop_[1], "x", 1);
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
  for (const int end : stop_) ::close(end);
}

std::string ScriptedServer::url(std::string_view path) const {
  return loopback_url(port_, path);
}

std::vector<ServerRequest> ScriptedServer::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t ScriptedServer::connections() {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

bool ScriptedServer::wait_readable(int socket) {
  pollfd watched[2] = {{socket, POLLIN, 0}, {stop_[0], POLLIN, 0}};
  return ::poll(watched, 2, -1) > 0 && watched[1].revents == 0;
}

void ScriptedServer::accept_all() {
  while (wait_readable(listener_)) {
    const int socket = ::accept(listener_, nullptr, nullptr);
    if (socket < 0) continue;
    const std::lock_guard lock(mutex_);
    const std::size_t connection = threads_.size();
    threads_.emplace_back([this, socket, connection] { serve(socket, connection); });
  }
}

void ScriptedServer::serve(int socket, std::size_t connection) {
  std::string buffer;
  char part[16 * 1024];
  bool open = true;
  while (open && wait_readable(socket)) {
    const ssize_t count = ::recv(socket, part, sizeof part, 0);
    if (count <= 0) break;
    buffer.append(part, static_cast<std::size_t>(count));
    while (open) {
      std::optional<ServerRequest> request = take_request(buffer);
      if (!request) break;
      request->connection = connection;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(*request);
      }
      open = answer(socket, *request);
    }
  }
  ::close(socket);
}

/// False when the connection shall end.
bool ScriptedServer::answer(int socket, const ServerRequest& request) {
  Reply reply;
  {
    const std::lock_guard lock(handler_mutex_);
    reply = handler_(request);
  }
  if (!reply.raw.empty()) return send_all(socket, reply.raw) && reply.keep_alive;
  const std::string body = request.method == "HEAD" ? std::string() : encode_body(reply);
  const std::string head = encode_head(reply);
  switch (reply.fault) {
    case Fault::kNone:
      return send_all(socket, head + body) && reply.keep_alive;
    case Fault::kClose:
      return false;
    case Fault::kReset:
      reset_on_close(socket);
      return false;
    case Fault::kTruncate:
      send_all(socket, head + body.substr(0, body.size() / 2));
      return false;
    case Fault::kGarbage:
      send_all(socket, "\x16\x03\x01 this is no HTTP\r\n\r\n");
      return false;
    case Fault::kSilence:
      wait_readable(socket);
      return false;
    case Fault::kDrip:
      return send_all(socket, head) && drip(socket, body, reply.drip_interval) && reply.keep_alive;
    case Fault::kEndless:
      return repeat(socket, head, body);
  }
  return false;
}

bool ScriptedServer::repeat(int socket, const std::string& head, const std::string& body) {
  pollfd stop{stop_[0], POLLIN, 0};
  bool open = send_all(socket, head);
  while (open && ::poll(&stop, 1, 0) == 0) {
    open = send_all(socket, body);
    endless_octets_ += body.size();
  }
  return false;
}

bool ScriptedServer::drip(int socket, std::string_view text, std::chrono::milliseconds interval) {
  pollfd stop{stop_[0], POLLIN, 0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (::poll(&stop, 1, static_cast<int>(interval.count())) != 0) return false;
    if (!send_all(socket, text.substr(i, 1))) return false;
  }
  return true;
}

ClosedPort::ClosedPort() : socket_(bind_loopback(port_)) {}
ClosedPort::~ClosedPort() {
  ::close(socket_);
}
std::string ClosedPort::url(std::string_view path) const {
  return loopback_url(port_, path);
}

}  // namespace ecloud::testing
