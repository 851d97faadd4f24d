#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ecloud::testing {

/// Stands on a free port of loopback before a server on another one and passes octets both ways,
/// until a test has it cut a connection.
class CuttingProxy {
 public:
  explicit CuttingProxy(std::uint16_t server_port);
  /// Ends all connections and waits for their threads.
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  std::uint16_t port() const { return port_; }
  /// The connection that has brought that many octets to the server, or to the client, is closed on
  /// both sides. Once; ask again for another cut.
  void cut_after_sent(std::uint64_t bytes) { cut_sent_ = bytes; }
  void cut_after_received(std::uint64_t bytes) { cut_received_ = bytes; }
  int cuts() const { return cuts_; }

 private:
  static constexpr std::uint64_t kNever = UINT64_MAX;

  void accept_all();
  void serve(int client);
  /// False when the connection is to end.
  bool pass(int from, int to, std::uint64_t& passed, std::atomic<std::uint64_t>& limit);

  const std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int stop_[2] = {-1, -1};
  std::atomic<std::uint64_t> cut_sent_{kNever};
  std::atomic<std::uint64_t> cut_received_{kNever};
  std::atomic<int> cuts_{0};
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace ecloud::testing
