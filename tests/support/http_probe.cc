#include "support/http_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace ecloud::testing {
namespace {

constexpr time_t kPatienceSeconds = 30;

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{kPatienceSeconds, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    throw std::runtime_error("nobody listens on port " + std::to_string(port));
  }
  return descriptor;
}

void send_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void parse(const std::string& text, ProbeAnswer& answer) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string::npos || text.size() < 12) return;
  answer.status = std::atoi(text.c_str() + 9);
  answer.body = text.substr(end + 4);
  std::size_t line = text.find("\r\n") + 2;
  while (line < end + 2) {
    const std::size_t stop = text.find("\r\n", line);
    const std::size_t colon = text.find(": ", line);
    if (colon < stop) {
      answer.headers[lower(text.substr(line, colon - line))] =
          text.substr(colon + 2, stop - colon - 2);
    }
    line = stop + 2;
  }
}

}  // namespace

bool ProbeAnswer::cut() const {
  const auto length = headers.find("content-length");
  return length != headers.end() &&
         body.size() < static_cast<std::size_t>(std::atoll(length->second.c_str()));
}

std::string ProbeAnswer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

ProbeAnswer probe(std::uint16_t port, std::string_view method, std::string_view target,
                  const ProbeHeaders& headers, std::string_view body) {
  std::string request(method);
  request += " " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST") {
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  request += "\r\n";
  request += body;
  const int descriptor = connect_to(port);
  send_all(descriptor, request);
  ProbeAnswer answer;
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t size = ::recv(descriptor, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ECONNRESET) answer.reset = true;
    if (size <= 0) break;
    text.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(descriptor);
  parse(text, answer);
  return answer;
}

}  // namespace ecloud::testing
