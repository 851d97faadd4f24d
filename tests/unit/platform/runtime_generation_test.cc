#include "ecloud/platform/runtime_generation.h"

#include "support/catch.h"

namespace ecloud::platform {

TEST_CASE("a runtime generation has a name, a label and a path", "[platform][runtime]") {
  for (const RuntimeGeneration generation :
       {RuntimeGeneration::kIntelToken, RuntimeGeneration::kBoundEvidence}) {
    CHECK(runtime_generation_of(to_string(generation)) == generation);
    CHECK(generation_of_labels({vm_image_label(generation)}) == generation);
  }
  CHECK(evidence_path(RuntimeGeneration::kIntelToken) == "/v1/intel/token");
  CHECK(evidence_path(RuntimeGeneration::kBoundEvidence) == "/v1/bound_evidence");
  CHECK_FALSE(runtime_generation_of("Bound-Evidence"));
}

TEST_CASE("labels that choose no generation, or both", "[platform][runtime]") {
  CHECK_FALSE(generation_of_labels({}));
  CHECK_FALSE(generation_of_labels({{"eigenx_vm_image", "Eigen"}}));
  CHECK_FALSE(generation_of_labels({{"eigenx_use_ita", "true"}}));
  CHECK_FALSE(generation_of_labels({{"eigenx_use_ita", "True"}, {"eigenx_vm_image", "eigen"}}));
}

}  // namespace ecloud::platform
