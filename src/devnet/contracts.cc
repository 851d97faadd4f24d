#include "devnet/contracts.h"

#include "devnet/credits_contract.h"
#include "devnet/permission_contract.h"
#include "devnet/usdc_contract.h"
#include "ecloud/base/error.h"
#include "ecloud/eth/transaction.h"

namespace ecloud::devnet {
namespace {

constexpr std::uint32_t kExecute = 0xe9ae5c53;
constexpr std::uint64_t kCallGas = 2'600;       // cold account access, EIP-2929
constexpr std::uint64_t kValueGas = 9'000;      // a call that moves value
constexpr std::uint64_t kDelegatorGas = 3'000;  // decoding of the batch
constexpr int kMaxDepth = 64;

void move_value(Execution& execution, const Message& message) {
  if (message.value.is_zero()) return;
  Account& from = execution.state.accounts[message.caller];
  if (from.balance < message.value) revert_empty();
  from.balance = from.balance - message.value;
  Account& to = execution.state.accounts[message.target];
  to.balance = to.balance + message.value;
}

bool is_fixed_contract(const eth::Address& address) {
  return address == app_controller_address() || address == permission_controller_address() ||
         address == delegator_address() || address == app_beacon_address() ||
         address == usdc_address() || address == usdc_credits_address();
}

}  // namespace

base::Bytes Contracts::code_at(const WorldState& state, const eth::Address& address) {
  // PUSH0 PUSH0 REVERT: there is no EVM here, and nobody may think that there is.
  if (is_fixed_contract(address)) return {0x5f, 0x5f, 0xfd};
  const auto found = state.accounts.find(address);
  return found == state.accounts.end() ? base::Bytes() : found->second.code;
}

base::Bytes Contracts::execute_batch(Execution& execution, const Message& message) const {
  if (message.caller != message.target) revert_with("NotEntryPointOrSelf()");
  const auto arguments = decode_arguments("(bytes32,bytes)", message.data);
  const base::Bytes& mode = arguments[0].bytes();
  if (mode[0] != 0x01) revert_with("UnsupportedCallType(bytes1)", {base::Bytes{mode[0]}});
  if (mode[1] != 0x00) revert_with("UnsupportedExecType(bytes1)", {base::Bytes{mode[1]}});
  eth::AbiValue::List calls;
  try {
    calls = eth::abi_decode("((address,uint256,bytes)[])", arguments[1].bytes())[0].list();
  } catch (const Error&) {
    revert_empty();
  }
  execution.gas += kDelegatorGas;
  for (const eth::AbiValue& inner : calls) {
    call(execution, {message.target, inner[0].address(), inner[1].number(), inner[2].bytes()});
  }
  return {};
}

base::Bytes Contracts::run_delegated(Execution& execution, const Message& message,
                                     const eth::Address& delegate) const {
  if (message.data.empty()) return {};
  // Foreign code: whatever it is, it knows none of our calls.
  if (delegate != delegator_address()) revert_empty();
  if (selector_of(message.data) != kExecute) revert_empty();
  return execute_batch(execution, message);
}

base::Bytes Contracts::call(Execution& execution, const Message& message) const {
  if (++execution.depth > kMaxDepth) revert_empty();
  // The outermost call is paid for by the intrinsic gas.
  if (execution.depth > 1) execution.gas += kCallGas + (message.value.is_zero() ? 0 : kValueGas);
  move_value(execution, message);
  base::Bytes output;
  if (is_fixed_contract(message.target) && !message.value.is_zero()) revert_empty();
  if (message.target == app_controller_address()) {
    output = controller_.call(execution, message);
  } else if (message.target == permission_controller_address()) {
    output = call_permission_controller(execution, message);
  } else if (message.target == usdc_address()) {
    output = call_usdc(execution, message);
  } else if (message.target == usdc_credits_address()) {
    output = call_credits(execution, message);
  } else if (is_fixed_contract(message.target)) {
    revert_empty();
  } else {
    const base::Bytes code = code_at(execution.state, message.target);
    if (const auto delegate = eth::delegation_target(code)) {
      output = run_delegated(execution, message, *delegate);
    } else if (!code.empty()) {
      revert_empty();
    }
  }
  --execution.depth;
  return output;
}

}  // namespace ecloud::devnet
