#include "cli/commands/app/image_labels.h"

namespace ecloud::cli {

void compare_labels(Workflow& workflow, const Values& values, const oci::Reference& reference,
                    const std::optional<deploy::LogVisibility>& visibility,
                    const oci::ResolvedImage& image) {
  if (!image.is_layered()) {
    workflow.warning(
        "the image " + reference.to_string() +
        " has no platform layer (label eigenx_cli_version): unless it brings the start "
        "script and the KMS client itself, the app gets no variables");
    return;
  }
  const auto always = [&](const char* name) {
    const auto found = image.labels.find(name);
    return found != image.labels.end() && found->second == "always";
  };
  const auto disagrees = [&](const char* label, const std::string& option) {
    workflow.warning("the image's label " + std::string(label) + " does not agree with --" +
                     option + "; the label wins");
  };
  constexpr char kLog[] = "tee.launch_policy.log_redirect";
  if (visibility && (*visibility != deploy::LogVisibility::kOff) != always(kLog)) {
    disagrees(kLog, "log-visibility " + std::string(deploy::to_string(*visibility)));
  }
  constexpr char kMemory[] = "tee.launch_policy.monitoring_memory_allow";
  const auto monitoring = values.text("resource-usage-monitoring");
  if (monitoring && (*monitoring == "enable") != always(kMemory)) {
    disagrees(kMemory, "resource-usage-monitoring " + *monitoring);
  }
}

}  // namespace ecloud::cli
