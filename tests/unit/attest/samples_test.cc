// Public samples of google/go-tdx-guest (testing/testdata), which are not kept here: see
// tests/data/README.md. ECLOUD_TDX_SAMPLES names a folder with them.
#include <cstdlib>
#include <filesystem>

#include "ecloud/attest/event_log.h"
#include "ecloud/attest/tdx_verify.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

namespace ecloud::attest {
namespace {

namespace fs = std::filesystem;

/// Nothing, and a visible remark, without the folder.
std::optional<fs::path> samples() {
  const char* folder = std::getenv("ECLOUD_TDX_SAMPLES");
  if (folder != nullptr && *folder != '\0') return fs::path(folder);
  WARN("SKIPPED: ECLOUD_TDX_SAMPLES names no folder with the samples of google/go-tdx-guest");
  return std::nullopt;
}

std::string text(const fs::path& folder, const char* name) {
  return base::read_file(folder / name, std::size_t{16} << 20);
}

base::Bytes octets(const fs::path& folder, const char* name) {
  return base::to_bytes(text(folder, name));
}

std::int64_t at(const char* time) {
  return *base::parse_rfc3339(time);
}

Result result_of(const std::vector<Finding>& findings, std::string_view name) {
  const Finding* finding = find_finding(findings, name);
  REQUIRE(finding != nullptr);
  INFO(finding->name << ": " << finding->text);
  return finding->result;
}

std::string described(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    out += "\n  " + finding.name + ": " + std::string(result_word(finding.result)) + ": " +
           finding.text;
  }
  return out;
}

/// What is published beside the quote of 2022, and the chain of its issuer, which
/// testing/test_cases.go has as text, when the folder has it as issuer_chain.
TdxCollateral collateral_of_2023(const fs::path& folder, const char* tcb_info) {
  TdxCollateral out;
  out.pck_crl = octets(folder, "pckcrl");
  out.root_crl = octets(folder, "rootcrl.der");
  out.tcb_info = text(folder, tcb_info);
  out.qe_identity = text(folder, "sample_qeIdentity_response");
  if (fs::exists(folder / "issuer_chain")) {
    out.tcb_info_issuer_chain = text(folder, "issuer_chain");
    out.qe_identity_issuer_chain = out.tcb_info_issuer_chain;
  } else {
    WARN("SKIPPED in part: the folder has no issuer_chain, so the documents are not verified");
  }
  return out;
}

}  // namespace

TEST_CASE("public sample quotes lead to Intel's root", "[attest][samples]") {
  const auto folder = samples();
  if (!folder) return;
  for (const char* name :
       {"tdx_prod_quote_SPR_E4.dat", "cos-113-tdx-quote.dat", "quote_v5_sample.dat"}) {
    const base::Bytes quote = octets(*folder, name);
    const TdxReport report = verify_tdx_quote(quote, {}, {}, at("2026-02-15T00:00:00Z"));
    INFO(name << described(report.findings));
    for (const char* step : {"quote-format", "quote-signature", "qe-report-binding",
                             "qe-report-signature", "pck-chain", "td-attributes", "xfam"}) {
      CHECK(result_of(report.findings, step) == Result::kVerified);
    }
    REQUIRE(report.quote);
    base::Bytes changed = quote;
    changed[report.quote->signed_part.size() - 1] ^= 1;  // REPORTDATA, or MRSERVICETD
    CHECK(result_of(verify_tdx_quote(changed, {}, {}, at("2026-02-15T00:00:00Z")).findings,
                    "quote-signature") == Result::kFailed);
    WARN(name << described(report.findings));
  }
}

TEST_CASE("the sample quote of 2022 stands every step but its level", "[attest][samples]") {
  const auto folder = samples();
  if (!folder) return;
  const TdxCollateral collateral = collateral_of_2023(*folder, "sample_tcbInfo_response");
  const base::Bytes quote = octets(*folder, "tdx_prod_quote_SPR_E4.dat");
  const TdxReport then = verify_tdx_quote(quote, collateral, {}, at("2023-06-20T00:00:00Z"));
  INFO(described(then.findings));
  for (const char* step : {"pck-chain", "pck-crl", "root-crl", "pck-platform"}) {
    CHECK(result_of(then.findings, step) == Result::kVerified);
  }
  if (collateral.tcb_info_issuer_chain) {
    for (const char* step : {"tcb-info", "tdx-module", "qe-identity"}) {
      CHECK(result_of(then.findings, step) == Result::kVerified);
    }
  }
  CHECK(result_of(then.findings, "tcb-level") == Result::kFailed);
  WARN("on 2023-06-20" << described(then.findings));
  const TdxReport later = verify_tdx_quote(quote, collateral, {}, at("2026-02-15T00:00:00Z"));
  CHECK(result_of(later.findings, "pck-chain") == Result::kVerified);
  CHECK(result_of(later.findings, "pck-crl") == Result::kFailed);
  CHECK(result_of(later.findings, "root-crl") == Result::kFailed);
  WARN("on 2026-02-15" << described(later.findings));
}

TEST_CASE("the sample quote of version 5 is up to date by its TCB info", "[attest][samples]") {
  const auto folder = samples();
  if (!folder) return;
  TdxCollateral collateral = collateral_of_2023(*folder, "sample_tcbinfo_response_v5");
  collateral.pck_crl.reset();
  collateral.root_crl.reset();
  const TdxReport report = verify_tdx_quote(octets(*folder, "quote_v5_sample.dat"), collateral, {},
                                            at("2026-02-15T00:00:00Z"));
  INFO(described(report.findings));
  CHECK(report.tcb_status == TcbStatus::kUpToDate);
  // The issuer's certificate that is public ended before the TCB info began.
  CHECK(result_of(report.findings, "tcb-level") == Result::kNotChecked);
  WARN(described(report.findings));
}

TEST_CASE("the sample event log leads to the registers of its quote", "[attest][samples]") {
  const auto folder = samples();
  if (!folder) return;
  const TdxReport report = verify_tdx_quote(octets(*folder, "cos-113-tdx-quote.dat"), {}, {},
                                            at("2026-02-15T00:00:00Z"));
  const base::Bytes log = octets(*folder, "ccel_data.dat");
  const auto findings = verify_event_log(log, report);
  INFO(described(findings));
  CHECK(fold(findings) == Result::kVerified);
  WARN(described(findings));
}

TEST_CASE("signatures over the sample documents hold at their time", "[attest][samples]") {
  const auto folder = samples();
  if (!folder) return;
  if (!fs::exists(*folder / "issuer_chain")) {
    WARN("SKIPPED: the folder has no issuer_chain");
    return;
  }
  const auto chain = read_issuer_chain(text(*folder, "issuer_chain"));
  CHECK(crypto::chain_problem(chain.front(), {}, intel_sgx_root(), at("2024-01-01T00:00:00Z")) ==
        "");
  CHECK(crypto::chain_problem(chain.front(), {}, intel_sgx_root(), at("2026-02-15T00:00:00Z")) !=
        "");
  const auto key = chain.front().key();
  REQUIRE(key);
  for (const auto& [name, member] : {std::pair("sample_tcbInfo_response", "tcbInfo"),
                                     std::pair("sample_tcbinfo_response_v5", "tcbInfo"),
                                     std::pair("sample_qeIdentity_response", "enclaveIdentity")}) {
    const SignedDocument document = read_signed_document(text(*folder, name), member);
    CHECK(key->verify(crypto::SignatureAlgorithm::kEs256, base::as_bytes(document.content),
                      document.signature));
  }
}

}  // namespace ecloud::attest
