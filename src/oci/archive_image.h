#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive_files.h"
#include "ecloud/oci/digest.h"
#include "ecloud/oci/image.h"

namespace ecloud::oci {

/// Documents of an archive are not larger than this.
inline constexpr std::uint64_t kMaxDocumentBytes = std::uint64_t{4} << 20;

/// A layer as it lies in an archive.
struct StoredLayer {
  std::string path;
  std::optional<Descriptor> descriptor;  ///< OCI: what the manifest says of it
};

/// The image that was chosen from an archive, with nothing of its layers checked yet.
struct StoredImage {
  std::string config;
  std::vector<StoredLayer> layers;  ///< the lowest first
  // OCI only: the manifest as it is stored.
  std::string manifest;
  std::string manifest_type;
};

/// "blobs/sha256/…", by the OCI image layout.
std::string blob_path(const Digest& digest);

/// The content of a blob of at most kMaxDocumentBytes, checked. Throws as open_archive.
std::string read_document_blob(const ArchiveFiles& files, const Descriptor& blob,
                               std::string_view name);

/// From an archive with index.json. `name` is the file's, for errors.
StoredImage choose_oci_image(const ArchiveFiles& files, std::string_view index,
                             const std::string& name, const std::string& wanted);

/// From an archive with Docker's manifest.json.
StoredImage choose_docker_image(const ArchiveFiles& files, std::string_view manifest,
                                const std::string& name, const std::string& wanted);

}  // namespace ecloud::oci
