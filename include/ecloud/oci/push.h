#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/oci/content.h"
#include "ecloud/oci/image.h"
#include "ecloud/oci/reference.h"

namespace ecloud::oci {

/// A layer or configuration that the target is to hold.
struct BlobToPush {
  Descriptor descriptor;
  ContentPtr content;  ///< its octets; nothing: they are in the repository of `from`
  /// Where a registry has it already; tag and digest do not matter. In the target's registry the
  /// blob is mounted from there without moving it, where the registry allows that.
  std::optional<Reference> from;
};

/// An image to push.
struct PushRequest {
  Reference target;               ///< with a tag; without one the manifest is pushed by its digest
  std::vector<BlobToPush> blobs;  ///< all that the manifest names; the same one twice is sent once
  std::string manifest;           ///< its octets
  std::string manifest_type;
  /// Where large blobs of another registry are kept on their way: files without a name, mode 0600,
  /// which the system removes, also after a crash.
  std::filesystem::path spool_directory;
};

/// What happens to a blob. Each ends with kPresent, kMounted or kSent.
enum class BlobStep {
  kPresent,   ///< the target has it
  kMounted,   ///< the target took it from another of its repositories
  kFetching,  ///< it is read from the registry of BlobToPush::from
  kSending,
  kSent,
};

/// Sees the blobs move.
class PushObserver {
 public:
  virtual ~PushObserver() = default;
  /// `done_bytes` counts within the step and may fall back when an upload begins anew. Called from
  /// several threads at once, many times a second; has to be quick and to throw nothing.
  virtual void blob(const Descriptor& blob, BlobStep step, std::uint64_t done_bytes) = 0;
};

/// What was pushed and what that took.
struct PushReport {
  Digest digest;  ///< of the manifest
  /// Octets of blobs, with those that had to be moved twice.
  std::uint64_t sent_bytes = 0;
  std::uint64_t fetched_bytes = 0;
  unsigned present = 0;
  unsigned mounted = 0;
  unsigned sent = 0;
};

}  // namespace ecloud::oci
