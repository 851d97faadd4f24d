#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ecloud::platform {

/// A KMS client and the VM image that it runs on. A label of the app's image chooses the VM image,
/// whose launcher decides which evidence the client can get: a client on the other VM image gets
/// none, and the app never starts.
enum class RuntimeGeneration {
  kIntelToken,     ///< Google Confidential Space; tokens of Intel Trust Authority
  kBoundEvidence,  ///< the platform's own launcher; evidence bound to a challenge
};

/// The generation whose VM images the platform starts today. The other has not been served since
/// April 2026.
constexpr RuntimeGeneration kServedGeneration = RuntimeGeneration::kBoundEvidence;

/// "intel-token", "bound-evidence".
std::string_view to_string(RuntimeGeneration generation);
/// Nothing for other words.
std::optional<RuntimeGeneration> runtime_generation_of(std::string_view word);

/// The label that chooses the VM image, name and value: eigenx_use_ita=True, eigenx_vm_image=eigen.
std::pair<std::string, std::string> vm_image_label(RuntimeGeneration generation);

/// The path on the launcher's socket from which the generation's KMS client gets its evidence:
/// /v1/intel/token, /v1/bound_evidence. It is in the client's bytes.
std::string_view evidence_path(RuntimeGeneration generation);

/// The generation that an image's labels choose; nothing when no label does, or when labels of both
/// are there.
std::optional<RuntimeGeneration> generation_of_labels(
    const std::map<std::string, std::string>& labels);

}  // namespace ecloud::platform
