#include "ecloud/platform/runtime_generation.h"

#include <array>

#include "ecloud/base/text.h"

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

std::string label_problem(const std::map<std::string, std::string>& labels,
                          RuntimeGeneration generation) {
  const auto wanted = vm_image_label(generation);
  for (const RuntimeGeneration other : kGenerations) {
    const auto label = labels.find(vm_image_label(other).first);
    if (label == labels.end() || std::pair(label->first, label->second) == wanted) continue;
    return "the label " + label->first + "=" + base::printable_line(label->second, 40) +
           " does not choose its VM image";
  }
  return {};
}

void EvidencePathScan::write(base::ByteView piece) {
  tail_.append(base::as_chars(piece));
  const auto seen = [&](RuntimeGeneration generation) {
    return tail_.find(evidence_path(generation)) != std::string::npos;
  };
  intel_token_ = intel_token_ || seen(RuntimeGeneration::kIntelToken);
  bound_evidence_ = bound_evidence_ || seen(RuntimeGeneration::kBoundEvidence);
  // A path may go on in the next piece.
  const std::size_t kept = evidence_path(RuntimeGeneration::kBoundEvidence).size() - 1;
  if (tail_.size() > kept) tail_.erase(0, tail_.size() - kept);
}

std::optional<RuntimeGeneration> EvidencePathScan::generation() const {
  if (intel_token_ == bound_evidence_) return std::nullopt;
  return intel_token_ ? RuntimeGeneration::kIntelToken : RuntimeGeneration::kBoundEvidence;
}

}  // namespace ecloud::platform
