#include "devnet/credits_contract.h"

#include "devnet/usdc_contract.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

constexpr std::uint32_t kPurchaseCredits = 0xbef101fb;
constexpr std::uint32_t kPurchaseCreditsFor = 0xdfeddbc3;
constexpr std::uint32_t kMinimumPurchase = 0xaa2de6c3;
constexpr std::uint32_t kUsdc = 0x3e413bee;
constexpr std::uint32_t kTreasury = 0x61d027b3;

constexpr std::uint64_t kPurchaseGas = 45'000;

void purchase(Execution& execution, const Message& message, const eth::U256& amount,
              const eth::Address& account) {
  CreditsState& state = execution.state.credits;
  if (account.is_zero()) revert_with("ZeroAddress()");
  if (amount < state.minimum_purchase) revert_with("BelowMinimumPurchase()");
  take_usdc(execution, usdc_credits_address(), message.caller, usdc_credits_address(), amount);
  state.purchases.push_back({account, amount, execution.block.timestamp});
  execution.gas += kPurchaseGas;
  execution.logs.push_back(
      {usdc_credits_address(),
       {crypto::keccak256(base::as_bytes("CreditsPurchased(address,address,uint256)")),
        topic_of(message.caller), topic_of(account)},
       eth::abi_encode("(uint256)", {amount})});
}

}  // namespace

eth::U256 credits_bought(const CreditsState& state, const eth::Address& account,
                         std::uint64_t until) {
  eth::U256 sum;
  for (const Purchase& purchase : state.purchases) {
    if (purchase.account == account && purchase.time <= until) sum = sum + purchase.amount;
  }
  return sum;
}

base::Bytes call_credits(Execution& execution, const Message& message) {
  switch (selector_of(message.data)) {
    case kPurchaseCredits: {
      const auto arguments = decode_arguments("(uint256)", message.data);
      purchase(execution, message, arguments[0].number(), message.caller);
      return {};
    }
    case kPurchaseCreditsFor: {
      const auto arguments = decode_arguments("(uint256,address)", message.data);
      purchase(execution, message, arguments[0].number(), arguments[1].address());
      return {};
    }
    case kTreasury:
      return eth::abi_encode("(address)", {usdc_credits_address()});
    case kMinimumPurchase:
      return eth::abi_encode("(uint256)", {execution.state.credits.minimum_purchase});
    case kUsdc:
      return eth::abi_encode("(address)", {usdc_address()});
    default:
      revert_empty();
  }
}

}  // namespace ecloud::devnet
