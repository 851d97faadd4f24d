#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"

namespace ecloud::eth {

/// The most gas that one transaction may use: 2^24 (EIP-7825).
constexpr std::uint64_t kMaxTransactionGas = 1u << 24;

/// EIP-7702: the sender's account shall run the code at `address`. Nonce is the authority's when
/// the list is processed: for the sender itself the transaction's nonce + 1.
struct Authorization {
  U256 chain_id;
  Address address;
  std::uint64_t nonce = 0;
  crypto::RecoverableSignature signature;

  /// keccak256(0x05 || rlp([chain_id, address, nonce])).
  base::Bytes32 signing_hash() const;
  /// Nothing when the signature is invalid.
  std::optional<Address> authority() const;
};

Authorization sign_authorization(const crypto::PrivateKey& key, const U256& chain_id,
                                 const Address& address, std::uint64_t nonce);

/// A transaction of type 2 (EIP-1559), or of type 4 (EIP-7702) when it has authorizations. Access
/// lists are always empty.
struct Transaction {
  U256 chain_id;
  std::uint64_t nonce = 0;
  U256 max_priority_fee_per_gas;  ///< wei
  U256 max_fee_per_gas;           ///< wei
  std::uint64_t gas_limit = 0;
  Address to;
  U256 value;  ///< wei
  base::Bytes data;
  std::vector<Authorization> authorizations;

  std::uint8_t type() const { return authorizations.empty() ? 2 : 4; }
  base::Bytes32 signing_hash() const;
  /// The most that it can cost, value included: gas_limit * max_fee_per_gas + value.
  U256 maximum_cost() const;
};

struct SignedTransaction {
  Transaction transaction;
  crypto::RecoverableSignature signature;
  base::Bytes raw;       ///< what eth_sendRawTransaction takes
  base::Bytes32 hash{};  ///< keccak256(raw)

  /// Nothing when the signature is invalid.
  std::optional<Address> sender() const;
};

SignedTransaction sign_transaction(const crypto::PrivateKey& key, Transaction transaction);

/// Reads a raw type 2 or type 4 transaction. Refuses other types, a missing recipient (contract
/// creation), an access list and a type 4 without authorizations. Does not check who signed: that
/// is sender(). Throws Error{kFailure, "eth.transaction"}.
SignedTransaction decode_transaction(base::ByteView raw);

/// The code of an account that is delegated: 0xef0100 || address (EIP-7702).
base::Bytes delegation_code(const Address& address);
/// The address in a delegation code; nothing for any other code.
std::optional<Address> delegation_target(base::ByteView code);

}  // namespace ecloud::eth
