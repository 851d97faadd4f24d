#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "devnet/devnet.h"
#include "devnet/execution.h"

namespace ecloud::devnet {

/// What is known of a release before it runs.
struct LaunchVerdict {
  /// Why the container is not started ("image not found: …"); empty when it is.
  std::string refusal;
  /// Why the container is started and the KMS's client gets no variables, so that the start script
  /// ends and the app never runs; empty when it gets them.
  std::string no_variables;
  bool promises_markers = false;  ///< by the label of the start script's contract
  /// Whether the start script prints the ready marker, as far as its text tells.
  bool prints_ready = true;
  bool keeps_log = true;           ///< the launch policy lets the app's output be read
  bool knows_ports = false;        ///< false: the image is elsewhere, `ports` says nothing
  std::vector<std::string> ports;  ///< "8080/tcp": what the firewall opens
  /// The key of the app's disk, 64 hex digits; empty when MNEMONIC is not a valid recovery phrase.
  std::string disk_key;
};

/// What has been seen of an app's container.
struct AppObservation {
  bool started = false;              ///< the entrypoint has been started
  bool ready = false;                ///< it printed the ready marker
  std::vector<std::string> markers;  ///< the lines that begin with ECLOUD_, in order
  std::optional<int> exit_status;    ///< the container has ended; 128 and the signal
  std::vector<std::string> lines;    ///< what it printed since the last look
};

/// Runs the containers for Machines. Every function may wait for a short while.
class ContainerHost {
 public:
  virtual ~ContainerHost() = default;
  /// Starts a release of the app in place of the container that it has, and returns when the
  /// container is ready, has failed or has ended, or when none of these comes soon.
  virtual void start(const eth::Address& app, const ReleaseData& release) = 0;
  /// TERM, and KILL when that does not end it. Nothing for an app without a container.
  virtual void stop(const eth::Address& app) = 0;
  virtual AppObservation observe(const eth::Address& app) = 0;
  /// The app's disk is gone for good.
  virtual void remove_disk(const eth::Address& app) = 0;
};

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
  LaunchVerdict verdict;  ///< of the release that was announced last
  LaunchVerdict running_verdict;
  std::string disk_key;  ///< of the persistent disk; empty: no disk has been made yet
  bool booted = false;   ///< it has a container, which may have ended
  /// Until when the container has to print the ready marker; nothing: it need not, or it has.
  std::optional<std::int64_t> ready_by_ms;
  std::vector<std::string> markers;  ///< what the container has printed of them
  std::optional<int> exit_status;    ///< how the container ended
  Profile profile;
};

/// What the app in a machine does, whatever the machine's state says: "running", "starting",
/// "never started", "ended with status 3", or empty without a container.
std::string app_state(const Machine& machine);

/// Turns what happens on chain into machines that change with time. Times are milliseconds of the
/// World's clock. Not thread-safe.
class Machines {
 public:
  using Examine = std::function<LaunchVerdict(const eth::Address&, const ReleaseData&)>;

  /// With `has_disks` every machine has a persistent disk, which only the app's first MNEMONIC
  /// opens.
  Machines(Timings timings, bool has_disks, Examine examine)
      : timings_(timings), has_disks_(has_disks), examine_(std::move(examine)) {}

  /// From here on containers are really run, those of the machines that run now at once. Not
  /// owned; null: they are not run any more.
  void set_host(ContainerHost* host);
  /// Ends all containers.
  void end_all();
  /// Whether machines that start from now on have a persistent disk.
  void set_disks(bool attached) { has_disks_ = attached; }
  bool has_disks() const { return has_disks_; }

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
  void on_event(Machine& machine, std::string_view event, std::int64_t now_ms);
  bool arrive(Machine& machine);
  void boot(Machine& machine, ReleasePointer release, const LaunchVerdict& verdict);
  bool adopt(Machine& machine, std::int64_t now_ms);
  bool is_ready(const Machine& machine) const;
  void look_at_container(Machine& machine, std::int64_t now_ms);
  bool wait_for_marker(Machine& machine, std::int64_t now_ms);
  void give_up(Machine& machine);
  void shut_down(Machine& machine);
  void end_container(Machine& machine);

  Timings timings_;
  bool has_disks_;
  ContainerHost* host_ = nullptr;
  Examine examine_;
  std::map<eth::Address, Machine> machines_;
};

/// The instance type that a release asks for in its public variables.
std::string machine_type_of(const ReleaseData& release);

/// "docker.io/a/b@sha256:…".
std::string image_text(const ReleaseData& release);

}  // namespace ecloud::devnet
