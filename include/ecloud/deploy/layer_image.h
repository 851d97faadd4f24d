#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/deploy/services.h"
#include "ecloud/oci/image.h"
#include "ecloud/oci/push.h"
#include "ecloud/oci/reference.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::deploy {

/// An image before layering, and where its parts are.
struct SourceImage {
  oci::Image image;
  std::shared_ptr<oci::BlobSource> blobs;
  /// The registry's repository that holds its layers; nothing for an archive.
  std::optional<oci::Reference> repository;
  /// The octets of a layer on this machine; null for an image in a registry.
  std::function<oci::ContentPtr(const oci::Digest&)> content;
  std::optional<oci::Digest> index_digest;
  bool with_credentials = false;
};

/// Finds an image in its registry; errors as RegistryClient::fetch. The services outlive it.
SourceImage open_registry_image(const Services& services, const oci::Reference& reference);
/// Looks into the layers of an image that starts with the platform's script and has no label that
/// tells who made it (Image::has_platform_client). Of an image too large to be searched the
/// entrypoint decides: layered twice, it would start nothing.
void find_platform_client(SourceImage& source);
/// RegistryClient::resolve for an image that is to run or runs: where the labels of one that starts
/// with the platform's script do not tell who made it, also looks into its layers, as
/// find_platform_client(). Layers that cannot be read count as the platform's.
oci::ResolvedImage resolve_release_image(const Services& services, const oci::Reference& reference);
/// What to warn of when an image that the platform has built is released: ports that nobody can
/// reach, and TLS that is not served. Throws as platform::check_ports().
std::vector<std::string> built_image_warnings(const oci::ResolvedImage& image, bool has_domain);
/// What to warn of when an image exposes no port, so that its app cannot be reached; else empty.
std::string port_warning(const oci::Image& image);
/// Where files without a name are kept while something goes on: in the cache, or where that cannot
/// be written in the system's directory for such files.
std::filesystem::path scratch_directory(const base::Paths& paths);

/// The reference of the layered form of an image: its own with the tag's suffix "-layered". Of an
/// image that is named by its digest alone the tag is the digest's first 12 digits. Throws
/// Error{kUsage, "image.invalid_reference"} when the tag becomes too long.
oci::Reference layered_reference(const oci::Reference& source);

struct LayerRequest {
  oci::Reference target;
  platform::TeeLayerOptions options;
  /// Images that hold the programs, instead of the environment's: the first that has one of them,
  /// under /eigen/bin, /usr/local/bin, /usr/bin or /bin, gives it.
  std::vector<oci::Reference> tools;
  bool allow_old_runtime = false;  ///< layer also with tools that the platform no longer serves
};

/// An image that the TEE can start: made here, not pushed yet.
struct LayeredImage {
  oci::Reference reference;  ///< the target, with the digest
  oci::Image image;
  oci::Digest base_digest;
  oci::PushRequest push;
  std::vector<std::string> notes;     ///< what could not be checked, or may surprise
  std::vector<std::string> warnings;  ///< what keeps most apps from working
  /// The launch policy labels of the base image, and what became of them.
  std::vector<platform::InheritedLabel> base_labels;
};

/// Computes the layered image. Nothing leaves this machine. Errors beside those of the registry,
/// of platform::tee_layer and of oci::add_layer:
///   kImage image.no_shell   there is no /bin/sh, which the start script needs
///   kImage image.no_tools   the environment names no tool images, or a program is not in them
///   kImage image.unknown_runtime, kUsage image.mixed_runtime  as fetch_tools (tee_tools.h)
///   kUsage image.old_runtime  the tools are of a generation that is not served any more
LayeredImage layer_image(const Services& services, const SourceImage& source,
                         const LayerRequest& request);

/// Throws Error{kUsage, "image.old_runtime"} for a generation that the platform does not serve.
/// `subject` is what is of it: "the KMS client in …".
void require_served(platform::RuntimeGeneration generation, const std::string& subject,
                    const platform::Environment& environment);

/// Refuses an image whose labels choose a VM image that is not served any more, unless `allow_old`:
/// kUsage image.old_runtime. `name` is the image's.
void require_served_labels(const std::map<std::string, std::string>& labels,
                           const std::string& name, const platform::Environment& environment,
                           bool allow_old);

/// Refuses an image that is layered already and cannot start: KMS client and VM image are of
/// different generations (kUsage image.mixed_runtime), or of one that is not served any more
/// (image.old_runtime), unless `allow_old`. Returns why the client could not be read; empty when it
/// was, or when the uppermost layers have none.
std::string check_layered_runtime(const SourceImage& source,
                                  const platform::Environment& environment, bool allow_old);

/// An image as it is: nothing is added, the parts that the target lacks are brought there.
oci::PushRequest push_unchanged(const Services& services, const SourceImage& source,
                                const oci::Reference& target);

/// Refuses an image that the platform, which has no login anywhere, cannot pull: throws
/// Error{kCredentials, "image.unauthorized"}. A registry that gives no clear answer is let pass.
void require_public(const Services& services, const oci::Reference& image);

/// What a deployment puts on chain for it.
oci::ResolvedImage resolved_image(const LayeredImage& layered);

}  // namespace ecloud::deploy
