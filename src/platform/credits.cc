#include "ecloud/platform/credits.h"

#include "ecloud/crypto/hash.h"
#include "ecloud/eth/abi.h"
#include "platform/credits_codec.h"

namespace ecloud::platform {

std::optional<eth::U256> parse_usdc(std::string_view text) {
  return eth::parse_units(text, kUsdcDecimals);
}

std::string format_usdc(const eth::U256& amount) {
  std::string text = eth::format_units(amount, kUsdcDecimals);
  const std::size_t point = text.find('.');
  if (point == std::string::npos) {
    text += ".00";
  } else if (text.size() - point == 2) {
    text += "0";
  }
  return text + " USDC";
}

base::Bytes encode_approve(const eth::Address& spender, const eth::U256& amount) {
  return eth::abi_encode_call(kApproveCall, eth::abi_list(spender, amount));
}

base::Bytes encode_purchase_credits_for(const eth::U256& amount, const eth::Address& account) {
  return eth::abi_encode_call(kPurchaseCreditsForCall, eth::abi_list(amount, account));
}

base::Bytes encode_minimum_purchase() {
  return eth::abi_encode_call(kMinimumPurchaseCall, {});
}

base::Bytes encode_usdc() {
  return eth::abi_encode_call(kUsdcCall, {});
}

base::Bytes encode_balance_of(const eth::Address& account) {
  return eth::abi_encode_call(kBalanceOfCall, eth::abi_list(account));
}

base::Bytes encode_allowance(const eth::Address& owner, const eth::Address& spender) {
  return eth::abi_encode_call(kAllowanceCall, eth::abi_list(owner, spender));
}

base::Bytes encode_billing_account(const eth::Address& app) {
  return eth::abi_encode_call(kBillingAccountCall, eth::abi_list(app));
}

eth::U256 transferred_from(const chain::Receipt& receipt, const eth::Address& token,
                           const eth::Address& from) {
  eth::U256 sum;
  for (const chain::LogEntry& log : receipt.logs) {
    const bool transfer = log.address == token && log.topics.size() == 3 &&
                          log.topics[0] == topic_transfer() && log.topics[1] == from.to_word() &&
                          log.data.size() == 32;
    if (transfer) sum = sum + eth::abi_decode("(uint256)", log.data)[0].number();
  }
  return sum;
}

eth::U256 credited_to(const chain::Receipt& receipt, const eth::Address& contract,
                      const eth::Address& payer, const eth::Address& account) {
  eth::U256 sum;
  for (const chain::LogEntry& log : receipt.logs) {
    const bool credited = log.address == contract && log.topics.size() == 3 &&
                          log.topics[0] == topic_credits_purchased() &&
                          log.topics[1] == payer.to_word() && log.topics[2] == account.to_word() &&
                          log.data.size() == 32;
    if (credited) sum = sum + eth::abi_decode("(uint256)", log.data)[0].number();
  }
  return sum;
}

base::Bytes32 topic_credits_purchased() {
  static const base::Bytes32 kTopic = crypto::keccak256(base::as_bytes(kCreditsPurchasedEvent));
  return kTopic;
}

base::Bytes32 topic_transfer() {
  static const base::Bytes32 kTopic = crypto::keccak256(base::as_bytes(kTransferEvent));
  return kTopic;
}

base::Bytes32 topic_approval() {
  static const base::Bytes32 kTopic = crypto::keccak256(base::as_bytes(kApprovalEvent));
  return kTopic;
}

}  // namespace ecloud::platform
