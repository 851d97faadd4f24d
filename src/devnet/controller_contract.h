#pragma once

#include <string>

#include "devnet/execution.h"
#include "ecloud/platform/app_id.h"
#include "ecloud/platform/controller.h"

namespace ecloud::devnet {

/// AppController as a state machine, in both generations: the functions of the other one are
/// unknown and revert without data, as compiled code does. The state is in WorldState.
class ControllerContract {
 public:
  explicit ControllerContract(platform::Generation generation) : generation_(generation) {}

  platform::Generation generation() const { return generation_; }
  void set_generation(platform::Generation generation) { generation_ = generation; }
  bool four_fields() const { return generation_ == platform::Generation::kFourFields; }
  /// "1.5.0" or "1.1.1".
  std::string version() const { return four_fields() ? "1.5.0" : "1.1.1"; }

  /// Runs a call. Reverts with the contract's errors.
  base::Bytes call(Execution& execution, const Message& message) const;

  /// The platform takes the pending release into force; emits UpgradeConfirmed.
  static void confirm_upgrade(Execution& execution, const eth::Address& app);

 private:
  bool write(Execution& execution, const Message& message, base::Bytes& output) const;
  bool read(Execution& execution, const Message& message, base::Bytes& output) const;
  base::Bytes create_app(Execution& execution, const Message& message, bool isolated) const;
  base::Bytes upgrade_app(Execution& execution, const Message& message) const;
  void announce(Execution& execution, AppEntry& entry, const eth::AbiValue& release) const;
  ReleaseData check_release(const Execution& execution, const eth::AbiValue& value) const;
  base::Bytes list_apps(const WorldState& state, const Message& message, bool by_billing) const;
  base::Bytes digest_hash(const Message& message) const;

  platform::Generation generation_;
};

/// Apps of the account that count against its quota: the started ones that it pays for.
std::uint32_t active_app_count(const ControllerState& state, const eth::Address& account);
std::uint32_t max_active_apps(const ControllerState& state, const eth::Address& account);

/// The CREATE2 address of an app, with the devnet's own proxy, whose code is no code that runs.
eth::Address calculate_app_id(const eth::Address& deployer, const base::Bytes32& salt);
const platform::AppProxyCode& app_proxy();

/// The domain {name "EigenLayer", version "1", chain id, AppController}.
base::Bytes32 controller_domain();

/// The digest of ApiPermission(bytes4 permission,uint256 expiry) in it.
base::Bytes32 permission_digest(const Selector& permission, const eth::U256& expiry);

}  // namespace ecloud::devnet
