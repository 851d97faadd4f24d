#include "layer_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "ecloud/oci/compression.h"

namespace ecloud::oci {

std::string layer_name(const Image& image, std::size_t layer) {
  return fmt::format("layer {} of {} of {} ({})", layer + 1, image.layers.size(), image.name,
                     image.layers[layer].digest.to_string());
}

LayerEnd read_layer(const Image& image, std::size_t layer, BlobSource& blobs, TarVisitor& visitor,
                    std::uint64_t& budget_bytes) {
  const std::string name = layer_name(image, layer);
  TarReader reader(visitor, name);
  Decompressor decompressor([&](base::ByteView octets) { return reader.write(octets); }, name);
  LayerEnd end = LayerEnd::kComplete;
  blobs.read(image.layers[layer], [&](base::ByteView octets) {
    // The last piece that fits ends a layer of exactly the budget without cutting it.
    const bool fits = octets.size() <= budget_bytes;
    const auto part =
        static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), budget_bytes));
    budget_bytes -= part;
    if (!decompressor.write(octets.first(part))) {
      end = LayerEnd::kStopped;
    } else if (!fits) {
      end = LayerEnd::kBudget;
    }
    return end == LayerEnd::kComplete;
  });
  if (end != LayerEnd::kComplete) return end;
  decompressor.finish();
  reader.finish_layer();
  return LayerEnd::kComplete;
}

}  // namespace ecloud::oci
