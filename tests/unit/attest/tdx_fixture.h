#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "ecloud/attest/tdx_verify.h"
#include "support/catch.h"
#include "support/tdx_world.h"

namespace ecloud::attest {

using testing::kTdxNow;
using testing::QuoteMaker;
using testing::tdx_pki;

inline const crypto::Certificate& test_root() {
  static const crypto::Certificate root = [] {
    const auto read = crypto::Certificate::from_pem(tdx_pki().root.pem);
    REQUIRE(read);
    return read->front();
  }();
  return root;
}

/// Everything that Intel would have published, for the quotes of QuoteMaker.
inline TdxCollateral full_collateral() {
  const testing::TdxPki& pki = tdx_pki();
  TdxCollateral out;
  out.pck_crl = testing::make_revocation_list(pki.platform_ca, {{77}});
  out.root_crl = testing::make_revocation_list(pki.root, {});
  out.tcb_info =
      testing::signed_document("tcbInfo", testing::tcb_info_content({}), pki.tcb_signing.key);
  out.qe_identity = testing::signed_document("enclaveIdentity", testing::qe_identity_content({}),
                                             pki.tcb_signing.key);
  out.tcb_info_issuer_chain = pki.tcb_chain();
  out.qe_identity_issuer_chain = pki.tcb_chain();
  return out;
}

inline TdxCollateral with_tcb_info(const testing::TcbInfoSpec& spec) {
  TdxCollateral out = full_collateral();
  out.tcb_info = testing::signed_document("tcbInfo", testing::tcb_info_content(spec),
                                          tdx_pki().tcb_signing.key);
  return out;
}

inline TdxCollateral with_qe_identity(const testing::QeIdentitySpec& spec) {
  TdxCollateral out = full_collateral();
  out.qe_identity = testing::signed_document("enclaveIdentity", testing::qe_identity_content(spec),
                                             tdx_pki().tcb_signing.key);
  return out;
}

/// All that can be asked, and what the quotes of `maker` answer.
inline TdxPolicy full_policy(const QuoteMaker& maker = QuoteMaker()) {
  const TdxQuote quote = parse_tdx_quote(maker.build());
  TdxPolicy policy;
  policy.mr_td = {quote.body.mr_td};
  for (std::size_t i = 0; i < 4; ++i) policy.rtmr[i] = {quote.body.rtmr[i]};
  policy.mr_config_id = {quote.body.mr_config_id};
  policy.report_data = base::Bytes(quote.body.report_data.begin(), quote.body.report_data.end());
  policy.least_evaluation_number = 18;
  return policy;
}

inline TdxReport verify_here(const base::Bytes& quote,
                             const TdxCollateral& collateral = full_collateral(),
                             const TdxPolicy& policy = full_policy(), std::int64_t now = kTdxNow) {
  return verify_tdx_quote(quote, collateral, policy, now, test_root());
}

inline std::vector<std::string> names_with(const std::vector<Finding>& findings, Result result) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) {
    if (finding.result == result) out.push_back(finding.name);
  }
  return out;
}

using Names = std::vector<std::string>;

inline Names failed(const std::vector<Finding>& findings) {
  return names_with(findings, Result::kFailed);
}
inline Names not_checked(const std::vector<Finding>& findings) {
  return names_with(findings, Result::kNotChecked);
}

inline std::string text_of(const std::vector<Finding>& findings, std::string_view name) {
  const Finding* finding = find_finding(findings, name);
  REQUIRE(finding != nullptr);
  return finding->text;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace ecloud::attest
