#include <algorithm>

#include "devnet/controller_contract.h"
#include "devnet/permission_contract.h"

namespace ecloud::devnet {
namespace {

// The lists walk all apps of the platform until they have found enough. Measured on the contracts:
// each app costs that much gas, most of it for asking the PermissionController who its admins are.
constexpr std::uint64_t kWalkedAppGas = 6'716;
// An app of getApps: the slots of its place in the list and of its configuration (EIP-2929).
constexpr std::uint64_t kListedAppGas = 4'600;

std::uint64_t block_of(const ReleasePointer& release) {
  return release ? release->block_number : 0;
}

/// What the lists say of an app.
struct Listed {
  eth::Address app, creator, billing_account;
  std::uint64_t operator_set_id = 0, latest = 0, pending = 0;
  AppStatus status = AppStatus::kStarted;
};

Listed listed_at(const ControllerState& state, std::size_t position) {
  const std::size_t strangers = state.strangers ? state.strangers->apps.size() : 0;
  if (position < strangers) {
    const auto& [app, creator] = state.strangers->apps[position];
    return {app, creator, creator, position, state.strangers->release_block};
  }
  const AppEntry& entry = state.apps.at(state.order[position]);
  return {entry.app,
          entry.creator,
          entry.billing_account,
          entry.operator_set_id,
          block_of(entry.latest),
          block_of(entry.pending),
          entry.status};
}

/// Collects (address[], AppConfig[]) in the shape of the controller's release.
class Page {
 public:
  explicit Page(ControllerKind kind) : kind_(kind) {}

  void add(const Listed& app) {
    apps_.push_back(app.app);
    eth::AbiValue::List config{app.creator, app.operator_set_id, app.latest};
    if (kind_ == ControllerKind::kV1_5) config.push_back(app.pending);
    config.push_back(static_cast<std::uint64_t>(app.status));
    if (kind_ == ControllerKind::kTeams) config.push_back(false);
    configs_.push_back(std::move(config));
  }
  std::size_t size() const { return apps_.size(); }

  base::Bytes encode() {
    const std::string_view type =
        kind_ == ControllerKind::kV1_5    ? "(address[],(address,uint32,uint32,uint32,uint8)[])"
        : kind_ == ControllerKind::kTeams ? "(address[],(address,uint32,uint32,uint8,bool)[])"
                                          : "(address[],(address,uint32,uint32,uint8)[])";
    return eth::abi_encode(type, {std::move(apps_), std::move(configs_)});
  }

 private:
  ControllerKind kind_;
  eth::AbiValue::List apps_, configs_;
};

/// A list of those that `wanted` takes; ends with the gas, as a node's limit for calls makes it.
template <typename Wanted>
base::Bytes filtered_apps(const ControllerContract& contract, Execution& execution,
                          const Message& message, Wanted wanted) {
  const auto arguments = decode_arguments("(address,uint256,uint256)", message.data);
  const eth::Address owner = arguments[0].address();
  eth::U256 to_skip = arguments[1].number();
  const eth::U256 limit = arguments[2].number();
  const ControllerState& state = execution.state.controller;
  Page page(contract.kind());
  for (std::size_t i = 0; i < state.order.size() && eth::U256(page.size()) < limit; ++i) {
    execution.gas += kWalkedAppGas;
    const Listed app = listed_at(state, i);
    if (!wanted(app, owner)) continue;
    if (to_skip.is_zero()) {
      page.add(app);
    } else {
      to_skip = to_skip - eth::U256(1);
    }
  }
  return page.encode();
}

base::Bytes all_apps(const ControllerContract& contract, Execution& execution,
                     const Message& message) {
  const auto arguments = decode_arguments("(uint256,uint256)", message.data);
  const ControllerState& state = execution.state.controller;
  const auto bounded = [&](const eth::U256& number) {
    return number >= eth::U256(state.order.size()) ? state.order.size() : number.to_u64();
  };
  const std::size_t first = bounded(arguments[0].number());
  const std::size_t end =
      first + std::min<std::size_t>(bounded(arguments[1].number()), state.order.size() - first);
  Page page(contract.kind());
  for (std::size_t i = first; i < end; ++i) page.add(listed_at(state, i));
  execution.gas += kListedAppGas * page.size();
  return page.encode();
}

base::Bytes digest_hash(const Message& message) {
  const auto arguments = decode_arguments("(bytes4,uint256)", message.data);
  return eth::abi_encode("(bytes32)",
                         {permission_digest(selector_from(arguments[0]), arguments[1].number())});
}

base::Bytes number(std::uint64_t value) {
  return eth::abi_encode("(uint256)", {value});
}

eth::Address account_in(const Message& message) {
  return decode_arguments("(address)", message.data)[0].address();
}

AppEntry entry_in(const Execution& execution, const Message& message) {
  const auto& apps = execution.state.controller.apps;
  const auto found = apps.find(account_in(message));
  return found == apps.end() ? AppEntry{} : found->second;
}

bool read_list(const ControllerContract& contract, Execution& execution, const Message& message,
               base::Bytes& output) {
  switch (selector_of(message.data)) {
    case 0xf36618ac:  // getAppsByDeveloper(address,uint256,uint256)
      output = filtered_apps(contract, execution, message,
                             [&](const Listed& app, const eth::Address& developer) {
                               return is_admin(execution.state.permissions, app.app, developer);
                             });
      return true;
    case 0x8099ef2e:  // getAppsByCreator(address,uint256,uint256)
      output = filtered_apps(
          contract, execution, message,
          [](const Listed& app, const eth::Address& creator) { return app.creator == creator; });
      return true;
    case 0xa37e7e44:  // getApps(uint256,uint256)
      output = all_apps(contract, execution, message);
      return true;
    case 0xdbb1c4e1:  // getAppsByBillingAccount(address,uint256,uint256)
      if (!contract.has_isolated_billing()) return false;
      output = filtered_apps(contract, execution, message,
                             [](const Listed& app, const eth::Address& account) {
                               return app.billing_account == account;
                             });
      return true;
    default:
      return false;
  }
}

bool read_app(const ControllerContract& contract, const Execution& execution,
              const Message& message, base::Bytes& output) {
  const auto entry = [&] { return entry_in(execution, message); };
  switch (selector_of(message.data)) {
    case 0xd5aae178:  // getAppStatus(address)
      output = number(static_cast<std::uint64_t>(entry().status));
      return true;
    case 0x67962d48:  // getAppCreator(address)
      output = eth::abi_encode("(address)", {entry().creator});
      return true;
    case 0x6eb2099f:  // getAppOperatorSetId(address)
      output = number(entry().operator_set_id);
      return true;
    case 0x9ffbdce6:  // getAppLatestReleaseBlockNumber(address)
      output = number(block_of(entry().latest));
      return true;
    case 0xc3478d14:  // getAppPendingReleaseBlockNumber(address)
      if (!contract.four_fields()) return false;
      output = number(block_of(entry().pending));
      return true;
    case 0x3e032115:  // getBillingAccount(address)
      if (!contract.has_isolated_billing()) return false;
      output = eth::abi_encode("(address)", {entry().billing_account});
      return true;
    case 0x85e9babb: {  // getBillingType(address)
      if (!contract.has_isolated_billing()) return false;
      const AppEntry found = entry();
      output = number(found.billing_account == found.creator ? 0 : 1);
      return true;
    }
    default:
      return false;
  }
}

bool read_platform(const ControllerContract& contract, const Execution& execution,
                   const Message& message, base::Bytes& output) {
  const WorldState& state = execution.state;
  switch (selector_of(message.data)) {
    case 0x54fd4d50:  // version()
      output = eth::abi_encode("(string)", {version_of(contract.kind())});
      return true;
    case 0xf698da25:  // domainSeparator()
      output = eth::abi_encode("(bytes32)", {controller_domain()});
      return true;
    case 0x9690b7e7:  // calculateApiPermissionDigestHash(bytes4,uint256)
      output = digest_hash(message);
      return true;
    case 0x36b18874: {  // calculateAppId(address,bytes32)
      const auto arguments = decode_arguments("(address,bytes32)", message.data);
      base::Bytes32 salt{};
      std::copy_n(arguments[1].bytes().begin(), salt.size(), salt.begin());
      output = eth::abi_encode("(address)", {calculate_app_id(arguments[0].address(), salt)});
      return true;
    }
    case 0x40f70a9e:  // getMaxActiveAppsPerUser(address)
      output = number(max_active_apps(state, account_in(message), execution.block.timestamp));
      return true;
    case 0x0c2199fb:  // getActiveAppCount(address)
      output = number(active_app_count(state.controller, account_in(message)));
      return true;
    case 0xa46530a2:  // maxGlobalActiveApps()
      output = number(state.controller.global_quota.value_or(0xffffffff));
      return true;
    case 0xa8aa2bd3:  // globalActiveAppCount()
      output = number(global_active_app_count(state.controller));
      return true;
    default:
      return false;
  }
}

}  // namespace

bool read_controller(const ControllerContract& contract, Execution& execution,
                     const Message& message, base::Bytes& output) {
  return read_platform(contract, execution, message, output) ||
         read_app(contract, execution, message, output) ||
         read_list(contract, execution, message, output);
}

}  // namespace ecloud::devnet
