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

/// HEAD: whether the target has the blob.
bool has_blob(RegistrySession& session, const Reference& target, const Descriptor& blob);

/// Where the answer to a request says that the upload is. Throws image.registry_failed without it.
net::Location upload_location(RegistrySession& session, const Reference& target,
                              const net::Response& response);

/// Throws image.digest_mismatch when a registry says that it holds something else.
void check_stored(const Digest& expected, const std::string& what, const net::Response& response);

/// One blob on its way into a repository.
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
  };

  net::Location begin();
  Outcome send_whole();
  Outcome send_streamed();
  Outcome check_end(const RegistrySession::Reply& reply);
  RegistrySession::Ask patch(std::uint64_t offset);
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
};

}  // namespace ecloud::oci
