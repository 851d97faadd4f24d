#pragma once

#include <string>
#include <string_view>

namespace ecloud::platform {

/// What protects the memory of an instance type from the machine's host. The last letter of its
/// name says so: t, s or v.
enum class Hardware {
  kTdx,         ///< Intel TDX: encrypted memory, hardware attestation
  kSevSnp,      ///< AMD SEV-SNP: the same
  kShieldedVm,  ///< a vTPM only: measured boot, but the host can read the memory
  kUnknown,
};
Hardware hardware_of(std::string_view instance_type);
/// "Intel TDX", "AMD SEV-SNP", "none (Shielded VM)", "unknown".
std::string_view to_string(Hardware hardware);
/// Only what is known to be a TEE.
bool has_tee(Hardware hardware);

/// What to know before an app runs on that type; empty when it has a TEE.
std::string hardware_warning(std::string_view instance_type);

}  // namespace ecloud::platform
