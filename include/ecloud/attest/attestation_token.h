#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/attest/evidence.h"
#include "ecloud/base/json.h"

namespace ecloud::attest {

/// The issuers of attestation tokens for Google Confidential Space.
constexpr std::string_view kGoogleIssuer = "https://confidentialcomputing.googleapis.com";
constexpr std::string_view kIntelIssuer = "https://portal.trustauthority.intel.com";

/// What the caller asks of a token. An expected value that is not there leaves its check undone.
struct TokenPolicy {
  std::vector<std::string> issuers = {std::string(kGoogleIssuer), std::string(kIntelIssuer)};
  std::optional<std::string> audience;      ///< has to be the only one
  std::optional<std::string> nonce;         ///< has to be among eat_nonce
  std::optional<std::string> image_digest;  ///< "sha256:…"
  std::optional<std::string> app_id;        ///< "0x…", either case; the machine is "tee-0x…"
  std::optional<std::string> project_id;    ///< of Google Cloud
  /// Of the Confidential Space image; what the platform's KMS asks for too.
  std::uint64_t least_software_version = 250300;
  std::int64_t clock_tolerance = 60;  ///< seconds
};

struct TokenReport {
  /// In this order: token-format, token-signature, token-issuer, token-time, token-audience,
  /// token-nonce, software-name, software-version, hardware-model, hardware-vendor, debug-state,
  /// support-state, tcb-status, image-digest, app-id, project-id, container-overrides. Always all.
  std::vector<Finding> findings;
  std::optional<base::Json> claims;  ///< when it could be read; not verified by that
};

/// Checks an attestation token (JWT). `key_set` is the issuer's key set (JWKS); without one the
/// signature is not checked, and nothing that rests on it. `now` is in unix seconds. Throws nothing
/// about what it is given: what is malformed is a finding that failed.
TokenReport verify_attestation_token(std::string_view token,
                                     const std::optional<std::string>& key_set,
                                     const TokenPolicy& policy, std::int64_t now);

}  // namespace ecloud::attest
