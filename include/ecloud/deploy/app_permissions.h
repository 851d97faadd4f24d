#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/deploy/account_transaction.h"
#include "ecloud/platform/permissions.h"

namespace ecloud::deploy {

/// What an account that is not an admin may do for an app.
struct Appointee {
  eth::Address account;  ///< platform::anyone_appointee(): anybody
  std::vector<platform::Permission> permissions;
};

/// Who may act for an app, as the chain has it.
struct AppPermissions {
  eth::Address app;
  eth::Address creator;
  platform::ChainStatus status = platform::ChainStatus::kNone;
  std::string controller_version;
  platform::Generation generation = platform::Generation::kFourFields;
  std::vector<eth::Address> admins, pending_admins;
  /// Sorted by account. The contract lists who holds a permission and what an account holds, but
  /// not everybody: an account that holds none of the permissions with names is found only by
  /// asking for it.
  std::vector<Appointee> appointees;

  bool is_admin(const eth::Address& account) const;
  bool is_pending(const eth::Address& account) const;
  /// What the account was appointed for; null when for nothing.
  const Appointee* find(const eth::Address& account) const;
};

/// Two round trips; one when nobody is appointed. `accounts` are asked for beside those who hold a
/// permission with a name. Throws Error{kNotFound, "app.not_found"}.
AppPermissions read_permissions(const Services& services, const eth::Address& app,
                                const std::vector<eth::Address>& accounts = {});

/// A change of who may do what.
struct PermissionRequest {
  Operation operation = Operation::kGrant;  ///< kGrant, kRevoke, kAccept
  eth::Address app;
  eth::Address account;  ///< whose rights; the signer for kAccept
  /// By name ("upgrade") as the live controller understands it. To revoke takes the selectors of
  /// both generations away.
  std::vector<std::string> names;
  std::vector<platform::Permission> others;  ///< without names
  bool admin = false;
  bool everything = false;  ///< of kRevoke: whatever the account holds, also as an admin
};

/// One of the things asked for.
struct PermissionChange {
  std::string what;  ///< "upgrade", "admin", "pending admin", "0x12345678 of 0x…"
  std::optional<platform::Permission> permission;  ///< nothing for being an admin
  std::string skipped;                             ///< why nothing is to do; empty when there is
};

/// What a change will do and cost. Made without signing anything.
struct PermissionPlan {
  PermissionRequest request;
  AppPermissions before;
  std::vector<PermissionChange> changes;
  bool needed = true;  ///< false: the chain has it so, and the transaction is empty
  TransactionPlan transaction;
};

/// Errors beside those of the clients:
///   kNotFound    app.not_found
///   kUsage       permissions.unknown (no permission has that name)
///   kCredentials app.not_permitted (the signer is no admin), permissions.not_proposed (kAccept)
///   kTransaction permissions.last_admin, deploy.insufficient_funds, chain.would_revert
PermissionPlan plan_permissions(const Services& services, const Signer& signer,
                                const PermissionRequest& request, bool may_sign_for_estimate);

/// As apply_change(); an interrupted one is settled by resume_change() with its operation.
TransactionOutcome apply_permissions(const Services& services, const Signer& signer,
                                     PermissionPlan plan);

/// Something that an account needs for what it is about to do.
struct NeededPermission {
  platform::Permission permission;
  std::string name;    ///< as it is granted: "stop"
  std::string action;  ///< "stop app 0x…"
  bool admin = false;  ///< only admins may: `permission` and `name` are empty
};

/// Error{kCredentials, "app.not_permitted"} that says what the account lacks and who can grant it.
/// Asks the chain for the admins.
Error not_permitted(const Services& services, const eth::Address& account, const eth::Address& app,
                    const NeededPermission& needed);

/// Runs `plan`; where the contract would refuse what it plans (chain.would_revert), looks which of
/// the needed permissions the account lacks, and throws not_permitted() for the first of them. What
/// has another cause goes through unchanged. The contract's word decides: nothing is asked while it
/// agrees. `needed` is called after `plan` failed, because which call it makes may be known only
/// then.
TransactionPlan plan_permitted(const Services& services, const eth::Address& account,
                               const eth::Address& app,
                               const std::function<std::vector<NeededPermission>()>& needed,
                               const std::function<TransactionPlan()>& plan);

/// Throws not_permitted() when the account neither created the app nor may call that.
void require_permission(const Services& services, const eth::Address& account,
                        const eth::Address& app, const NeededPermission& needed);

}  // namespace ecloud::deploy
