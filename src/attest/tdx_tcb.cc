// TCB info against a quote: the module, and the level of platform and module.
#include <algorithm>

#include "attest/tdx_check.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::attest {
namespace {

/// The generation of the module is the second octet of TEE_TCB_SVN, its version the first; of
/// generation 0 there is no identity, and both octets are compared with the platform's levels.
constexpr std::size_t kGenerationOctet = 1;
constexpr std::size_t kVersionOctet = 0;

std::string module_id(const TdxBody& body) {
  const std::uint8_t generation = body.tee_tcb_svn[kGenerationOctet];
  return "TDX_" + base::to_hex({&generation, 1});
}

/// The identity of the quote's module; null when there is none.
const TdxModuleIdentity* find_identity(const TcbInfo& info, const TdxBody& body) {
  const std::string id = base::to_hex({&body.tee_tcb_svn[kGenerationOctet], 1});
  for (const TdxModuleIdentity& identity : info.module_identities) {
    if (base::equal_ignoring_case(identity.id, "TDX_" + id)) return &identity;
  }
  return nullptr;
}

std::string module_problem(const TdxBody& body, const TdxModule& module) {
  if (body.mr_signer_seam != module.mr_signer) {
    return "MRSIGNERSEAM is " + base::to_hex(body.mr_signer_seam) + ", and Intel's is " +
           base::to_hex(module.mr_signer);
  }
  if (!equal_under_mask(body.seam_attributes, module.attributes, module.attributes_mask)) {
    return "SEAMATTRIBUTES is " + base::to_hex(body.seam_attributes) + ", and Intel's is " +
           base::to_hex(module.attributes);
  }
  return {};
}

bool all_at_least(const Svns& ours, const Svns& asked, std::size_t from) {
  for (std::size_t i = from; i < ours.size(); ++i) {
    if (ours[i] < asked[i]) return false;
  }
  return true;
}

const TcbLevel* find_level(const TcbInfo& info, const PckExtension& pck, const TdxBody& body) {
  const std::size_t from = body.tee_tcb_svn[kGenerationOctet] > 0 ? 2 : 0;
  for (const TcbLevel& level : info.levels) {
    if (all_at_least(pck.component_svns, level.sgx_svns, 0) && pck.pce_svn >= level.pce_svn &&
        all_at_least(body.tee_tcb_svn, level.tdx_svns, from)) {
      return &level;
    }
  }
  return nullptr;
}

void check_module(TdxCheck& check, const TcbInfo& info) {
  const std::string name = "tdx-module";
  const TdxBody& body = check.quote.body;
  const bool has_generation = body.tee_tcb_svn[kGenerationOctet] > 0;
  const TdxModuleIdentity* identity = find_identity(info, body);
  if (has_generation && identity == nullptr) {
    return check.evidence.failed(name, "the TCB info knows no module " + module_id(body));
  }
  const std::string problem = module_problem(body, has_generation ? identity->module : info.module);
  const std::string what = has_generation ? module_id(body) : std::string("the first generation");
  check.evidence.compared(name, problem.empty(),
                          problem.empty() ? "signed by Intel's key, " + what : problem,
                          quote_trust_and({"tcb-info"}));
}

/// The status of the module by itself; the first generation has none of its own.
struct ModuleStatus {
  bool known = true;
  TcbStatus status = TcbStatus::kUpToDate;
  std::string text;
};

ModuleStatus module_status(TdxCheck& check, const TcbInfo& info) {
  const TdxBody& body = check.quote.body;
  if (body.tee_tcb_svn[kGenerationOctet] == 0) return {};
  const std::uint8_t version = body.tee_tcb_svn[kVersionOctet];
  const std::string text = "module " + module_id(body) + " version " + std::to_string(version);
  const TdxModuleIdentity* identity = find_identity(info, body);
  if (identity == nullptr) return {false, TcbStatus::kRevoked, text + " is not in the TCB info"};
  for (const IsvLevel& level : identity->levels) {
    if (level.isv_svn > version) continue;
    check.advisories.insert(check.advisories.end(), level.advisories.begin(),
                            level.advisories.end());
    return {true, level.status, text + " " + std::string(tcb_status_word(level.status))};
  }
  return {false, TcbStatus::kRevoked, text + " is below every level of the TCB info"};
}

std::string svns_text(const PckExtension& pck, const TdxBody& body) {
  return "components " + base::to_hex(pck.component_svns) + ", PCESVN " +
         std::to_string(pck.pce_svn) + ", TEE_TCB_SVN " + base::to_hex(body.tee_tcb_svn);
}

void check_level(TdxCheck& check, const TcbInfo& info) {
  const std::string name = "tcb-level";
  if (!check.pck) return check.evidence.not_checked(name, check.evidence.missing({"pck-platform"}));
  // The levels of another platform say nothing about this one.
  const Finding* platform = find_finding(check.evidence.findings(), "pck-platform");
  if (platform != nullptr && platform->result == Result::kFailed) {
    return check.evidence.not_checked(name, "pck-platform failed");
  }
  const TdxBody& body = check.quote.body;
  const TcbLevel* level = find_level(info, *check.pck, body);
  if (level == nullptr) {
    return check.evidence.failed(
        name, "the platform is below every level of the TCB info: " + svns_text(*check.pck, body));
  }
  check.advisories.insert(check.advisories.end(), level->advisories.begin(),
                          level->advisories.end());
  const ModuleStatus module = module_status(check, info);
  if (!module.known) return check.evidence.failed(name, module.text);
  check.tcb_status = worse(level->status, module.status);
  std::string text = std::string(tcb_status_word(*check.tcb_status)) + ": platform " +
                     std::string(tcb_status_word(level->status)) + " (level of " +
                     base::format_rfc3339(level->date) + ")";
  if (!module.text.empty()) text += ", " + module.text;
  const bool accepted = is_accepted(*check.tcb_status, check.policy);
  if (!accepted) text += "; accepted is " + status_list(check.policy.accepted_statuses);
  check.evidence.compared(name, accepted, text, quote_trust_and({"pck-platform", "tcb-info"}));
}

}  // namespace

void check_tcb(TdxCheck& check) {
  check_tcb_info(check);
  const auto& info = check.tcb_info.content;
  if (!info) {
    const std::string reason = check.evidence.missing({"tcb-info"});
    check.evidence.not_checked("tdx-module", reason);
    check.evidence.not_checked("tcb-level", reason);
    return;
  }
  check_module(check, *info);
  check_level(check, *info);
}

}  // namespace ecloud::attest
