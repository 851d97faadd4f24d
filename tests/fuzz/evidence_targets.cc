// Evidence about TEEs: what a machine, Intel or an issuer of tokens hands us.
#include <string>

#include "ecloud/attest/attestation_token.h"
#include "ecloud/attest/event_log.h"
#include "ecloud/attest/jwt.h"
#include "ecloud/attest/tdx_verify.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/verify_app.h"
#include "fuzz/scripted.h"
#include "fuzz/targets.h"

namespace ecloud::fuzz {
namespace {

using attest::Finding;
using attest::Result;

constexpr std::int64_t kNow = 1780272000;

/// Findings are shown to people, and never all verified: the policies here leave checks undone.
void require_findings(const std::vector<Finding>& findings, std::size_t count) {
  require(findings.size() == count, "every check has its finding");
  require(attest::fold(findings) != Result::kVerified,
          "what nobody signed or asked for is not verified");
  for (const Finding& finding : findings) {
    require(base::printable_line(finding.text, finding.text.size()) == finding.text,
            "a finding is one line");
  }
}

void run_tdx_quote(base::ByteView input) {
  accepts([&] {
    const attest::TdxQuote quote = attest::parse_tdx_quote(input);
    require(quote.size <= input.size(), "a quote ends within what was given");
  });
  const auto report = attest::verify_tdx_quote(input, {}, {}, kNow);
  require_findings(report.findings, 21);
  const auto* chain = attest::find_finding(report.findings, "pck-chain");
  require(chain->result != Result::kVerified, "no chain of a fuzzer leads to Intel");
}

void run_tdx_collateral(base::ByteView input) {
  const std::string text(base::as_chars(input));
  for (const char* name : {"tcbInfo", "enclaveIdentity"}) {
    accepts([&] {
      const auto document = attest::read_signed_document(text, name);
      require(text.find(document.content) != std::string::npos,
              "what is signed stands in the document");
      accepts([&] { attest::read_tcb_info(document.content); });
      accepts([&] { attest::read_qe_identity(document.content); });
    });
  }
  accepts([&] { attest::read_revocation_list(input); });
  accepts([&] {
    for (const auto& certificate : attest::read_issuer_chain(text)) {
      certificate.key();
      accepts([&] { attest::read_pck_extension(certificate); });
      require(!crypto::chain_problem(certificate, {}, attest::intel_sgx_root(), kNow).empty(),
              "no certificate of a fuzzer leads to Intel");
    }
  });
}

void run_event_log(base::ByteView input) {
  accepts([&] {
    for (const auto& event : attest::replay_event_log(input).events) {
      require(event.offset < input.size(), "an event stands in the log");
    }
  });
  require_findings(attest::verify_event_log(input, {}), 5);
}

/// A token and a key set.
void run_token(base::ByteView input) {
  const auto texts = parts(base::as_chars(input), 2);
  const std::string keys(texts.size() > 1 ? texts[1] : texts[0]);
  attest::TokenPolicy policy;
  policy.image_digest = "sha256:00";
  policy.app_id = "0x00";
  const auto report = attest::verify_attestation_token(texts[0], keys, policy, kNow);
  require_findings(report.findings, 17);
  accepts([&] {
    const auto token = attest::parse_jwt(texts[0]);
    const auto verdict = attest::verify_jwt(token, attest::parse_key_set(keys));
    require(!verdict.valid || (token.algorithm != "none" && !token.algorithm.starts_with("HS")),
            "a token is signed with a private key");
  });
}

/// All that somebody wants us to believe of an app.
void run_bundle(base::ByteView input) {
  accepts([&] {
    const deploy::VerifyMaterial material = deploy::parse_bundle(base::as_chars(input), kNow);
    const base::Paths paths{.state = scratch_folder() / "state", .cache = scratch_folder()};
    const auto& environment = platform::builtin_environments().front();
    const auto report =
        deploy::judge_material(material, {.environment = environment, .paths = paths, .now = kNow});
    require(report.links.size() == 7, "every link is judged");
    for (const auto& link : report.links) {
      const bool is_signed = link.name == "addresses";
      require(is_signed || link.result != Result::kVerified,
              "no link is verified by what a bundle's maker can write");
      for (const Finding& finding : link.findings) {
        require(base::printable_line(finding.text, finding.text.size()) == finding.text,
                "a finding is one line");
      }
    }
    const std::string again = deploy::format_bundle(material);
    require(deploy::format_bundle(deploy::parse_bundle(again, kNow)) == again,
            "a bundle that is written again is the same");
  });
}

}  // namespace

std::vector<Target> evidence_targets() {
  return {{"bundle", run_bundle},
          {"event_log", run_event_log},
          {"tdx_collateral", run_tdx_collateral},
          {"tdx_quote", run_tdx_quote},
          {"token", run_token}};
}

}  // namespace ecloud::fuzz
