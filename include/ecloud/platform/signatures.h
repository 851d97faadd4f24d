#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"
#include "ecloud/net/transport.h"

namespace ecloud::platform {

/// What the services of the platform ask to be signed. Everything is computed here; no server's
/// digest is ever signed.

/// How long a signature is good for, in seconds.
constexpr std::int64_t kUserApiSignatureLifetime = 300;
constexpr std::int64_t kBillingSignatureLifetime = 300;
constexpr std::int64_t kBuildSignatureLifetime = 60;

/// EIP-712 domain {name "EigenLayer", version FIRST CHARACTER of `controller_version`, chain id,
/// AppController}.
base::Bytes32 controller_domain_separator(std::string_view controller_version,
                                          std::uint64_t chain_id,
                                          const eth::Address& app_controller);

/// The digest of ApiPermission(bytes4 permission,uint256 expiry) in that domain.
base::Bytes32 api_permission_digest(const base::Bytes32& domain_separator,
                                    const base::FixedBytes<4>& permission, std::uint64_t expiry);

/// What is signed for the UserAPI: the digest above as a 32-octet EIP-191 message.
base::Bytes32 user_api_signing_hash(const base::Bytes32& domain_separator,
                                    const base::FixedBytes<4>& permission, std::uint64_t expiry);

/// Authorization: Bearer HEX (without 0x) and X-eigenx-expiry.
std::vector<net::Header> user_api_headers(const crypto::PrivateKey& key,
                                          const base::Bytes32& domain_separator,
                                          const base::FixedBytes<4>& permission,
                                          std::uint64_t expiry);

/// EIP-712 digest of BillingAuth(string product,uint256 expiry) in the domain {name "EigenCloud
/// Billing API", version "1"}, product "compute".
base::Bytes32 billing_digest(std::uint64_t expiry);

/// Authorization: Bearer 0x…, X-Account, X-Expiry.
std::vector<net::Header> billing_headers(const crypto::PrivateKey& key, std::uint64_t expiry);

/// As billing_headers, for the Build API: Authorization: Bearer 0x…, X-Account, X-eigenx-expiry.
std::vector<net::Header> build_headers(const crypto::PrivateKey& key, std::uint64_t expiry);

/// x-client-id: ecloud-cli/vVERSION.
net::Header client_id_header();

}  // namespace ecloud::platform
