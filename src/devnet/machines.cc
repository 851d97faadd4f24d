#include "devnet/machines.h"

#include <algorithm>
#include <array>

#include "devnet/launcher.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

constexpr std::string_view kDefaultMachineType = "g1-standard-4t";

constexpr std::string_view kKmsFailMarker = "ECLOUD_FAIL kms_bootstrap";

base::Bytes32 topic(std::string_view event) {
  return crypto::keccak256(base::as_bytes(event));
}

/// AppUpgraded before and since 1.5.0, as in data of the chain.
base::Bytes32 upgraded_topic(std::string_view hex) {
  return base::fixed_from_hex<32>(hex).value();
}

std::optional<eth::Address> indexed_address(const LogRecord& log, std::size_t index) {
  if (log.topics.size() <= index) return std::nullopt;
  base::FixedBytes<20> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = log.topics[index][12 + i];
  return eth::Address(bytes);
}

// One of the addresses that RFC 5737 sets aside for documentation.
std::string address_for(std::size_t index) {
  return "203.0.113." + std::to_string(1 + index % 254);
}

/// Why the disk that the machine has cannot be opened; empty when it can, or when it is still to be
/// made. Without variables nobody gets as far as the disk.
std::string disk_problem(const Machine& machine) {
  const LaunchVerdict& verdict = machine.verdict;
  if (!verdict.no_variables.empty()) return {};
  const std::string failed = "failed to set up encrypted volume: ";
  if (verdict.disk_key.empty()) return failed + "MNEMONIC is not a valid BIP-39 recovery phrase";
  if (machine.disk_key.empty() || machine.disk_key == verdict.disk_key) return {};
  return failed + "the key of this MNEMONIC does not open the app's disk";
}

}  // namespace

std::string app_state(const Machine& machine) {
  const LaunchVerdict& verdict = machine.coming ? machine.verdict : machine.running_verdict;
  const bool ready = std::find(machine.markers.begin(), machine.markers.end(), kReadyMarker) !=
                     machine.markers.end();
  if (machine.exit_status) {
    const bool ran = verdict.promises_markers ? ready : verdict.no_variables.empty();
    return ran ? "ended with status " + std::to_string(*machine.exit_status) : "never started";
  }
  if (!machine.booted) return {};
  return verdict.promises_markers && !ready ? "starting" : "running";
}

std::string machine_type_of(const ReleaseData& release) {
  const auto variables = base::Json::try_parse(base::as_chars(release.public_env));
  if (!variables) return std::string(kDefaultMachineType);
  const base::Json type = (*variables)["EIGEN_MACHINE_TYPE_PUBLIC"];
  return type.is_string() ? type.as_string() : std::string(kDefaultMachineType);
}

std::string image_text(const ReleaseData& release) {
  return base::printable_line(release.registry) + "@sha256:" + base::to_hex(release.digest);
}

const Machine* Machines::find(const eth::Address& app) const {
  const auto found = machines_.find(app);
  return found == machines_.end() ? nullptr : &found->second;
}

Machine* Machines::find(const eth::Address& app) {
  const auto found = machines_.find(app);
  return found == machines_.end() ? nullptr : &found->second;
}

void Machines::append_log(Machine& machine, std::string_view line, std::int64_t now_ms) {
  machine.log += base::format_rfc3339(now_ms / 1000) + " " + std::string(line) + "\n";
}

void Machines::begin(Machine& machine, std::string_view state, std::string_view next,
                     double seconds, std::int64_t now_ms) {
  machine.state = std::string(state);
  machine.next_state = std::string(next);
  machine.due_ms = now_ms + static_cast<std::int64_t>(seconds * 1000);
  machine.moving = true;
}

void Machines::on_release(const AppEntry& entry, std::int64_t now_ms) {
  const bool first = !machines_.contains(entry.app);
  Machine& machine = machines_[entry.app];
  machine.app = entry.app;
  machine.coming = entry.releases.back();
  machine.verdict = examine_(entry.app, *machine.coming);
  machine.ready_by_ms.reset();
  machine.problem = machine.verdict.refusal;
  if (machine.problem.empty() && has_disks_) machine.problem = disk_problem(machine);
  if (entry.status == AppStatus::kCreated || entry.status == AppStatus::kSuspended) {
    // It has no machine: what comes is taken up when the app is started.
    if (first) machine.state = "Created";
    return;
  }
  const bool runs = entry.status == AppStatus::kStarted;
  const std::string_view next = !machine.problem.empty() ? "Failed" : runs ? "Running" : "Stopped";
  begin(machine, first ? "Deploying" : "Upgrading", next,
        first ? timings_.deploying_seconds : timings_.upgrading_seconds, now_ms);
}

void Machines::on_logs(const std::vector<LogRecord>& logs, const ControllerState& state,
                       std::int64_t now_ms) {
  static const std::map<base::Bytes32, std::string_view> kChanges = {
      {topic("AppStarted(address)"), "started"},
      {topic("AppStopped(address)"), "stopped"},
      {topic("AppTerminated(address)"), "terminated"},
      {topic("AppTerminatedByAdmin(address)"), "terminated"},
      {topic("AppSuspended(address)"), "suspended"}};
  static const std::array<base::Bytes32, 2> kUpgraded = {upgraded_topic("b5d2b7df0352a87a587a430b"
                                                                        "fceab43859b3b3c404f0425c"
                                                                        "4c1ab0675ed57b94"),
                                                         upgraded_topic("5e69c7a791a6bb49176e9389"
                                                                        "52d5ebf7b706e399ca57a98e"
                                                                        "a0de48d5ed248408")};
  for (const LogRecord& log : logs) {
    if (log.address != app_controller_address() || log.topics.empty()) continue;
    const auto app = indexed_address(log, 1);
    if (!app) continue;
    if (const auto change = kChanges.find(log.topics[0]); change != kChanges.end()) {
      if (Machine* machine = find(*app)) on_event(*machine, change->second, now_ms);
    } else if (std::find(kUpgraded.begin(), kUpgraded.end(), log.topics[0]) != kUpgraded.end()) {
      const auto found = state.apps.find(*app);
      if (found != state.apps.end()) on_release(found->second, now_ms);
    }
  }
}

void Machines::on_event(Machine& machine, std::string_view event, std::int64_t now_ms) {
  machine.ready_by_ms.reset();
  if (event == "started" && machine.running == nullptr && machine.coming != nullptr) {
    // An app that was created empty and runs for the first time.
    begin(machine, "Deploying", machine.problem.empty() ? "Running" : "Failed",
          timings_.deploying_seconds, now_ms);
  } else if (event == "started") {
    begin(machine, "Resuming", machine.problem.empty() ? "Running" : "Failed",
          timings_.resuming_seconds, now_ms);
  } else if (event == "stopped") {
    begin(machine, "Stopping", "Stopped", timings_.stopping_seconds, now_ms);
  } else if (event == "suspended") {
    begin(machine, "Stopping", "Suspended", timings_.stopping_seconds, now_ms);
  } else {
    begin(machine, "Terminating", "Terminated", timings_.terminating_seconds, now_ms);
  }
}

void Machines::set_host(ContainerHost* host) {
  host_ = host;
  if (host_ == nullptr) return;
  for (auto& [app, machine] : machines_) {
    if (machine.booted && machine.running) host_->start(app, *machine.running);
  }
}

void Machines::end_all() {
  for (auto& [app, machine] : machines_) end_container(machine);
}

void Machines::boot(Machine& machine, ReleasePointer release, const LaunchVerdict& verdict) {
  if (has_disks_ && machine.disk_key.empty()) machine.disk_key = verdict.disk_key;
  // What the container before it says at its end is kept.
  end_container(machine);
  machine.booted = true;
  machine.markers.clear();
  machine.exit_status.reset();
  if (host_ != nullptr) {
    host_->start(machine.app, *release);
    return look_at_container(machine, machine.due_ms);
  }
  if (!verdict.no_variables.empty()) {
    append_log(machine, "app: kms-client: " + verdict.no_variables, machine.due_ms);
    if (verdict.promises_markers) {
      machine.markers = {std::string(kKmsFailMarker)};
      append_log(machine, "app: " + std::string(kKmsFailMarker), machine.due_ms);
    }
    machine.exit_status = 1;
  } else if (verdict.promises_markers && verdict.prints_ready) {
    machine.markers = {std::string(kReadyMarker)};
  }
}

bool Machines::is_ready(const Machine& machine) const {
  return std::find(machine.markers.begin(), machine.markers.end(), kReadyMarker) !=
         machine.markers.end();
}

/// Whether the release that was on its way is the one that runs now.
bool Machines::arrive(Machine& machine) {
  machine.moving = false;
  const std::string state = machine.next_state;
  if (state != "Running") {
    machine.state = state;
    end_container(machine);
  }
  if (state == "Failed") {
    append_log(machine, "platform: the app cannot start: " + machine.problem, machine.due_ms);
    return false;
  }
  if (state == "Terminated") {
    machine.ip.clear();
    machine.disk_key.clear();
    if (host_ != nullptr) host_->remove_disk(machine.app);
    append_log(machine, "platform: terminated", machine.due_ms);
    return false;
  }
  const bool arrives = machine.coming != nullptr && machine.problem.empty() && state != "Suspended";
  if (state != "Running") {
    append_log(machine, state == "Suspended" ? "platform: suspended" : "platform: stopped",
               machine.due_ms);
    return arrives && adopt(machine, machine.due_ms);
  }
  const ReleasePointer release = arrives ? machine.coming : machine.running;
  const LaunchVerdict verdict = arrives ? machine.verdict : machine.running_verdict;
  if (release) boot(machine, release, verdict);
  if (verdict.promises_markers && !is_ready(machine)) {
    machine.ready_by_ms = machine.due_ms + static_cast<std::int64_t>(kReadySeconds * 1000);
    // An upgrade is in force when the new release is ready; a new app is called running before.
    if (arrives && machine.running) return false;
  }
  return adopt(machine, machine.due_ms) && arrives;
}

/// Takes the release that was on its way into force. Always true.
bool Machines::adopt(Machine& machine, std::int64_t now_ms) {
  if (machine.coming && machine.problem.empty()) {
    machine.running = std::move(machine.coming);
    machine.coming = nullptr;
    machine.running_verdict = machine.verdict;
    machine.machine_type = machine_type_of(*machine.running);
  }
  if (machine.next_state != "Running") return true;
  machine.state = "Running";
  if (machine.ip.empty()) {
    std::size_t position = 0;
    for (const auto& [app, other] : machines_) position += other.ip.empty() ? 0 : 1;
    machine.ip = address_for(position);
  }
  if (!machine.running) return true;
  append_log(machine,
             "platform: started " + image_text(*machine.running) + " on " + machine.machine_type,
             now_ms);
  const LaunchVerdict& verdict = machine.running_verdict;
  if (verdict.knows_ports && verdict.ports.empty()) {
    append_log(machine,
               "platform: the firewall opens no port, because the image exposes none: the app "
               "answers nobody",
               now_ms);
  }
  if (host_ == nullptr && verdict.no_variables.empty()) {
    append_log(machine, "app: hello from " + machine.app.to_string(), now_ms);
  }
  return true;
}

void Machines::look_at_container(Machine& machine, std::int64_t now_ms) {
  if (host_ == nullptr) return;
  const AppObservation seen = host_->observe(machine.app);
  const LaunchVerdict& verdict = machine.coming ? machine.verdict : machine.running_verdict;
  machine.markers = seen.markers;
  machine.exit_status = seen.exit_status;
  if (!verdict.keeps_log) return;
  for (const std::string& line : seen.lines) append_log(machine, "app: " + line, now_ms);
}

/// Whether the release that was on its way came into force.
bool Machines::wait_for_marker(Machine& machine, std::int64_t now_ms) {
  if (is_ready(machine)) {
    machine.ready_by_ms.reset();
    const bool upgrade = machine.coming != nullptr;
    if (upgrade) adopt(machine, now_ms);
    return upgrade;
  }
  if (now_ms >= *machine.ready_by_ms) give_up(machine);
  return false;
}

void Machines::give_up(Machine& machine) {
  const std::int64_t now_ms = *machine.ready_by_ms;
  machine.ready_by_ms.reset();
  const std::string reason =
      "no line '" + std::string(kReadyMarker) + "' from the app within 10 minutes";
  if (machine.coming && machine.running) {
    append_log(machine, "platform: " + reason + ": rolled back to " + image_text(*machine.running),
               now_ms);
    machine.coming = nullptr;
    machine.state = "Running";
    machine.due_ms = now_ms;
    boot(machine, machine.running, machine.running_verdict);
    return;
  }
  end_container(machine);
  machine.state = "Failed";
  append_log(machine, "platform: " + reason + ": the machine is deleted", now_ms);
}

/// The restart policy is Never: the end of the app ends the machine. What ended before it was ready
/// is not noticed.
void Machines::shut_down(Machine& machine) {
  const LaunchVerdict& verdict = machine.running_verdict;
  const bool ran = verdict.promises_markers ? is_ready(machine) : verdict.no_variables.empty();
  if (host_ == nullptr || machine.moving || machine.state != "Running" || !machine.exit_status ||
      !ran) {
    return;
  }
  machine.state = "Stopped";
  machine.booted = false;
  append_log(machine,
             "platform: the app ended with status " + std::to_string(*machine.exit_status) +
                 ": the machine is shut down (restart policy Never)",
             machine.due_ms);
}

void Machines::end_container(Machine& machine) {
  machine.ready_by_ms.reset();
  if (!machine.booted) return;
  if (host_ != nullptr) host_->stop(machine.app);
  look_at_container(machine, machine.due_ms);
  machine.booted = false;
}

std::vector<Machines::Completed> Machines::advance(std::int64_t now_ms) {
  std::vector<Completed> completed;
  for (auto& [app, machine] : machines_) {
    if (machine.moving && machine.due_ms <= now_ms && arrive(machine)) {
      completed.push_back({app, machine.due_ms});
    }
    if (machine.booted) look_at_container(machine, now_ms);
    if (machine.ready_by_ms && wait_for_marker(machine, now_ms)) completed.push_back({app, now_ms});
    shut_down(machine);
  }
  return completed;
}

void Machines::seed(const eth::Address& app, ReleasePointer release, std::string profile_name) {
  const std::size_t position = machines_.size();
  Machine& machine = machines_[app];
  machine.app = app;
  machine.state = "Running";
  machine.ip = address_for(position);
  machine.machine_type = machine_type_of(*release);
  machine.running = std::move(release);
  machine.profile.name = std::move(profile_name);
  machine.booted = true;
  machine.log = "app: hello from " + app.to_string() + "\n";
}

void Machines::go_back(std::map<eth::Address, Machine> machines, const ControllerState& state,
                       std::int64_t now_ms) {
  for (auto& [app, machine] : machines) {
    if (Machine* now = find(app)) machine.profile = std::move(now->profile);
    const auto entry = state.apps.find(app);
    if (entry == state.apps.end() || !entry->second.pending || machine.moving) continue;
    if (machine.running != entry->second.pending) continue;
    machine.coming = machine.running;
    begin(machine, machine.state, machine.state, 0, now_ms);
  }
  std::swap(machines_, machines);
  if (host_ == nullptr) return;
  // The containers follow: `machines` are those of before.
  for (const auto& [app, machine] : machines) {
    const Machine* now = find(app);
    if (machine.booted && (now == nullptr || !now->booted)) host_->stop(app);
  }
  for (const auto& [app, machine] : machines_) {
    const auto before = machines.find(app);
    const bool same = before != machines.end() && before->second.booted &&
                      before->second.running == machine.running;
    if (machine.booted && machine.running && !same) host_->start(app, *machine.running);
  }
}

void Machines::force(Machine& machine, std::string_view state, std::int64_t now_ms) {
  if (state == "Running") {
    machine.problem.clear();
    for (LaunchVerdict* verdict : {&machine.verdict, &machine.running_verdict}) {
      verdict->no_variables.clear();
      verdict->promises_markers = false;
    }
    begin(machine, machine.state, state, 0, now_ms);
    return;
  }
  machine.state = state;
  machine.moving = false;
  end_container(machine);
  if (state == "Failed" && machine.problem.empty()) machine.problem = "told to fail";
  append_log(machine, "platform: put into state " + std::string(state), now_ms);
}

}  // namespace ecloud::devnet
