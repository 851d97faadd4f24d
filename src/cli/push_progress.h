#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "cli/workflow.h"
#include "ecloud/oci/push.h"

namespace ecloud::cli {

/// Shows the blobs of a push while they move: a line each on a terminal, a line for each that has
/// arrived elsewhere.
class PushProgress final : public oci::PushObserver {
 public:
  /// `workflow` outlives the object.
  explicit PushProgress(Workflow& workflow) : progress_(workflow.progress()) {}

  void blob(const oci::Descriptor& blob, oci::BlobStep step, std::uint64_t done_bytes) override;

 private:
  Progress& progress_;
};

/// "912 B", "12.3 MB": powers of a thousand, as disks are sold.
std::string show_size(std::uint64_t bytes);

/// The first 12 digits, as docker shows ids.
std::string short_digest(const oci::Digest& digest);

}  // namespace ecloud::cli
