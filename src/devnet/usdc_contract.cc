#include "devnet/usdc_contract.h"

#include <string_view>

#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

constexpr std::uint32_t kBalanceOf = 0x70a08231;
constexpr std::uint32_t kAllowance = 0xdd62ed3e;
constexpr std::uint32_t kApprove = 0x095ea7b3;
constexpr std::uint32_t kTransfer = 0xa9059cbb;
constexpr std::uint32_t kTransferFrom = 0x23b872dd;
constexpr std::uint32_t kDecimals = 0x313ce567;
constexpr std::uint32_t kSymbol = 0x95d89b41;
constexpr std::uint32_t kName = 0x06fdde03;

constexpr std::uint64_t kUsdcDecimals = 6;
constexpr std::uint64_t kApproveGas = 30'000;
constexpr std::uint64_t kTransferGas = 38'000;

[[noreturn]] void refuse(std::string_view reason) {
  revert_with("Error(string)", {reason});
}

void emit(Execution& execution, std::string_view event, const eth::Address& first,
          const eth::Address& second, const eth::U256& amount) {
  execution.logs.push_back(
      {usdc_address(),
       {crypto::keccak256(base::as_bytes(event)), topic_of(first), topic_of(second)},
       eth::abi_encode("(uint256)", {amount})});
}

void move(Execution& execution, const eth::Address& from, const eth::Address& to,
          const eth::U256& amount) {
  auto& balances = execution.state.usdc.balances;
  if (balances[from] < amount) refuse("ERC20: transfer amount exceeds balance");
  balances[from] = balances[from] - amount;
  balances[to] = balances[to] + amount;
  execution.gas += kTransferGas;
  emit(execution, "Transfer(address,address,uint256)", from, to, amount);
}

void approve(Execution& execution, const Message& message) {
  const auto arguments = decode_arguments("(address,uint256)", message.data);
  const eth::Address spender = arguments[0].address();
  execution.state.usdc.allowances[{message.caller, spender}] = arguments[1].number();
  execution.gas += kApproveGas;
  emit(execution, "Approval(address,address,uint256)", message.caller, spender,
       arguments[1].number());
}

base::Bytes number(const eth::U256& value) {
  return eth::abi_encode("(uint256)", {value});
}

}  // namespace

eth::U256 usdc_balance(const UsdcState& state, const eth::Address& account) {
  const auto found = state.balances.find(account);
  return found == state.balances.end() ? eth::U256() : found->second;
}

eth::U256 usdc_allowance(const UsdcState& state, const eth::Address& owner,
                         const eth::Address& spender) {
  const auto found = state.allowances.find({owner, spender});
  return found == state.allowances.end() ? eth::U256() : found->second;
}

void take_usdc(Execution& execution, const eth::Address& spender, const eth::Address& from,
               const eth::Address& to, const eth::U256& amount) {
  eth::U256& allowance = execution.state.usdc.allowances[{from, spender}];
  if (allowance < amount) refuse("ERC20: transfer amount exceeds allowance");
  allowance = allowance - amount;
  move(execution, from, to, amount);
}

base::Bytes call_usdc(Execution& execution, const Message& message) {
  const UsdcState& state = execution.state.usdc;
  switch (selector_of(message.data)) {
    case kBalanceOf:
      return number(usdc_balance(state, decode_arguments("(address)", message.data)[0].address()));
    case kAllowance: {
      const auto arguments = decode_arguments("(address,address)", message.data);
      return number(usdc_allowance(state, arguments[0].address(), arguments[1].address()));
    }
    case kApprove:
      approve(execution, message);
      return eth::abi_encode("(bool)", {true});
    case kTransfer: {
      const auto arguments = decode_arguments("(address,uint256)", message.data);
      move(execution, message.caller, arguments[0].address(), arguments[1].number());
      return eth::abi_encode("(bool)", {true});
    }
    case kTransferFrom: {
      const auto arguments = decode_arguments("(address,address,uint256)", message.data);
      take_usdc(execution, message.caller, arguments[0].address(), arguments[1].address(),
                arguments[2].number());
      return eth::abi_encode("(bool)", {true});
    }
    case kDecimals:
      return number(eth::U256(kUsdcDecimals));
    case kSymbol:
      return eth::abi_encode("(string)", {"USDC"});
    case kName:
      return eth::abi_encode("(string)", {"USD Coin"});
    default:
      revert_empty();
  }
}

}  // namespace ecloud::devnet
