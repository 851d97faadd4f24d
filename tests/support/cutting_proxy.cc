#include "support/cutting_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

namespace ecloud::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int new_socket() {
  const int out = ::socket(AF_INET, SOCK_STREAM, 0);
  if (out < 0) throw std::runtime_error("no socket");
  ::fcntl(out, F_SETFD, FD_CLOEXEC);
  return out;
}

}  // namespace

CuttingProxy::CuttingProxy(std::uint16_t server_port)
    : server_port_(server_port), listener_(new_socket()) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::listen(listener_, 64) != 0 || ::pipe(stop_) != 0) {
    throw std::runtime_error("no port on loopback");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

CuttingProxy::~CuttingProxy() {
  // Its end becomes readable for all at once.
  ::close(stop_[1]);
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
  ::close(stop_[0]);
}

void CuttingProxy::accept_all() {
  for (;;) {
    pollfd ready[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    ::poll(ready, 2, -1);
    if (ready[1].revents != 0) return;
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) continue;
    ::fcntl(client, F_SETFD, FD_CLOEXEC);
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, client] { serve(client); });
  }
}

void CuttingProxy::serve(int client) {
  const int server = new_socket();
  const sockaddr_in address = loopback(server_port_);
  bool open = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  std::uint64_t sent = 0, received = 0;
  while (open) {
    pollfd ready[3] = {{client, POLLIN, 0}, {server, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    ::poll(ready, 3, -1);
    if (ready[2].revents != 0) break;
    if (ready[0].revents != 0) open = pass(client, server, sent, cut_sent_);
    if (open && ready[1].revents != 0) open = pass(server, client, received, cut_received_);
  }
  ::close(server);
  ::close(client);
}

bool CuttingProxy::pass(int from, int to, std::uint64_t& passed,
                        std::atomic<std::uint64_t>& limit) {
  char octets[16384];
  const std::uint64_t most = limit;
  const std::uint64_t left = most > passed ? std::min<std::uint64_t>(most - passed, 1 << 20) : 0;
  const ssize_t got = ::recv(from, octets, std::min<std::uint64_t>(sizeof octets, left + 1), 0);
  if (got <= 0) return false;
  for (ssize_t at = 0; at < got;) {
    const ssize_t written =
        ::send(to, octets + at, static_cast<std::size_t>(got - at), MSG_NOSIGNAL);
    if (written <= 0) return false;
    at += written;
  }
  passed += static_cast<std::uint64_t>(got);
  std::uint64_t expected = most;
  if (passed <= most || !limit.compare_exchange_strong(expected, kNever)) return true;
  ++cuts_;
  return false;
}

}  // namespace ecloud::testing
