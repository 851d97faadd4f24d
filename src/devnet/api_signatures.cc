#include "devnet/api_signatures.h"

#include "devnet/controller_contract.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/signing.h"

namespace ecloud::devnet {
namespace {

std::uint64_t read_expiry(const std::string& text, std::int64_t now_seconds) {
  const auto expiry = base::parse_decimal(text);
  if (!expiry) throw Refusal{401, "the expiry is missing or malformed"};
  const auto now = static_cast<std::uint64_t>(now_seconds);
  if (*expiry <= now) throw Refusal{401, "the signature has expired"};
  if (*expiry > now + static_cast<std::uint64_t>(kLongestLifetime)) {
    throw Refusal{401, "the signature is good for too long"};
  }
  return *expiry;
}

std::string bearer(const HttpRequest& request) {
  const std::string header = request.header("authorization");
  if (header.empty()) throw Refusal{401, "the Authorization header is missing"};
  if (!header.starts_with("Bearer ")) throw Refusal{401, "the Authorization is not a Bearer"};
  return header.substr(7);
}

eth::Address recover(const base::Bytes32& digest, const std::string& hex) {
  const auto bytes = base::from_hex(hex);
  const auto signature = bytes ? crypto::RecoverableSignature::from_v27(*bytes) : std::nullopt;
  const auto signer = signature ? eth::recover_address(digest, *signature) : std::nullopt;
  if (!signer) throw Refusal{401, "the signature is malformed"};
  return *signer;
}

base::Bytes32 billing_hash(std::uint64_t expiry) {
  const auto hash = [](std::string_view text) { return crypto::keccak256(base::as_bytes(text)); };
  const base::Bytes32 domain = crypto::keccak256(eth::abi_encode(
      "(bytes32,bytes32,bytes32)", {hash("EIP712Domain(string name,string version)"),
                                    hash("EigenCloud Billing API"), hash("1")}));
  const base::Bytes32 content = crypto::keccak256(eth::abi_encode(
      "(bytes32,bytes32,uint256)",
      {hash("BillingAuth(string product,uint256 expiry)"), hash("compute"), eth::U256(expiry)}));
  base::Bytes text{0x19, 0x01};
  base::append(text, domain);
  base::append(text, content);
  return crypto::keccak256(text);
}

}  // namespace

bool is_signed(const HttpRequest& request) {
  return !request.header("authorization").empty();
}

eth::Address user_api_signer(const HttpRequest& request, const Selector& permission,
                             std::int64_t now_seconds) {
  const std::string signature = bearer(request);
  const std::uint64_t expiry = read_expiry(request.header("x-eigenx-expiry"), now_seconds);
  if (signature.starts_with("0x")) throw Refusal{401, "the signature is malformed: no 0x here"};
  base::Bytes message = base::to_bytes(
      "\x19"
      "Ethereum Signed Message:\n32");
  base::append(message, permission_digest(permission, eth::U256(expiry)));
  return recover(crypto::keccak256(message), signature);
}

eth::Address billing_signer(const HttpRequest& request, std::string_view expiry_header,
                            std::int64_t now_seconds) {
  const std::string signature = bearer(request);
  const std::uint64_t expiry = read_expiry(request.header(expiry_header), now_seconds);
  if (!signature.starts_with("0x")) throw Refusal{401, "the signature is malformed: 0x is missing"};
  const auto account = eth::Address::parse(request.header("x-account"));
  if (!account) throw Refusal{401, "X-Account is missing or malformed"};
  if (recover(billing_hash(expiry), signature) != *account) {
    throw Refusal{401, "the signature is not that of X-Account"};
  }
  return *account;
}

eth::Address address_in_url(const std::string& text) {
  const auto address = eth::Address::parse(text);
  if (!address) throw Refusal{400, "invalid address: " + base::printable_line(text, 60)};
  return *address;
}

void require_client_id(const HttpRequest& request) {
  const std::string client = request.header("x-client-id");
  if (client.empty()) throw Refusal{400, "x-client-id is missing"};
  if (!client.starts_with("ecloud-cli/v")) throw Refusal{400, "x-client-id is malformed"};
}

}  // namespace ecloud::devnet
