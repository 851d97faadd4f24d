// What `ecloud doctor` finds out about the tools that layering uses.
#include "cli/doctor.h"
#include "ecloud/platform/runtime_generation.h"

namespace ecloud::cli {

Finding check_runtime(const platform::Environment& environment) {
  constexpr char kCheck[] = "runtime";
  const std::string command = "ecloud image tools --pin --environment " + environment.name;
  if (environment.kms_client_image.empty()) {
    return warn(kCheck, "environment " + environment.name + " pins no KMS client", command);
  }
  if (environment.runtime_origin == platform::RuntimeOrigin::kClient) {
    return ok(kCheck, "the runtime generation follows the KMS client that is configured");
  }
  const std::string generation(to_string(environment.runtime));
  const std::string problem =
      platform::label_problem(environment.image_labels, environment.runtime);
  if (!problem.empty()) {
    return fail(kCheck, Category::kUsage,
                "the runtime generation is " + generation + ", and " + problem,
                "remove the label from environments." + environment.name + ".imageLabels");
  }
  if (environment.runtime == platform::kServedGeneration) {
    return ok(kCheck, "the pinned KMS client is of the generation " + generation);
  }
  return fail(kCheck, Category::kUsage,
              "the pinned KMS client is of the generation " + generation +
                  ", which the platform no longer serves: images layered with it do not start",
              command);
}

}  // namespace ecloud::cli
