// Tokens of the form that Google Confidential Space and Intel Trust Authority issue, signed by keys
// of the tests.
#include "ecloud/attest/attestation_token.h"

#include "support/catch.h"
#include "support/jwt_maker.h"

namespace ecloud::attest {
namespace {

using base::Json;
using testing::JwtSigner;
using testing::key_set_of;

constexpr std::int64_t kNow = 1780272000;  // 2026-06-01T00:00:00Z
const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kApp = "0xb69a8c848a4b79f4c1810c31156d80e7eaff874a";

using Names = std::vector<std::string>;
const Names kAll = {"token-format",       "token-signature", "token-issuer",  "token-time",
                    "token-audience",     "token-nonce",     "software-name", "software-version",
                    "hardware-model",     "hardware-vendor", "debug-state",   "support-state",
                    "tcb-status",         "image-digest",    "app-id",        "project-id",
                    "container-overrides"};

const JwtSigner& google() {
  static const JwtSigner signer("RS256", "google-1");
  return signer;
}

Json google_claims() {
  return Json::parse(R"({
    "aud": "https://ecloud.example/verify", "iss": "https://confidentialcomputing.googleapis.com",
    "iat": 1780271400, "nbf": 1780271400, "exp": 1780275000,
    "sub": "https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/i",
    "eat_profile": "https://cloud.google.com/confidential-computing/docs/token",
    "eat_nonce": "00112233", "secboot": true, "oemid": 11129, "hwmodel": "GCP_INTEL_TDX",
    "swname": "CONFIDENTIAL_SPACE", "swversion": ["250800"], "attester_tcb": ["INTEL"],
    "dbgstat": "disabled-since-boot",
    "tdx": {"gcp_attester_tcb_status": "UpToDate", "gcp_attester_tcb_date": "2024-03-13T00:00:00Z"},
    "submods": {
      "confidential_space": {"support_attributes": ["LATEST", "STABLE", "USABLE"]},
      "container": {"image_reference": "docker.io/you/app:1",
        "image_digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "restart_policy": "Never", "args": ["npm", "start"], "env": {"PATH": "/bin"}},
      "gce": {"project_id": "tee-compute-prod", "zone": "us-central1-c",
        "instance_name": "tee-0xb69a8c848a4b79f4c1810c31156d80e7eaff874a"}}})",
                     "claims");
}

/// The claims with another one in the place of a member of submods.
Json with_submodule(const std::string& submodule, const std::string& name, Json value) {
  Json claims = google_claims();
  Json all = Json::parse(claims["submods"].dump(), "submods");
  Json one = Json::parse(all[submodule].dump(), "submodule");
  all.set(submodule, one.set(name, std::move(value)));
  return claims.set("submods", all);
}

Json with(const std::string& name, Json value) {
  Json claims = google_claims();
  return claims.set(name, std::move(value));
}

TokenPolicy full_policy() {
  TokenPolicy policy;
  policy.audience = "https://ecloud.example/verify";
  policy.nonce = "00112233";
  policy.image_digest = kDigest;
  policy.app_id = kApp;
  policy.project_id = "tee-compute-prod";
  return policy;
}

TokenReport verify_here(const Json& claims, const TokenPolicy& policy = full_policy(),
                        std::int64_t now = kNow) {
  return verify_attestation_token(google().sign(claims), key_set_of({google().public_key()}),
                                  policy, now);
}

Names names_with(const TokenReport& report, Result result) {
  Names out;
  for (const Finding& finding : report.findings) {
    if (finding.result == result) out.push_back(finding.name);
  }
  return out;
}

Names failed(const TokenReport& report) {
  return names_with(report, Result::kFailed);
}

std::string text_of(const TokenReport& report, std::string_view name) {
  const Finding* finding = find_finding(report.findings, name);
  REQUIRE(finding != nullptr);
  return finding->text;
}

/// The text of the one finding that fails.
std::string only_failure(const TokenReport& report, const std::string& name) {
  CHECK(failed(report) == Names{name});
  return text_of(report, name);
}

Json intel_claims() {
  Json claims = google_claims();
  claims.set("iss", "https://portal.trustauthority.intel.com");
  claims.set("hwmodel", "INTEL_TDX");
  claims.set("eat_nonce", Json::strings({"ffff", "00112233"}));
  claims.set("attester_tcb", nullptr);
  return claims;
}

}  // namespace

TEST_CASE("a token of Google Confidential Space is verified in every claim", "[attest]") {
  const TokenReport report = verify_here(google_claims());
  for (const Finding& finding : report.findings) {
    INFO(finding.name << ": " << finding.text);
    CHECK(finding.result == Result::kVerified);
  }
  CHECK(names_with(report, Result::kVerified) == kAll);
  CHECK(fold(report.findings) == Result::kVerified);
  CHECK(text_of(report, "token-signature") == "RS256 by key \"google-1\"");
  CHECK(text_of(report, "token-time") == "from 2026-05-31T23:50:00Z to 2026-06-01T00:50:00Z");
  CHECK(text_of(report, "app-id") == "the machine is tee-" + kApp);
  REQUIRE(report.claims);
  CHECK((*report.claims)["oemid"].as_u64() == 11129);
}

TEST_CASE("a token of Intel Trust Authority is verified in every claim", "[attest]") {
  // Two keys of one id with different algorithms.
  const JwtSigner signer("PS384", "ita"), other("RS256", "ita");
  const std::string keys = key_set_of({other.public_key(), signer.public_key()});
  const auto report =
      verify_attestation_token(signer.sign(intel_claims()), keys, full_policy(), kNow);
  CHECK(names_with(report, Result::kVerified) == kAll);
  // Here the status has to be there.
  Json claims = intel_claims();
  claims.set("tdx", Json::object());
  CHECK(only_failure(verify_attestation_token(signer.sign(claims), keys, full_policy(), kNow),
                     "tcb-status") == "the token does not say it; expected is UpToDate");
  claims.set("tdx", Json::object({{"gcp_attester_tcb_status", "OutOfDate"},
                                  {"gcp_attester_tcb_date", "2024-03-13T00:00:00Z"}}));
  CHECK(only_failure(verify_attestation_token(signer.sign(claims), keys, full_policy(), kNow),
                     "tcb-status") == "OutOfDate, 2024-03-13T00:00:00Z; expected is UpToDate");
  claims = intel_claims();
  claims.set("hwmodel", "GCP_INTEL_TDX");
  CHECK(only_failure(verify_attestation_token(signer.sign(claims), keys, full_policy(), kNow),
                     "hardware-model") == "GCP_INTEL_TDX, and expected is INTEL_TDX");
}

TEST_CASE("without a key set nothing of a token is called verified", "[attest]") {
  const auto report =
      verify_attestation_token(google().sign(google_claims()), std::nullopt, full_policy(), kNow);
  CHECK(names_with(report, Result::kVerified) == Names{"token-format"});
  CHECK(failed(report).empty());
  CHECK(text_of(report, "token-signature") == "no key set of the issuer was given");
  CHECK(text_of(report, "image-digest") ==
        kDigest + "; this rests on another check, and token-signature was not checked");
}

TEST_CASE("a token by another key is found and its claims do not count", "[attest]") {
  const JwtSigner other("RS256", "google-1");
  const auto report = verify_attestation_token(
      other.sign(google_claims()), key_set_of({google().public_key()}), full_policy(), kNow);
  CHECK(only_failure(report, "token-signature") ==
        "no key \"google-1\" of the key set signed it with RS256");
  CHECK(names_with(report, Result::kNotChecked).size() == kAll.size() - 2);
  const auto unusable = verify_attestation_token(google().sign(google_claims()), "{\"keys\":[]}",
                                                 full_policy(), kNow);
  CHECK(only_failure(unusable, "token-signature") ==
        "the key set has no RSA or EC key that verifies signatures");
  // A claim that was changed after the signature.
  const std::string good = google().sign(google_claims());
  const std::string bad = google().sign(with("eat_nonce", "99"));
  const std::string mixed = good.substr(0, good.rfind('.')) + bad.substr(bad.rfind('.'));
  CHECK(failed(verify_attestation_token(mixed, key_set_of({google().public_key()}), full_policy(),
                                        kNow)) == Names{"token-signature"});
}

TEST_CASE("a token that hides its signature is refused", "[attest]") {
  const std::string keys = key_set_of({google().public_key()});
  const std::string none = google().sign(google_claims(), Json::object({{"alg", "none"}}));
  CHECK(failed(verify_attestation_token(none.substr(0, none.rfind('.') + 1), keys, full_policy(),
                                        kNow)) == Names{"token-signature"});
  const Json header = Json::object({{"alg", "HS256"}, {"kid", "google-1"}});
  const std::string confused = testing::sign_hs256(header, google_claims(), google().public_pem());
  CHECK(failed(verify_attestation_token(confused, keys, full_policy(), kNow)) ==
        Names{"token-signature"});
}

TEST_CASE("a token counts only in its time", "[attest]") {
  CHECK(only_failure(verify_here(google_claims(), full_policy(), 1780275060), "token-time") ==
        "the token expired on 2026-06-01T00:50:00Z, and it is 2026-06-01T00:51:00Z");
  CHECK(failed(verify_here(google_claims(), full_policy(), 1780275059)).empty());
  CHECK(only_failure(verify_here(google_claims(), full_policy(), 1780271339), "token-time") ==
        "the token begins on 2026-05-31T23:50:00Z, and it is 2026-05-31T23:48:59Z");
  CHECK(failed(verify_here(google_claims(), full_policy(), 1780271340)).empty());
  CHECK(only_failure(verify_here(with("iat", 1780272100)), "token-time") ==
        "the token was issued on 2026-06-01T00:01:40Z, and it is 2026-06-01T00:00:00Z");
  for (const char* name : {"iat", "nbf", "exp"}) {
    for (const Json& value : {Json(), Json("1780275000"), Json(-1), Json(1e300)}) {
      CHECK(only_failure(verify_here(with(name, value)), "token-time") ==
            "\"iat\", \"nbf\" or \"exp\" is no time");
    }
  }
  TokenPolicy strict = full_policy();
  strict.clock_tolerance = 0;
  CHECK(failed(verify_here(google_claims(), strict, 1780275000)) == Names{"token-time"});
}

TEST_CASE("a token for somebody else is refused", "[attest]") {
  CHECK(only_failure(verify_here(with("aud", "https://other.example")), "token-audience") ==
        "https://other.example, and expected is https://ecloud.example/verify");
  CHECK(failed(verify_here(with("aud", Json::strings({"https://ecloud.example/verify"})))).empty());
  CHECK(only_failure(verify_here(with("aud", Json::strings({"https://ecloud.example/verify",
                                                            "https://other.example"}))),
                     "token-audience") ==
        "the token is for 2 audiences: https://ecloud.example/verify, https://other.example");
  CHECK(failed(verify_here(with("aud", nullptr))) == Names{"token-audience"});
  TokenPolicy policy = full_policy();
  policy.audience.reset();
  const TokenReport report = verify_here(google_claims(), policy);
  CHECK(names_with(report, Result::kNotChecked) == Names{"token-audience"});
}

TEST_CASE("a token over another nonce is refused", "[attest]") {
  CHECK(only_failure(verify_here(with("eat_nonce", "00112234")), "token-nonce") ==
        "is 00112234, and expected is 00112233");
  CHECK(only_failure(verify_here(with("eat_nonce", Json::strings({"a", "b"}))), "token-nonce") ==
        "is a, b, and expected is 00112233");
  CHECK(failed(verify_here(with("eat_nonce", Json::strings({"a", "00112233"})))).empty());
  CHECK(failed(verify_here(with("eat_nonce", Json::array({Json(1)})))) == Names{"token-nonce"});
  CHECK(only_failure(verify_here(with("eat_nonce", nullptr)), "token-nonce") ==
        "the token has no \"eat_nonce\", and expected is 00112233");
  TokenPolicy policy = full_policy();
  policy.nonce.reset();
  CHECK(names_with(verify_here(google_claims(), policy), Result::kNotChecked) ==
        Names{"token-nonce"});
}

TEST_CASE("a token is bound to image and app, each by itself", "[attest]") {
  const std::string other_digest = "sha256:" + std::string(64, 'b');
  CHECK(only_failure(verify_here(with_submodule("container", "image_digest", other_digest)),
                     "image-digest") == other_digest + ", and expected is " + kDigest);
  const std::string other_app = "tee-0xb69a8c848a4b79f4c1810c31156d80e7eaff874b";
  CHECK(only_failure(verify_here(with_submodule("gce", "instance_name", other_app)), "app-id") ==
        other_app + ", and expected is tee-" + kApp);
  for (const Json& name : {Json("tee-" + kApp + "0"), Json(kApp), Json("x-tee-" + kApp), Json()}) {
    CHECK(failed(verify_here(with_submodule("gce", "instance_name", name))) == Names{"app-id"});
  }
  CHECK(failed(verify_here(with_submodule("gce", "project_id", "another"))) == Names{"project-id"});
  // The address in another case is the same app.
  TokenPolicy policy = full_policy();
  policy.app_id = "0xB69A8C848A4B79F4C1810C31156D80E7EAFF874A";
  CHECK(failed(verify_here(google_claims(), policy)).empty());
  policy.app_id.reset();
  policy.image_digest.reset();
  const TokenReport report = verify_here(google_claims(), policy);
  CHECK(names_with(report, Result::kNotChecked) == Names{"image-digest", "app-id"});
  CHECK(text_of(report, "image-digest") == kDigest + "; no expected value was given");
}

TEST_CASE("another machine than the one for production is refused", "[attest]") {
  const auto only = [](const Json& claims, const std::string& name) {
    return only_failure(verify_here(claims), name);
  };
  CHECK(only(with("iss", "https://issuer.example"), "token-issuer") ==
        "https://issuer.example, and accepted is https://confidentialcomputing.googleapis.com or "
        "https://portal.trustauthority.intel.com");
  CHECK(only(with("swname", "GCE"), "software-name") == "GCE, and expected is CONFIDENTIAL_SPACE");
  CHECK(only(with("swversion", Json::strings({"250299"})), "software-version") ==
        "250299, and at least 250300 is asked for");
  CHECK(failed(verify_here(with("swversion", "250300"))).empty());
  for (const Json& value : {Json::strings({}), Json::strings({"x"}), Json(250800), Json()}) {
    CHECK(failed(verify_here(with("swversion", value))) == Names{"software-version"});
  }
  CHECK(only(with("hwmodel", "GCP_AMD_SEV"), "hardware-model") ==
        "GCP_AMD_SEV, and expected is GCP_INTEL_TDX");
  CHECK(only(with("attester_tcb", Json::strings({"AMD"})), "hardware-vendor") ==
        "AMD, and expected is INTEL");
  CHECK(failed(verify_here(with("attester_tcb", nullptr))) == Names{"hardware-vendor"});
  CHECK(only(with("dbgstat", "enabled"), "debug-state") ==
        "enabled, and expected is disabled-since-boot");
  CHECK(only(with_submodule("confidential_space", "support_attributes", Json::strings({"LATEST"})),
             "support-state") == "LATEST, and STABLE is expected: this is no image for production");
  CHECK(failed(verify_here(with_submodule("confidential_space", "support_attributes", Json()))) ==
        Names{"support-state"});
}

TEST_CASE("what Google says of the platform counts when it is there", "[attest]") {
  const TokenReport silent = verify_here(with("tdx", nullptr));
  CHECK(names_with(silent, Result::kNotChecked) == Names{"tcb-status"});
  const Json old = Json::object({{"gcp_attester_tcb_status", "OutOfDate"}});
  CHECK(failed(verify_here(with("tdx", old))) == Names{"tcb-status"});
  CHECK(failed(verify_here(with("tdx", Json::array({old})))) == Names{"tcb-status"});
  Json below = Json::parse(with("tdx", nullptr)["submods"].dump(), "submods");
  Json claims = with("tdx", nullptr);
  CHECK(failed(verify_here(claims.set("submods", below.set("tdx", old)))) == Names{"tcb-status"});
}

TEST_CASE("a container whose command or variables were replaced is refused", "[attest]") {
  CHECK(only_failure(verify_here(with_submodule("container", "cmd_override",
                                                Json::strings({"sh", "-c", "id"}))),
                     "container-overrides") == "the command is replaced");
  const std::string text = only_failure(
      verify_here(with_submodule("container", "env_override",
                                 Json::object({{"NODE_OPTIONS", "--inspect"}, {"A", "secret"}}))),
      "container-overrides");
  CHECK(text == "variables are replaced: NODE_OPTIONS, A");
  CHECK(failed(verify_here(with_submodule("container", "env_override", "x"))) ==
        Names{"container-overrides"});
  for (const Json& nothing : {Json(), Json::array()}) {
    CHECK(failed(verify_here(with_submodule("container", "cmd_override", nothing))).empty());
  }
  CHECK(failed(verify_here(with("submods", Json::object()))) ==
        Names{"support-state", "image-digest", "app-id", "project-id", "container-overrides"});
}

TEST_CASE("what is no token is a finding", "[attest]") {
  const auto report = verify_attestation_token("<html>", std::nullopt, {}, kNow);
  CHECK(only_failure(report, "token-format") ==
        "the token has 1 parts between dots, and a JWT has three");
  CHECK(names_with(report, Result::kNotChecked) == Names(kAll.begin() + 1, kAll.end()));
  CHECK(!report.claims);
}

}  // namespace ecloud::attest
