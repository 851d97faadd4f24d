#include "devnet/permission_contract.h"

#include <algorithm>
#include <string_view>

#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

constexpr std::uint32_t kAcceptAdmin = 0x628806ef;
constexpr std::uint32_t kAddPendingAdmin = 0xeb5a4e87;
constexpr std::uint32_t kRemovePendingAdmin = 0x4f906cf9;
constexpr std::uint32_t kRemoveAdmin = 0x268959e5;
constexpr std::uint32_t kSetAppointee = 0x950d806e;
constexpr std::uint32_t kRemoveAppointee = 0x06641201;
constexpr std::uint32_t kCanCall = 0xdf595cb8;
constexpr std::uint32_t kIsAdmin = 0x91006745;
constexpr std::uint32_t kIsPendingAdmin = 0xad8aca77;
constexpr std::uint32_t kGetAdmins = 0xad5f2210;
constexpr std::uint32_t kGetPendingAdmins = 0x6bddfa1f;
constexpr std::uint32_t kGetAppointees = 0xfddbdefd;
constexpr std::uint32_t kGetAppointeePermissions = 0x882a3b38;

constexpr std::uint64_t kAcceptAdminGas = 68'000;
constexpr std::uint64_t kSetAppointeeGas = 152'000;
constexpr std::uint64_t kRemoveAppointeeGas = 45'000;
constexpr std::uint64_t kAdminChangeGas = 60'000;

constexpr std::string_view kTwoAddresses = "(address,address)";
constexpr std::string_view kAppointmentType = "(address,address,address,bytes4)";

void emit(Execution& execution, std::string_view event, const eth::Address& account,
          base::Bytes data) {
  execution.logs.push_back({permission_controller_address(),
                            {crypto::keccak256(base::as_bytes(event)), topic_of(account)},
                            std::move(data)});
}

void require_admin(const PermissionState& state, const eth::Address& account,
                   const eth::Address& caller) {
  if (!is_admin(state, account, caller)) revert_with("NotAdmin()");
}

void accept_admin(Execution& execution, const Message& message) {
  const auto account = decode_arguments("(address)", message.data)[0].address();
  PermissionState& state = execution.state.permissions;
  if (state.pending_admins[account].erase(message.caller) == 0) revert_with("AdminNotPending()");
  state.admins[account].insert(message.caller);
  execution.gas += kAcceptAdminGas;
  emit(execution, "AdminSet(address,address)", account,
       eth::abi_encode("(address)", {message.caller}));
}

void add_pending_admin(Execution& execution, const Message& message) {
  const auto arguments = decode_arguments(kTwoAddresses, message.data);
  PermissionState& state = execution.state.permissions;
  const eth::Address account = arguments[0].address();
  require_admin(state, account, message.caller);
  if (state.admins[account].contains(arguments[1].address())) revert_with("AdminAlreadySet()");
  if (!state.pending_admins[account].insert(arguments[1].address()).second) {
    revert_with("AdminAlreadyPending()");
  }
  execution.gas += kAdminChangeGas;
  emit(execution, "PendingAdminAdded(address,address)", account,
       eth::abi_encode("(address)", {arguments[1].address()}));
}

void remove_pending_admin(Execution& execution, const Message& message) {
  const auto arguments = decode_arguments(kTwoAddresses, message.data);
  PermissionState& state = execution.state.permissions;
  const eth::Address account = arguments[0].address();
  require_admin(state, account, message.caller);
  if (state.pending_admins[account].erase(arguments[1].address()) == 0) {
    revert_with("AdminNotPending()");
  }
  execution.gas += kAdminChangeGas;
  emit(execution, "PendingAdminRemoved(address,address)", account,
       eth::abi_encode("(address)", {arguments[1].address()}));
}

void remove_admin(Execution& execution, const Message& message) {
  const auto arguments = decode_arguments(kTwoAddresses, message.data);
  PermissionState& state = execution.state.permissions;
  const eth::Address account = arguments[0].address();
  require_admin(state, account, message.caller);
  std::set<eth::Address>& admins = state.admins[account];
  if (admins.size() <= 1) revert_with("CannotHaveZeroAdmins()");
  if (admins.erase(arguments[1].address()) == 0) revert_with("AdminNotSet()");
  execution.gas += kAdminChangeGas;
  emit(execution, "AdminRemoved(address,address)", account,
       eth::abi_encode("(address)", {arguments[1].address()}));
}

Appointment decode_appointment(const Message& message) {
  const auto arguments = decode_arguments(kAppointmentType, message.data);
  return {arguments[0].address(), arguments[1].address(), arguments[2].address(),
          selector_from(arguments[3])};
}

void change_appointee(Execution& execution, const Message& message, bool set) {
  const Appointment appointment = decode_appointment(message);
  const auto& [account, appointee, target, selector] = appointment;
  PermissionState& state = execution.state.permissions;
  require_admin(state, account, message.caller);
  if (set && !state.appointments.insert(appointment).second) revert_with("AppointeeAlreadySet()");
  if (!set && state.appointments.erase(appointment) == 0) revert_with("AppointeeNotSet()");
  execution.gas += set ? kSetAppointeeGas : kRemoveAppointeeGas;
  const std::string_view event = set ? "AppointeeSet(address,address,address,bytes4)"
                                     : "AppointeeRemoved(address,address,address,bytes4)";
  emit(
      execution, event, account,
      eth::abi_encode("(address,bytes4)", {target, base::Bytes(selector.begin(), selector.end())}));
  execution.logs.back().topics.push_back(topic_of(appointee));
}

base::Bytes get_admins(const PermissionState& state, const eth::Address& account) {
  eth::AbiValue::List list;
  const auto found = state.admins.find(account);
  if (found == state.admins.end() || found->second.empty()) {
    list.push_back(account);
  } else {
    for (const eth::Address& admin : found->second) list.push_back(admin);
  }
  return eth::abi_encode("(address[])", {eth::AbiValue(list)});
}

base::Bytes get_pending_admins(const PermissionState& state, const eth::Address& account) {
  eth::AbiValue::List list;
  const auto found = state.pending_admins.find(account);
  if (found != state.pending_admins.end()) {
    for (const eth::Address& admin : found->second) list.push_back(admin);
  }
  return eth::abi_encode("(address[])", {eth::AbiValue(list)});
}

base::Bytes get_appointees(const PermissionState& state, const Message& message) {
  const auto arguments = decode_arguments("(address,address,bytes4)", message.data);
  eth::AbiValue::List list;
  for (const auto& [account, appointee, target, selector] : state.appointments) {
    const bool asked = account == arguments[0].address() && target == arguments[1].address() &&
                       selector == selector_from(arguments[2]);
    if (asked) list.push_back(appointee);
  }
  return eth::abi_encode("(address[])", {eth::AbiValue(list)});
}

base::Bytes get_appointee_permissions(const PermissionState& state, const Message& message) {
  const auto arguments = decode_arguments(kTwoAddresses, message.data);
  eth::AbiValue::List targets, selectors;
  for (const auto& [account, appointee, target, selector] : state.appointments) {
    if (account != arguments[0].address() || appointee != arguments[1].address()) continue;
    targets.push_back(target);
    selectors.push_back(base::Bytes(selector.begin(), selector.end()));
  }
  return eth::abi_encode("(address[],bytes4[])",
                         {eth::AbiValue(targets), eth::AbiValue(selectors)});
}

bool is_pending_admin(const PermissionState& state, const Message& message) {
  const auto arguments = decode_arguments(kTwoAddresses, message.data);
  const auto found = state.pending_admins.find(arguments[0].address());
  return found != state.pending_admins.end() && found->second.contains(arguments[1].address());
}

bool write(Execution& execution, const Message& message) {
  switch (selector_of(message.data)) {
    case kAcceptAdmin:
      accept_admin(execution, message);
      return true;
    case kAddPendingAdmin:
      add_pending_admin(execution, message);
      return true;
    case kRemovePendingAdmin:
      remove_pending_admin(execution, message);
      return true;
    case kRemoveAdmin:
      remove_admin(execution, message);
      return true;
    case kSetAppointee:
      change_appointee(execution, message, true);
      return true;
    case kRemoveAppointee:
      change_appointee(execution, message, false);
      return true;
    default:
      return false;
  }
}

}  // namespace

bool is_admin(const PermissionState& state, const eth::Address& account,
              const eth::Address& caller) {
  const auto found = state.admins.find(account);
  if (found == state.admins.end() || found->second.empty()) return account == caller;
  return found->second.contains(caller);
}

bool can_call(const PermissionState& state, const eth::Address& account, const eth::Address& caller,
              const eth::Address& target, const Selector& selector) {
  return is_admin(state, account, caller) ||
         state.appointments.contains({account, caller, target, selector});
}

base::Bytes call_permission_controller(Execution& execution, const Message& message) {
  if (write(execution, message)) return {};
  const PermissionState& state = execution.state.permissions;
  const auto account = [&] { return decode_arguments("(address)", message.data)[0].address(); };
  switch (selector_of(message.data)) {
    case kCanCall: {
      const auto& [app, caller, target, selector] = decode_appointment(message);
      return eth::abi_encode("(bool)", {can_call(state, app, caller, target, selector)});
    }
    case kIsAdmin: {
      const auto arguments = decode_arguments(kTwoAddresses, message.data);
      return eth::abi_encode("(bool)",
                             {is_admin(state, arguments[0].address(), arguments[1].address())});
    }
    case kIsPendingAdmin:
      return eth::abi_encode("(bool)", {is_pending_admin(state, message)});
    case kGetAdmins:
      return get_admins(state, account());
    case kGetPendingAdmins:
      return get_pending_admins(state, account());
    case kGetAppointees:
      return get_appointees(state, message);
    case kGetAppointeePermissions:
      return get_appointee_permissions(state, message);
    default:
      revert_empty();
  }
}

}  // namespace ecloud::devnet
