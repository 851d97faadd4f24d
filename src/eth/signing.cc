#include "ecloud/eth/signing.h"

#include <string>

#include "ecloud/crypto/hash.h"

namespace ecloud::eth {
namespace {

base::Bytes32 keccak_text(std::string_view text) {
  return crypto::keccak256(base::as_bytes(text));
}

}  // namespace

base::Bytes32 personal_message_hash(base::ByteView message) {
  base::Bytes input = base::to_bytes(
      "\x19"
      "Ethereum Signed Message:\n");
  base::append(input, base::as_bytes(std::to_string(message.size())));
  base::append(input, message);
  return crypto::keccak256(input);
}

base::Bytes32 eip712_domain_separator(const Eip712Domain& domain) {
  std::string type;
  base::Bytes words;
  const auto add = [&](std::string_view member, const base::Bytes32& word) {
    type += type.empty() ? "EIP712Domain(" : ",";
    type += member;
    base::append(words, word);
  };
  if (!domain.name.empty()) add("string name", keccak_text(domain.name));
  if (!domain.version.empty()) add("string version", keccak_text(domain.version));
  if (domain.chain_id) add("uint256 chainId", domain.chain_id->to_word());
  if (domain.verifying_contract) {
    add("address verifyingContract", domain.verifying_contract->to_word());
  }
  type += type.empty() ? "EIP712Domain()" : ")";

  const base::Bytes32 type_hash = keccak_text(type);
  base::Bytes input(type_hash.begin(), type_hash.end());
  base::append(input, words);
  return crypto::keccak256(input);
}

base::Bytes32 eip712_digest(const base::Bytes32& domain_separator,
                            const base::Bytes32& struct_hash) {
  base::Bytes input{0x19, 0x01};
  base::append(input, domain_separator);
  base::append(input, struct_hash);
  return crypto::keccak256(input);
}

std::optional<Address> recover_address(const base::Bytes32& digest,
                                       const crypto::RecoverableSignature& signature) {
  const std::optional<crypto::PublicKey> key = crypto::recover(digest, signature);
  if (!key) return std::nullopt;
  return Address::of(*key);
}

}  // namespace ecloud::eth
