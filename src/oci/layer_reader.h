#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "ecloud/oci/image.h"
#include "ecloud/oci/tar.h"

namespace ecloud::oci {

/// "layer 2 of 5 of docker.io/alice/app:1 (sha256:…)", for errors.
std::string layer_name(const Image& image, std::size_t layer);

enum class LayerEnd {
  kComplete,  ///< read to its end, digest and all
  kStopped,   ///< the visitor wanted no more
  kBudget,    ///< the budget ended
};

/// Reads the entries of a layer, whatever its compression. `budget_bytes` are octets as stored;
/// what was read is taken from them. Throws what BlobSource, Decompressor and TarReader throw.
LayerEnd read_layer(const Image& image, std::size_t layer, BlobSource& blobs, TarVisitor& visitor,
                    std::uint64_t& budget_bytes);

}  // namespace ecloud::oci
