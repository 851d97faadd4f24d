#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/chain/chain.h"
#include "ecloud/eth/address.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"

namespace ecloud::platform {

/// Who may act for an app: EigenLayer's PermissionController. Admins may do everything, appointees
/// what they were appointed for. Selectors, events and errors are those of its public interface
/// (IPermissionController), computed from the signatures.

/// A function that an account may be appointed to call for an app. The platform's API checks its
/// permissions as functions of api_permission_target().
struct Permission {
  eth::Address target;
  base::FixedBytes<4> selector{};

  auto operator<=>(const Permission&) const = default;
};

/// A permission by the name that users give it.
struct NamedPermission {
  std::string name;     ///< "upgrade", "start", "stop", "terminate", "logs", "info", "profile"
  std::string meaning;  ///< "put a new release on the app"
  Permission permission;
  /// Nothing: in every generation. "upgrade" has a selector in each.
  std::optional<Generation> generation;

  bool holds_in(Generation live) const { return !generation || *generation == live; }
};

/// All that have names, those of the AppController first.
std::vector<NamedPermission> named_permissions(const Environment& environment);

/// The one of that name in the generation that is live; nothing when there is none.
std::optional<NamedPermission> find_permission(const Environment& environment,
                                               std::string_view name, Generation live);

/// "upgrade", "upgrade (of controllers before 1.5.0)" when it means nothing to the live one,
/// "0x12345678 of 0x…" for what has no name.
std::string describe_permission(const Environment& environment, const Permission& permission,
                                Generation live);

// Writes; the caller has to be an admin.
base::Bytes encode_add_pending_admin(const eth::Address& app, const eth::Address& admin);
base::Bytes encode_remove_pending_admin(const eth::Address& app, const eth::Address& admin);
base::Bytes encode_remove_admin(const eth::Address& app, const eth::Address& admin);

// Reads.
base::Bytes encode_admins(const eth::Address& app);
base::Bytes encode_is_admin(const eth::Address& app, const eth::Address& account);
base::Bytes encode_pending_admins(const eth::Address& app);
base::Bytes encode_appointees(const eth::Address& app, const Permission& permission);
base::Bytes encode_appointee_permissions(const eth::Address& app, const eth::Address& appointee);

// Answers. A malformed one is Error{kNetwork, "eth.abi_data"}.
std::vector<eth::Address> decode_addresses(base::ByteView data);
std::vector<Permission> decode_permissions(base::ByteView data);

/// A call that changes who may do what for an app.
struct PermissionCall {
  enum class Kind {
    kSetAppointee,
    kRemoveAppointee,
    kAddPendingAdmin,
    kRemovePendingAdmin,
    kRemoveAdmin,
    kAcceptAdmin,
  };
  Kind kind = Kind::kSetAppointee;
  eth::Address app;
  eth::Address account;   ///< whom it concerns; zero for kAcceptAdmin: the sender
  Permission permission;  ///< of the two about appointees
};
/// Nothing for data that is none of them.
std::optional<PermissionCall> decode_permission_call(base::ByteView data);

/// Whether the logs hold the event that the call leaves behind when `sender` makes it.
bool has_permission_event(const PermissionCall& call, const eth::Address& sender,
                          const eth::Address& permission_controller,
                          const std::vector<chain::LogEntry>& logs);

}  // namespace ecloud::platform
