#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "ecloud/base/paths.h"
#include "ecloud/oci/image.h"
#include "ecloud/oci/reference.h"

namespace ecloud::deploy {

/// Parts of images that do not change, because their digests name them, below CACHE/images. What is
/// read from there is checked against its digest as if a registry had sent it; what cannot be
/// written is left out without a word. Without a cache directory nothing is kept.
class ImageCache {
 public:
  explicit ImageCache(const base::Paths& paths);

  /// The documents of the image that `reference` names by the digest of its manifest.
  std::optional<oci::Image> find(const oci::Reference& reference) const;
  void keep(const oci::Image& image) const;
  /// `inner` with the cache before it.
  std::shared_ptr<oci::BlobSource> blobs(std::shared_ptr<oci::BlobSource> inner) const;

 private:
  std::filesystem::path directory_;  // empty: none
};

}  // namespace ecloud::deploy
