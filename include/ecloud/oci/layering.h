#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ecloud/oci/content.h"
#include "ecloud/oci/image.h"

namespace ecloud::oci {

/// A regular file that a layer adds, owned by root.
struct AddedFile {
  std::string path;  ///< without a leading slash: "usr/local/bin/kms-client"
  unsigned mode = 0644;
  ContentPtr content;
};

/// A layer for the top of an image, and the changes of its configuration that go with it.
struct Addition {
  std::vector<AddedFile> files;  ///< in any order
  std::vector<std::string> entrypoint, command;
  std::string user;
  std::vector<std::string> environment;    ///< "NAME=VALUE"; takes the place of the same name
  std::vector<std::string> exposed_ports;  ///< "443/tcp"
  std::map<std::string, std::string> labels;
  std::vector<std::string> removed_labels;
  std::string created_by;  ///< the line in the image's history
};

/// An image with one more layer.
struct ExtendedImage {
  Image image;
  ContentPtr layer;  ///< the compressed octets of its last layer
};

/// More layers than this no Docker daemon takes (its own limit since 2015).
constexpr std::size_t kMaxImageLayers = 127;

/// Puts `addition` on `base`. The same input gives the same octets on every machine and at every
/// time: file times are 1970, owners root, files in the order of their paths, the compression is
/// our own, and members of the two documents keep their order. What the documents say otherwise
/// stays. The new layer is kept in a file of `scratch` that has no name any more. Throws
/// Error{kImage, "image.too_many_layers"}, "image.not_an_image" when layers and diff_ids of `base`
/// do not go together, and Error{kFailure, "file.unwritable"}.
ExtendedImage add_layer(const Image& base, const Addition& addition,
                        const std::filesystem::path& scratch);

}  // namespace ecloud::oci
