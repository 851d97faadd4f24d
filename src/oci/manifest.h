#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/oci/image.h"
#include "ecloud/oci/platform_name.h"

namespace ecloud::oci {

/// A line of an index.
struct IndexEntry {
  Descriptor descriptor;
  PlatformName platform;        ///< system and architecture empty where the index names none
  bool is_attestation = false;  ///< BuildKit's provenance beside an image
};

/// Either an index (then `entries`) or a manifest of one image (then `config`).
struct Manifest {
  std::string media_type;
  std::vector<IndexEntry> entries;
  std::optional<Descriptor> config;
  std::vector<Descriptor> layers;  ///< the lowest first

  bool is_index() const { return !config.has_value(); }
};

/// Reads an answer to a manifest request. `name` stands in errors. Throws Error{kImage,
/// "image.not_an_image"} for another format, an artifact, Docker's schema 1, or a document that can
/// be read as both an index and a manifest (CVE-2021-41190).
Manifest parse_manifest(std::string_view name, std::string_view content_type,
                        std::string_view body);

/// The linux/amd64 entry: one without variant first, then the lowest variant, then the only entry
/// when it tells no platform. Throws Error{kImage, "image.platform"} that lists what there is.
const IndexEntry& choose_amd64(std::string_view name, const Manifest& index);

/// Throws Error{kImage, "image.platform"} unless it is for linux/amd64, and image.not_an_image when
/// it cannot be read.
ImageConfig parse_image_config(std::string_view name, std::string_view body);

}  // namespace ecloud::oci
