#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/oci/compression.h"
#include "ecloud/oci/image.h"

namespace ecloud::oci {

/// Layers in memory, and what was read of them.
class MemoryBlobs final : public BlobSource {
 public:
  void read(const Descriptor& blob, const OctetSink& sink) override {
    const auto found = blobs.find(blob.digest.to_string());
    if (found == blobs.end()) throw Error(Category::kImage, "image.missing_layer", "not there");
    reads.push_back(blob.digest.to_string());
    for (std::size_t at = 0; at < found->second.size(); at += piece) {
      const std::string_view part = std::string_view(found->second).substr(at, piece);
      read_bytes += part.size();
      if (!sink(base::as_bytes(part))) return;
    }
  }
  std::map<std::string, std::string> blobs;
  std::vector<std::string> reads;
  std::uint64_t read_bytes = 0;
  std::size_t piece = 4'096;
};

/// An image of these layers, each a plain tar, stored with gzip. `config` is the "config" object
/// and `history` the array of that name.
struct MemoryImage {
  MemoryBlobs blobs;
  Image image;

  explicit MemoryImage(const std::vector<std::string>& tars,
                       base::Json config = base::Json::object(),
                       base::Json history = base::Json::array())
      : image(make(tars, std::move(config), std::move(history))) {}

 private:
  Image make(const std::vector<std::string>& tars, base::Json config, base::Json history) {
    using base::Json;
    Json diff_ids = Json::array();
    Json layers = Json::array();
    for (const std::string& tar : tars) {
      const std::string packed = gzip_stable(tar);
      const std::string digest = Digest::of(base::as_bytes(packed)).to_string();
      blobs.blobs[digest] = packed;
      diff_ids.push(Digest::of(base::as_bytes(tar)).to_string());
      layers.push(Json::object(
          {{"mediaType", kOciLayerType}, {"digest", digest}, {"size", packed.size()}}));
    }
    const std::string document =
        Json::object({{"os", "linux"},
                      {"architecture", "amd64"},
                      {"config", std::move(config)},
                      {"history", std::move(history)},
                      {"rootfs", Json::object({{"type", "layers"}, {"diff_ids", diff_ids}})}})
            .dump();
    const Json manifest = Json::object(
        {{"schemaVersion", 2},
         {"mediaType", kOciManifestType},
         {"config", Json::object({{"mediaType", kOciConfigType},
                                  {"digest", Digest::of(base::as_bytes(document)).to_string()},
                                  {"size", document.size()}})},
         {"layers", layers}});
    return read_image("alice/app:1", kOciManifestType, manifest.dump(), document);
  }
};

}  // namespace ecloud::oci
