// What a token says about machine and workload.
#include "attest/token_claims.h"

#include <algorithm>

#include "ecloud/base/text.h"

namespace ecloud::attest {
namespace {

/// What the platform calls its machines: "tee-" and the app's address.
constexpr std::string_view kMachinePrefix = "tee-";

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool is_intel(const TokenCheck& check) {
  return string_claim(check.claims["iss"]) == std::string(kIntelIssuer);
}

void require_claim(TokenCheck& check, const std::string& name, const std::string& claim_name,
                   std::string_view expected) {
  expect_claim(check, name, claim_name, string_claim(check.claims[claim_name]),
               std::string(expected));
}

void check_software_version(TokenCheck& check) {
  const auto versions = string_claims(check.claims["swversion"]);
  const std::uint64_t least = check.policy.least_software_version;
  const bool holds =
      versions && !versions->empty() &&
      std::all_of(versions->begin(), versions->end(), [&](const std::string& version) {
        const auto number = base::parse_decimal(version);
        return number && *number >= least;
      });
  std::string text =
      versions ? base::join(*versions, ", ") : std::string("the token has no \"swversion\"");
  if (!holds) text += ", and at least " + std::to_string(least) + " is asked for";
  compare_claim(check, "software-version", holds, text);
}

/// Google says which vendor's root the hardware's own evidence led to; Intel's tokens come from
/// that vendor.
void check_hardware_vendor(TokenCheck& check) {
  const auto vendors = string_claims(check.claims["attester_tcb"]);
  if (!vendors && is_intel(check)) {
    return compare_claim(check, "hardware-vendor", true, "INTEL: the issuer is the vendor");
  }
  const bool holds = vendors && vendors->size() == 1 && vendors->front() == "INTEL";
  std::string text =
      vendors ? base::join(*vendors, ", ") : std::string("the token has no \"attester_tcb\"");
  if (!holds) text += ", and expected is INTEL";
  compare_claim(check, "hardware-vendor", holds, text);
}

void check_support(TokenCheck& check) {
  const auto attributes =
      string_claims(check.claims["submods"]["confidential_space"]["support_attributes"]);
  const bool holds = attributes && contains(*attributes, "STABLE");
  std::string text =
      attributes ? base::join(*attributes, ", ") : std::string("the token has no attributes");
  if (!holds) text += ", and STABLE is expected: this is no image for production";
  compare_claim(check, "support-state", holds, text);
}

/// Found as an object, in an array of one, and among the submodules.
base::Json tdx_claims(const base::Json& claims) {
  for (const base::Json& place : {claims["tdx"], claims["submods"]["tdx"]}) {
    if (place.is_object()) return place;
    if (place.is_array() && place.size() == 1) return place.at(0);
  }
  return claims["tdx"];
}

void check_tcb_status(TokenCheck& check) {
  const base::Json tdx = tdx_claims(check.claims);
  const auto status = string_claim(tdx["gcp_attester_tcb_status"]);
  if (!status && !is_intel(check)) {
    return check.evidence.not_checked("tcb-status", "the token does not say it");
  }
  const bool holds = status == "UpToDate";
  std::string text = status ? *status : std::string("the token does not say it");
  if (const auto date = string_claim(tdx["gcp_attester_tcb_date"])) text += ", " + *date;
  if (!holds) text += "; expected is UpToDate";
  compare_claim(check, "tcb-status", holds, text);
}

/// Names only: values may be secrets.
std::string names_of(const base::Json& place) {
  std::vector<std::string> names;
  for (const auto& [name, value] : place.members()) names.push_back(name);
  return base::join(names, ", ");
}

bool is_nothing(const base::Json& place) {
  return !place.exists() || place.is_null() ||
         ((place.is_object() || place.is_array()) && place.size() == 0);
}

void check_overrides(TokenCheck& check) {
  const std::string name = "container-overrides";
  const base::Json container = check.claims["submods"]["container"];
  if (!container.is_object()) {
    return compare_claim(check, name, false, "the token says nothing about the container");
  }
  std::vector<std::string> problems;
  const base::Json variables = container["env_override"];
  if (!is_nothing(container["cmd_override"])) problems.push_back("the command is replaced");
  if (!is_nothing(variables)) {
    problems.push_back("variables are replaced" +
                       (variables.is_object() ? ": " + names_of(variables) : std::string()));
  }
  compare_claim(check, name, problems.empty(),
                problems.empty() ? "neither the command nor variables are replaced"
                                 : base::join(problems, "; "));
}

void check_app(TokenCheck& check) {
  const auto machine = string_claim(check.claims["submods"]["gce"]["instance_name"]);
  const auto& expected = check.policy.app_id;
  if (!expected) return expect_claim(check, "app-id", "instance_name", machine, std::nullopt);
  const std::string name = std::string(kMachinePrefix) + base::to_lower(*expected);
  const bool holds = machine && base::to_lower(*machine) == name;
  const std::string found = machine ? *machine : std::string("the token names no machine");
  compare_claim(check, "app-id", holds,
                holds ? "the machine is " + found : found + ", and expected is " + name);
}

}  // namespace

void check_machine(TokenCheck& check) {
  require_claim(check, "software-name", "swname", "CONFIDENTIAL_SPACE");
  check_software_version(check);
  require_claim(check, "hardware-model", "hwmodel",
                is_intel(check) ? "INTEL_TDX" : "GCP_INTEL_TDX");
  check_hardware_vendor(check);
  require_claim(check, "debug-state", "dbgstat", "disabled-since-boot");
  check_support(check);
  check_tcb_status(check);
}

void check_workload(TokenCheck& check) {
  const base::Json submodules = check.claims["submods"];
  expect_claim(check, "image-digest", "image_digest",
               string_claim(submodules["container"]["image_digest"]), check.policy.image_digest);
  check_app(check);
  expect_claim(check, "project-id", "project_id", string_claim(submodules["gce"]["project_id"]),
               check.policy.project_id);
  check_overrides(check);
}

}  // namespace ecloud::attest
