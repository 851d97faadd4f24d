// The chain of evidence of a quote, whole and forged in every place. All keys are the tests' own.
#include "ecloud/attest/tdx_verify.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/hex.h"
#include "unit/attest/tdx_fixture.h"

namespace ecloud::attest {
namespace {

const Names kAll = {"quote-format",
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

base::Bytes flipped(base::Bytes bytes, std::size_t at) {
  bytes.at(at) ^= 1;
  return bytes;
}

/// The form of RFC 7468.
std::string to_pem(const base::Bytes& der) {
  const std::string text = base::to_base64(der);
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
  return out + "-----END CERTIFICATE-----\n";
}

/// Begins of the parts after a signed part of `covered` octets.
struct Offsets {
  explicit Offsets(std::size_t covered) : signature(covered + 4) {}
  std::size_t signature;
  std::size_t key() const { return signature + 64; }
  std::size_t qe_report() const { return signature + 128 + 6; }
  std::size_t qe_signature() const { return qe_report() + 384; }
  std::size_t auth_data() const { return qe_signature() + 64 + 2; }
};

}  // namespace

TEST_CASE("a quote with all its collateral is verified in every step", "[attest]") {
  const auto [version, type] = GENERATE(std::pair(4, 2), std::pair(5, 2), std::pair(5, 3));
  CAPTURE(version, type);
  QuoteMaker maker(version, type);
  maker.trailing.assign(39, 0xaa);
  const TdxReport report = verify_here(maker.build(), full_collateral(), full_policy(maker));
  for (const Finding& finding : report.findings) {
    INFO(finding.name << ": " << finding.text);
    CHECK(finding.result == Result::kVerified);
  }
  CHECK(names_with(report.findings, Result::kVerified) == kAll);
  CHECK(fold(report.findings) == Result::kVerified);
  CHECK(report.tcb_status == TcbStatus::kUpToDate);
  CHECK(report.advisories.empty());
  CHECK(report.measurements.size() == (type == 3 ? 17 : 15));
  CHECK(report.measurements[6].first == "mr_td");
  CHECK(report.measurements[6].second == base::to_hex(report.quote->body.mr_td));
}

TEST_CASE("a platform of the Processor CA is verified with its own list", "[attest]") {
  QuoteMaker maker;
  maker.chain = tdx_pki().processor_chain() + std::string(1, '\0');
  maker.pck = &tdx_pki().processor_pck.key;
  TdxCollateral collateral = full_collateral();
  collateral.pck_crl = testing::make_revocation_list(tdx_pki().processor_ca, {});
  CHECK(fold(verify_here(maker.build(), collateral).findings) == Result::kVerified);
  // That of the other CA says nothing about it.
  const TdxReport report = verify_here(maker.build());
  CHECK(failed(report.findings) == Names{"pck-crl"});
  CHECK(text_of(report.findings, "pck-crl") ==
        "the revocation list of \"Intel SGX PCK Platform CA\" is not that of \"Intel SGX PCK "
        "Processor CA\"");
}

TEST_CASE("without collateral nothing that needs it is called verified", "[attest]") {
  const TdxReport report = verify_here(QuoteMaker().build(), {}, {});
  CHECK(failed(report.findings).empty());
  CHECK(not_checked(report.findings) == Names{"pck-crl", "root-crl", "pck-platform", "tcb-info",
                                              "tdx-module", "tcb-level", "qe-identity", "mr-td",
                                              "rtmr0", "rtmr1", "rtmr2", "rtmr3", "mr-config-id",
                                              "report-data"});
  CHECK(fold(report.findings) == Result::kNotChecked);
  CHECK(text_of(report.findings, "pck-crl") == "no revocation list was given");
  CHECK(text_of(report.findings, "pck-platform") ==
        "FMSPC 90c06f000000, PCEID 0000; no TCB info is there to compare with");
  CHECK(text_of(report.findings, "tcb-info") == "no TCB info was given");
  CHECK(text_of(report.findings, "tcb-level") == "tcb-info was not checked");
  CHECK(text_of(report.findings, "qe-identity") == "no QE identity was given");
  CHECK(has(text_of(report.findings, "mr-td"), "; no expected value was given"));
  CHECK(has(text_of(report.findings, "report-data"), "it may be an old one"));
  CHECK(!report.tcb_status);
}

TEST_CASE("documents without their issuer are not checked", "[attest]") {
  TdxCollateral collateral = full_collateral();
  collateral.tcb_info_issuer_chain.reset();
  collateral.qe_identity_issuer_chain.reset();
  const TdxReport report = verify_here(QuoteMaker().build(), collateral);
  CHECK(failed(report.findings).empty());
  CHECK(not_checked(report.findings) ==
        Names{"tcb-info", "tdx-module", "tcb-level", "qe-identity"});
  CHECK(text_of(report.findings, "tcb-info") == "no issuer chain was given for the TCB info");
  CHECK(has(text_of(report.findings, "tcb-level"),
            "this rests on another check, and tcb-info was not checked"));
}

TEST_CASE("one changed octet of what the attestation key signs is found", "[attest]") {
  const auto [version, type] = GENERATE(std::pair(4, 2), std::pair(5, 2), std::pair(5, 3));
  const QuoteMaker maker(version, type);
  const base::Bytes quote = maker.build();
  const std::size_t head = version == 5 ? 0x36 : 0x30;
  // Header: what the format does not fix. Body: the first and the last octet of each field.
  std::vector<std::size_t> places = {8, 11, 0x1c, 0x2f};
  for (const std::size_t field :
       {0, 16, 64, 112, 120, 128, 136, 184, 232, 280, 328, 376, 424, 472, 520}) {
    places.push_back(head + field);
    if (field > 0) places.push_back(head + field - 1);
  }
  places.push_back(head + maker.body.size() - 1);
  if (type == 3) places.insert(places.end(), {head + 584, head + 599, head + 600});
  for (const std::size_t place : places) {
    CAPTURE(version, type, place);
    const TdxReport report =
        verify_here(flipped(quote, place), full_collateral(), full_policy(maker));
    const Names names = failed(report.findings);
    REQUIRE(!names.empty());
    CHECK(names.front() == "quote-signature");
    // Nothing in it counts then.
    for (const char* name : {"tdx-module", "tcb-level", "td-attributes", "mr-td", "report-data"}) {
      CHECK(find_finding(report.findings, name)->result != Result::kVerified);
    }
  }
}

TEST_CASE("type and size of version 5 are signed and read", "[attest]") {
  const base::Bytes quote = QuoteMaker(5, 3).build();
  for (const std::size_t place : {0x30, 0x31, 0x32, 0x33, 0x34, 0x35}) {
    CAPTURE(place);
    const TdxReport report = verify_here(flipped(quote, place));
    CHECK(failed(report.findings) == Names{"quote-format"});
    CHECK(text_of(report.findings, "report-data") == "quote-format failed");
    CHECK(!report.quote);
  }
  // A quote of version 4 that claims to be of version 5 with the body of another one.
  QuoteMaker maker(5, 2);
  const base::Bytes five = maker.build();
  base::Bytes four = five;
  four[0] = 4;
  four.erase(four.begin() + 0x30, four.begin() + 0x36);
  CHECK(failed(verify_here(four).findings) == Names{"quote-signature"});
}

TEST_CASE("every other changed octet is found and named", "[attest]") {
  const auto [version, type] = GENERATE(std::pair(4, 2), std::pair(5, 3));
  const QuoteMaker maker(version, type);
  const base::Bytes quote = maker.build();
  const Offsets at(quote.size() > 0 ? (version == 5 ? 0x36u : 0x30u) + maker.body.size() : 0);
  const auto failing = [&](std::size_t place) {
    return failed(
        verify_here(flipped(quote, place), full_collateral(), full_policy(maker)).findings);
  };
  for (const std::size_t place : {at.signature, at.signature + 63}) {
    CHECK(failing(place) == Names{"quote-signature"});
  }
  for (const std::size_t place : {at.key(), at.key() + 63}) {
    CHECK(failing(place) == Names{"quote-signature", "qe-report-binding"});
  }
  for (const std::size_t place : {at.auth_data(), at.auth_data() + 31}) {
    CHECK(failing(place) == Names{"qe-report-binding"});
  }
  CHECK(failing(at.qe_report()) == Names{"qe-report-signature"});       // CPUSVN
  CHECK(failing(at.qe_report() + 64) == Names{"qe-report-signature"});  // MRENCLAVE
  CHECK(failing(at.qe_report() + 128) == Names{"qe-report-signature", "qe-identity"});
  CHECK(failing(at.qe_report() + 320) == Names{"qe-report-binding", "qe-report-signature"});
  // The zeros after the hash.
  CHECK(failing(at.qe_report() + 383) == Names{"qe-report-binding", "qe-report-signature"});
  for (const std::size_t place : {at.qe_signature(), at.qe_signature() + 63}) {
    CHECK(failing(place) == Names{"qe-report-signature"});
  }
}

TEST_CASE("one changed octet of a certificate in the quote is found", "[attest]") {
  const testing::TdxPki& pki = tdx_pki();
  const TdxCollateral collateral = full_collateral();
  const base::Bytes* chain[] = {&pki.platform_pck.der, &pki.platform_ca.der, &pki.root.der};
  QuoteMaker maker;
  maker.chain = to_pem(*chain[0]) + to_pem(*chain[1]) + to_pem(*chain[2]);
  CHECK(failed(verify_here(maker.build(), collateral).findings).empty());
  for (std::size_t which = 0; which < 3; ++which) {
    // The first octets, the last, and some of all that is between.
    std::vector<std::size_t> places = {0, 1, 2, 3, chain[which]->size() - 1};
    for (std::size_t at = 4; at < chain[which]->size(); at += 7) places.push_back(at);
    for (const std::size_t place : places) {
      CAPTURE(which, place);
      maker.chain.clear();
      for (std::size_t i = 0; i < 3; ++i) {
        maker.chain += to_pem(i == which ? flipped(*chain[i], place) : *chain[i]);
      }
      const TdxReport report = verify_here(maker.build(), collateral);
      CHECK(find_finding(report.findings, "pck-chain")->result == Result::kFailed);
      for (const char* name : {"tcb-level", "td-attributes", "mr-td", "report-data"}) {
        CHECK(find_finding(report.findings, name)->result != Result::kVerified);
      }
    }
  }
}

TEST_CASE("a quote by a key that no quoting enclave named is found", "[attest]") {
  // Everything is signed, by an attestation key that the report does not bind.
  QuoteMaker maker;
  maker.bind = false;
  const TdxReport report = verify_here(maker.build());
  CHECK(failed(report.findings) == Names{"qe-report-binding"});
  CHECK(has(text_of(report.findings, "mr-td"), "qe-report-binding failed"));
  CHECK(find_finding(report.findings, "mr-td")->result == Result::kNotChecked);
  // A report signed by somebody else's key.
  const testing::SigningKey other;
  QuoteMaker forged;
  forged.pck = &other;
  CHECK(failed(verify_here(forged.build()).findings) == Names{"qe-report-signature"});
}

TEST_CASE("a debug machine is refused whatever else is allowed", "[attest]") {
  QuoteMaker maker;
  maker.set(testing::kTdAttributes, {1, 0, 0, 0x10, 0, 0, 0, 0});
  TdxPolicy policy = full_policy();
  policy.allowed_td_attributes = ~std::uint64_t{0};
  const TdxReport report = verify_here(maker.build(), full_collateral(), policy);
  CHECK(failed(report.findings) == Names{"td-attributes"});
  CHECK(text_of(report.findings, "td-attributes") ==
        "0x0000000010000001: the debug bit is set, so that the host reads and changes the "
        "machine's memory");
}

TEST_CASE("attributes and features outside of the policy are named", "[attest]") {
  QuoteMaker maker;
  maker.set(testing::kTdAttributes, {0, 0, 0, 0x20, 0, 0, 0, 0});  // migratable
  maker.set(testing::kXfam, {0x01, 0, 0, 0x80, 0, 0, 0, 0});
  const TdxReport report = verify_here(maker.build());
  CHECK(failed(report.findings) == Names{"td-attributes", "xfam"});
  CHECK(text_of(report.findings, "td-attributes") ==
        "0x0000000020000000: 0x0000000020000000 is not allowed");
  CHECK(text_of(report.findings, "xfam") ==
        "0x0000000080000001: 0x0000000000000002 is missing: 0x0000000080000000 is not allowed");
  TdxPolicy policy = full_policy();
  policy.allowed_td_attributes |= kTdMigratable;
  CHECK(failed(verify_here(maker.build(), full_collateral(), policy).findings) == Names{"xfam"});
}

TEST_CASE("each measurement is compared with its own values", "[attest]") {
  const base::FixedBytes<48> other{0x99};
  const base::Bytes quote = QuoteMaker().build();
  const auto failing = [&](auto change) {
    TdxPolicy policy = full_policy();
    change(policy);
    return failed(verify_here(quote, full_collateral(), policy).findings);
  };
  CHECK(failing([&](TdxPolicy& policy) { policy.mr_td = {other}; }) == Names{"mr-td"});
  CHECK(failing([&](TdxPolicy& policy) { policy.mr_td.push_back(other); }).empty());
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(failing([&](TdxPolicy& policy) {
            policy.rtmr[i] = {other, other};
          }) == Names{"rtmr" + std::to_string(i)});
  }
  CHECK(failing([&](TdxPolicy& policy) { policy.mr_config_id = {other}; }) ==
        Names{"mr-config-id"});
  CHECK(failing([&](TdxPolicy& policy) { policy.report_data = base::Bytes(64, 1); }) ==
        Names{"report-data"});
  CHECK(failing([&](TdxPolicy& policy) { policy.report_data = base::Bytes(32, 1); }) ==
        Names{"report-data"});
  CHECK(failing([&](TdxPolicy& policy) { policy.report_data->resize(32); }).empty());
  CHECK(failing([&](TdxPolicy& policy) { policy.report_data->resize(31); }) ==
        Names{"report-data"});
  CHECK(failing([&](TdxPolicy& policy) { policy.report_data->clear(); }) == Names{"report-data"});
}

TEST_CASE("a quote under another root is refused, also one that looks like Intel's", "[attest]") {
  // The same names with other keys, and the real root of Intel as the one that is trusted.
  const TdxReport report =
      verify_tdx_quote(QuoteMaker().build(), full_collateral(), full_policy(), kTdxNow);
  CHECK(failed(report.findings) == Names{"pck-chain", "root-crl", "tcb-info", "qe-identity"});
  CHECK(text_of(report.findings, "pck-chain") ==
        "the root in the quote, \"Intel SGX Root CA\", is not the one that is trusted");
  // With Intel's root put into the quote.
  QuoteMaker maker;
  maker.chain = tdx_pki().platform_pck.pem + tdx_pki().platform_ca.pem;
  const std::string der = base::to_hex(intel_sgx_root().der());
  CHECK(intel_sgx_root().common_name() == "Intel SGX Root CA");
  const TdxReport without = verify_here(maker.build());
  CHECK(failed(without.findings) == Names{"pck-chain"});
  CHECK(text_of(without.findings, "pck-chain") ==
        "the quote has no chain of three certificates in PEM");
}

TEST_CASE("certificates in the wrong places are refused", "[attest]") {
  const testing::TdxPki& pki = tdx_pki();
  const auto problem = [&](const std::string& chain) {
    QuoteMaker maker;
    maker.chain = chain;
    const TdxReport report = verify_here(maker.build());
    CHECK(find_finding(report.findings, "pck-chain")->result == Result::kFailed);
    return text_of(report.findings, "pck-chain");
  };
  CHECK(has(problem(pki.platform_pck.pem + pki.processor_ca.pem + pki.root.pem),
            "was issued by \"Intel SGX PCK Platform CA\", and the quote has"));
  CHECK(has(problem(pki.tcb_signing.pem + pki.platform_ca.pem + pki.root.pem),
            "the first certificate is \"Intel SGX TCB Signing\""));
  CHECK(has(problem(pki.platform_pck.pem + pki.tcb_signing.pem + pki.root.pem),
            "the second certificate is \"Intel SGX TCB Signing\""));
  CHECK(has(problem("no certificates"), "no chain of three certificates"));
  CHECK(has(problem(pki.platform_chain() + "x"), "no chain of three certificates"));
  // The right names and a CA that nobody certified.
  const auto fake_ca = testing::make_certificate({"Intel SGX PCK Platform CA", 2, true}, nullptr);
  testing::CertificateRequest request{"Intel SGX PCK Certificate", 4};
  request.sgx_extension = testing::make_sgx_extension({});
  const auto fake = testing::make_certificate(request, &fake_ca);
  CHECK(has(problem(fake.pem + fake_ca.pem + pki.root.pem), "\"Intel SGX PCK"));
  CHECK(has(problem(fake.pem + pki.platform_ca.pem + pki.root.pem), "\"Intel SGX PCK"));
}

TEST_CASE("certificates count only in their time", "[attest]") {
  const base::Bytes quote = QuoteMaker().build();
  const TdxReport late =
      verify_here(quote, full_collateral(), full_policy(), kTdxNow + 1001 * testing::kDay);
  CHECK(failed(late.findings) ==
        Names{"pck-chain", "pck-crl", "root-crl", "tcb-info", "qe-identity"});
  CHECK(has(text_of(late.findings, "pck-chain"), " expired on 2029-02-25T00:00:00Z, and it is "));
  const TdxReport early =
      verify_here(quote, full_collateral(), full_policy(), kTdxNow - 1001 * testing::kDay);
  CHECK(has(text_of(early.findings, "pck-chain"), " begins on 2023-09-05T00:00:00Z, and it is "));
  // A leaf alone that has expired.
  testing::CertificateRequest request{"Intel SGX PCK Certificate", 9};
  request.sgx_extension = testing::make_sgx_extension({});
  request.to = kTdxNow - 1;
  const auto expired = testing::make_certificate(request, &tdx_pki().platform_ca);
  QuoteMaker maker;
  maker.pck = &expired.key;
  maker.chain = expired.pem + tdx_pki().platform_ca.pem + tdx_pki().root.pem;
  const TdxReport report = verify_here(maker.build());
  CHECK(failed(report.findings) == Names{"pck-chain"});
  CHECK(text_of(report.findings, "pck-chain") ==
        "\"Intel SGX PCK Certificate\" expired on 2026-05-31T23:59:59Z, and it is "
        "2026-06-01T00:00:00Z");
  CHECK(has(text_of(report.findings, "tcb-level"), "pck-chain failed"));
}

TEST_CASE("any text instead of a quote is a finding and no crash", "[attest]") {
  const TdxReport report = verify_here(base::to_bytes("{\"quote\":1}"));
  CHECK(failed(report.findings) == Names{"quote-format"});
  CHECK(names_with(report.findings, Result::kNotChecked).size() == kAll.size() - 1);
  CHECK(report.measurements.empty());
}

}  // namespace ecloud::attest
