// Whether an image that is layered already can start: its label chooses a VM image, whose launcher
// gives evidence to the KMS clients of one generation only.
#include <algorithm>
#include <optional>

#include "deploy/tee_tools.h"
#include "ecloud/base/error.h"
#include "ecloud/oci/compression.h"
#include "ecloud/oci/tar.h"
#include "ecloud/platform/runtime_generation.h"

namespace ecloud::deploy {
namespace {

constexpr std::string_view kClient = "usr/local/bin/kms-client";
constexpr std::string_view kRemovedClient = "usr/local/bin/.wh.kms-client";
/// Of all layers that are read; one with caddy has 20 MB.
constexpr std::uint64_t kMaxLayerBytes = std::uint64_t{128} << 20;
constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{1} << 30;

/// Scans the client that a layer has; the last entry of several is what runs.
class ClientScan final : public oci::TarVisitor {
 public:
  oci::TarWish entry(const oci::TarEntry& entry) override {
    if (entry.path == kRemovedClient) removed = true;
    if (entry.path != kClient) return oci::TarWish::kNext;
    found = entry.type == oci::TarType::kFile;
    is_other = !found;
    scan = {};
    return found && entry.size_bytes > 0 ? oci::TarWish::kContent : oci::TarWish::kNext;
  }
  bool content(base::ByteView piece) override {
    scan.write(piece);
    return true;
  }
  bool end_of_content() override { return true; }

  bool found = false, removed = false;
  bool is_other = false;  ///< it is there, and no regular file
  platform::EvidencePathScan scan;
};

void read(const SourceImage& source, const oci::Descriptor& layer, ClientScan& scan) {
  const std::string name = "a layer of " + source.image.name;
  oci::TarReader tar(scan, name);
  oci::Decompressor unpacked([&](base::ByteView bytes) { return tar.write(bytes); }, name,
                             {.max_bytes = kMaxUnpackedBytes});
  source.blobs->read(layer, [&](base::ByteView bytes) {
    unpacked.write(bytes);
    return true;
  });
  unpacked.finish();
  tar.finish_layer();
}

std::string text(platform::RuntimeGeneration generation) {
  return std::string(platform::to_string(generation));
}

}  // namespace

ImageClient client_in_image(const SourceImage& source) {
  const auto& layers = source.image.layers;
  std::uint64_t left = kMaxLayerBytes;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const oci::Descriptor& layer = layers[layers.size() - 1 - i];
    if (layer.size_bytes > left) {
      return {.unread = "it is not in the upper layers, and those below are larger than 128 MiB"};
    }
    left -= layer.size_bytes;
    ClientScan scan;
    read(source, layer, scan);
    if (scan.found) {
      const auto runtime = scan.scan.generation();
      return {.found = true,
              .runtime = runtime,
              .unread = runtime ? "" : "its bytes show no runtime generation, or several"};
    }
    if (scan.is_other) return {.unread = "it is no regular file"};
    if (scan.removed) return {};
  }
  return {};
}

void require_served(platform::RuntimeGeneration generation, const std::string& subject,
                    const platform::Environment& environment) {
  if (generation == platform::kServedGeneration) return;
  throw Error(
      Category::kUsage, "image.old_runtime",
      subject + " is of the runtime generation " + text(generation) +
          ", which the platform no longer serves: the app would get no variables and never "
          "start",
      "find and pin the current tools: ecloud image tools --pin --environment " + environment.name +
          "\nthen layer the original image again; --allow-old-runtime continues regardless");
}

void require_served_labels(const std::map<std::string, std::string>& labels,
                           const std::string& name, const platform::Environment& environment,
                           bool allow_old) {
  const auto runtime = platform::generation_of_labels(labels);
  if (runtime && !allow_old) require_served(*runtime, "the image " + name, environment);
}

std::string check_layered_runtime(const SourceImage& source,
                                  const platform::Environment& environment, bool allow_old) {
  const auto& labels = source.image.details.labels;
  const auto chosen = platform::generation_of_labels(labels);
  ImageClient client;
  try {
    client = client_in_image(source);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    client.unread = error.message();
  }
  const std::string unread = client.unread.empty() ? ""
                                                   : "the KMS client in " + source.image.name +
                                                         " was not checked: " + client.unread;
  const std::string problem =
      client.runtime ? platform::label_problem(labels, *client.runtime) : std::string();
  if (!problem.empty()) {
    throw Error(Category::kUsage, "image.mixed_runtime",
                "the KMS client in " + source.image.name + " is of the generation " +
                    text(*client.runtime) + ", and " + problem +
                    ": the app would get no variables and never start",
                "layer the original image again: ecloud image layer IMAGE");
  }
  const auto runtime = client.runtime ? client.runtime : chosen;
  if (runtime && !allow_old) require_served(*runtime, source.image.name, environment);
  return unread;
}

}  // namespace ecloud::deploy
