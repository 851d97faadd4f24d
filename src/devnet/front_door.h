#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "devnet/fault_rules.h"
#include "devnet/http_types.h"
#include "devnet/request_log.h"

namespace ecloud::devnet {

/// What every request passes: finds the service by the path's beginning, waits out the latency,
/// applies faults, and keeps the log. Thread-safe once the services are there.
class FrontDoor {
 public:
  FrontDoor();

  /// The longest matching prefix wins. The service outlives the front door.
  void add(std::string prefix, Service& service);
  /// As add, for a service that is neither logged nor slowed down nor faulty.
  void add_quiet(std::string prefix, Service& service);

  HttpResponse handle(const HttpRequest& request);

  FaultRules& faults() { return faults_; }
  RequestLog& log() { return log_; }
  void set_latency(std::string kind, std::chrono::milliseconds latency);
  void clear_latency();
  /// Ends the waits of requests under way, and returns when none is under way any more.
  void settle();
  /// Ends the waits of requests under way, and all later ones, until resume().
  void interrupt();
  void resume();

 private:
  struct Route {
    std::string prefix;
    Service* service = nullptr;
    bool quiet = false;
  };

  class UnderWay;

  const Route* find(const std::string& path) const;
  HttpResponse serve(const Route& route, const HttpRequest& request,
                     const std::vector<std::string>& kinds);
  HttpResponse handle_faulty(Service& service, const HttpRequest& request,
                             const std::vector<std::string>& kinds);
  void wait(std::chrono::milliseconds duration);
  std::chrono::milliseconds latency_of(const std::vector<std::string>& kinds);
  std::int64_t elapsed_ms() const;

  std::vector<Route> routes_;
  FaultRules faults_;
  RequestLog log_;
  std::chrono::steady_clock::time_point start_;
  std::mutex mutex_;
  std::condition_variable interruption_;
  bool interrupted_ = false;
  std::uint64_t settlings_ = 0;
  std::size_t settlers_ = 0;
  std::size_t under_way_ = 0;
  std::map<std::string, std::chrono::milliseconds> latency_;
};

}  // namespace ecloud::devnet
