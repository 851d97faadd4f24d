#include "ecloud/platform/instance_type.h"

#include "ecloud/base/text.h"

namespace ecloud::platform {

Hardware hardware_of(std::string_view instance_type) {
  if (instance_type.empty()) return Hardware::kUnknown;
  switch (instance_type.back()) {
    case 't':
      return Hardware::kTdx;
    case 's':
      return Hardware::kSevSnp;
    case 'v':
      return Hardware::kShieldedVm;
    default:
      return Hardware::kUnknown;
  }
}

std::string_view to_string(Hardware hardware) {
  switch (hardware) {
    case Hardware::kTdx:
      return "Intel TDX";
    case Hardware::kSevSnp:
      return "AMD SEV-SNP";
    case Hardware::kShieldedVm:
      return "none (Shielded VM)";
    case Hardware::kUnknown:
      break;
  }
  return "unknown";
}

bool has_tee(Hardware hardware) {
  return hardware == Hardware::kTdx || hardware == Hardware::kSevSnp;
}

std::string hardware_warning(std::string_view instance_type) {
  const std::string what = "instance type " + base::printable_line(instance_type, 60);
  switch (hardware_of(instance_type)) {
    case Hardware::kShieldedVm:
      return what +
             " has NO TEE: its boot is measured, but its memory is not encrypted, and whoever "
             "runs the host can read the app's secrets and its wallet";
    case Hardware::kUnknown:
      return "whether " + what +
             " has a TEE is unknown: its name ends in none of t (Intel TDX), s (AMD SEV-SNP) and "
             "v (no TEE)";
    default:
      return {};
  }
}

}  // namespace ecloud::platform
