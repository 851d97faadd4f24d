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
  PlatformName platform;     ///< system and architecture empty where the index names none
  bool is_artifact = false;  ///< SBOM, provenance, signature: next to an image, never one
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

/// The linux/amd64 entries, the best first: one without variant, then the lowest variant, then the
/// only entry when it tells no platform. Artifacts are left out, but an index may not say that an
/// entry is one, so the next entry is there to try. Throws Error{kImage, "image.platform"} that
/// lists what there is; never empty, at most 4.
std::vector<IndexEntry> amd64_entries(std::string_view name, const Manifest& index);
/// The first of them.
IndexEntry choose_amd64(std::string_view name, const Manifest& index);

/// "linux/arm64, windows/amd64": the platforms of the entries that are not artifacts.
std::string platforms_of(const Manifest& index);

/// Throws Error{kImage, "image.platform"} unless it is for linux/amd64, and image.not_an_image when
/// it cannot be read.
ImageConfig parse_image_config(std::string_view name, std::string_view body);

}  // namespace ecloud::oci
