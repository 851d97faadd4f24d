// What a bundle says of itself: its maker may have written anything into it, so that only what is
// signed, hashes to what is expected, or is compared with the reader's own values is verified.

#include "e2e/verify_support.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/verify_app.h"
#include "ecloud/eth/signing.h"
#include "support/scripted_server.h"
#include "unit/attest/tdx_fixture.h"

using namespace ecloud;
using base::Json;
using testing::changed;
using testing::check_caught;
using testing::Findings;
using testing::kDay;
using testing::kTdxNow;
using testing::RunResult;
using testing::VerifyWorld;
using testing::Words;

namespace {

std::string text_of(const base::Bytes& octets) {
  return std::string(base::as_chars(octets));
}

/// A bundle with a quote and everything that Intel would have published; its keys are the tests'.
deploy::VerifyMaterial quote_material(std::int64_t taken_at) {
  const platform::Environment& environment = platform::builtin_environments().front();
  const attest::TdxCollateral collateral = attest::full_collateral();
  deploy::VerifyMaterial out;
  out.app = *eth::Address::parse("0x00000000000000000000000000000000000a9900");
  out.taken_at = taken_at;
  out.environment = environment.name;
  out.chain_id = environment.chain_id;
  out.app_controller = environment.app_controller.to_string();
  out.from_bundle = true;
  out.attestation.emplace();
  out.attestation->octets = text_of(testing::QuoteMaker().build());
  out.attestation->collateral = {{"pck.crl", text_of(*collateral.pck_crl)},
                                 {"root.crl", text_of(*collateral.root_crl)},
                                 {"tcb-info.json", *collateral.tcb_info},
                                 {"tcb-info-chain.pem", *collateral.tcb_info_issuer_chain},
                                 {"qe-identity.json", *collateral.qe_identity},
                                 {"qe-identity-chain.pem", *collateral.qe_identity_issuer_chain}};
  return out;
}

/// The findings about the attestation, of a reader who trusts the tests' root.
std::vector<attest::Finding> judged(const deploy::VerifyMaterial& material, std::int64_t now,
                                    const deploy::AttestationExpectation& expected = {}) {
  const testing::TempDir folder;
  const base::Paths paths{.config = folder / "config",
                          .state = folder / "state",
                          .home = folder.path(),
                          .cache = folder / "cache"};
  const deploy::VerifyReport report =
      deploy::judge_material(material, {.environment = platform::builtin_environments().front(),
                                        .paths = paths,
                                        .now = now,
                                        .key_set = std::nullopt,
                                        .expected = expected,
                                        .quote_root = &attest::test_root()});
  CHECK(report.links.back().name == "attestation");
  return report.links.back().findings;
}

attest::Result result_of(const std::vector<attest::Finding>& findings, std::string_view name) {
  const attest::Finding* finding = attest::find_finding(findings, name);
  REQUIRE(finding != nullptr);
  INFO(finding->name << ": " << finding->text);
  return finding->result;
}

constexpr const char* kDated[] = {"pck-crl",   "root-crl",    "tcb-info",
                                  "tcb-level", "qe-identity", "tdx-module"};

}  // namespace

TEST_CASE("Documents of a quote in a bundle count at the reader's time", "[e2e][verify][bundle]") {
  const deploy::VerifyMaterial material = quote_material(kTdxNow);
  const auto soon = judged(material, kTdxNow + 10 * kDay);
  for (const char* name : kDated) {
    CAPTURE(name);
    CHECK(result_of(soon, name) == attest::Result::kVerified);
  }
  CHECK(result_of(soon, "pck-chain") == attest::Result::kVerified);
  CHECK(result_of(soon, "quote-time") == attest::Result::kNotChecked);
  // Lists and levels are over: what was revoked since is not known. That the bundle says that it
  // was made before verifies nothing.
  const auto later = judged(material, kTdxNow + 60 * kDay);
  for (const char* name : kDated) {
    CAPTURE(name);
    CHECK(result_of(later, name) == attest::Result::kNotChecked);
  }
  CHECK(attest::text_of(later, "pck-crl")
            .find("that is as of 2026-06-01T00:00:00Z, when the "
                  "bundle says it was made; now: ") != std::string::npos);
  CHECK(result_of(later, "pck-chain") == attest::Result::kVerified);
  CHECK(attest::failed(later).empty());
  // Certificates too: with them everything that the quote says.
  const auto late = judged(material, kTdxNow + 1001 * kDay);
  for (const char* name : {"pck-chain", "qe-report-signature", "td-attributes", "xfam"}) {
    CAPTURE(name);
    CHECK(result_of(late, name) != attest::Result::kFailed);
  }
  CHECK(result_of(late, "pck-chain") == attest::Result::kNotChecked);
  CHECK(result_of(late, "td-attributes") == attest::Result::kNotChecked);
}

TEST_CASE("A bundle from before its quote's certificates is caught", "[e2e][verify][bundle]") {
  const auto findings = judged(quote_material(kTdxNow - 2000 * kDay), kTdxNow);
  CHECK(result_of(findings, "pck-chain") == attest::Result::kFailed);
}

TEST_CASE("What the maker of a bundle expected of a quote is not what the reader expects",
          "[e2e][verify][bundle]") {
  deploy::VerifyMaterial material = quote_material(kTdxNow);
  const attest::TdxQuote quote =
      attest::parse_tdx_quote(base::as_bytes(material.attestation->octets));
  material.attestation->nonce = base::to_hex(quote.body.report_data);
  material.attestation->mr_td = {base::to_hex(quote.body.mr_td)};
  const auto theirs = judged(material, kTdxNow);
  for (const char* name : {"report-data", "mr-td"}) {
    CAPTURE(name);
    CHECK(result_of(theirs, name) == attest::Result::kNotChecked);
    CHECK(attest::text_of(theirs, name).find("what the bundle's maker expected") !=
          std::string::npos);
  }
  const deploy::AttestationExpectation same{.nonce = material.attestation->nonce,
                                            .audience = {},
                                            .project = {},
                                            .mr_td = material.attestation->mr_td};
  const auto own = judged(material, kTdxNow, same);
  CHECK(result_of(own, "report-data") == attest::Result::kVerified);
  CHECK(result_of(own, "mr-td") == attest::Result::kVerified);
  // The reader's own count, and not the bundle's.
  const deploy::AttestationExpectation other{.nonce = std::string(128, 'a'),
                                             .audience = {},
                                             .project = {},
                                             .mr_td = {std::string(96, 'a')}};
  CHECK(attest::failed(judged(material, kTdxNow, other)) == attest::Names{"mr-td", "report-data"});
}

TEST_CASE("A key set out of a bundle does not vouch for its own token",
          "[e2e][verify][attestation][bundle]") {
  VerifyWorld world;
  const std::string digest = testing::release_digest(Findings(world.verify()));
  world.user.write("jwks.json", testing::key_set_of({testing::token_signer().public_key()}));
  world.user.write("token.jwt", testing::token_signer().sign(testing::token_claims(world, digest)));
  const Json bundle = world.bundle(testing::token_words());
  // Long after the token has expired.
  world.clock.sleep(std::chrono::hours(24));
  const RunResult run = world.offline(bundle);
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(found.result("attestation", "token-signature") == "not checked");
  CHECK(found.result("attestation", "image-digest") == "not checked");
  // With the reader's own it is signed, and its time is that of the bundle; which digest the
  // release has is the bundle's word.
  const Findings own(world.offline(bundle, {"--jwks", "jwks.json"}));
  INFO(own.describe());
  CHECK(own.result("attestation", "token-signature") == "verified");
  CHECK(own.result("attestation", "app-id") == "verified");
  CHECK(own.result("attestation", "image-digest") == "not checked");
  CHECK(own.text("attestation", "image-digest").find("which the bundle names") !=
        std::string::npos);
  CHECK(own.result("attestation", "token-time") == "not checked");
  const testing::JwtSigner other("RS256", "google-1");
  world.user.write("other.json", testing::key_set_of({other.public_key()}));
  CHECK(world.offline(bundle, {"--jwks", "other.json"}).code == 9);
}

TEST_CASE("What the maker of a bundle expected of a token is not what the reader expects",
          "[e2e][verify][attestation][bundle]") {
  VerifyWorld world;
  const std::string digest = testing::release_digest(Findings(world.verify()));
  world.user.write("jwks.json", testing::key_set_of({testing::token_signer().public_key()}));
  world.user.write("token.jwt", testing::token_signer().sign(testing::token_claims(world, digest)));
  const Json bundle = world.bundle(testing::token_words());
  constexpr const char* kExpected[] = {"token-nonce", "token-audience", "project-id"};
  const Findings theirs(world.offline(bundle, {"--jwks", "jwks.json"}));
  INFO(theirs.describe());
  for (const char* name : kExpected) {
    CAPTURE(name);
    CHECK(theirs.result("attestation", name) == "not checked");
    CHECK(theirs.text("attestation", name).find("what the bundle's maker expected") !=
          std::string::npos);
  }
  Words words = {"--jwks", "jwks.json"};
  for (const std::string& word : testing::token_expectations()) words.push_back(word);
  const Findings own(world.offline(bundle, words));
  INFO(own.describe());
  for (const char* name : kExpected) {
    CAPTURE(name);
    CHECK(own.result("attestation", name) == "verified");
  }
  check_caught(world.offline(bundle, {"--jwks", "jwks.json", "--nonce", "another nonce"}),
               {"attestation/token-nonce"});
  const RunResult malformed = world.offline(bundle, {"--mr-td", "00"});
  CHECK(malformed.code == 2);
  CHECK(malformed.error()["code"].as_string() == "cli.bad_value");
}

TEST_CASE("A build record in a bundle is the word of who made it", "[e2e][verify][bundle]") {
  VerifyWorld built({"--verifiable", "--repo", "https://github.com/me/app", "--commit",
                     "0123456789abcdef0123456789abcdef01234567"},
                    "");
  const Json theirs = built.bundle();
  const Findings found(built.offline(theirs));
  INFO(found.describe());
  CHECK(found.result("provenance", "build-record") == "not checked");
  CHECK(found.result("provenance", "provenance-source") == "not checked");
  CHECK(found.text("provenance", "build-record").find("the maker of the bundle says") !=
        std::string::npos);
  // Made up for an image that nobody has built.
  VerifyWorld world;
  const Json bundle = world.bundle();
  const std::string digest = bundle["image"]["manifest"].as_string();
  const std::string built_digest = testing::release_digest(found).substr(7);
  const auto payload = base::from_base64(theirs["build"]["payload"].as_string());
  REQUIRE(payload);
  std::string statement(base::as_chars(*payload));
  const std::size_t at = statement.find(built_digest);
  REQUIRE(at != std::string::npos);
  statement.replace(at, built_digest.size(), digest.substr(7));
  Json forged = changed(bundle, {"build"}, theirs["build"]);
  forged = changed(forged, {"build", "imageDigest"}, digest);
  forged = changed(forged, {"build", "payload"}, base::to_base64(base::as_bytes(statement)));
  const RunResult run = world.offline(forged);
  const Findings fabricated(run);
  INFO(fabricated.describe());
  CHECK(run.code == 0);
  CHECK(fabricated.result("provenance") == "not checked");
  CHECK(fabricated.text("provenance", "build-record").find(digest) != std::string::npos);
  for (const char* name : {"build-record", "provenance-source"}) {
    CAPTURE(name);
    CHECK(fabricated.result("provenance", name) == "not checked");
  }
}

TEST_CASE("The base's name in a bundle is not taken for the base", "[e2e][verify][bundle]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const std::string digest = bundle["base"]["manifest"].as_string();
  const auto text = [&](const std::string& reference) {
    const Findings found(world.offline(changed(bundle, {"base", "reference"}, reference)));
    INFO(found.describe());
    // The image's label names the digest.
    CHECK(found.result("image", "base-image") == "verified");
    return found.text("image", "base-image");
  };
  CHECK(text("docker.io/library/alpine:3") == digest + ", as the image's label says");
  CHECK(text("docker.io/library/alpine@sha256:" + std::string(64, '7')) ==
        digest + ", as the image's label says");
  const std::string whole = "docker.io/library/alpine@" + digest;
  CHECK(text(whole) == digest + ", as the image's label says; the bundle calls it " + whole);
}

TEST_CASE("A bundle cannot call a stranger's signature that of a brought wallet",
          "[e2e][verify][live][bundle]") {
  VerifyWorld world;
  const auto key = crypto::PrivateKey::from_hex(world.user.env().at("ECLOUD_PRIVATE_KEY"));
  const std::string stranger = eth::Address::of(key->public_key()).to_string();
  testing::ScriptedServer app([&](const testing::ServerRequest& request) {
    const std::string nonce = request.path.substr(request.path.find("nonce=") + 6);
    const auto signature = key->sign(eth::personal_message_hash(base::as_bytes(nonce)));
    return testing::json_reply(
        Json::object(
            {{"address", stranger}, {"signature", base::to_hex_prefixed(signature.with_v27())}})
            .dump());
  });
  const Words asked = {"--url", app.url(""), "--proof-message", "{nonce}"};
  check_caught(world.verify(asked), {"live/live-address"});
  const Json bundle = changed(world.bundle(asked), {"live", "recordedWallet"}, stranger);
  const RunResult run = world.offline(bundle);
  check_caught(run, {"live/live-address"});
  CHECK(Findings(run).text("live", "live-address").find("whose wallet was brought") !=
        std::string::npos);
}

TEST_CASE("A bundle that --offline would not read is not made", "[e2e][verify][bundle]") {
  const auto code = [](const deploy::VerifyMaterial& material, std::size_t most) {
    try {
      deploy::format_bundle(material, most);
      return std::string();
    } catch (const Error& error) {
      CHECK(error.category() == Category::kFailure);
      return error.code();
    }
  };
  deploy::VerifyMaterial material = quote_material(kTdxNow);
  const std::size_t size = deploy::format_bundle(material).size();
  CHECK(code(material, size) == "");
  CHECK(code(material, size - 1) == "verify.bundle_too_large");
  material.blobs["sha256:00"] = std::string(3 * size, 'x');
  CHECK(code(material, 4 * size) == "verify.bundle_too_large");
  CHECK(code(material, 6 * size) == "");
}
