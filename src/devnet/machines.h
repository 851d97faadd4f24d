#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "devnet/devnet.h"
#include "devnet/execution.h"

namespace ecloud::devnet {

struct Profile {
  std::string name, website, description, x_url;
  std::string image;       ///< the file's octets; empty when there is none
  std::string image_type;  ///< "image/png" or "image/jpeg"
};

/// The virtual machine of an app, as the UserAPI shows it.
struct Machine {
  eth::Address app;
  std::string state;       ///< a run state of the UserAPI
  std::string next_state;  ///< what it becomes at due_ms
  std::int64_t due_ms = 0;
  bool moving = false;
  std::string ip;  ///< given at the first start, then kept
  std::string machine_type;
  std::string log;  ///< empty: still provisioning
  ReleasePointer running;
  ReleasePointer coming;  ///< the release of a deployment or upgrade on its way
  std::string problem;    ///< why `coming` or `running` cannot run; empty when it can
  Profile profile;
};

/// Turns what happens on chain into machines that change with time. Times are milliseconds of the
/// World's clock. Not thread-safe.
class Machines {
 public:
  /// Why a release of an app cannot run ("image not found: …"); empty when it can.
  using Examine = std::function<std::string(const eth::Address&, const ReleaseData&)>;

  Machines(Timings timings, Examine examine) : timings_(timings), examine_(std::move(examine)) {}

  void on_logs(const std::vector<LogRecord>& logs, const ControllerState& state,
               std::int64_t now_ms);

  struct Completed {
    eth::Address app;
    std::int64_t at_ms = 0;
  };
  /// Lets every machine take the steps due by `now_ms`; gives the upgrades that came to run.
  std::vector<Completed> advance(std::int64_t now_ms);

  /// A machine that has been running `release` for long.
  void seed(const eth::Address& app, ReleasePointer release, std::string profile_name);

  /// All of them as they are, and as they were: the state of the chain that they follow went back.
  /// Profiles stay, and an upgrade that runs but is not confirmed any more is confirmed again.
  std::map<eth::Address, Machine> snapshot() const { return machines_; }
  void go_back(std::map<eth::Address, Machine> machines, const ControllerState& state,
               std::int64_t now_ms);

  /// Null for an unknown app.
  const Machine* find(const eth::Address& app) const;
  Machine* find(const eth::Address& app);
  /// Puts a machine into `state` for good, and says so in its log. "Running" is reached by the next
  /// advance(), with an address and whatever release was on its way.
  void force(Machine& machine, std::string_view state, std::int64_t now_ms);
  static void append_log(Machine& machine, std::string_view line, std::int64_t now_ms);

 private:
  void begin(Machine& machine, std::string_view state, std::string_view next, double seconds,
             std::int64_t now_ms);
  void on_release(const AppEntry& entry, std::int64_t now_ms);
  void arrive(Machine& machine);

  Timings timings_;
  Examine examine_;
  std::map<eth::Address, Machine> machines_;
};

/// The instance type that a release asks for in its public variables.
std::string machine_type_of(const ReleaseData& release);

/// "docker.io/a/b@sha256:…".
std::string image_text(const ReleaseData& release);

}  // namespace ecloud::devnet
