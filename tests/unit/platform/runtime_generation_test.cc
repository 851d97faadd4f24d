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

TEST_CASE("A client's bytes show its generation", "[platform][runtime]") {
  const auto scanned = [](const std::string& bytes, std::size_t piece) {
    EvidencePathScan scan;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      scan.write(base::as_bytes(std::string_view(bytes).substr(at, piece)));
    }
    return scan;
  };
  const std::string noise(5'000, '\xff');
  for (const std::size_t piece : {1, 2, 7, 14, 15, 16, 4'096, 100'000}) {
    INFO(piece);
    CHECK(scanned(noise + "x/v1/bound_evidencehttp" + noise, piece).generation() ==
          RuntimeGeneration::kBoundEvidence);
    CHECK(scanned(noise + "/v1/intel/token", piece).generation() == RuntimeGeneration::kIntelToken);
    const auto both = scanned("/v1/intel/token" + noise + "/v1/bound_evidence", piece);
    CHECK_FALSE(both.generation());
    CHECK(both.is_ambiguous());
    const auto neither = scanned(noise + "/v1/bound-evidence /v1/token /v1/intel", piece);
    CHECK_FALSE(neither.generation());
    CHECK_FALSE(neither.is_ambiguous());
  }
}

TEST_CASE("Labels fit a client of their own generation only", "[platform][runtime]") {
  const auto fits = [](std::map<std::string, std::string> labels, RuntimeGeneration generation) {
    return label_problem(labels, generation);
  };
  CHECK(fits({}, RuntimeGeneration::kBoundEvidence).empty());
  CHECK(fits({{"eigenx_vm_image", "eigen"}}, RuntimeGeneration::kBoundEvidence).empty());
  CHECK(fits({{"eigenx_use_ita", "True"}}, RuntimeGeneration::kIntelToken).empty());
  CHECK(fits({{"eigenx_use_ita", "True"}}, RuntimeGeneration::kBoundEvidence) ==
        "the label eigenx_use_ita=True does not choose its VM image");
  CHECK(fits({{"eigenx_vm_image", "eigen"}}, RuntimeGeneration::kIntelToken) ==
        "the label eigenx_vm_image=eigen does not choose its VM image");
  // Neither value of a label may be another one, and no second label may be there.
  CHECK_FALSE(fits({{"eigenx_vm_image", "Eigen"}}, RuntimeGeneration::kBoundEvidence).empty());
  CHECK_FALSE(fits({{"eigenx_vm_image", "eigen"}, {"eigenx_use_ita", "True"}},
                   RuntimeGeneration::kBoundEvidence)
                  .empty());
}

}  // namespace ecloud::platform
