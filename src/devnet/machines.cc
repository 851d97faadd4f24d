#include "devnet/machines.h"

#include "ecloud/base/clock.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

constexpr std::string_view kDefaultMachineType = "g1-standard-4t";

base::Bytes32 topic(std::string_view event) {
  return crypto::keccak256(base::as_bytes(event));
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

}  // namespace

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
  machine.problem = examine_(entry.app, *machine.coming);
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
  static const base::Bytes32 kStarted = topic("AppStarted(address)");
  static const base::Bytes32 kStopped = topic("AppStopped(address)");
  static const base::Bytes32 kTerminated = topic("AppTerminated(address)");
  static const base::Bytes32 kSuspended = topic("AppSuspended(address)");
  static const base::Bytes32 kUpgraded[] = {
      platform::topic_app_upgraded(platform::Generation::kThreeFields),
      platform::topic_app_upgraded(platform::Generation::kFourFields)};
  for (const LogRecord& log : logs) {
    if (log.address != app_controller_address() || log.topics.empty()) continue;
    const base::Bytes32& event = log.topics[0];
    const auto app = indexed_address(log, 1);
    if (!app) continue;
    Machine* machine = find(*app);
    if (event == kStarted || event == kStopped || event == kTerminated || event == kSuspended) {
      if (machine == nullptr) continue;
      if (event == kStarted && machine->running == nullptr && machine->coming != nullptr) {
        // An app that was created empty and runs for the first time.
        begin(*machine, "Deploying", machine->problem.empty() ? "Running" : "Failed",
              timings_.deploying_seconds, now_ms);
      } else if (event == kSuspended) {
        begin(*machine, "Stopping", "Suspended", timings_.stopping_seconds, now_ms);
      } else if (event == kStarted) {
        begin(*machine, "Resuming", machine->problem.empty() ? "Running" : "Failed",
              timings_.resuming_seconds, now_ms);
      } else if (event == kStopped) {
        begin(*machine, "Stopping", "Stopped", timings_.stopping_seconds, now_ms);
      } else {
        begin(*machine, "Terminating", "Terminated", timings_.terminating_seconds, now_ms);
      }
    } else if (event != kUpgraded[0] && event != kUpgraded[1]) {
      continue;
    } else if (const auto found = state.apps.find(*app); found != state.apps.end()) {
      on_release(found->second, now_ms);
    }
  }
}

void Machines::arrive(Machine& machine) {
  machine.state = machine.next_state;
  machine.moving = false;
  if (machine.state == "Failed") {
    append_log(machine, "platform: the app cannot start: " + machine.problem, machine.due_ms);
    return;
  }
  if (machine.state == "Terminated") {
    machine.ip.clear();
    append_log(machine, "platform: terminated", machine.due_ms);
    return;
  }
  if (machine.state == "Suspended") {
    append_log(machine, "platform: suspended", machine.due_ms);
    return;
  }
  if (machine.coming && machine.problem.empty()) {
    machine.running = std::move(machine.coming);
    machine.coming = nullptr;
    machine.machine_type = machine_type_of(*machine.running);
  }
  if (machine.state != "Running") {
    append_log(machine, "platform: stopped", machine.due_ms);
    return;
  }
  if (machine.ip.empty()) {
    std::size_t position = 0;
    for (const auto& [app, other] : machines_) position += other.ip.empty() ? 0 : 1;
    machine.ip = address_for(position);
  }
  append_log(machine,
             "platform: started " + image_text(*machine.running) + " on " + machine.machine_type,
             machine.due_ms);
  append_log(machine, "app: hello from " + machine.app.to_string(), machine.due_ms);
}

std::vector<Machines::Completed> Machines::advance(std::int64_t now_ms) {
  std::vector<Completed> completed;
  for (auto& [app, machine] : machines_) {
    if (!machine.moving || machine.due_ms > now_ms) continue;
    const bool upgrade = machine.coming != nullptr && machine.problem.empty() &&
                         machine.next_state != "Terminated" && machine.next_state != "Suspended";
    arrive(machine);
    if (upgrade) completed.push_back({app, machine.due_ms});
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
  machines_ = std::move(machines);
}

void Machines::force(Machine& machine, std::string_view state, std::int64_t now_ms) {
  if (state == "Running") {
    machine.problem.clear();
    begin(machine, machine.state, state, 0, now_ms);
    return;
  }
  machine.state = state;
  machine.moving = false;
  if (state == "Failed" && machine.problem.empty()) machine.problem = "told to fail";
  append_log(machine, "platform: put into state " + std::string(state), now_ms);
}

}  // namespace ecloud::devnet
