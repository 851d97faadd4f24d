#pragma once

#include <string_view>

namespace ecloud::platform {

/// Signatures of the functions and events of USDCCredits and of its token.
constexpr std::string_view kApproveCall = "approve(address,uint256)";
constexpr std::string_view kPurchaseCreditsForCall = "purchaseCreditsFor(uint256,address)";
constexpr std::string_view kMinimumPurchaseCall = "minimumPurchase()";
constexpr std::string_view kUsdcCall = "usdc()";
constexpr std::string_view kBalanceOfCall = "balanceOf(address)";
constexpr std::string_view kAllowanceCall = "allowance(address,address)";
constexpr std::string_view kBillingAccountCall = "getBillingAccount(address)";
constexpr std::string_view kTransferEvent = "Transfer(address,address,uint256)";
constexpr std::string_view kCreditsPurchasedEvent = "CreditsPurchased(address,address,uint256)";
constexpr std::string_view kApprovalEvent = "Approval(address,address,uint256)";

}  // namespace ecloud::platform
