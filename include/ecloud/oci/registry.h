#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "ecloud/base/clock.h"
#include "ecloud/net/transport.h"
#include "ecloud/oci/credentials.h"
#include "ecloud/oci/image.h"
#include "ecloud/oci/reference.h"

namespace ecloud::oci {

/// An image that the platform can run, found in its registry and checked against its own bytes.
struct ResolvedImage {
  Reference reference;  ///< as the user gave it
  Digest digest;        ///< of the linux/amd64 manifest: what goes on chain
  std::string manifest_media_type;
  std::optional<Digest> index_digest;            ///< when the reference named an index
  std::vector<std::string> entrypoint, command;  ///< of the image's configuration
  std::map<std::string, std::string> labels;     ///< of the image's configuration
  std::vector<std::string> exposed_ports;        ///< of the image's configuration
  std::uint64_t compressed_size_bytes = 0;       ///< layers and configuration together
  /// Credentials were sent for it: it may be private, and the platform pulls public images alone.
  bool with_credentials = false;

  bool has_platform_client = false;  ///< as in Image

  /// As Image::is_layered.
  bool is_layered() const {
    return starts_in_tee(entrypoint) && (has_platform_label(labels) || has_platform_client);
  }
};

/// An image of a registry with its documents.
struct FetchedImage {
  Image image;
  std::optional<Digest> index_digest;  ///< when the reference named an index
  bool with_credentials = false;       ///< as in ResolvedImage
  std::string index;                   ///< the octets of that index

  ResolvedImage resolved(const Reference& reference) const;
};

struct RegistryOptions {
  /// Where Docker Hub's own API is: tag names that the registry refuses are explained from it.
  std::string docker_hub_url = "https://hub.docker.com";
  /// Replaces https://registry-1.docker.io, without a slash at the end; for the devnet and tests.
  std::string docker_registry_url;
  /// For the pauses before something is tried again; not owned. Null: without pauses.
  base::Clock* clock = nullptr;
  /// Gets a line of text, once for each cause, when a stored login is broken or refused and an
  /// image was read without it. Called on the thread that asks the client. Empty: nobody is told.
  std::function<void(const std::string&)> warn;
};

class PushObserver;
struct PushRequest;
struct PushReport;

/// Octets of answers and of request bodies, everything counted that a client moved.
struct Traffic {
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
};

/// A client of the OCI distribution specification 1.1 with Docker's token authentication.
/// A login that is broken or refused never hides a public image: reading continues without it.
/// Registries on loopback are spoken to over plain http until one answers that it wants https; all
/// others over https alone. Thread-safe.
class RegistryClient {
 public:
  /// All outlive the client.
  RegistryClient(net::Transport& transport, CredentialSource& credentials,
                 RegistryOptions options = {});
  ~RegistryClient();
  RegistryClient(const RegistryClient&) = delete;
  RegistryClient& operator=(const RegistryClient&) = delete;

  /// Resolves a tag or digest to the amd64 manifest, recomputes every digest from the bytes, and
  /// reads the configuration of the image. Errors:
  ///   kNotFound   image.not_found         no such repository or tag
  ///   kCredentials image.unauthorized     private, or credentials refused
  ///   kImage      image.platform          no linux/amd64 in it; names what was found
  ///   kImage      image.digest_mismatch   the bytes do not hash to what was asked for or announced
  ///   kImage      image.not_an_image      HTML, garbage, an artifact without a configuration
  ///   kNetwork    image.registry_failed   the registry answered with an error
  ///   kNetwork and others                 what Transport and CredentialSource throw
  /// A reference by digest takes two round trips when no login is asked for; an index takes one
  /// more, and a login two. Credentials are looked up when a registry asks for them and not before;
  /// they go to a token service of the registry's own domain alone.
  ResolvedImage resolve(const Reference& reference);

  /// As resolve, with everything that the two documents of the image say.
  FetchedImage fetch(const Reference& reference);

  /// Gives the octets of a blob of the reference's repository in order to `sink`, as
  /// BlobSource::read; never more than the descriptor's size. A connection that is cut is taken up
  /// where it ended, a few times. Errors beside those of resolve:
  ///   kImage   image.missing_layer     the repository has no such blob
  ///   kImage   image.digest_mismatch   other octets, fewer or more; comes after what was given
  void read_blob(const Reference& reference, const Descriptor& blob, const OctetSink& sink);

  /// read_blob of the reference's repository; the client outlives the source.
  std::unique_ptr<BlobSource> blobs_of(const Reference& reference);

  /// Brings an image into a registry: first its blobs, up to 4 at a time and only those that are
  /// not there, then the manifest, so that a failure leaves no tag behind. A cut upload goes on
  /// where it ended. Errors:
  ///   kImage       image.push_failed       refused, with the registry's words; also octets that
  ///   are
  ///                                        not what their descriptor says
  ///   kImage       image.digest_mismatch   the registry holds something else than was sent
  ///   kCredentials image.unauthorized      pushing there needs a login, or another one
  ///   kNetwork     image.registry_failed   the registry answered with an error
  ///   kNetwork     net.redirect_refused    it sends uploads to where they must not go
  ///   kFailure     file.unwritable         the spool directory
  /// and what read_blob throws for blobs of another registry.
  PushReport push(const PushRequest& request, PushObserver& observer);

  Traffic traffic() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ecloud::oci
