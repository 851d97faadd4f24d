#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ecloud/base/cancel.h"
#include "ecloud/oci/content.h"
#include "ecloud/oci/image.h"

namespace ecloud::oci {

struct ArchiveOptions {
  /// Which image, where the archive holds several: a tag ("1.2"), a whole reference
  /// ("docker.io/alice/app:1.2") or a digest. Empty: the only one.
  std::string image_name;
  /// Of an archive that is compressed as a whole, and of each layer.
  std::uint64_t max_decompressed_bytes = std::uint64_t{32} << 30;
  const base::CancelToken* cancel = nullptr;  ///< optional
};

/// What `ecloud … --image-archive FILE#NAME` names.
struct ArchiveName {
  std::filesystem::path path;
  std::string image_name;  ///< may be empty
};
/// Splits at the last "#", unless a file has the whole as its name.
ArchiveName parse_archive_name(std::string_view text);

/// An image that lies in a file or a folder, with every digest and size checked. Thread-safe.
class ImageArchive final : public BlobSource {
 public:
  ~ImageArchive() override;

  const Image& image() const;
  /// A layer or the configuration. Throws Error{kImage, "image.missing_layer"} for what is not of
  /// this image.
  ContentPtr content(const Digest& digest) const;
  void read(const Descriptor& blob, const OctetSink& sink) override;

 private:
  friend std::unique_ptr<ImageArchive> open_archive(const std::filesystem::path& path,
                                                    const std::filesystem::path& scratch,
                                                    const ArchiveOptions& options);
  struct Impl;
  explicit ImageArchive(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Opens an OCI image layout (image specification 1.1, as a folder or a tar) or what `docker save`
/// writes (also Nix, Bazel, Podman, Kaniko), itself plain or compressed with gzip or zstd. From an
/// index the image for linux/amd64 is taken, also from one inside another. Layers that are stored
/// plain are compressed by StableGzipWriter, checked against the configuration's diff_ids; an image
/// with such layers, or one that has no manifest, gets an OCI manifest of ours. Otherwise the
/// image's own manifest is kept, octet by octet.
/// Large things go into files of `scratch` that have no name (ScratchFile), so that nothing of them
/// is left. Errors:
///   kUsage image.bad_archive     no such archive, or several images and no name that decides
///   kImage image.bad_archive     something is missing in it, cut off, or not what it says
///   kImage image.digest_mismatch octets that do not hash to their digest or have another size
///   kImage image.platform        nothing for linux/amd64 in it
///   kImage image.unsafe_path, image.broken_layer, image.too_large as TarReader and Decompressor
///   kFailure file.unwritable     scratch is full or cannot be written; file.* as content_of_file
std::unique_ptr<ImageArchive> open_archive(const std::filesystem::path& path,
                                           const std::filesystem::path& scratch,
                                           const ArchiveOptions& options = {});

}  // namespace ecloud::oci
