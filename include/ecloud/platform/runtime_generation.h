#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ecloud/base/bytes.h"

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

/// What is wrong with the labels for a client of `generation`: "the label eigenx_use_ita=True
/// chooses another VM image"; empty when they choose its VM image or none.
std::string label_problem(const std::map<std::string, std::string>& labels,
                          RuntimeGeneration generation);

/// Looks for the evidence paths of all generations in the bytes of a KMS client, which may come in
/// pieces of any size.
class EvidencePathScan {
 public:
  void write(base::ByteView piece);
  /// The generation whose path, and no other's, has been seen; nothing otherwise.
  std::optional<RuntimeGeneration> generation() const;
  /// Whether the paths of more than one generation have been seen.
  bool is_ambiguous() const { return intel_token_ && bound_evidence_; }

 private:
  std::string tail_;  ///< the end of the piece before, shorter than any path
  bool intel_token_ = false, bound_evidence_ = false;
};

}  // namespace ecloud::platform
