#include "ecloud/eth/transaction.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/eth/rlp.h"
#include "ecloud/eth/signing.h"

namespace ecloud::eth {
namespace {

constexpr std::uint8_t kDynamicFeeType = 0x02;                              // EIP-1559
constexpr std::uint8_t kSetCodeType = 0x04;                                 // EIP-7702
constexpr std::uint8_t kAuthorizationMagic = 0x05;                          // EIP-7702
constexpr std::array<std::uint8_t, 3> kDelegationPrefix{0xef, 0x01, 0x00};  // EIP-7702

constexpr std::size_t kDynamicFeeFields = 12;  // of a signed one
constexpr std::size_t kSetCodeFields = 13;
constexpr std::size_t kAuthorizationFields = 6;

[[noreturn]] void fail(const std::string& what) {
  throw Error(Category::kFailure, "eth.transaction", "transaction: " + what);
}

U256 to_number(const base::Bytes32& word) {
  return *U256::from_big_endian(word);
}

void append_signature(RlpItem::List& fields, const crypto::RecoverableSignature& signature) {
  fields.emplace_back(std::uint64_t{signature.y_parity});
  fields.emplace_back(to_number(signature.r));
  fields.emplace_back(to_number(signature.s));
}

RlpItem authorization_item(const Authorization& authorization) {
  RlpItem::List fields;
  fields.emplace_back(authorization.chain_id);
  fields.emplace_back(authorization.address);
  fields.emplace_back(authorization.nonce);
  append_signature(fields, authorization.signature);
  return RlpItem(std::move(fields));
}

/// The fields without the signature.
RlpItem::List unsigned_fields(const Transaction& transaction) {
  RlpItem::List fields;
  fields.emplace_back(transaction.chain_id);
  fields.emplace_back(transaction.nonce);
  fields.emplace_back(transaction.max_priority_fee_per_gas);
  fields.emplace_back(transaction.max_fee_per_gas);
  fields.emplace_back(transaction.gas_limit);
  fields.emplace_back(transaction.to);
  fields.emplace_back(transaction.value);
  fields.emplace_back(transaction.data);
  fields.emplace_back(RlpItem::List());
  if (transaction.type() == kSetCodeType) {
    RlpItem::List authorizations;
    for (const Authorization& authorization : transaction.authorizations) {
      authorizations.push_back(authorization_item(authorization));
    }
    fields.emplace_back(std::move(authorizations));
  }
  return fields;
}

base::Bytes typed(std::uint8_t type, RlpItem::List fields) {
  base::Bytes out{type};
  base::append(out, rlp_encode(RlpItem(std::move(fields))));
  return out;
}

/// Three fields from `first` on.
crypto::RecoverableSignature read_signature(const RlpItem::List& fields, std::size_t first) {
  crypto::RecoverableSignature out;
  const U256 parity = fields[first].number();
  if (parity > U256(1)) fail(fmt::format("the y parity {} is not 0 or 1", parity.to_decimal()));
  out.y_parity = static_cast<std::uint8_t>(parity.to_u64());
  out.r = fields[first + 1].number().to_word();
  out.s = fields[first + 2].number().to_word();
  return out;
}

Authorization read_authorization(const RlpItem& item) {
  const RlpItem::List& fields = item.list();
  if (fields.size() != kAuthorizationFields) {
    fail(
        fmt::format("an authorization has {} fields, not {}", fields.size(), kAuthorizationFields));
  }
  Authorization out;
  out.chain_id = fields[0].number();
  out.address = fields[1].address();
  out.nonce = fields[2].u64();
  out.signature = read_signature(fields, 3);
  return out;
}

/// The fields that both types have in the same places.
Transaction read_common(const RlpItem::List& fields) {
  Transaction out;
  out.chain_id = fields[0].number();
  out.nonce = fields[1].u64();
  out.max_priority_fee_per_gas = fields[2].number();
  out.max_fee_per_gas = fields[3].number();
  out.gas_limit = fields[4].u64();
  if (!fields[5].is_list() && fields[5].bytes().empty()) fail("it has no recipient");
  out.to = fields[5].address();
  out.value = fields[6].number();
  out.data = fields[7].bytes();
  if (!fields[8].list().empty()) fail("it has an access list, which is not supported");
  return out;
}

SignedTransaction read_payload(std::uint8_t type, base::ByteView payload) {
  const RlpItem item = rlp_decode(payload);
  const RlpItem::List& fields = item.list();
  const std::size_t expected = type == kSetCodeType ? kSetCodeFields : kDynamicFeeFields;
  if (fields.size() != expected) {
    fail(fmt::format("type {} has {} fields, not {}", type, expected, fields.size()));
  }
  SignedTransaction out;
  out.transaction = read_common(fields);
  if (type == kSetCodeType) {
    for (const RlpItem& entry : fields[9].list()) {
      out.transaction.authorizations.push_back(read_authorization(entry));
    }
    if (out.transaction.authorizations.empty()) fail("type 4 has no authorization");
  }
  out.signature = read_signature(fields, expected - 3);
  return out;
}

}  // namespace

base::Bytes32 Authorization::signing_hash() const {
  RlpItem::List fields;
  fields.emplace_back(chain_id);
  fields.emplace_back(address);
  fields.emplace_back(nonce);
  return crypto::keccak256(typed(kAuthorizationMagic, std::move(fields)));
}

std::optional<Address> Authorization::authority() const {
  return recover_address(signing_hash(), signature);
}

Authorization sign_authorization(const crypto::PrivateKey& key, const U256& chain_id,
                                 const Address& address, std::uint64_t nonce) {
  Authorization out{chain_id, address, nonce, {}};
  out.signature = key.sign(out.signing_hash());
  return out;
}

base::Bytes32 Transaction::signing_hash() const {
  return crypto::keccak256(typed(type(), unsigned_fields(*this)));
}

U256 Transaction::maximum_cost() const {
  return U256(gas_limit) * max_fee_per_gas + value;
}

std::optional<Address> SignedTransaction::sender() const {
  return recover_address(transaction.signing_hash(), signature);
}

SignedTransaction sign_transaction(const crypto::PrivateKey& key, Transaction transaction) {
  SignedTransaction out;
  out.signature = key.sign(transaction.signing_hash());
  RlpItem::List fields = unsigned_fields(transaction);
  append_signature(fields, out.signature);
  out.raw = typed(transaction.type(), std::move(fields));
  out.hash = crypto::keccak256(out.raw);
  out.transaction = std::move(transaction);
  return out;
}

SignedTransaction decode_transaction(base::ByteView raw) {
  if (raw.empty()) fail("it is empty");
  const std::uint8_t type = raw[0];
  if (type != kDynamicFeeType && type != kSetCodeType) {
    // EIP-2718: a first octet from 0xc0 on is the list of a transaction without a type.
    fail(type >= 0xc0 ? "legacy transactions are not supported"
                      : fmt::format("type {} is not supported", type));
  }
  try {
    SignedTransaction out = read_payload(type, raw.subspan(1));
    out.raw.assign(raw.begin(), raw.end());
    out.hash = crypto::keccak256(raw);
    return out;
  } catch (const Error& error) {
    if (error.code() == "eth.rlp") fail(error.message());
    throw;
  }
}

base::Bytes delegation_code(const Address& address) {
  base::Bytes out(kDelegationPrefix.begin(), kDelegationPrefix.end());
  base::append(out, address.bytes());
  return out;
}

std::optional<Address> delegation_target(base::ByteView code) {
  base::FixedBytes<20> target;
  if (code.size() != kDelegationPrefix.size() + target.size()) return std::nullopt;
  if (!std::equal(kDelegationPrefix.begin(), kDelegationPrefix.end(), code.begin())) {
    return std::nullopt;
  }
  std::copy(code.begin() + kDelegationPrefix.size(), code.end(), target.begin());
  return Address(target);
}

}  // namespace ecloud::eth
