#pragma once

#include <cstdint>

#include "devnet/execution.h"

namespace ecloud::devnet {

/// PermissionController: who may act for an account. Stateless; the state is in WorldState.

/// Runs a call to it. Reverts with AdminNotPending, AdminAlreadyPending, AdminAlreadySet,
/// AdminNotSet, NotAdmin, CannotHaveZeroAdmins, AppointeeAlreadySet, AppointeeNotSet, or without
/// data for an unknown function.
base::Bytes call_permission_controller(Execution& execution, const Message& message);

/// An account without admins is its own.
bool is_admin(const PermissionState& state, const eth::Address& account,
              const eth::Address& caller);

/// Admins may everything, appointees what they are appointed for.
bool can_call(const PermissionState& state, const eth::Address& account, const eth::Address& caller,
              const eth::Address& target, const Selector& selector);

}  // namespace ecloud::devnet
