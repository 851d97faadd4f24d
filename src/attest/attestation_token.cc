#include "ecloud/attest/attestation_token.h"

#include <algorithm>

#include "attest/token_claims.h"
#include "ecloud/attest/jwt.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::attest {
namespace {

constexpr std::string_view kClaimNames[] = {
    "token-issuer",     "token-time",     "token-audience",  "token-nonce", "software-name",
    "software-version", "hardware-model", "hardware-vendor", "debug-state", "support-state",
    "tcb-status",       "image-digest",   "app-id",          "project-id",  "container-overrides"};

void check_signature(Evidence& evidence, const Jwt& token,
                     const std::optional<std::string>& key_set) {
  if (!key_set) {
    return evidence.not_checked("token-signature", "no key set of the issuer was given");
  }
  try {
    const JwtVerdict verdict = verify_jwt(token, parse_key_set(*key_set));
    evidence.compared("token-signature", verdict.valid, verdict.text, {});
  } catch (const Error& error) {
    if (error.category() != Category::kVerification) throw;
    evidence.failed("token-signature", error.message());
  }
}

std::optional<std::int64_t> seconds_claim(const base::Json& place) {
  // Beyond the year 9999 nothing is meant.
  constexpr double kMost = 253402300799.0;
  if (!place.is_number()) return std::nullopt;
  const double value = place.as_double();
  if (!(value >= 0) || value > kMost) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

void check_time(TokenCheck& check) {
  const auto issued = seconds_claim(check.claims["iat"]);
  const auto begins = seconds_claim(check.claims["nbf"]);
  const auto ends = seconds_claim(check.claims["exp"]);
  if (!issued || !begins || !ends) {
    return compare_claim(check, "token-time", false, "\"iat\", \"nbf\" or \"exp\" is no time");
  }
  const std::int64_t tolerance = check.policy.clock_tolerance;
  const std::string now = ", and it is " + base::format_rfc3339(check.now);
  std::string text = "from " + base::format_rfc3339(*begins) + " to " + base::format_rfc3339(*ends);
  bool holds = false;
  if (*ends + tolerance <= check.now) {
    text = "the token expired on " + base::format_rfc3339(*ends) + now;
  } else if (*begins - tolerance > check.now) {
    text = "the token begins on " + base::format_rfc3339(*begins) + now;
  } else if (*issued - tolerance > check.now) {
    text = "the token was issued on " + base::format_rfc3339(*issued) + now;
  } else {
    holds = true;
  }
  compare_claim(check, "token-time", holds, text);
}

void check_issuer(TokenCheck& check) {
  const auto issuer = string_claim(check.claims["iss"]);
  const auto& accepted = check.policy.issuers;
  const bool holds =
      issuer && std::find(accepted.begin(), accepted.end(), *issuer) != accepted.end();
  std::string text = issuer ? *issuer : std::string("there is none");
  if (!holds) text += ", and accepted is " + base::join(accepted, " or ");
  compare_claim(check, "token-issuer", holds, text);
}

void check_audience(TokenCheck& check) {
  const auto audiences = string_claims(check.claims["aud"]);
  if (audiences && audiences->size() > 1) {
    return compare_claim(check, "token-audience", false,
                         "the token is for " + std::to_string(audiences->size()) +
                             " audiences: " + base::join(*audiences, ", "));
  }
  const auto audience =
      audiences && !audiences->empty() ? std::optional(audiences->front()) : std::nullopt;
  expect_claim(check, "token-audience", "aud", audience, check.policy.audience);
}

void check_nonce(TokenCheck& check) {
  const auto nonces = string_claims(check.claims["eat_nonce"]);
  const auto& expected = check.policy.nonce;
  if (!expected || !nonces) {
    return expect_claim(check, "token-nonce", "eat_nonce",
                        nonces ? std::optional(base::join(*nonces, ", ")) : std::nullopt, expected);
  }
  const bool holds = std::find(nonces->begin(), nonces->end(), *expected) != nonces->end();
  compare_claim(check, "token-nonce", holds,
                holds ? "as expected: " + *expected
                      : "is " + base::join(*nonces, ", ") + ", and expected is " + *expected);
}

}  // namespace

std::optional<std::string> string_claim(const base::Json& place) {
  if (!place.is_string()) return std::nullopt;
  return place.as_string();
}

std::optional<std::vector<std::string>> string_claims(const base::Json& place) {
  if (place.is_string()) return std::vector<std::string>{place.as_string()};
  if (!place.is_array()) return std::nullopt;
  std::vector<std::string> out;
  for (const base::Json& one : place.elements()) {
    if (!one.is_string()) return std::nullopt;
    out.push_back(one.as_string());
  }
  return out;
}

void compare_claim(TokenCheck& check, const std::string& name, bool holds,
                   const std::string& text) {
  check.evidence.compared(name, holds, text, {"token-signature"});
}

void expect_claim(TokenCheck& check, const std::string& name, const std::string& claim_name,
                  const std::optional<std::string>& claim,
                  const std::optional<std::string>& expected) {
  const std::string found = claim ? *claim : "the token has no \"" + claim_name + "\"";
  if (!expected) {
    return check.evidence.not_checked(name, found + "; no expected value was given");
  }
  const bool holds = claim == expected;
  compare_claim(check, name, holds, holds ? found : found + ", and expected is " + *expected);
}

void check_token_itself(TokenCheck& check) {
  check_issuer(check);
  check_time(check);
  check_audience(check);
  check_nonce(check);
}

TokenReport verify_attestation_token(std::string_view token,
                                     const std::optional<std::string>& key_set,
                                     const TokenPolicy& policy, std::int64_t now) {
  Evidence evidence;
  TokenReport report;
  try {
    const Jwt parsed = parse_jwt(token);
    evidence.verified("token-format", "a JWT, " + base::printable_line(parsed.algorithm, 80));
    check_signature(evidence, parsed, key_set);
    TokenCheck check{parsed.claims, policy, now, evidence};
    check_token_itself(check);
    check_machine(check);
    check_workload(check);
    report.claims = parsed.claims;
  } catch (const Error& error) {
    if (error.category() != Category::kVerification) throw;
    evidence = Evidence();
    evidence.failed("token-format", error.message());
    evidence.not_checked("token-signature", "token-format failed");
    for (const std::string_view name : kClaimNames) {
      evidence.not_checked(std::string(name), "token-format failed");
    }
  }
  report.findings = evidence.take();
  return report;
}

}  // namespace ecloud::attest
