#include "devnet/controller_contract.h"

#include <algorithm>
#include <initializer_list>

#include "devnet/permission_contract.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

constexpr std::uint32_t kCreateAppThree = 0xa60daa8f;
constexpr std::uint32_t kCreateAppFour = 0x5e92a19f;
constexpr std::uint32_t kCreateIsolatedThree = 0x559cf359;
constexpr std::uint32_t kCreateIsolatedFour = 0xb7fe2169;
constexpr std::uint32_t kCreateEmptyApp = 0xae7001b3;
constexpr std::uint32_t kCreateEmptyIsolated = 0xf6e842d3;
constexpr std::uint32_t kUpgradeAppThree = 0xd80a956b;
constexpr std::uint32_t kUpgradeAppFour = 0xe71ad404;
constexpr std::uint32_t kStartApp = 0x4dd8ef81;
constexpr std::uint32_t kStopApp = 0xe70b81b1;
constexpr std::uint32_t kTerminateApp = 0x90e2196b;
constexpr std::uint32_t kConfirmUpgrade = 0xbbc1c204;
constexpr std::uint32_t kSuspend = 0xcb1e6ff7;
constexpr std::uint32_t kTerminateAppByAdmin = 0xd66f7771;
constexpr std::uint32_t kUpdateMetadata = 0x65aa9a65;
constexpr std::uint32_t kSetMaxActiveApps = 0xd49fec2b;
constexpr std::uint32_t kSetMaxGlobalActiveApps = 0xb438c141;

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

/// Null for an app that does not exist.
AppEntry* find_entry(Execution& execution, const eth::Address& app) {
  auto& apps = execution.state.controller.apps;
  const auto found = apps.find(app);
  return found == apps.end() ? nullptr : &found->second;
}

/// The permission is looked at first: whoever calls for an app that does not exist lacks it.
AppEntry& permitted_entry(Execution& execution, const Message& message, const eth::Address& app) {
  Selector selector{};
  std::copy_n(message.data.begin(), selector.size(), selector.begin());
  AppEntry* entry = find_entry(execution, app);
  const bool may = can_call(execution.state.permissions, app, message.caller,
                            app_controller_address(), selector);
  if (entry == nullptr || !may) revert_with("InvalidPermissions()");
  return *entry;
}

void require_platform(const Message& message) {
  if (message.caller != platform_account()) revert_with("InvalidPermissions()");
}

void require_quota(const Execution& execution, const eth::Address& payer) {
  const WorldState& state = execution.state;
  const auto& global_quota = state.controller.global_quota;
  if (global_quota && global_active_app_count(state.controller) >= *global_quota) {
    revert_with("GlobalMaxActiveAppsExceeded()");
  }
  if (active_app_count(state.controller, payer) >=
      max_active_apps(state, payer, execution.block.timestamp)) {
    revert_with("MaxActiveAppsExceeded()");
  }
}

bool is_any_of(AppStatus status, std::initializer_list<AppStatus> wanted) {
  return std::find(wanted.begin(), wanted.end(), status) != wanted.end();
}

void terminate(Execution& execution, AppEntry& entry) {
  entry.status = AppStatus::kTerminated;
  entry.pending = nullptr;
  execution.gas += kLifecycleGas;
  emit(execution, "AppTerminated(address)", {entry.app}, {});
}

void set_quota(Execution& execution, const eth::Address& account, std::uint32_t limit) {
  execution.state.controller.quotas[account] = limit;
  execution.gas += kLifecycleGas;
  emit(execution, "MaxActiveAppsSet(address,uint32)", {account},
       eth::abi_encode("(uint32)", {std::uint64_t{limit}}));
}

void start(Execution& execution, AppEntry& entry) {
  entry.status = AppStatus::kStarted;
  emit(execution, "AppStarted(address)", {entry.app}, {});
}

/// By the account itself, or by the platform.
void suspend(Execution& execution, const Message& message) {
  const auto arguments = decode_arguments("(address,address[])", message.data);
  const eth::Address account = arguments[0].address();
  if (message.caller != account) require_platform(message);
  for (const eth::AbiValue& item : arguments[1].list()) {
    AppEntry* entry = find_entry(execution, item.address());
    if (entry == nullptr || entry->billing_account != account) revert_with("InvalidAppStatus()");
    if (!counts_as_active(entry->status)) continue;
    entry->status = AppStatus::kSuspended;
    execution.gas += kLifecycleGas;
    emit(execution, "AppSuspended(address)", {entry->app}, {});
  }
  if (active_app_count(execution.state.controller, account) > 0) {
    revert_with("AccountHasActiveApps()");
  }
  set_quota(execution, account, 0);
}

void update_metadata(Execution& execution, const Message& message) {
  const auto arguments = decode_arguments("(address,string)", message.data);
  const AppEntry& entry = permitted_entry(execution, message, arguments[0].address());
  emit(execution, "AppMetadataURIUpdated(address,string)", {entry.app},
       eth::abi_encode("(string)", {arguments[1].text()}));
}

/// What only the platform may do; false for another call.
bool administer(Execution& execution, const Message& message) {
  ControllerState& state = execution.state.controller;
  switch (selector_of(message.data)) {
    case kTerminateAppByAdmin: {
      const eth::Address app = decode_arguments("(address)", message.data)[0].address();
      require_platform(message);
      AppEntry* entry = find_entry(execution, app);
      if (entry == nullptr || !counts_as_active(entry->status)) revert_with("InvalidAppStatus()");
      terminate(execution, *entry);
      emit(execution, "AppTerminatedByAdmin(address)", {app}, {});
      return true;
    }
    case kSetMaxActiveApps: {
      const auto arguments = decode_arguments("(address,uint32)", message.data);
      require_platform(message);
      set_quota(execution, arguments[0].address(),
                static_cast<std::uint32_t>(arguments[1].number().to_u64()));
      return true;
    }
    case kSetMaxGlobalActiveApps: {
      const auto arguments = decode_arguments("(uint32)", message.data);
      require_platform(message);
      state.global_quota = static_cast<std::uint32_t>(arguments[0].number().to_u64());
      emit(execution, "GlobalMaxActiveAppsSet(uint32)", {},
           eth::abi_encode("(uint32)", {std::uint64_t{*state.global_quota}}));
      return true;
    }
    default:
      return false;
  }
}

/// The app of (deployer, salt) with nothing in it yet, registered.
AppEntry& add_app(Execution& execution, const eth::Address& creator, const eth::AbiValue& salt,
                  bool isolated) {
  ControllerState& state = execution.state.controller;
  base::Bytes32 word{};
  std::copy_n(salt.bytes().begin(), word.size(), word.begin());
  AppEntry entry;
  entry.app = calculate_app_id(creator, word);
  entry.creator = creator;
  entry.billing_account = isolated ? entry.app : creator;
  require_quota(execution, entry.billing_account);
  // What OpenZeppelin's Create2 says of an address that has code already.
  if (state.apps.contains(entry.app)) revert_with("Error(string)", {"Create2: Failed on deploy"});
  entry.operator_set_id = static_cast<std::uint32_t>(state.order.size());
  emit(execution, "AppCreated(address,address,uint32)", {entry.creator, entry.app},
       eth::abi_encode("(uint32)", {std::uint64_t{entry.operator_set_id}}));
  execution.state.permissions.pending_admins[entry.app].insert(entry.creator);
  execution.state.accounts[entry.app].code = base::Bytes{0x5f, 0x5f, 0xfd};
  state.order.push_back(entry.app);
  const eth::Address app = entry.app;
  return state.apps.emplace(app, std::move(entry)).first->second;
}

}  // namespace

bool counts_as_active(AppStatus status) {
  return is_any_of(status, {AppStatus::kStarted, AppStatus::kStopped, AppStatus::kCreated});
}

std::uint32_t active_app_count(const ControllerState& state, const eth::Address& account) {
  return static_cast<std::uint32_t>(
      std::count_if(state.apps.begin(), state.apps.end(), [&](const auto& item) {
        return counts_as_active(item.second.status) && item.second.billing_account == account;
      }));
}

std::uint32_t global_active_app_count(const ControllerState& state) {
  const auto own = std::count_if(state.apps.begin(), state.apps.end(), [](const auto& item) {
    return counts_as_active(item.second.status);
  });
  const std::size_t others = state.strangers ? state.strangers->apps.size() : 0;
  return static_cast<std::uint32_t>(static_cast<std::size_t>(own) + others);
}

std::uint32_t max_active_apps(const WorldState& state, const eth::Address& account,
                              std::uint64_t time) {
  const ControllerState& controller = state.controller;
  const auto found = controller.quotas.find(account);
  if (found != controller.quotas.end()) return found->second;
  for (const Purchase& purchase : state.credits.purchases) {
    const bool seen = purchase.time + state.credits.crediting_seconds <= time;
    if (purchase.account == account && seen) return controller.bought_quota;
  }
  const bool is_person = state.accounts.contains(account) && !controller.apps.contains(account);
  return is_person ? controller.default_quota : 0;
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
  AppEntry& entry = add_app(execution, message.caller, arguments[0], isolated);
  execution.gas += kCreateAppGas + (four_fields() ? kPendingSlotGas : 0);
  announce(execution, entry, arguments[1]);
  // The first release needs nobody's confirmation.
  entry.latest = entry.releases.back();
  start(execution, entry);
  return eth::abi_encode("(address)", {entry.app});
}

base::Bytes ControllerContract::create_empty_app(Execution& execution, const Message& message,
                                                 bool isolated) const {
  const auto arguments = decode_arguments("(bytes32)", message.data);
  AppEntry& entry = add_app(execution, message.caller, arguments[0], isolated);
  execution.gas += kCreateAppGas;
  entry.status = AppStatus::kCreated;
  return eth::abi_encode("(address)", {entry.app});
}

base::Bytes ControllerContract::upgrade_app(Execution& execution, const Message& message) const {
  const std::string type = "(address," + std::string(release_type(four_fields())) + ")";
  const auto arguments = decode_arguments(type, message.data);
  AppEntry& entry = permitted_entry(execution, message, arguments[0].address());
  const bool takes_releases =
      four_fields() ? !is_any_of(entry.status, {AppStatus::kNone, AppStatus::kTerminated})
                    : is_any_of(entry.status, {AppStatus::kStarted, AppStatus::kStopped});
  if (!takes_releases) revert_with("InvalidAppStatus()");
  announce(execution, entry, arguments[1]);
  execution.gas += kUpgradeAppGas + (four_fields() ? kPendingSlotGas : 0);
  (four_fields() ? entry.pending : entry.latest) = entry.releases.back();
  return eth::abi_encode("(uint256)", {entry.releases.back()->release_id});
}

void ControllerContract::change_status(Execution& execution, const Message& message) const {
  const eth::Address app = decode_arguments("(address)", message.data)[0].address();
  AppEntry& entry = permitted_entry(execution, message, app);
  const std::uint32_t selector = selector_of(message.data);
  if (selector == kStartApp) {
    if (is_any_of(entry.status, {AppStatus::kNone, AppStatus::kTerminated})) {
      revert_with("InvalidAppStatus()");
    }
    if (entry.status == AppStatus::kSuspended) require_quota(execution, entry.billing_account);
    start(execution, entry);
  } else if (selector == kStopApp) {
    if (entry.status != AppStatus::kStarted) revert_with("InvalidAppStatus()");
    entry.status = AppStatus::kStopped;
    emit(execution, "AppStopped(address)", {app}, {});
  } else {
    const bool ends = four_fields()
                          ? !is_any_of(entry.status, {AppStatus::kNone, AppStatus::kTerminated})
                          : is_any_of(entry.status, {AppStatus::kStarted, AppStatus::kStopped});
    if (!ends) revert_with("InvalidAppStatus()");
    return terminate(execution, entry);
  }
  execution.gas += kLifecycleGas;
}

void ControllerContract::confirm_upgrade(Execution& execution, const eth::Address& app) {
  AppEntry* entry = find_entry(execution, app);
  if (entry == nullptr || !is_any_of(entry->status, {AppStatus::kStarted, AppStatus::kStopped})) {
    revert_with("InvalidAppStatus()");
  }
  if (!entry->pending) revert_with("NoPendingUpgrade()");
  entry->latest = std::exchange(entry->pending, nullptr);
  execution.gas += kLifecycleGas;
  emit(execution, "UpgradeConfirmed(address,uint32)", {app},
       eth::abi_encode("(uint32)", {entry->latest->block_number}));
}

bool ControllerContract::write_of_1_5(Execution& execution, const Message& message,
                                      base::Bytes& output) const {
  switch (selector_of(message.data)) {
    case kCreateEmptyApp:
    case kCreateEmptyIsolated:
      output =
          create_empty_app(execution, message, selector_of(message.data) == kCreateEmptyIsolated);
      return true;
    case kConfirmUpgrade: {
      const eth::Address app = decode_arguments("(address)", message.data)[0].address();
      require_platform(message);
      confirm_upgrade(execution, app);
      return true;
    }
    default:
      return false;
  }
}

bool ControllerContract::write(Execution& execution, const Message& message,
                               base::Bytes& output) const {
  const std::uint32_t selector = selector_of(message.data);
  switch (selector) {
    case kCreateAppThree:
    case kCreateAppFour:
      if ((selector == kCreateAppFour) != four_fields()) revert_empty();
      output = create_app(execution, message, false);
      return true;
    case kCreateIsolatedThree:
    case kCreateIsolatedFour:
      if (!has_isolated_billing()) revert_empty();
      if ((selector == kCreateIsolatedFour) != four_fields()) revert_empty();
      output = create_app(execution, message, true);
      return true;
    case kUpgradeAppThree:
    case kUpgradeAppFour:
      if ((selector == kUpgradeAppFour) != four_fields()) revert_empty();
      output = upgrade_app(execution, message);
      return true;
    case kStartApp:
    case kStopApp:
    case kTerminateApp:
      change_status(execution, message);
      return true;
    case kSuspend:
      suspend(execution, message);
      return true;
    case kUpdateMetadata:
      update_metadata(execution, message);
      return true;
    default:
      return administer(execution, message) ||
             (four_fields() && write_of_1_5(execution, message, output));
  }
}

base::Bytes ControllerContract::call(Execution& execution, const Message& message) const {
  base::Bytes output;
  if (!write(execution, message, output) && !read_controller(*this, execution, message, output)) {
    revert_empty();
  }
  return output;
}

}  // namespace ecloud::devnet
