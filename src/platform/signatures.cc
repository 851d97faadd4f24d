#include "ecloud/platform/signatures.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/version.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/eth/abi.h"
#include "ecloud/eth/signing.h"

namespace ecloud::platform {
namespace {

base::Bytes32 type_hash(std::string_view type) {
  return crypto::keccak256(base::as_bytes(type));
}

}  // namespace

base::Bytes32 controller_domain_separator(std::string_view controller_version,
                                          std::uint64_t chain_id,
                                          const eth::Address& app_controller) {
  if (controller_version.empty()) {
    throw Error(Category::kNetwork, "platform.version",
                "the AppController returned an empty version");
  }
  return eth::eip712_domain_separator({.name = "EigenLayer",
                                       .version = controller_version.substr(0, 1),
                                       .chain_id = eth::U256(chain_id),
                                       .verifying_contract = app_controller});
}

base::Bytes32 api_permission_digest(const base::Bytes32& domain_separator,
                                    const base::FixedBytes<4>& permission, std::uint64_t expiry) {
  const base::Bytes struct_data =
      eth::abi_encode("(bytes32,bytes4,uint256)",
                      {type_hash("ApiPermission(bytes4 permission,uint256 expiry)"),
                       base::Bytes(permission.begin(), permission.end()), eth::U256(expiry)});
  return eth::eip712_digest(domain_separator, crypto::keccak256(struct_data));
}

base::Bytes32 user_api_signing_hash(const base::Bytes32& domain_separator,
                                    const base::FixedBytes<4>& permission, std::uint64_t expiry) {
  return eth::personal_message_hash(api_permission_digest(domain_separator, permission, expiry));
}

std::vector<net::Header> user_api_headers(const crypto::PrivateKey& key,
                                          const base::Bytes32& domain_separator,
                                          const base::FixedBytes<4>& permission,
                                          std::uint64_t expiry) {
  const auto signature =
      key.sign(user_api_signing_hash(domain_separator, permission, expiry)).with_v27();
  return {{"Authorization", "Bearer " + base::to_hex(signature)},
          {"X-eigenx-expiry", std::to_string(expiry)}};
}

base::Bytes32 billing_digest(std::uint64_t expiry) {
  const base::Bytes struct_data = eth::abi_encode(
      "(bytes32,bytes32,uint256)", {type_hash("BillingAuth(string product,uint256 expiry)"),
                                    type_hash("compute"), eth::U256(expiry)});
  const base::Bytes32 domain =
      eth::eip712_domain_separator({.name = "EigenCloud Billing API", .version = "1"});
  return eth::eip712_digest(domain, crypto::keccak256(struct_data));
}

std::vector<net::Header> billing_headers(const crypto::PrivateKey& key, std::uint64_t expiry) {
  return {{"Authorization",
           "Bearer " + base::to_hex_prefixed(key.sign(billing_digest(expiry)).with_v27())},
          {"X-Account", eth::Address::of(key.public_key()).to_string()},
          {"X-Expiry", std::to_string(expiry)}};
}

std::vector<net::Header> build_headers(const crypto::PrivateKey& key, std::uint64_t expiry) {
  std::vector<net::Header> headers = billing_headers(key, expiry);
  headers.back().name = "X-eigenx-expiry";
  return headers;
}

net::Header client_id_header() {
  return {"x-client-id", "ecloud-cli/v" + std::string(kVersion)};
}

}  // namespace ecloud::platform
