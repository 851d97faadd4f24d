#include "ecloud/platform/runtime_generation.h"

#include <array>

namespace ecloud::platform {
namespace {

constexpr std::array kGenerations = {RuntimeGeneration::kIntelToken,
                                     RuntimeGeneration::kBoundEvidence};

}  // namespace

std::string_view to_string(RuntimeGeneration generation) {
  return generation == RuntimeGeneration::kIntelToken ? "intel-token" : "bound-evidence";
}

std::optional<RuntimeGeneration> runtime_generation_of(std::string_view word) {
  for (const RuntimeGeneration generation : kGenerations) {
    if (to_string(generation) == word) return generation;
  }
  return std::nullopt;
}

std::pair<std::string, std::string> vm_image_label(RuntimeGeneration generation) {
  if (generation == RuntimeGeneration::kIntelToken) return {"eigenx_use_ita", "True"};
  return {"eigenx_vm_image", "eigen"};
}

std::string_view evidence_path(RuntimeGeneration generation) {
  return generation == RuntimeGeneration::kIntelToken ? "/v1/intel/token" : "/v1/bound_evidence";
}

std::optional<RuntimeGeneration> generation_of_labels(
    const std::map<std::string, std::string>& labels) {
  std::optional<RuntimeGeneration> found;
  for (const RuntimeGeneration generation : kGenerations) {
    const auto [name, value] = vm_image_label(generation);
    const auto label = labels.find(name);
    if (label == labels.end() || label->second != value) continue;
    if (found) return std::nullopt;
    found = generation;
  }
  return found;
}

}  // namespace ecloud::platform
