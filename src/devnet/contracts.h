#pragma once

#include "devnet/controller_contract.h"
#include "devnet/execution.h"

namespace ecloud::devnet {

/// Every contract of the devnet, and what a call to an address does.
class Contracts {
 public:
  explicit Contracts(ControllerKind kind) : controller_(kind) {}

  ControllerContract& controller() { return controller_; }
  const ControllerContract& controller() const { return controller_; }

  /// Moves the value and runs what stands at the target: a contract, a delegated account, or
  /// nothing, which succeeds whatever the data. Throws Revert.
  base::Bytes call(Execution& execution, const Message& message) const;

  /// eth_getCode; the contracts have a placeholder.
  static base::Bytes code_at(const WorldState& state, const eth::Address& address);

 private:
  base::Bytes run_delegated(Execution& execution, const Message& message,
                            const eth::Address& delegate) const;
  base::Bytes execute_batch(Execution& execution, const Message& message) const;

  ControllerContract controller_;
};

}  // namespace ecloud::devnet
