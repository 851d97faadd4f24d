#include "ecloud/platform/permissions.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/eth/abi.h"
#include "platform/controller_codec.h"

namespace ecloud::platform {
namespace {

constexpr std::string_view kAdminsCall = "getAdmins(address)";
constexpr std::string_view kIsAdminCall = "isAdmin(address,address)";
constexpr std::string_view kPendingAdminsCall = "getPendingAdmins(address)";
constexpr std::string_view kAppointeesCall = "getAppointees(address,address,bytes4)";
constexpr std::string_view kAppointeePermissionsCall = "getAppointeePermissions(address,address)";

using Kind = PermissionCall::Kind;

struct KindOfCall {
  Kind kind;
  std::string_view call;
  std::string_view event;
};

constexpr KindOfCall kKinds[] = {
    {Kind::kSetAppointee, kSetAppointeeCall, "AppointeeSet(address,address,address,bytes4)"},
    {Kind::kRemoveAppointee, kRemoveAppointeeCall,
     "AppointeeRemoved(address,address,address,bytes4)"},
    {Kind::kAddPendingAdmin, kAddPendingAdminCall, "PendingAdminAdded(address,address)"},
    {Kind::kRemovePendingAdmin, kRemovePendingAdminCall, "PendingAdminRemoved(address,address)"},
    {Kind::kRemoveAdmin, kRemoveAdminCall, "AdminRemoved(address,address)"},
    {Kind::kAcceptAdmin, kAcceptAdminCall, "AdminSet(address,address)"},
};

bool concerns_appointee(Kind kind) {
  return kind == Kind::kSetAppointee || kind == Kind::kRemoveAppointee;
}

base::FixedBytes<4> selector_from(const base::Bytes& bytes) {
  base::FixedBytes<4> out{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
  return out;
}

base::Bytes octets(const base::FixedBytes<4>& selector) {
  return {selector.begin(), selector.end()};
}

PermissionCall read_call(const KindOfCall& kind, base::ByteView data) {
  const auto values = eth::abi_decode(parameters_of(kind.call), data.subspan(4));
  PermissionCall out;
  out.kind = kind.kind;
  out.app = values[0].address();
  if (values.size() > 1) out.account = values[1].address();
  if (concerns_appointee(kind.kind)) {
    out.permission = {values[2].address(), selector_from(values[3].bytes())};
  }
  return out;
}

}  // namespace

std::vector<NamedPermission> named_permissions(const Environment& environment) {
  const eth::Address& controller = environment.app_controller;
  const eth::Address api = api_permission_target();
  const auto of_controller = [&](std::string_view call) {
    return Permission{controller, eth::abi_selector(call)};
  };
  const auto upgrade = [&](Generation generation) {
    return NamedPermission{"upgrade", "put a new release on the app",
                           of_controller(upgrade_app_call(generation)), generation};
  };
  return {
      upgrade(Generation::kThreeFields),
      upgrade(Generation::kFourFields),
      {"start", "start the app", of_controller(kStartAppCall), {}},
      {"stop", "stop the app", of_controller(kStopAppCall), {}},
      {"terminate", "end the app for good", of_controller(kTerminateAppCall), {}},
      {"logs", "read the app's logs", {api, kViewLogsPermission}, {}},
      {"info", "see the app's address, machine and wallet", {api, kViewInfoPermission}, {}},
      {"profile", "change the app's name and profile", {api, kUpdateProfilePermission}, {}},
  };
}

std::optional<NamedPermission> find_permission(const Environment& environment,
                                               std::string_view name, Generation live) {
  for (NamedPermission& one : named_permissions(environment)) {
    if (one.name == name && one.holds_in(live)) return std::move(one);
  }
  return std::nullopt;
}

std::string describe_permission(const Environment& environment, const Permission& permission,
                                Generation live) {
  for (const NamedPermission& one : named_permissions(environment)) {
    if (one.permission != permission) continue;
    if (one.holds_in(live)) return one.name;
    return one.name + (one.generation == Generation::kThreeFields ? " (of controllers before 1.5.0)"
                                                                  : " (of controllers from 1.5.0)");
  }
  return base::to_hex_prefixed(permission.selector) + " of " + permission.target.to_string();
}

base::Bytes encode_add_pending_admin(const eth::Address& app, const eth::Address& admin) {
  return eth::abi_encode_call(kAddPendingAdminCall, {app, admin});
}
base::Bytes encode_remove_pending_admin(const eth::Address& app, const eth::Address& admin) {
  return eth::abi_encode_call(kRemovePendingAdminCall, {app, admin});
}
base::Bytes encode_remove_admin(const eth::Address& app, const eth::Address& admin) {
  return eth::abi_encode_call(kRemoveAdminCall, {app, admin});
}

base::Bytes encode_admins(const eth::Address& app) {
  return eth::abi_encode_call(kAdminsCall, {app});
}
base::Bytes encode_is_admin(const eth::Address& app, const eth::Address& account) {
  return eth::abi_encode_call(kIsAdminCall, {app, account});
}
base::Bytes encode_pending_admins(const eth::Address& app) {
  return eth::abi_encode_call(kPendingAdminsCall, {app});
}
base::Bytes encode_appointees(const eth::Address& app, const Permission& permission) {
  return eth::abi_encode_call(kAppointeesCall,
                              {app, permission.target, octets(permission.selector)});
}
base::Bytes encode_appointee_permissions(const eth::Address& app, const eth::Address& appointee) {
  return eth::abi_encode_call(kAppointeePermissionsCall, {app, appointee});
}

std::vector<eth::Address> decode_addresses(base::ByteView data) {
  const auto answer = eth::abi_decode("(address[])", data);
  std::vector<eth::Address> out;
  for (const eth::AbiValue& one : answer[0].list()) out.push_back(one.address());
  return out;
}

std::vector<Permission> decode_permissions(base::ByteView data) {
  const auto answer = eth::abi_decode("(address[],bytes4[])", data);
  const auto& targets = answer[0].list();
  const auto& selectors = answer[1].list();
  if (targets.size() != selectors.size()) {
    throw Error(Category::kNetwork, "eth.abi_data",
                "the PermissionController listed " + std::to_string(targets.size()) +
                    " targets with " + std::to_string(selectors.size()) + " selectors");
  }
  std::vector<Permission> out;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    out.push_back({targets[i].address(), selector_from(selectors[i].bytes())});
  }
  return out;
}

std::optional<PermissionCall> decode_permission_call(base::ByteView data) {
  for (const KindOfCall& kind : kKinds) {
    if (calls(data, kind.call)) return read_call(kind, data);
  }
  return std::nullopt;
}

bool has_permission_event(const PermissionCall& call, const eth::Address& sender,
                          const eth::Address& permission_controller,
                          const std::vector<chain::LogEntry>& logs) {
  const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                 [&](const KindOfCall& one) { return one.kind == call.kind; });
  const eth::Address& account = call.kind == Kind::kAcceptAdmin ? sender : call.account;
  std::vector<base::Bytes32> topics = {crypto::keccak256(base::as_bytes(kind->event)),
                                       topic_of_address(call.app)};
  base::Bytes data;
  if (concerns_appointee(call.kind)) {
    topics.push_back(topic_of_address(account));
    data = eth::abi_encode("(address,bytes4)",
                           {call.permission.target, octets(call.permission.selector)});
  } else {
    data = eth::abi_encode("(address)", {account});
  }
  return std::any_of(logs.begin(), logs.end(), [&](const chain::LogEntry& log) {
    return log.address == permission_controller && log.topics == topics && log.data == data;
  });
}

}  // namespace ecloud::platform
