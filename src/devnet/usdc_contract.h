#pragma once

#include "devnet/execution.h"

namespace ecloud::devnet {

/// A dollar token with six decimals as a state machine: the part of USDC that payments need
/// (ERC-20: balanceOf, allowance, approve, transfer, transferFrom and their events). Stateless; the
/// state is in WorldState. As with USDC, approve replaces whatever was allowed before.

/// Runs a call. Reverts with Error(string) in USDC's words, or without data for an unknown
/// function.
base::Bytes call_usdc(Execution& execution, const Message& message);

/// Moves `amount` on behalf of `spender`, as transferFrom does, for contracts that take payment.
void take_usdc(Execution& execution, const eth::Address& spender, const eth::Address& from,
               const eth::Address& to, const eth::U256& amount);

eth::U256 usdc_balance(const UsdcState& state, const eth::Address& account);
eth::U256 usdc_allowance(const UsdcState& state, const eth::Address& owner,
                         const eth::Address& spender);

}  // namespace ecloud::devnet
