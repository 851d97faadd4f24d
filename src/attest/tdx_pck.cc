// The certificates of a quote: chain, revocation, platform.
#include "attest/tdx_check.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"

namespace ecloud::attest {
namespace {

// Intel SGX PCK Certificate and CRL Profile Specification: the names of its certificates.
constexpr std::string_view kLeafName = "Intel SGX PCK Certificate";
constexpr std::string_view kPlatformCa = "Intel SGX PCK Platform CA";
constexpr std::string_view kProcessorCa = "Intel SGX PCK Processor CA";

constexpr std::size_t kChainLength = 3;

/// Why the chain of the quote does not lead to the root; empty when it does.
std::string problem_of(const TdxCheck& check) {
  if (check.chain.size() != kChainLength) {
    return "the quote has no chain of three certificates in PEM";
  }
  const crypto::Certificate& leaf = check.chain[0];
  const crypto::Certificate& authority = check.chain[1];
  if (leaf.common_name() != kLeafName) {
    return "the first certificate is \"" + leaf.common_name() + "\" and not \"" +
           std::string(kLeafName) + "\"";
  }
  const std::string name = authority.common_name();
  if (name != kPlatformCa && name != kProcessorCa) {
    return "the second certificate is \"" + name + "\" and neither \"" + std::string(kPlatformCa) +
           "\" nor \"" + std::string(kProcessorCa) + "\"";
  }
  if (leaf.issuer_common_name() != name) {
    return "the PCK certificate was issued by \"" + leaf.issuer_common_name() +
           "\", and the quote has \"" + name + "\"";
  }
  if (check.chain[2].der() != check.root.der()) {
    return "the root in the quote, \"" + check.chain[2].common_name() +
           "\", is not the one that is trusted";
  }
  return crypto::chain_problem(leaf, {authority}, check.root, check.now);
}

void check_qe_report_signature(TdxCheck& check) {
  const std::string name = "qe-report-signature";
  const auto key = check.chain.empty() ? std::nullopt : check.chain.front().key();
  if (!key) {
    check.evidence.failed(name, "the quote has no PCK certificate with a key that can be read");
  } else if (key->verify(crypto::SignatureAlgorithm::kEs256, check.quote.qe_report_bytes,
                         check.quote.qe_report_signature)) {
    check.evidence.verified(name, "the quoting enclave's report is signed by the PCK certificate");
  } else {
    check.evidence.failed(name,
                          "the quoting enclave's report is not signed by the PCK certificate");
  }
}

/// The list, or a finding that says why there is none.
std::optional<crypto::RevocationList> read_list(TdxCheck& check, const std::string& name,
                                                const std::optional<base::Bytes>& content) {
  if (!content) {
    check.evidence.not_checked(name, "no revocation list was given");
    return std::nullopt;
  }
  try {
    return read_revocation_list(*content);
  } catch (const Error& error) {
    check.evidence.failed(name, error.message());
    return std::nullopt;
  }
}

std::string list_text(const crypto::RevocationList& list) {
  return "of \"" + list.issuer_common_name() + "\", " + std::to_string(list.size()) +
         " revoked, from " + base::format_rfc3339(list.this_update()) + " to " +
         base::format_rfc3339(list.next_update().value_or(0));
}

void check_pck_crl(TdxCheck& check) {
  const auto list = read_list(check, "pck-crl", check.collateral.pck_crl);
  if (!list) return;
  if (check.chain.size() != kChainLength) {
    return check.evidence.not_checked("pck-crl", "pck-chain failed");
  }
  const std::string problem =
      crypto::revocation_problem(check.chain[0], check.chain[1], *list, check.now);
  check.evidence.compared("pck-crl", problem.empty(), problem.empty() ? list_text(*list) : problem,
                          {"pck-chain"});
}

/// The root certifies the CA of the quote and those who sign Intel's documents.
void check_root_crl(TdxCheck& check) {
  const auto list = read_list(check, "root-crl", check.collateral.root_crl);
  if (!list) return;
  std::vector<crypto::Certificate> subjects;
  if (check.chain.size() == kChainLength) subjects.push_back(check.chain[1]);
  // A signer that the root did not certify has failed with its document.
  if (check.tcb_info.problem.empty() && check.tcb_info.signer) {
    subjects.push_back(*check.tcb_info.signer);
  }
  if (check.qe_identity.problem.empty() && check.qe_identity.signer) {
    subjects.push_back(*check.qe_identity.signer);
  }
  std::string problem;
  for (const crypto::Certificate& subject : subjects) {
    if (!problem.empty()) break;
    problem = crypto::revocation_problem(subject, check.root, *list, check.now);
  }
  check.evidence.compared("root-crl", problem.empty(), problem.empty() ? list_text(*list) : problem,
                          {"pck-chain"});
}

}  // namespace

void check_pck_chain(TdxCheck& check) {
  if (auto chain = crypto::Certificate::from_pem(check.quote.pck_chain)) {
    check.chain = *std::move(chain);
  }
  check_qe_report_signature(check);
  const std::string problem = problem_of(check);
  if (!problem.empty()) return check.evidence.failed("pck-chain", problem);
  check.evidence.verified("pck-chain", "by \"" + check.chain[1].common_name() + "\", valid to " +
                                           base::format_rfc3339(check.chain[0].not_after()) +
                                           ", up to the root that is trusted");
}

void check_revocation(TdxCheck& check) {
  check_pck_crl(check);
  check_root_crl(check);
}

void check_platform(TdxCheck& check) {
  const std::string name = "pck-platform";
  if (check.chain.empty()) return check.evidence.not_checked(name, "pck-chain failed");
  try {
    check.pck = read_pck_extension(check.chain.front());
  } catch (const Error& error) {
    return check.evidence.failed(name, error.message());
  }
  const std::string ours =
      "FMSPC " + base::to_hex(check.pck->fmspc) + ", PCEID " + base::to_hex(check.pck->pce_id);
  const auto& info = check.tcb_info.content;
  if (!info) {
    return check.evidence.not_checked(name, ours + "; no TCB info is there to compare with");
  }
  const bool holds = info->fmspc == check.pck->fmspc && info->pce_id == check.pck->pce_id;
  check.evidence.compared(name, holds,
                          holds ? ours
                                : "the platform is " + ours + ", and the TCB info is for FMSPC " +
                                      base::to_hex(info->fmspc) + ", PCEID " +
                                      base::to_hex(info->pce_id),
                          {"pck-chain"});
}

}  // namespace ecloud::attest
