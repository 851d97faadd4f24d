#include "ecloud/attest/tdx_verify.h"

#include <algorithm>

#include "attest/tdx_check.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::attest {
namespace {

using crypto::SignatureAlgorithm;

constexpr std::string_view kNames[] = {"quote-format",
                                       "quote-signature",
                                       "qe-report-binding",
                                       "qe-report-signature",
                                       "pck-chain",
                                       "pck-crl",
                                       "root-crl",
                                       "pck-platform",
                                       "tcb-info",
                                       "tdx-module",
                                       "tcb-level",
                                       "qe-identity",
                                       "td-attributes",
                                       "xfam",
                                       "mr-td",
                                       "rtmr0",
                                       "rtmr1",
                                       "rtmr2",
                                       "rtmr3",
                                       "mr-config-id",
                                       "report-data"};

std::vector<std::pair<std::string, std::string>> measurements_of(const TdxBody& body) {
  std::vector<std::pair<std::string, std::string>> out = {
      {"tee_tcb_svn", base::to_hex(body.tee_tcb_svn)},
      {"mr_seam", base::to_hex(body.mr_seam)},
      {"mr_signer_seam", base::to_hex(body.mr_signer_seam)},
      {"seam_attributes", base::to_hex(body.seam_attributes)},
      {"td_attributes", base::to_hex(body.td_attributes)},
      {"xfam", base::to_hex(body.xfam)},
      {"mr_td", base::to_hex(body.mr_td)},
      {"mr_config_id", base::to_hex(body.mr_config_id)},
      {"mr_owner", base::to_hex(body.mr_owner)},
      {"mr_owner_config", base::to_hex(body.mr_owner_config)},
  };
  for (std::size_t i = 0; i < body.rtmr.size(); ++i) {
    out.emplace_back("rtmr" + std::to_string(i), base::to_hex(body.rtmr[i]));
  }
  out.emplace_back("report_data", base::to_hex(body.report_data));
  if (body.tee_tcb_svn2) out.emplace_back("tee_tcb_svn2", base::to_hex(*body.tee_tcb_svn2));
  if (body.mr_servicetd) out.emplace_back("mr_servicetd", base::to_hex(*body.mr_servicetd));
  return out;
}

TdxReport unreadable(const Error& error) {
  Evidence evidence;
  evidence.failed(std::string(kNames[0]), error.message());
  for (const std::string_view name : kNames) {
    if (name != kNames[0]) evidence.not_checked(std::string(name), "quote-format failed");
  }
  TdxReport report;
  report.findings = evidence.take();
  return report;
}

std::string format_text(const TdxQuote& quote) {
  std::string out = "version " + std::to_string(quote.version);
  if (quote.version == 5) out += ", body of type " + std::to_string(quote.body_type);
  return out + ", " + std::to_string(quote.size) + " octets, ECDSA P-256, Intel's quoting enclave";
}

}  // namespace

std::vector<std::string_view> quote_trust_and(const std::vector<std::string_view>& more) {
  std::vector<std::string_view> out = kQuoteTrust;
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

void check_quote_signatures(TdxCheck& check) {
  const TdxQuote& quote = check.quote;
  const base::ByteView key_octets = quote.attestation_key;
  const auto key = crypto::VerifyingKey::from_point(crypto::KeyType::kP256, key_octets.first(32),
                                                    key_octets.subspan(32));
  if (!key) {
    check.evidence.failed("quote-signature", "the attestation key is no point of P-256");
  } else if (key->verify(SignatureAlgorithm::kEs256, quote.signed_part, quote.signature)) {
    check.evidence.verified("quote-signature", "header and body are signed by the attestation key");
  } else {
    check.evidence.failed("quote-signature",
                          "header and body are not signed by the attestation key of the quote");
  }

  base::Bytes bound(key_octets.begin(), key_octets.end());
  base::append(bound, quote.qe_auth_data);
  base::FixedBytes<64> expected{};
  const base::Bytes32 digest = crypto::sha256(bound);
  std::copy(digest.begin(), digest.end(), expected.begin());
  const bool holds = quote.qe_report.report_data == expected;
  check.evidence.compared(
      "qe-report-binding", holds,
      holds
          ? "the quoting enclave's report names this attestation key"
          : "the quoting enclave's report does not name this attestation key: it has " +
                base::to_hex(quote.qe_report.report_data) + " instead of " + base::to_hex(expected),
      {});
}

TdxReport verify_tdx_quote(base::ByteView quote, const TdxCollateral& collateral,
                           const TdxPolicy& policy, std::int64_t now,
                           const crypto::Certificate& trusted_root) {
  TdxReport report;
  try {
    report.quote = parse_tdx_quote(quote);
  } catch (const Error& error) {
    if (error.category() != Category::kVerification) throw;
    return unreadable(error);
  }
  TdxCheck check{*report.quote, collateral, policy, trusted_root, now, {}, {}, {}, {}, {}, {}, {}};
  check.evidence.verified("quote-format", format_text(*report.quote));
  check_quote_signatures(check);
  check_pck_chain(check);
  load_documents(check);
  check_revocation(check);
  check_platform(check);
  check_tcb(check);
  check_qe_identity(check);
  check_policy(check);
  report.findings = check.evidence.take();
  report.tcb_status = check.tcb_status;
  std::sort(check.advisories.begin(), check.advisories.end());
  check.advisories.erase(std::unique(check.advisories.begin(), check.advisories.end()),
                         check.advisories.end());
  report.advisories = std::move(check.advisories);
  report.measurements = measurements_of(report.quote->body);
  return report;
}

}  // namespace ecloud::attest
