#pragma once

#include <string>

#include "devnet/controller_kind.h"
#include "devnet/execution.h"
#include "ecloud/platform/app_id.h"
#include "ecloud/platform/controller.h"

namespace ecloud::devnet {

/// AppController as a state machine, in all its releases: the functions that one lacks are unknown
/// to it and revert without data, as compiled code does. Who may call what in which status is the
/// contract's own rule: an app that the caller has no rights on, or that does not exist, is
/// InvalidPermissions, a status that the call does not fit InvalidAppStatus. Started, stopped and
/// created apps count against the quota of whoever pays for them; only terminating and suspending
/// an app frees its place. The state is in WorldState.
class ControllerContract {
 public:
  explicit ControllerContract(ControllerKind kind) : kind_(kind) {}

  ControllerKind kind() const { return kind_; }
  void set_kind(ControllerKind kind) { kind_ = kind; }
  platform::Generation generation() const { return release_generation_of(kind_); }
  bool four_fields() const { return kind_ == ControllerKind::kV1_5; }
  bool has_isolated_billing() const {
    return kind_ == ControllerKind::kV1_4 || kind_ == ControllerKind::kV1_5;
  }

  std::string version() const { return std::string(version_of(kind_)); }

  /// Runs a call. Reverts with the contract's errors.
  base::Bytes call(Execution& execution, const Message& message) const;

  /// The platform takes the pending release into force; emits UpgradeConfirmed. Reverts with
  /// InvalidAppStatus for an app that is neither started nor stopped, else NoPendingUpgrade.
  static void confirm_upgrade(Execution& execution, const eth::Address& app);

 private:
  bool write(Execution& execution, const Message& message, base::Bytes& output) const;
  bool write_of_1_5(Execution& execution, const Message& message, base::Bytes& output) const;
  base::Bytes create_app(Execution& execution, const Message& message, bool isolated) const;
  base::Bytes create_empty_app(Execution& execution, const Message& message, bool isolated) const;
  base::Bytes upgrade_app(Execution& execution, const Message& message) const;
  void change_status(Execution& execution, const Message& message) const;
  void announce(Execution& execution, AppEntry& entry, const eth::AbiValue& release) const;
  ReleaseData check_release(const Execution& execution, const eth::AbiValue& value) const;

  ControllerKind kind_;
};

/// The view functions of the AppController; false for a selector that `contract` does not have.
bool read_controller(const ControllerContract& contract, Execution& execution,
                     const Message& message, base::Bytes& output);

/// Whether an app of that status counts against a quota.
bool counts_as_active(AppStatus status);
/// Apps that the account pays for and that count against its quota.
std::uint32_t active_app_count(const ControllerState& state, const eth::Address& account);
/// All that count, on the whole platform.
std::uint32_t global_active_app_count(const ControllerState& state);
/// How many apps the account may have: what was set for it, else what it got by buying credits that
/// the platform has seen by `time` (unix seconds), else the default; an app, and what nobody has
/// ever sent anything to or from, has none.
std::uint32_t max_active_apps(const WorldState& state, const eth::Address& account,
                              std::uint64_t time);

/// The CREATE2 address of an app, with the devnet's own proxy, whose code is no code that runs.
eth::Address calculate_app_id(const eth::Address& deployer, const base::Bytes32& salt);
const platform::AppProxyCode& app_proxy();

/// The domain {name "EigenLayer", version "1", chain id, AppController}.
base::Bytes32 controller_domain();

/// The digest of ApiPermission(bytes4 permission,uint256 expiry) in it.
base::Bytes32 permission_digest(const Selector& permission, const eth::U256& expiry);

}  // namespace ecloud::devnet
