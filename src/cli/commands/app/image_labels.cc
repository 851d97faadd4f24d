#include "cli/commands/app/image_labels.h"

#include "ecloud/base/error.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::cli {
namespace {

bool is_always(const oci::ResolvedImage& image, const char* label) {
  const auto found = image.labels.find(label);
  return found != image.labels.end() && found->second == "always";
}

}  // namespace

void compare_labels(Workflow& workflow, const Values& values, const oci::Reference& reference,
                    const std::optional<deploy::LogVisibility>& visibility,
                    const oci::ResolvedImage& image) {
  deploy::require_served_labels(image.labels, reference.to_string(),
                                workflow.services().environment, values.flag("allow-old-runtime"));
  if (!image.is_layered() && oci::starts_in_tee(image.entrypoint)) {
    workflow.warning("the image " + reference.to_string() +
                     " starts with the platform's start script and lacks the KMS client that the "
                     "script runs: the app does not start");
    return;
  }
  if (!image.is_layered()) {
    workflow.warning("the image " + reference.to_string() +
                     " has no platform layer: unless it brings a start script and the KMS client "
                     "itself, the app "
                     "gets no variables");
    return;
  }
  const auto disagrees = [&](const char* label, const std::string& option) {
    workflow.warning("the image's label " + std::string(label) + " does not agree with --" +
                     option + "; the label wins");
  };
  if (visibility &&
      (*visibility != deploy::LogVisibility::kOff) != is_always(image, platform::kLogLabel)) {
    disagrees(platform::kLogLabel, "log-visibility " + std::string(deploy::to_string(*visibility)));
  }
  const auto monitoring = values.text("resource-usage-monitoring");
  if (monitoring && (*monitoring == "enable") != is_always(image, platform::kMemoryLabel)) {
    disagrees(platform::kMemoryLabel, "resource-usage-monitoring " + *monitoring);
  }
}

void check_built_image(Workflow& workflow, const platform::AppEnvironment& variables,
                       const oci::ResolvedImage& image) {
  const bool has_domain = platform::wants_tls(variables);
  for (const std::string& warning : deploy::built_image_warnings(image, has_domain)) {
    workflow.warning(warning);
  }
}

LaunchPolicy policy_of_running(Workflow& workflow, const deploy::CurrentApp& current) {
  std::string trouble = "the node does not say which one it is";
  try {
    if (!current.image_name.empty()) {
      const oci::ResolvedImage image = deploy::resolve_release_image(
          workflow.services(),
          oci::Reference::parse(current.image_name + "@" + current.image_digest));
      if (!image.is_layered()) return {};
      return {is_always(image, platform::kLogLabel), is_always(image, platform::kMemoryLabel)};
    }
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    trouble = error.message();
  }
  workflow.warning("the image that runs cannot be read (" + trouble +
                   "): the new one keeps a log and lets its memory be measured, unless "
                   "--log-visibility and --resource-usage-monitoring say otherwise");
  return {};
}

}  // namespace ecloud::cli
