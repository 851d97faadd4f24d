// What the hardware, or who vouches for it, says of the machine.
#include <algorithm>
#include <string_view>

#include "deploy/verify_links.h"
#include "ecloud/attest/attestation_token.h"
#include "ecloud/attest/event_log.h"
#include "ecloud/attest/tdx_verify.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;

bool is_base64url(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
}

/// Three parts in base64url (RFC 7515, 3.1).
bool is_token(std::string_view text) {
  const auto parts = base::split(base::trim(text), '.');
  return parts.size() == 3 && std::all_of(parts.begin(), parts.end(), is_base64url);
}

/// A quote in binary, or what hex or base64 makes of the text, in lines or not.
base::Bytes quote_octets(const std::string& octets) {
  std::string text;
  for (const char c : octets) {
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') text += c;
  }
  if (auto bytes = base::from_hex(text); bytes && !text.empty()) return *bytes;
  if (auto bytes = base::from_base64(text); bytes && !text.empty()) return *bytes;
  if (auto bytes = base::from_base64url(text); bytes && !text.empty()) return *bytes;
  return base::to_bytes(octets);
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// What the attestation is compared with, and which findings rest on the word of a bundle's maker.
struct Expected {
  AttestationExpectation values;
  std::vector<std::string_view> of_the_bundle;
};

Expected expected_of(const VerifyState& state, const AttestationEvidence& given) {
  if (!state.material.from_bundle) {
    return {{.nonce = given.nonce,
             .audience = given.audience,
             .project = given.project,
             .mr_td = given.mr_td,
             .rtmr = given.rtmr},
            {}};
  }
  Expected out{state.policy.expected, {}};
  const auto fill = [&](auto& value, const auto& theirs, std::vector<std::string_view> findings) {
    if (!value.empty() || theirs.empty()) return;
    value = theirs;
    out.of_the_bundle.insert(out.of_the_bundle.end(), findings.begin(), findings.end());
  };
  fill(out.values.nonce, given.nonce, {"token-nonce", "report-data"});
  fill(out.values.audience, given.audience, {"token-audience"});
  fill(out.values.project, given.project, {"project-id"});
  fill(out.values.mr_td, given.mr_td, {"mr-td"});
  fill(out.values.rtmr, given.rtmr, {"rtmr0", "rtmr1", "rtmr2", "rtmr3"});
  return out;
}

void demote_expected(std::vector<attest::Finding>& findings, const Expected& expected) {
  for (const std::string_view name : expected.of_the_bundle) {
    demote(findings, name,
           "that is what the bundle's maker expected; say what you expect: --nonce, --audience, "
           "--project, --mr-td, --rtmr");
  }
}

std::vector<attest::Finding> judge_token(const VerifyState& state,
                                         const AttestationEvidence& given) {
  const Expected expected = expected_of(state, given);
  const attest::TokenPolicy policy{
      .audience = unless_empty(expected.values.audience),
      .nonce = unless_empty(expected.values.nonce),
      .image_digest = state.digest ? std::optional(state.digest->to_string()) : std::nullopt,
      .app_id = state.material.app.to_string(),
      .project_id = unless_empty(expected.values.project)};
  const auto& key_set = state.policy.key_set ? state.policy.key_set : given.key_set;
  auto findings = attest::verify_attestation_token(base::trim(given.octets), key_set, policy,
                                                   state.material.taken_at)
                      .findings;
  if (!key_set) return findings;
  demote_expected(findings, expected);
  if (!state.release_gap.empty()) {
    demote(findings, "image-digest", "the digest of the release is one " + state.release_gap);
  }
  if (!state.policy.key_set && state.material.from_bundle) {
    const std::string why =
        "the key set came with the bundle: give the issuer's own with --jwks FILE";
    for (attest::Finding& finding : findings) {
      if (finding.name != "token-format") demote(findings, finding.name, why);
    }
  }
  if (state.material.from_bundle) {
    demote(findings, "token-time",
           "compared with " + base::format_rfc3339(state.material.taken_at) +
               ", when the bundle says it was made");
  }
  return findings;
}

std::optional<std::string> text_of(const AttestationEvidence& given, const char* name) {
  const auto found = given.collateral.find(name);
  return found == given.collateral.end() ? std::nullopt : std::optional(found->second);
}

std::optional<base::Bytes> octets_of(const AttestationEvidence& given, const char* name) {
  const auto text = text_of(given, name);
  return text ? std::optional(base::to_bytes(*text)) : std::nullopt;
}

attest::TdxPolicy quote_policy(const AttestationExpectation& expected) {
  attest::TdxPolicy policy;
  for (const std::string& value : expected.mr_td) {
    if (const auto measurement = base::fixed_from_hex<48>(value)) {
      policy.mr_td.push_back(*measurement);
    }
  }
  for (const std::string& value : expected.rtmr) {
    if (const auto measured = parse_rtmr(value))
      policy.rtmr.at(measured->first).push_back(measured->second);
  }
  if (!expected.nonce.empty()) {
    const auto octets = base::from_hex(expected.nonce);
    policy.report_data = octets ? *octets : base::to_bytes(expected.nonce);
  }
  return policy;
}

/// The findings as of a bundle's own time, of which verified are those that are it now too: a
/// bundle may name a time before a revocation.
std::vector<attest::Finding> held_by(std::vector<attest::Finding> then,
                                     const std::vector<attest::Finding>& now,
                                     std::int64_t taken_at) {
  for (attest::Finding& finding : then) {
    if (finding.result == attest::Result::kFailed) continue;
    const attest::Finding* later = attest::find_finding(now, finding.name);
    if (later == nullptr) continue;
    if (later->result == attest::Result::kVerified) {
      finding = *later;
    } else if (finding.result == attest::Result::kVerified) {
      finding.result = attest::Result::kNotChecked;
      finding.text += "; that is as of " + base::format_rfc3339(taken_at) +
                      ", when the bundle says it was made; now: " + later->text;
    }
  }
  return then;
}

/// The log says what the registers were extended with, once the quote vouches for them.
std::vector<attest::Finding> findings_with_log(const AttestationEvidence& given,
                                               attest::TdxReport report) {
  std::vector<attest::Finding> of_log;
  if (given.event_log) {
    of_log = attest::verify_event_log(base::as_bytes(*given.event_log), report);
  }
  std::vector<attest::Finding> out = std::move(report.findings);
  out.insert(out.end(), of_log.begin(), of_log.end());
  return out;
}

std::vector<attest::Finding> judge_quote(const VerifyState& state,
                                         const AttestationEvidence& given) {
  const attest::TdxCollateral collateral{
      .pck_crl = octets_of(given, "pck.crl"),
      .root_crl = octets_of(given, "root.crl"),
      .tcb_info = text_of(given, "tcb-info.json"),
      .tcb_info_issuer_chain = text_of(given, "tcb-info-chain.pem"),
      .qe_identity = text_of(given, "qe-identity.json"),
      .qe_identity_issuer_chain = text_of(given, "qe-identity-chain.pem")};
  const Expected expected = expected_of(state, given);
  const attest::TdxPolicy policy = quote_policy(expected.values);
  const base::Bytes octets = quote_octets(given.octets);
  const crypto::Certificate* root = state.policy.quote_root;
  const auto judged = [&](std::int64_t time) {
    return attest::verify_tdx_quote(octets, collateral, policy, time,
                                    root == nullptr ? attest::intel_sgx_root() : *root);
  };
  attest::TdxReport report = judged(state.material.taken_at);
  if (state.material.from_bundle) {
    report.findings = held_by(std::move(report.findings), judged(state.policy.now).findings,
                              state.material.taken_at);
  }
  demote_expected(report.findings, expected);
  Evidence evidence(findings_with_log(given, std::move(report)));
  evidence.not_checked("quote-app",
                       "nothing in a quote names the app or the digest of its image: it tells the "
                       "machine, its firmware and what was measured");
  if (state.material.from_bundle) {
    evidence.not_checked("quote-time",
                         "a quote does not say when it was made; what is verified of "
                         "certificates, lists and levels holds at " +
                             base::format_rfc3339(state.policy.now));
  }
  return evidence.take();
}

}  // namespace

std::optional<std::pair<std::size_t, base::FixedBytes<48>>> parse_rtmr(std::string_view text) {
  if (text.size() < 2 || text[0] < '0' || text[0] > '3' || text[1] != '=') return std::nullopt;
  const auto value = base::fixed_from_hex<48>(text.substr(2));
  if (!value) return std::nullopt;
  return std::pair(static_cast<std::size_t>(text[0] - '0'), *value);
}

std::vector<attest::Finding> judge_attestation(VerifyState& state) {
  Evidence evidence;
  const auto& given = state.material.attestation;
  if (!given) {
    evidence.not_checked("attestation",
                         "none was given: --attestation FILE or --attestation-url URL");
    return evidence.take();
  }
  if (given->absence) {
    add_absence(evidence, "attestation", *given->absence);
    return evidence.take();
  }
  return is_token(given->octets) ? judge_token(state, *given) : judge_quote(state, *given);
}

}  // namespace ecloud::deploy
