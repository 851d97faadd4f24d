#include "devnet/controller_contract.h"

#include <algorithm>

#include "devnet/permission_contract.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

constexpr std::uint32_t kCreateAppThree = 0xa60daa8f;
constexpr std::uint32_t kCreateAppFour = 0x5e92a19f;
constexpr std::uint32_t kCreateAppIsolated = 0xb7fe2169;
constexpr std::uint32_t kUpgradeAppThree = 0xd80a956b;
constexpr std::uint32_t kUpgradeAppFour = 0xe71ad404;
constexpr std::uint32_t kStartApp = 0x4dd8ef81;
constexpr std::uint32_t kStopApp = 0xe70b81b1;
constexpr std::uint32_t kTerminateApp = 0x90e2196b;

// Close to what the real contracts use (measured: 690,984 and 720,486 for a private deploy).
constexpr std::uint64_t kCreateAppGas = 570'000;
constexpr std::uint64_t kUpgradeAppGas = 190'000;
constexpr std::uint64_t kPendingSlotGas = 29'500;
constexpr std::uint64_t kLifecycleGas = 42'000;

constexpr std::string_view kReleaseThree = "(((bytes32,string)[],uint32),bytes,bytes)";
constexpr std::string_view kReleaseFour =
    "(((bytes32,string)[],uint32),bytes,bytes,"
    "(string[],string[],(string,string)[],(string,string)[],string))";

std::string_view release_type(bool four) {
  return four ? kReleaseFour : kReleaseThree;
}

void emit(Execution& execution, std::string_view event, std::vector<eth::Address> indexed,
          base::Bytes data) {
  LogRecord log{app_controller_address(), {crypto::keccak256(base::as_bytes(event))}, {}};
  for (const eth::Address& address : indexed) log.topics.push_back(topic_of(address));
  log.data = std::move(data);
  execution.logs.push_back(std::move(log));
}

AppEntry& entry_of(Execution& execution, const eth::Address& app) {
  auto& apps = execution.state.controller.apps;
  const auto found = apps.find(app);
  if (found == apps.end()) revert_with("AppDoesNotExist()");
  return found->second;
}

void require_permission(const Execution& execution, const Message& message, const AppEntry& entry) {
  Selector selector{};
  std::copy_n(message.data.begin(), selector.size(), selector.begin());
  if (!can_call(execution.state.permissions, entry.app, message.caller, app_controller_address(),
                selector)) {
    revert_with("InvalidPermissions()");
  }
}

void require_quota(const ControllerState& state, const eth::Address& payer) {
  if (active_app_count(state, payer) >= max_active_apps(state, payer)) {
    revert_with("MaxActiveAppsExceeded()");
  }
  const auto active = std::count_if(state.apps.begin(), state.apps.end(), [](const auto& item) {
    return item.second.status == AppStatus::kStarted;
  });
  if (state.global_quota && static_cast<std::uint64_t>(active) >= *state.global_quota) {
    revert_with("GlobalMaxActiveAppsExceeded()");
  }
}

void change_status(Execution& execution, const Message& message) {
  AppEntry& entry = entry_of(execution, decode_arguments("(address)", message.data)[0].address());
  require_permission(execution, message, entry);
  const std::uint32_t selector = selector_of(message.data);
  std::string_view event;
  if (selector == kStartApp) {
    if (entry.status != AppStatus::kStopped) revert_with("InvalidAppStatus()");
    require_quota(execution.state.controller, entry.billing_account);
    entry.status = AppStatus::kStarted;
    event = "AppStarted(address)";
  } else if (selector == kStopApp) {
    if (entry.status != AppStatus::kStarted) revert_with("InvalidAppStatus()");
    entry.status = AppStatus::kStopped;
    event = "AppStopped(address)";
  } else {
    if (entry.status == AppStatus::kTerminated) revert_with("InvalidAppStatus()");
    entry.status = AppStatus::kTerminated;
    entry.pending = nullptr;
    event = "AppTerminated(address)";
  }
  execution.gas += kLifecycleGas;
  emit(execution, event, {entry.app}, {});
}

std::uint64_t block_of(const ReleasePointer& release) {
  return release ? release->block_number : 0;
}

}  // namespace

std::uint32_t active_app_count(const ControllerState& state, const eth::Address& account) {
  return static_cast<std::uint32_t>(
      std::count_if(state.apps.begin(), state.apps.end(), [&](const auto& item) {
        return item.second.status == AppStatus::kStarted && item.second.billing_account == account;
      }));
}

std::uint32_t max_active_apps(const ControllerState& state, const eth::Address& account) {
  const auto found = state.quotas.find(account);
  return found == state.quotas.end() ? state.default_quota : found->second;
}

eth::Address calculate_app_id(const eth::Address& deployer, const base::Bytes32& salt) {
  return platform::compute_app_id(app_controller_address(), app_beacon_address(), app_proxy(),
                                  deployer, salt);
}

const platform::AppProxyCode& app_proxy() {
  static const platform::AppProxyCode kProxy = {{}, base::to_bytes("ecloud devnet app proxy")};
  return kProxy;
}

base::Bytes32 controller_domain() {
  const auto hash = [](std::string_view text) { return crypto::keccak256(base::as_bytes(text)); };
  const base::Bytes encoded = eth::abi_encode(
      "(bytes32,bytes32,bytes32,uint256,address)",
      {hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
       hash("EigenLayer"), hash("1"), eth::U256(kChainId), app_controller_address()});
  return crypto::keccak256(encoded);
}

base::Bytes32 permission_digest(const Selector& permission, const eth::U256& expiry) {
  const base::Bytes32 type_hash =
      crypto::keccak256(base::as_bytes("ApiPermission(bytes4 permission,uint256 expiry)"));
  const base::Bytes32 struct_hash = crypto::keccak256(
      eth::abi_encode("(bytes32,bytes4,uint256)",
                      {type_hash, base::Bytes(permission.begin(), permission.end()), expiry}));
  base::Bytes text{0x19, 0x01};
  base::append(text, controller_domain());
  base::append(text, struct_hash);
  return crypto::keccak256(text);
}

ReleaseData ControllerContract::check_release(const Execution& execution,
                                              const eth::AbiValue& value) const {
  const eth::AbiValue& artifacts = value[0][0];
  if (artifacts.list().size() != 1) revert_with("MoreThanOneArtifact()");
  ReleaseData release;
  const base::Bytes& digest = artifacts[0][0].bytes();
  std::copy(digest.begin(), digest.end(), release.digest.begin());
  release.registry = artifacts[0][1].text();
  release.upgrade_by_time = value[0][1].number().to_u64();
  if (release.upgrade_by_time < execution.block.timestamp) revert_with("InvalidUpgradeByTime()");
  release.public_env = value[1].bytes();
  release.encrypted_env = value[2].bytes();
  release.block_number = execution.block.number;
  release.announced_at = execution.block.timestamp;
  return release;
}

void ControllerContract::announce(Execution& execution, AppEntry& entry,
                                  const eth::AbiValue& value) const {
  ReleaseData release = check_release(execution, value);
  release.release_id = entry.releases.size();
  const std::string type(release_type(four_fields()));
  emit(execution, "AppUpgraded(address,uint256," + type + ")", {entry.app},
       eth::abi_encode("(uint256," + type + ")", {release.release_id, value}));
  entry.releases.push_back(std::make_shared<const ReleaseData>(std::move(release)));
}

base::Bytes ControllerContract::create_app(Execution& execution, const Message& message,
                                           bool isolated) const {
  const std::string type = "(bytes32," + std::string(release_type(four_fields())) + ")";
  const auto arguments = decode_arguments(type, message.data);
  base::Bytes32 salt{};
  std::copy_n(arguments[0].bytes().begin(), salt.size(), salt.begin());
  ControllerState& state = execution.state.controller;
  AppEntry entry;
  entry.app = calculate_app_id(message.caller, salt);
  entry.creator = message.caller;
  entry.billing_account = isolated ? entry.app : entry.creator;
  if (state.apps.contains(entry.app)) revert_with("AppAlreadyExists()");
  require_quota(state, entry.billing_account);
  entry.operator_set_id = static_cast<std::uint32_t>(state.apps.size());
  entry.status = AppStatus::kStarted;
  execution.gas += kCreateAppGas + (four_fields() ? kPendingSlotGas : 0);
  emit(execution, "AppCreated(address,address,uint32)", {entry.creator, entry.app},
       eth::abi_encode("(uint32)", {std::uint64_t{entry.operator_set_id}}));
  announce(execution, entry, arguments[1]);
  entry.latest = entry.releases.back();
  execution.state.permissions.pending_admins[entry.app].insert(entry.creator);
  execution.state.accounts[entry.app].code = base::Bytes{0x5f, 0x5f, 0xfd};
  state.order.push_back(entry.app);
  const eth::Address app = entry.app;
  state.apps.emplace(app, std::move(entry));
  return eth::abi_encode("(address)", {app});
}

base::Bytes ControllerContract::upgrade_app(Execution& execution, const Message& message) const {
  const std::string type = "(address," + std::string(release_type(four_fields())) + ")";
  const auto arguments = decode_arguments(type, message.data);
  AppEntry& entry = entry_of(execution, arguments[0].address());
  require_permission(execution, message, entry);
  if (entry.status != AppStatus::kStarted && entry.status != AppStatus::kStopped) {
    revert_with("InvalidAppStatus()");
  }
  announce(execution, entry, arguments[1]);
  execution.gas += kUpgradeAppGas + (four_fields() ? kPendingSlotGas : 0);
  (four_fields() ? entry.pending : entry.latest) = entry.releases.back();
  return eth::abi_encode("(uint256)", {entry.releases.back()->release_id});
}

void ControllerContract::confirm_upgrade(Execution& execution, const eth::Address& app) {
  AppEntry& entry = entry_of(execution, app);
  if (!entry.pending) revert_with("NoPendingUpgrade()");
  entry.latest = std::exchange(entry.pending, nullptr);
  execution.gas += kLifecycleGas;
  emit(execution, "UpgradeConfirmed(address,uint32)", {app},
       eth::abi_encode("(uint32)", {entry.latest->block_number}));
}

bool ControllerContract::write(Execution& execution, const Message& message,
                               base::Bytes& output) const {
  switch (selector_of(message.data)) {
    case kCreateAppThree:
    case kCreateAppFour:
    case kCreateAppIsolated: {
      const bool four = selector_of(message.data) != kCreateAppThree;
      if (four != four_fields()) revert_empty();
      output = create_app(execution, message, selector_of(message.data) == kCreateAppIsolated);
      return true;
    }
    case kUpgradeAppThree:
    case kUpgradeAppFour:
      if ((selector_of(message.data) == kUpgradeAppFour) != four_fields()) revert_empty();
      output = upgrade_app(execution, message);
      return true;
    case kStartApp:
    case kStopApp:
    case kTerminateApp:
      change_status(execution, message);
      return true;
    default:
      return false;
  }
}

base::Bytes ControllerContract::list_apps(const WorldState& state, const Message& message,
                                          bool by_billing) const {
  const auto arguments = decode_arguments("(address,uint256,uint256)", message.data);
  const eth::Address owner = arguments[0].address();
  eth::U256 to_skip = arguments[1].number();
  const eth::U256 limit = arguments[2].number();
  eth::AbiValue::List apps, configs;
  for (const eth::Address& app : state.controller.order) {
    const AppEntry& entry = state.controller.apps.at(app);
    if ((by_billing ? entry.billing_account : entry.creator) != owner) continue;
    if (!to_skip.is_zero()) {
      to_skip = to_skip - eth::U256(1);
      continue;
    }
    if (eth::U256(apps.size()) >= limit) break;
    apps.push_back(app);
    eth::AbiValue::List config{entry.creator, std::uint64_t{entry.operator_set_id},
                               block_of(entry.latest)};
    if (four_fields()) config.push_back(block_of(entry.pending));
    config.push_back(static_cast<std::uint64_t>(entry.status));
    configs.push_back(std::move(config));
  }
  return eth::abi_encode(four_fields() ? "(address[],(address,uint32,uint32,uint32,uint8)[])"
                                       : "(address[],(address,uint32,uint32,uint8)[])",
                         {std::move(apps), std::move(configs)});
}

base::Bytes ControllerContract::digest_hash(const Message& message) const {
  const auto arguments = decode_arguments("(bytes4,uint256)", message.data);
  return eth::abi_encode("(bytes32)",
                         {permission_digest(selector_from(arguments[0]), arguments[1].number())});
}

bool ControllerContract::read(Execution& execution, const Message& message,
                              base::Bytes& output) const {
  const WorldState& state = execution.state;
  const auto account = [&] { return decode_arguments("(address)", message.data)[0].address(); };
  const auto entry = [&]() -> AppEntry {
    const auto found = state.controller.apps.find(account());
    return found == state.controller.apps.end() ? AppEntry{} : found->second;
  };
  const auto number = [](std::uint64_t value) { return eth::abi_encode("(uint256)", {value}); };
  switch (selector_of(message.data)) {
    case 0x54fd4d50:  // version()
      output = eth::abi_encode("(string)", {version()});
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
      output = number(max_active_apps(state.controller, account()));
      return true;
    case 0x0c2199fb:  // getActiveAppCount(address)
      output = number(active_app_count(state.controller, account()));
      return true;
    case 0xd5aae178:  // getAppStatus(address)
      output = number(static_cast<std::uint64_t>(entry().status));
      return true;
    case 0x67962d48:  // getAppCreator(address)
      output = eth::abi_encode("(address)", {entry().creator});
      return true;
    case 0x9ffbdce6:  // getAppLatestReleaseBlockNumber(address)
      output = number(block_of(entry().latest));
      return true;
    case 0xf36618ac:  // getAppsByDeveloper(address,uint256,uint256)
      output = list_apps(state, message, false);
      return true;
    default:
      break;
  }
  if (!four_fields()) return false;
  switch (selector_of(message.data)) {
    case 0xc3478d14:  // getAppPendingReleaseBlockNumber(address)
      output = number(block_of(entry().pending));
      return true;
    case 0xdbb1c4e1:  // getAppsByBillingAccount(address,uint256,uint256)
      output = list_apps(state, message, true);
      return true;
    case 0x3e032115:  // getBillingAccount(address)
      output = eth::abi_encode("(address)", {entry().billing_account});
      return true;
    default:
      return false;
  }
}

base::Bytes ControllerContract::call(Execution& execution, const Message& message) const {
  base::Bytes output;
  if (!write(execution, message, output) && !read(execution, message, output)) revert_empty();
  return output;
}

}  // namespace ecloud::devnet
