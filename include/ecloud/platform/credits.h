#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/chain/chain.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"

namespace ecloud::platform {

/// USDCCredits, the contract that sells credits for USDC, and the token (ERC-20) as far as a
/// purchase needs it. Amounts are in the token's smallest unit: a millionth of a USDC.

/// Digits after the point of USDC.
constexpr unsigned kUsdcDecimals = 6;

/// "12.5" as a person writes dollars: digits, at most six of them after a point. Nothing for
/// anything else: no sign, no blank, no exponent, no bare point.
std::optional<eth::U256> parse_usdc(std::string_view text);
/// "12.50 USDC": two digits after the point, more only where they are not zero.
std::string format_usdc(const eth::U256& amount);

// Writes.
base::Bytes encode_approve(const eth::Address& spender, const eth::U256& amount);
/// USDCCredits: takes `amount` from the caller and credits it to `account`.
base::Bytes encode_purchase_credits_for(const eth::U256& amount, const eth::Address& account);

// Reads.
base::Bytes encode_minimum_purchase();  ///< USDCCredits
base::Bytes encode_usdc();              ///< USDCCredits: the token that it takes
base::Bytes encode_balance_of(const eth::Address& account);
base::Bytes encode_allowance(const eth::Address& owner, const eth::Address& spender);
/// AppController from 1.4.0: who pays for an app.
base::Bytes encode_billing_account(const eth::Address& app);

/// What `from` has paid in `token` according to the Transfer events of a receipt.
eth::U256 transferred_from(const chain::Receipt& receipt, const eth::Address& token,
                           const eth::Address& from);

/// What USDCCredits at `contract` has credited to `account` for a payment of `payer`, according to
/// the CreditsPurchased events of a receipt.
eth::U256 credited_to(const chain::Receipt& receipt, const eth::Address& contract,
                      const eth::Address& payer, const eth::Address& account);

/// Topic of USDCCredits' CreditsPurchased(address indexed purchaser, address indexed account,
/// uint256 amount).
base::Bytes32 topic_credits_purchased();
/// Topics of the token's events (ERC-20).
base::Bytes32 topic_transfer();
base::Bytes32 topic_approval();

}  // namespace ecloud::platform
