#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/oci/content.h"
#include "ecloud/oci/digest.h"

namespace ecloud::oci {

// OCI image specification 1.1, "Media Types", and distribution's "Image Manifest V 2, Schema 2".
inline constexpr std::string_view kOciManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndexType = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciConfigType = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kOciLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kDockerManifestType =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerListType =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfigType =
    "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kDockerLayerType =
    "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// What a manifest says of another piece of content.
struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size_bytes = 0;
};

/// A line of an image's history.
struct HistoryEntry {
  std::string created_by;    ///< may be empty
  bool empty_layer = false;  ///< it changed the configuration alone
};

/// The members of an image's configuration that say how it runs (OCI image specification, "Image
/// Configuration").
struct ImageConfig {
  std::vector<std::string> entrypoint, command;
  std::vector<std::string> environment;  ///< "NAME=VALUE"
  std::string user;                      ///< empty: root
  std::string working_directory;         ///< empty: "/"
  std::map<std::string, std::string> labels;
  std::vector<std::string> exposed_ports;  ///< the keys of ExposedPorts, as they are: "8080/tcp"
  std::vector<HistoryEntry> history;
  std::vector<Digest> diff_ids;  ///< of the uncompressed layers, the lowest first
};

/// Whether an entrypoint is exactly the platform's start script.
bool starts_in_tee(const std::vector<std::string>& entrypoint);
/// Whether one of the labels is eigenx_*. No single one of them is on every layered image: those
/// that the platform builds lack the client's version.
bool has_platform_label(const std::map<std::string, std::string>& labels);

/// An image for linux/amd64: its manifest and configuration as they are stored, and what stands in
/// them. The content of its layers is somewhere else.
struct Image {
  std::string name;           ///< for people: a reference or a file
  std::string manifest;       ///< its octets
  std::string manifest_type;  ///< kOciManifestType or kDockerManifestType
  Digest digest;              ///< of `manifest`: what goes on chain
  std::string config;         ///< its octets
  Descriptor config_descriptor;
  std::vector<Descriptor> layers;  ///< the lowest first
  ImageConfig details;             ///< read from `config`
  /// Its layers have the platform's KMS client: looked for only where the labels do not tell.
  bool has_platform_client = false;

  /// Layered by the platform's tools: starts_in_tee, and has_platform_label or has_platform_client.
  bool is_layered() const {
    return starts_in_tee(details.entrypoint) &&
           (has_platform_label(details.labels) || has_platform_client);
  }
  /// Layers and configuration.
  std::uint64_t compressed_size_bytes() const;
};

/// Reads the two documents of an image. `name` stands in errors. Throws
///   kImage image.not_an_image     another format, an index, broken, more than 1000 layers
///   kImage image.platform         not for linux/amd64
///   kImage image.digest_mismatch  `config` is not what the manifest names
Image read_image(std::string name, std::string_view content_type, std::string manifest,
                 std::string config);

/// The digest of the configuration that a manifest names. Throws as read_image.
Digest config_digest_of(std::string_view manifest);

/// What holds the layers of an image. Thread-safe.
class BlobSource {
 public:
  virtual ~BlobSource() = default;
  /// Gives the octets of a blob in order to `sink`, until it has enough. A blob that was read to
  /// its end was checked against its digest and size: Error{kImage, "image.digest_mismatch"} comes
  /// after the last octet. Throws Error{kImage, "image.missing_layer"} when it is not there, and
  /// what the network or the disk throws.
  virtual void read(const Descriptor& blob, const OctetSink& sink) = 0;
};

}  // namespace ecloud::oci
