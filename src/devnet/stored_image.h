#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devnet/registry_content.h"
#include "ecloud/oci/image.h"
#include "ecloud/oci/tar.h"

namespace ecloud::devnet {

/// An image of the devnet's registry with its layers, compressed as they were pushed.
struct StoredImage {
  oci::Image image;
  std::vector<RegistryContent::Octets> layers;  ///< the lowest first
};

/// The image of a repository; nothing when there is no such manifest or one of its blobs is
/// missing. Throws as oci::read_image.
std::optional<StoredImage> stored_image(const RegistryContent::Repository& repository,
                                        const std::string& digest);

/// Passes the entries of a layer to `visitor`. Throws as oci::Decompressor and oci::TarReader.
void read_layer(const StoredImage& image, std::size_t layer, oci::TarVisitor& visitor);

/// The content of a regular file, at most 128 MiB of it, by its own path ("usr/local/bin/app", no
/// links are followed), as the layers leave it; empty without such a file.
std::optional<std::string> image_file(const StoredImage& image, std::string_view path);

}  // namespace ecloud::devnet
