#include "devnet/permission_contract.h"
#include "devnet/world.h"

namespace ecloud::devnet {

Subscription World::subscription(const eth::Address& account) const {
  const auto found = subscriptions_.find(account);
  if (found != subscriptions_.end()) return found->second;
  const auto genesis = static_cast<std::int64_t>(chain_->blocks().front().timestamp);
  return {options_.subscribed ? "active" : "inactive", genesis, false, {}};
}

bool World::may_use_api(const eth::Address& app, const eth::Address& account,
                        const Selector& permission) const {
  const WorldState& state = chain_->state();
  return state.controller.apps.contains(app) &&
         can_call(state.permissions, app, account, api_target(), permission);
}

AppView World::view(const AppEntry& entry) const {
  AppView out;
  out.app = entry.app;
  out.creator = entry.creator;
  out.chain_status = entry.status;
  out.latest_release_block =
      entry.latest ? static_cast<std::uint32_t>(entry.latest->block_number) : 0;
  out.pending_release_block =
      entry.pending ? static_cast<std::uint32_t>(entry.pending->block_number) : 0;
  const Machine* machine = machines_->find(entry.app);
  if (machine == nullptr) return out;
  out.run_state = machine->state;
  out.ip = machine->ip;
  if (machine->running) out.image = image_text(*machine->running);
  out.profile_name = machine->profile.name;
  out.app_state = app_state(*machine);
  out.markers = machine->markers;
  out.exit_status = machine->exit_status;
  const LaunchVerdict& verdict = machine->running ? machine->running_verdict : machine->verdict;
  if (verdict.knows_ports) out.ports = verdict.ports;
  return out;
}

}  // namespace ecloud::devnet
