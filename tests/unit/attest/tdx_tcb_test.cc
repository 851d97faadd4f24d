// Revocation, TCB info, levels and the identity of the quoting enclave.
#include "ecloud/base/hex.h"
#include "unit/attest/tdx_fixture.h"

namespace ecloud::attest {
namespace {

using testing::ListRequest;
using testing::make_revocation_list;
using testing::QeIdentitySpec;
using testing::TcbInfoSpec;
using testing::TdxPki;

TdxReport with(const TdxCollateral& collateral) {
  return verify_here(QuoteMaker().build(), collateral);
}

/// The text of the one finding that fails.
std::string only_failure(const TdxReport& report, const std::string& name) {
  CHECK(failed(report.findings) == Names{name});
  return text_of(report.findings, name);
}

TcbInfoSpec with_status(const std::string& status) {
  TcbInfoSpec spec;
  spec.levels[0].status = status;
  spec.levels[0].advisories = {"INTEL-SA-00003"};
  return spec;
}

}  // namespace

TEST_CASE("revoked certificates are found", "[attest]") {
  TdxCollateral collateral = full_collateral();
  collateral.pck_crl = make_revocation_list(tdx_pki().platform_ca, {{3, TdxPki::kPlatformPck}});
  CHECK(only_failure(with(collateral), "pck-crl") ==
        "\"Intel SGX PCK Certificate\" is revoked: the revocation list of \"Intel SGX PCK Platform "
        "CA\" holds its serial number 04");
  collateral = full_collateral();
  collateral.root_crl = make_revocation_list(tdx_pki().root, {{TdxPki::kPlatformCa}});
  CHECK(
      has(only_failure(with(collateral), "root-crl"), "\"Intel SGX PCK Platform CA\" is revoked"));
  collateral.root_crl = make_revocation_list(tdx_pki().root, {{TdxPki::kTcbSigning}});
  CHECK(has(only_failure(with(collateral), "root-crl"), "\"Intel SGX TCB Signing\" is revoked"));
  // Another CA of the same root is none of our business.
  collateral.root_crl = make_revocation_list(tdx_pki().root, {{TdxPki::kProcessorCa}});
  CHECK(failed(with(collateral).findings).empty());
}

TEST_CASE("revocation lists are those of the right CA and of now", "[attest]") {
  const auto pck_problem = [&](const base::Bytes& list) {
    TdxCollateral collateral = full_collateral();
    collateral.pck_crl = list;
    return only_failure(with(collateral), "pck-crl");
  };
  const testing::TdxPki& pki = tdx_pki();
  CHECK(has(pck_problem(make_revocation_list(pki.processor_ca, {})), "is not that of"));
  CHECK(has(pck_problem(make_revocation_list(pki.root, {})), "is not that of"));
  // The right name, and a key of nobody.
  const auto fake = testing::make_certificate({"Intel SGX PCK Platform CA", 2, true}, nullptr);
  CHECK(pck_problem(make_revocation_list(fake, {})) ==
        "the revocation list of \"Intel SGX PCK Platform CA\" is not signed by that authority");
  ListRequest old;
  old.to = kTdxNow - 1;
  CHECK(pck_problem(make_revocation_list(pki.platform_ca, old)) ==
        "the revocation list of \"Intel SGX PCK Platform CA\" expired on 2026-05-31T23:59:59Z, and "
        "it is 2026-06-01T00:00:00Z");
  ListRequest early;
  early.from = kTdxNow + 1;
  CHECK(has(pck_problem(make_revocation_list(pki.platform_ca, early)), " begins on "));
  CHECK(has(pck_problem(base::to_bytes("no list")), "is not one X.509 CRL"));
  base::Bytes changed = make_revocation_list(pki.platform_ca, {{9}});
  changed[changed.size() - 1] ^= 1;
  CHECK(!pck_problem(changed).empty());
}

TEST_CASE("revocation lists are read in every form that Intel serves", "[attest]") {
  const base::Bytes der = make_revocation_list(tdx_pki().root, {{TdxPki::kPlatformCa}});
  const std::string pem = testing::to_pem_list(der);
  for (const base::Bytes& form :
       {der, base::to_bytes(pem), base::to_bytes(base::to_hex(der) + "\n")}) {
    TdxCollateral collateral = full_collateral();
    collateral.root_crl = form;
    CHECK(has(only_failure(with(collateral), "root-crl"), "is revoked"));
  }
  // Two lists in one text: nobody knows which counts.
  TdxCollateral collateral = full_collateral();
  collateral.root_crl = base::to_bytes(pem + pem);
  CHECK(has(only_failure(with(collateral), "root-crl"), "is not one X.509 CRL"));
}

TEST_CASE("issuer chains are read as the service's headers have them", "[attest]") {
  std::string encoded;
  for (const char c : tdx_pki().tcb_chain()) {
    const auto octet = static_cast<std::uint8_t>(c);
    const bool plain = std::isalnum(octet) != 0 || c == '-';
    encoded += plain ? std::string(1, c) : "%" + base::to_hex({&octet, 1});
  }
  TdxCollateral collateral = full_collateral();
  collateral.tcb_info_issuer_chain = encoded;
  CHECK(fold(with(collateral).findings) == Result::kVerified);
  collateral.tcb_info_issuer_chain = "-----BEGIN%20CERTIFICATE-----%0Anone";
  CHECK(has(only_failure(with(collateral), "tcb-info"), "is not certificates in PEM"));
}

TEST_CASE("TCB info of another platform is no TCB info", "[attest]") {
  TcbInfoSpec spec;
  spec.fmspc = "50806f000000";
  const TdxReport report = with(with_tcb_info(spec));
  CHECK(only_failure(report, "pck-platform") ==
        "the platform is FMSPC 90c06f000000, PCEID 0000, and the TCB info is for FMSPC "
        "50806f000000, PCEID 0000");
  CHECK(text_of(report.findings, "tcb-level") == "pck-platform failed");
  CHECK(!report.tcb_status);
  spec = {};
  spec.pce_id = "0100";
  CHECK(has(only_failure(with(with_tcb_info(spec)), "pck-platform"), "PCEID 0100"));
}

TEST_CASE("TCB info counts octet for octet as it was signed", "[attest]") {
  const testing::TdxPki& pki = tdx_pki();
  const std::string good = *full_collateral().tcb_info;
  const auto problem = [&](const std::string& text) {
    TdxCollateral collateral = full_collateral();
    collateral.tcb_info = text;
    const TdxReport report = with(collateral);
    CHECK(failed(report.findings) == Names{"tcb-info"});
    CHECK(find_finding(report.findings, "tcb-level")->result == Result::kNotChecked);
    return text_of(report.findings, "tcb-info");
  };
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string out = good;
    const std::size_t at = out.find(from);
    REQUIRE(at != std::string::npos);
    return out.replace(at, from.size(), to);
  };
  const std::string unsigned_text = "the TCB info is not signed by its issuer";
  CHECK(problem(replaced("\"tcbType\":0", "\"tcbType\": 0")) == unsigned_text);
  CHECK(problem(replaced("\"UpToDate\"", "\"uptodate\"")) !=
        "");  // and no word is taken for another one
  CHECK(problem(replaced("\"svn\":3", "\"svn\":2")) == unsigned_text);
  CHECK(problem(testing::signed_document("tcbInfo", testing::tcb_info_content({}),
                                         pki.platform_pck.key)) == unsigned_text);
  // White space outside of the signed value is nobody's business.
  TdxCollateral spaced = full_collateral();
  spaced.tcb_info = replaced("{\"tcbInfo\":", "\n{ \"tcbInfo\" :\t") + "\n";
  CHECK(fold(with(spaced).findings) == Result::kVerified);
  // A second value, which another reader would take.
  CHECK(has(problem("{\"tcbInfo\":{}," + good.substr(1)), "has a member twice"));
  CHECK(has(problem("{}"), "has no member \"tcbInfo\""));
  CHECK(has(problem("[1"), "is no JSON object"));
  CHECK(has(problem(replaced("signature\":\"", "signature\":\"00")), "not 64 octets in hex"));
}

TEST_CASE("TCB info is signed by Intel's signer in its time", "[attest]") {
  const testing::TdxPki& pki = tdx_pki();
  const auto problem = [&](const TdxCollateral& collateral) {
    return only_failure(with(collateral), "tcb-info");
  };
  TdxCollateral collateral = full_collateral();
  // A PCK certificate leads to the same root, and is no signer of documents.
  collateral.tcb_info =
      testing::signed_document("tcbInfo", testing::tcb_info_content({}), pki.platform_pck.key);
  collateral.tcb_info_issuer_chain = pki.platform_chain();
  CHECK(problem(collateral) ==
        "the issuer of the TCB info is \"Intel SGX PCK Certificate\" and not \"Intel SGX TCB "
        "Signing\"");
  const auto fake = testing::make_certificate({"Intel SGX TCB Signing", 6}, &pki.platform_ca);
  collateral.tcb_info =
      testing::signed_document("tcbInfo", testing::tcb_info_content({}), fake.key);
  collateral.tcb_info_issuer_chain = fake.pem + pki.platform_ca.pem + pki.root.pem;
  CHECK(has(problem(collateral), "the issuer of the TCB info: \"Intel SGX TCB Signing\""));
  testing::CertificateRequest request{"Intel SGX TCB Signing", 6};
  request.to = kTdxNow - 1;
  const auto expired = testing::make_certificate(request, &pki.root);
  collateral.tcb_info =
      testing::signed_document("tcbInfo", testing::tcb_info_content({}), expired.key);
  collateral.tcb_info_issuer_chain = expired.pem + pki.root.pem;
  CHECK(has(problem(collateral), " expired on 2026-05-31T23:59:59Z"));

  TcbInfoSpec spec;
  spec.next_update = "2026-05-31T23:59:59Z";
  CHECK(problem(with_tcb_info(spec)) ==
        "the TCB info expired on 2026-05-31T23:59:59Z, and it is 2026-06-01T00:00:00Z");
  spec = {};
  spec.issued = "2026-06-01T00:00:01Z";
  CHECK(has(problem(with_tcb_info(spec)), "the TCB info was issued on 2026-06-01T00:00:01Z"));
  spec = {};
  spec.id = "SGX";
  CHECK(problem(with_tcb_info(spec)) == "TCB info: $.id: expected \"TDX\"");
  spec = {};
  spec.evaluation = 17;
  CHECK(problem(with_tcb_info(spec)) ==
        "the TCB info is evaluation 17, and at least 18 is asked for");
}

TEST_CASE("a platform that is out of date is refused and its advisories are named", "[attest]") {
  TcbInfoSpec spec;
  spec.levels[0].pce_svn = 14;  // ours is 13: the second level
  TdxReport report = with(with_tcb_info(spec));
  CHECK(only_failure(report, "tcb-level") ==
        "OutOfDate: platform OutOfDate (level of 2026-01-01T00:00:00Z), module TDX_01 version 5 "
        "UpToDate; accepted is UpToDate");
  CHECK(report.tcb_status == TcbStatus::kOutOfDate);
  CHECK(report.advisories == Names{"INTEL-SA-00001", "INTEL-SA-00002"});
  // Accepted only when that is asked for.
  TdxPolicy policy = full_policy();
  policy.accepted_statuses.push_back(TcbStatus::kOutOfDate);
  report = verify_here(QuoteMaker().build(), with_tcb_info(spec), policy);
  CHECK(fold(report.findings) == Result::kVerified);

  for (const std::size_t place : {std::size_t{0}, std::size_t{7}, std::size_t{15}}) {
    spec = {};
    spec.levels[0].sgx_svns[place] = 4;
    CHECK(with(with_tcb_info(spec)).tcb_status == TcbStatus::kOutOfDate);
  }
  spec = {};
  spec.levels[0].tdx_svns[2] = 5;
  CHECK(with(with_tcb_info(spec)).tcb_status == TcbStatus::kOutOfDate);
  spec.levels.pop_back();
  CHECK(has(only_failure(with(with_tcb_info(spec)), "tcb-level"),
            "the platform is below every level of the TCB info: components "
            "03030303030303030303030303030303, PCESVN 13, TEE_TCB_SVN 05010400"));
}

TEST_CASE("statuses other than UpToDate are accepted only when asked for", "[attest]") {
  for (const char* word :
       {"SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded",
        "OutOfDate", "OutOfDateConfigurationNeeded", "Revoked"}) {
    CAPTURE(word);
    const TcbStatus status = parse_tcb_status(word);
    CHECK(tcb_status_word(status) == word);
    const TdxReport refused = with(with_tcb_info(with_status(word)));
    CHECK(failed(refused.findings) == Names{"tcb-level"});
    CHECK(refused.tcb_status == status);
    CHECK(refused.advisories == Names{"INTEL-SA-00003"});
    TdxPolicy policy = full_policy();
    policy.accepted_statuses = {TcbStatus::kUpToDate, status};
    CHECK(fold(verify_here(QuoteMaker().build(), with_tcb_info(with_status(word)), policy)
                   .findings) == Result::kVerified);
  }
  CHECK(has(only_failure(with(with_tcb_info(with_status("Fine"))), "tcb-info"),
            "$.tcbLevels[0].tcbStatus: expected a TCB status"));
}

TEST_CASE("the worse of platform and module counts", "[attest]") {
  TcbInfoSpec spec = with_status("ConfigurationNeeded");
  spec.modules[1].levels = {{6, "UpToDate"}, {5, "OutOfDate"}};
  TdxReport report = with(with_tcb_info(spec));
  CHECK(report.tcb_status == TcbStatus::kOutOfDateConfigurationNeeded);
  CHECK(report.advisories == Names{"INTEL-SA-00003", "INTEL-SA-90000"});
  spec = {};
  spec.modules[1].levels = {{6, "UpToDate"}, {5, "Revoked"}};
  CHECK(with(with_tcb_info(spec)).tcb_status == TcbStatus::kRevoked);
  CHECK(worse(TcbStatus::kUpToDate, TcbStatus::kSwHardeningNeeded) ==
        TcbStatus::kSwHardeningNeeded);
  CHECK(worse(TcbStatus::kOutOfDate, TcbStatus::kSwHardeningNeeded) == TcbStatus::kOutOfDate);
  CHECK(worse(TcbStatus::kOutOfDate, TcbStatus::kConfigurationAndSwHardeningNeeded) ==
        TcbStatus::kOutOfDateConfigurationNeeded);
  CHECK(worse(TcbStatus::kRevoked, TcbStatus::kConfigurationNeeded) == TcbStatus::kRevoked);
}

TEST_CASE("the module is Intel's and of a generation that is known", "[attest]") {
  TcbInfoSpec spec;
  spec.modules.pop_back();
  TdxReport report = with(with_tcb_info(spec));
  CHECK(failed(report.findings) == Names{"tdx-module", "tcb-level"});
  CHECK(text_of(report.findings, "tdx-module") == "the TCB info knows no module TDX_01");
  spec = {};
  spec.modules[1].mr_signer[0] = 1;
  CHECK(has(only_failure(with(with_tcb_info(spec)), "tdx-module"), "MRSIGNERSEAM is 000000"));
  spec = {};
  spec.modules[1].levels = {{6, "UpToDate"}};
  CHECK(has(only_failure(with(with_tcb_info(spec)), "tcb-level"),
            "module TDX_01 version 5 is below every level"));
  QuoteMaker maker;
  maker.set(testing::kSeamAttributes, {1, 0, 0, 0, 0, 0, 0, 0});
  CHECK(has(only_failure(verify_here(maker.build()), "tdx-module"),
            "SEAMATTRIBUTES is 0100000000000000"));
}

TEST_CASE("the first generation of the module is compared with the platform's levels", "[attest]") {
  QuoteMaker maker;
  base::Bytes svn(16, 0);
  svn[0] = 5, svn[2] = 4;
  maker.set(testing::kTeeTcbSvn, svn);
  TcbInfoSpec spec;
  spec.modules.clear();
  CHECK(fold(verify_here(maker.build(), with_tcb_info(spec)).findings) == Result::kVerified);
  spec.levels[0].tdx_svns[0] = 6;
  CHECK(verify_here(maker.build(), with_tcb_info(spec)).tcb_status == TcbStatus::kOutOfDate);
  spec = {};
  spec.module_signer[47] = 1;
  CHECK(has(only_failure(verify_here(maker.build(), with_tcb_info(spec)), "tdx-module"),
            "MRSIGNERSEAM"));
  // With a generation these two octets are the module's own.
  spec = {};
  spec.levels[0].tdx_svns[0] = 200;
  spec.levels[0].tdx_svns[1] = 200;
  CHECK(with(with_tcb_info(spec)).tcb_status == TcbStatus::kUpToDate);
}

TEST_CASE("the quoting enclave is Intel's and up to date", "[attest]") {
  const auto problem = [&](const QeIdentitySpec& spec) {
    return only_failure(with(with_qe_identity(spec)), "qe-identity");
  };
  QeIdentitySpec spec;
  spec.mr_signer[0] = 'b';
  CHECK(has(problem(spec), "the quoting enclave's MRSIGNER is a0a1"));
  spec = {};
  spec.prod_id = 3;
  CHECK(problem(spec) == "the quoting enclave's ISVPRODID is 2, and Intel's is 3");
  spec = {};
  spec.misc_select = "01000000";
  CHECK(has(problem(spec), "the quoting enclave's MISCSELECT is 00000000"));
  spec = {};
  spec.attributes = "13000000000000000000000000000000";
  CHECK(has(problem(spec), "the quoting enclave's ATTRIBUTES is 11000000"));
  spec = {};
  spec.attributes = "15000000000000000000000000000000";  // a bit outside of the mask
  CHECK(fold(with(with_qe_identity(spec)).findings) == Result::kVerified);
  spec = {};
  spec.levels = {{5, "UpToDate"}, {4, "OutOfDate"}};
  CHECK(problem(spec) ==
        "the quoting enclave has security version 4, which is OutOfDate, and accepted is UpToDate");
  spec.levels = {{5, "UpToDate"}};
  CHECK(has(problem(spec), "which is below every level"));
  spec = {};
  spec.id = "QE";
  CHECK(problem(spec) == "QE identity: $.id: expected \"TD_QE\"");
  spec = {};
  spec.next_update = "2026-05-30T00:00:00Z";
  CHECK(has(problem(spec), "the QE identity expired on 2026-05-30T00:00:00Z"));
  TdxCollateral collateral = full_collateral();
  collateral.qe_identity->replace(collateral.qe_identity->find("\"isvprodid\":2"), 13,
                                  "\"isvprodid\":3");
  CHECK(only_failure(with(collateral), "qe-identity") ==
        "the QE identity is not signed by its issuer");
}

TEST_CASE("a PCK certificate without its platform is refused", "[attest]") {
  const auto problem = [](const std::optional<base::Bytes>& extension) {
    testing::CertificateRequest request{"Intel SGX PCK Certificate", 10};
    request.sgx_extension = extension;
    const auto pck = testing::make_certificate(request, &tdx_pki().platform_ca);
    QuoteMaker maker;
    maker.pck = &pck.key;
    maker.chain = pck.pem + tdx_pki().platform_ca.pem + tdx_pki().root.pem;
    return only_failure(verify_here(maker.build()), "pck-platform");
  };
  CHECK(has(problem(std::nullopt), "it is not there, or is there twice"));
  CHECK(has(problem(base::Bytes{0x30, 0x00}), "FMSPC, PCEID or the security versions are missing"));
  CHECK(has(problem(base::Bytes{0x04, 0x00}), "its sequence is malformed"));
  testing::SgxPlatform platform;
  platform.fmspc.pop_back();
  CHECK(has(problem(testing::make_sgx_extension(platform)), "FMSPC is not 6 octets"));
  const base::Bytes whole = testing::make_sgx_extension({});
  for (std::size_t size = 1; size < whole.size(); size += 7) {
    CHECK(!problem(base::Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))
               .empty());
  }
}

}  // namespace ecloud::attest
