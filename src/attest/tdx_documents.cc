// Intel's documents: TCB info and the identity of the quoting enclave.
#include <algorithm>

#include "attest/tdx_check.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"

namespace ecloud::attest {
namespace {

constexpr std::string_view kSignerName = "Intel SGX TCB Signing";

struct Given {
  const std::optional<std::string>& document;
  const std::optional<std::string>& chain;
  std::string_view member;
  std::string what;
};

std::string signer_problem(const TdxCheck& check, const crypto::Certificate& signer,
                           const SignedDocument& document, const std::string& what) {
  if (signer.common_name() != kSignerName) {
    return "the issuer of the " + what + " is \"" + signer.common_name() + "\" and not \"" +
           std::string(kSignerName) + "\"";
  }
  const std::string problem = crypto::chain_problem(signer, {}, check.root, check.now);
  if (!problem.empty()) return "the issuer of the " + what + ": " + problem;
  const auto key = signer.key();
  if (!key || !key->verify(crypto::SignatureAlgorithm::kEs256, base::as_bytes(document.content),
                           document.signature)) {
    return "the " + what + " is not signed by its issuer";
  }
  return {};
}

template <typename Content>
std::string content_problem(const TdxCheck& check, const Content& content,
                            const std::string& what) {
  const std::string now = ", and it is " + base::format_rfc3339(check.now);
  if (content.issued > check.now) {
    return "the " + what + " was issued on " + base::format_rfc3339(content.issued) + now;
  }
  if (content.next_update < check.now) {
    return "the " + what + " expired on " + base::format_rfc3339(content.next_update) + now;
  }
  const auto least = check.policy.least_evaluation_number;
  if (least && content.evaluation_number < *least) {
    return "the " + what + " is evaluation " + std::to_string(content.evaluation_number) +
           ", and at least " + std::to_string(*least) + " is asked for";
  }
  return {};
}

template <typename Content, typename Read>
Document<Content> load(const TdxCheck& check, const Given& given, Read read) {
  Document<Content> out;
  if (!given.document) out.absent = "no " + given.what + " was given";
  if (given.document && !given.chain) {
    out.absent = "no issuer chain was given for the " + given.what;
  }
  if (!given.document) return out;
  try {
    const SignedDocument document = read_signed_document(*given.document, given.member);
    out.content = read(document.content);
    if (!given.chain) return out;
    out.signer = read_issuer_chain(*given.chain).front();
    out.problem = signer_problem(check, *out.signer, document, given.what);
    if (out.problem.empty()) out.problem = content_problem(check, *out.content, given.what);
  } catch (const Error& error) {
    if (error.category() != Category::kVerification) throw;
    out.problem = error.message();
  }
  return out;
}

template <typename Content>
std::string dates_text(const Content& content) {
  return "signed by Intel, from " + base::format_rfc3339(content.issued) + " to " +
         base::format_rfc3339(content.next_update) + ", evaluation " +
         std::to_string(content.evaluation_number);
}

template <std::size_t N>
std::string differs(const char* what, const base::FixedBytes<N>& ours,
                    const base::FixedBytes<N>& theirs) {
  return std::string("the quoting enclave's ") + what + " is " + base::to_hex(ours) +
         ", and Intel's is " + base::to_hex(theirs);
}

/// Why the report is not that of Intel's enclave; empty when it is.
std::string enclave_problem(const QeReport& report, const QeIdentity& identity) {
  if (report.mr_signer != identity.mr_signer) {
    return differs("MRSIGNER", report.mr_signer, identity.mr_signer);
  }
  if (report.isv_prod_id != identity.isv_prod_id) {
    return "the quoting enclave's ISVPRODID is " + std::to_string(report.isv_prod_id) +
           ", and Intel's is " + std::to_string(identity.isv_prod_id);
  }
  if (!equal_under_mask(report.misc_select, identity.misc_select, identity.misc_select_mask)) {
    return differs("MISCSELECT", report.misc_select, identity.misc_select);
  }
  if (!equal_under_mask(report.attributes, identity.attributes, identity.attributes_mask)) {
    return differs("ATTRIBUTES", report.attributes, identity.attributes);
  }
  return {};
}

}  // namespace

bool equal_under_mask(base::ByteView a, base::ByteView b, base::ByteView mask) {
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if ((a[i] & mask[i]) != (b[i] & mask[i])) return false;
  }
  return true;
}

std::string status_list(const std::vector<TcbStatus>& statuses) {
  std::string out;
  for (const TcbStatus status : statuses) {
    out += (out.empty() ? "" : ", ") + std::string(tcb_status_word(status));
  }
  return out.empty() ? "none" : out;
}

bool is_accepted(TcbStatus status, const TdxPolicy& policy) {
  const auto& accepted = policy.accepted_statuses;
  return std::find(accepted.begin(), accepted.end(), status) != accepted.end();
}

void load_documents(TdxCheck& check) {
  const TdxCollateral& given = check.collateral;
  check.tcb_info = load<TcbInfo>(
      check, {given.tcb_info, given.tcb_info_issuer_chain, "tcbInfo", "TCB info"}, read_tcb_info);
  check.qe_identity = load<QeIdentity>(
      check, {given.qe_identity, given.qe_identity_issuer_chain, "enclaveIdentity", "QE identity"},
      read_qe_identity);
}

void check_qe_identity(TdxCheck& check) {
  const std::string name = "qe-identity";
  const Document<QeIdentity>& document = check.qe_identity;
  if (!document.problem.empty()) return check.evidence.failed(name, document.problem);
  if (!document.absent.empty()) return check.evidence.not_checked(name, document.absent);
  const QeReport& report = check.quote.qe_report;
  const std::string problem = enclave_problem(report, *document.content);
  if (!problem.empty()) return check.evidence.failed(name, problem);
  const auto& levels = document.content->levels;
  const auto level = std::find_if(levels.begin(), levels.end(), [&](const IsvLevel& one) {
    return one.isv_svn <= report.isv_svn;
  });
  const std::string version =
      "the quoting enclave has security version " + std::to_string(report.isv_svn);
  if (level == levels.end()) {
    return check.evidence.failed(name, version + ", which is below every level of the QE identity");
  }
  check.advisories.insert(check.advisories.end(), level->advisories.begin(),
                          level->advisories.end());
  const std::string status = version + ", which is " + std::string(tcb_status_word(level->status));
  const bool accepted = is_accepted(level->status, check.policy);
  check.evidence.compared(
      name, accepted,
      accepted ? status + "; " + dates_text(*document.content)
               : status + ", and accepted is " + status_list(check.policy.accepted_statuses),
      {"qe-report-signature", "pck-chain"});
}

void check_tcb_info(TdxCheck& check) {
  const Document<TcbInfo>& document = check.tcb_info;
  if (!document.problem.empty()) return check.evidence.failed("tcb-info", document.problem);
  if (!document.absent.empty()) return check.evidence.not_checked("tcb-info", document.absent);
  check.evidence.verified("tcb-info", dates_text(*document.content));
}

}  // namespace ecloud::attest
