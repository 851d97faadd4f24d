#include "devnet/contract_addresses.h"

#include <string>

#include "ecloud/base/error.h"

namespace ecloud::devnet {

eth::Address address_of(std::string_view text) {
  const auto address = eth::Address::parse(text);
  if (!address) fail_bug("malformed address constant " + std::string(text));
  return *address;
}

const eth::Address& app_controller_address() {
  static const auto kAddress = address_of("0xde00000000000000000000000000000000000001");
  return kAddress;
}

const eth::Address& permission_controller_address() {
  static const auto kAddress = address_of("0xde00000000000000000000000000000000000002");
  return kAddress;
}

const eth::Address& delegator_address() {
  static const auto kAddress = address_of("0xde00000000000000000000000000000000000003");
  return kAddress;
}

const eth::Address& app_beacon_address() {
  static const auto kAddress = address_of("0xde00000000000000000000000000000000000004");
  return kAddress;
}

const eth::Address& usdc_address() {
  static const auto kAddress = address_of("0xde00000000000000000000000000000000000005");
  return kAddress;
}

const eth::Address& usdc_credits_address() {
  static const auto kAddress = address_of("0xde00000000000000000000000000000000000006");
  return kAddress;
}

const eth::Address& platform_account() {
  static const auto kAddress = address_of("0xde000000000000000000000000000000000000ff");
  return kAddress;
}

const eth::Address& api_target() {
  static const auto kAddress = address_of("0x57ee1fb74c1087e26446abc4fb87fd8f07c43d8d");
  return kAddress;
}

const eth::Address& anyone() {
  static const auto kAddress = address_of("0x493219d9949348178af1f58740655951a8cd110c");
  return kAddress;
}

}  // namespace ecloud::devnet
