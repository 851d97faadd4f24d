#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"

namespace ecloud::eth {

/// EIP-191 version 0x45: keccak256(0x19 || "Ethereum Signed Message:\n" || length || message).
base::Bytes32 personal_message_hash(base::ByteView message);

/// EIP-712 domain separator over the members that are given, in the standard's order. An empty name
/// or version is not given.
struct Eip712Domain {
  std::string_view name;
  std::string_view version;
  std::optional<U256> chain_id;
  std::optional<Address> verifying_contract;
};
base::Bytes32 eip712_domain_separator(const Eip712Domain& domain);

/// keccak256(0x1901 || domain separator || struct hash).
base::Bytes32 eip712_digest(const base::Bytes32& domain_separator,
                            const base::Bytes32& struct_hash);

/// Who signed `digest`; nothing when the signature is invalid.
std::optional<Address> recover_address(const base::Bytes32& digest,
                                       const crypto::RecoverableSignature& signature);

}  // namespace ecloud::eth
