#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ecloud/net/location.h"
#include "ecloud/oci/content.h"
#include "ecloud/oci/image.h"
#include "patience.h"
#include "registry_session.h"

namespace ecloud::oci {

/// HEAD: whether the target has the blob. A registry that does not allow the question has not.
bool has_blob(RegistrySession& session, const Reference& target, const Descriptor& blob);

/// Where the answer to a request for the URL `asked` says that the upload is. Throws
/// image.registry_failed without it.
net::Location upload_location(RegistrySession& session, const Reference& target,
                              std::string_view asked, const net::Response& response);

/// Throws image.digest_mismatch when a registry says that it holds something else.
void check_stored(const Digest& expected, const std::string& what, const net::Response& response);

/// One blob on its way into a repository.
///
/// Small blobs go in one PUT, others in a PATCH and a PUT that ends the upload. Registries differ
/// in what they say in the Range header of a PATCH that they took ("0-0", one too many, nothing),
/// so a success counts as having taken everything, as in Docker. If the registry then refuses the
/// end, the upload begins again, once, and continues from where the ranges say. A request that is
/// too large (HTTP 413) begins the upload again in smaller pieces.
class BlobUpload {
 public:
  /// Told how many octets of the blob have been handed over, on a thread of the transport; what it
  /// throws ends the upload.
  using OnProgress = std::function<void(std::uint64_t done_bytes, std::size_t given_bytes)>;

  /// All outlive the upload; `clock` may be null.
  BlobUpload(RegistrySession& session, const Reference& target, const Descriptor& blob,
             const Content& content, base::Clock* clock, OnProgress on_progress);
  /// `begun` is an upload that the registry has opened already.
  void run(std::optional<net::Location> begun);

 private:
  enum class Outcome {
    kDone,
    kForgotten,     ///< the registry knows nothing of the upload
    kNothingThere,  ///< it has none of its octets
    kIncomplete,    ///< it refuses the end, and its ranges said that it has not everything
    kTooLarge,      ///< it refuses a request of this size
  };

  net::Location begin();
  Outcome send_whole();
  Outcome send_streamed();
  Outcome check_end(const RegistrySession::Reply& reply);
  /// What a PATCH of the bytes from `offset` to `end` left in the registry.
  std::uint64_t received_after(const RegistrySession::Reply& reply, std::uint64_t offset,
                               std::uint64_t end);
  bool use_smaller_pieces();
  RegistrySession::Ask patch(std::uint64_t offset, std::uint64_t end);
  RegistrySession::Ask put();
  /// Nothing when it failed and may be tried again; the pause is over then.
  std::optional<RegistrySession::Reply> attempt(const RegistrySession::Ask& ask);
  /// How much the registry says it has; nothing when it does not know the upload.
  std::optional<std::uint64_t> ask_for_offset();

  RegistrySession& session_;
  const Reference& target_;
  const Descriptor& blob_;
  const Content& content_;
  const std::string what_;
  Patience patience_;
  OnProgress on_progress_;
  net::Location at_;
  std::uint64_t piece_bytes_;  ///< of one PATCH at most
  bool heeds_ranges_ = false;
  bool is_doubtful_ = false;  ///< a range differed from what was sent, or the upload was resumed
};

}  // namespace ecloud::oci
