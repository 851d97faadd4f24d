#pragma once

#include <filesystem>
#include <vector>

#include "ecloud/oci/content.h"
#include "ecloud/oci/digest.h"
#include "ecloud/oci/layering.h"

namespace ecloud::oci {

/// A compressed layer on disk.
struct LayerFile {
  ContentPtr content;
  Digest digest;   ///< of the compressed octets
  Digest diff_id;  ///< of the tar archive in it
};

/// The deterministic layer of these files, in a file of `scratch` without a name.
LayerFile write_layer(std::vector<AddedFile> files, const std::filesystem::path& scratch);

}  // namespace ecloud::oci
