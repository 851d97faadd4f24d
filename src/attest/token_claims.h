#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/attest/attestation_token.h"

namespace ecloud::attest {

/// One verification on its way.
struct TokenCheck {
  const base::Json& claims;
  const TokenPolicy& policy;
  std::int64_t now;
  Evidence& evidence;
};

// The checks of the claims, in this order; all rest on the token's signature.
void check_token_itself(TokenCheck& check);  ///< issuer, time, audience, nonce
void check_machine(TokenCheck& check);       ///< software, hardware, debug, TCB
void check_workload(TokenCheck& check);      ///< image, app, project, container

/// Adds the outcome of a comparison that rests on the signature.
void compare_claim(TokenCheck& check, const std::string& name, bool holds, const std::string& text);
/// `claim` against `expected`: failed when it differs, not checked without an expected value.
void expect_claim(TokenCheck& check, const std::string& name, const std::string& claim_name,
                  const std::optional<std::string>& claim,
                  const std::optional<std::string>& expected);

/// Nothing for anything but a string.
std::optional<std::string> string_claim(const base::Json& place);
/// The strings of a string or of an array of strings; nothing for anything else.
std::optional<std::vector<std::string>> string_claims(const base::Json& place);

}  // namespace ecloud::attest
