#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "ecloud/net/location.h"
#include "ecloud/oci/push.h"
#include "registry_session.h"

namespace ecloud::oci {

/// One push: RegistryClient::push.
class Pusher {
 public:
  /// All outlive the pusher; `clock` may be null.
  Pusher(RegistrySession& session, base::Clock* clock, const PushRequest& request,
         PushObserver& observer)
      : session_(session), clock_(clock), request_(request), observer_(observer) {}
  /// Once.
  PushReport run();

 private:
  /// What a request to mount gave: all, an upload in its place, or nothing.
  struct Mount {
    bool done = false;
    std::optional<net::Location> upload;
  };

  void push_blobs();
  void push_blob(const BlobToPush& blob);
  bool may_mount(const BlobToPush& blob) const;
  Mount mount(const BlobToPush& blob);
  ContentPtr content_of_blob(const BlobToPush& blob);
  ContentPtr fetch(const BlobToPush& blob);
  void send(const BlobToPush& blob, const Content& content, std::optional<net::Location> upload);
  Digest push_manifest();
  /// Whether the target gives the manifest that was sent.
  bool has_manifest(const Digest& digest);
  void check_stopped() const;

  RegistrySession& session_;
  base::Clock* clock_;
  const PushRequest& request_;
  PushObserver& observer_;
  std::atomic<bool> stopped_{false};  // another blob has failed
  std::atomic<std::uint64_t> sent_bytes_{0};
  std::atomic<std::uint64_t> fetched_bytes_{0};
  std::atomic<unsigned> present_{0};
  std::atomic<unsigned> mounted_{0};
  std::atomic<unsigned> sent_{0};
};

}  // namespace ecloud::oci
