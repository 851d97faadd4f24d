#include "ecloud/oci/image.h"

#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "manifest.h"

namespace ecloud::oci {

bool starts_in_tee(const std::vector<std::string>& entrypoint) {
  return entrypoint.size() == 1 && entrypoint.front() == "/usr/local/bin/compute-source-env.sh";
}

bool has_platform_label(const std::map<std::string, std::string>& labels) {
  const auto label = labels.lower_bound("eigenx_");
  return label != labels.end() && label->first.starts_with("eigenx_");
}

std::uint64_t Image::compressed_size_bytes() const {
  std::uint64_t total = config_descriptor.size_bytes;
  for (const Descriptor& layer : layers) total += layer.size_bytes;
  return total;
}

Digest config_digest_of(std::string_view manifest) {
  const Manifest parsed = parse_manifest("the manifest", "", manifest);
  if (parsed.is_index()) {
    throw Error(Category::kImage, "image.not_an_image", "an index has no configuration");
  }
  return parsed.config->digest;
}

Image read_image(std::string name, std::string_view content_type, std::string manifest,
                 std::string config) {
  Manifest parsed = parse_manifest(name, content_type, manifest);
  if (parsed.is_index()) {
    throw Error(Category::kImage, "image.not_an_image",
                name + " is an index of images and not one image");
  }
  const Digest config_digest = Digest::of(base::as_bytes(config));
  if (!(config_digest == parsed.config->digest) || config.size() != parsed.config->size_bytes) {
    throw Error(Category::kImage, "image.digest_mismatch",
                fmt::format("the configuration of {} hashes to {}, and not to {}", name,
                            config_digest.to_string(), parsed.config->digest.to_string()),
                "do not deploy it: something changed the image");
  }
  ImageConfig details = parse_image_config(name, config);
  const Digest digest = Digest::of(base::as_bytes(manifest));
  return {.name = std::move(name),
          .manifest = std::move(manifest),
          .manifest_type = std::move(parsed.media_type),
          .digest = digest,
          .config = std::move(config),
          .config_descriptor = std::move(*parsed.config),
          .layers = std::move(parsed.layers),
          .details = std::move(details)};
}

}  // namespace ecloud::oci
