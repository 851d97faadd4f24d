#include <algorithm>

#include "deploy/image_cache.h"
#include "deploy/verify_collect.h"
#include "deploy/verify_layers.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/build_recipe.h"

namespace ecloud::deploy {
namespace {

/// Of the layers of the app's image together: one with Caddy has 20 MB.
constexpr std::uint64_t kMaxLayerBytes = std::uint64_t{256} << 20;
/// Of all layers together. All is in memory, and a bundle, which has a third more in base64, is not
/// read when it has more than 512 MiB.
constexpr std::uint64_t kMaxAllBytes = std::uint64_t{352} << 20;
/// Where the programs are in an image whose base is not known: other clients add a few layers.
constexpr std::size_t kMostLayersAbove = 6;

void keep_documents(const oci::Image& image, ImageEvidence& out, VerifyMaterial& material) {
  out.manifest_type = image.manifest_type;
  out.manifest = image.digest.to_string();
  out.config = image.config_descriptor.digest.to_string();
  material.blobs[out.manifest] = image.manifest;
  material.blobs[out.config] = image.config;
}

std::string in_mib(std::uint64_t size_bytes) {
  return std::to_string(size_bytes >> 20) + " MiB";
}

/// Reads a layer when `left`, the octets that may still be read, allows it.
void keep_layer(oci::BlobSource& blobs, const oci::Descriptor& layer, std::uint64_t& left,
                VerifyMaterial& material) {
  const std::string digest = layer.digest.to_string();
  if (material.blobs.contains(digest)) return;
  if (layer.size_bytes > left) {
    throw Error(Category::kImage, "image.too_large",
                "the layer " + digest + " has " + in_mib(layer.size_bytes) + ", and no more than " +
                    in_mib(left) + " can be read of it");
  }
  std::string octets;
  blobs.read(layer, [&](base::ByteView piece) {
    octets.append(base::as_chars(piece));
    return true;
  });
  left -= octets.size();
  material.blobs[digest] = std::move(octets);
}

/// Fetches the documents of the image; null when they cannot be had.
std::optional<oci::Image> fetch(const Services& services, const oci::Reference& reference,
                                bool must_be_there, ImageEvidence& out, VerifyMaterial& material) {
  std::optional<oci::Image> image;
  out.reference = reference.to_string();
  out.absence = attempt(
      [&] {
        image = services.registry.fetch(reference).image;
        keep_documents(*image, out, material);
      },
      must_be_there);
  return image;
}

/// The image's own, or what its label names in the same repository.
std::optional<oci::Reference> base_of(const std::optional<oci::Reference>& given,
                                      const oci::Reference& repository, const oci::Image& image) {
  if (given) return given;
  const auto digest = oci::Digest::parse(named_base(image));
  if (!digest) return std::nullopt;
  oci::Reference out = repository;
  out.digest = *digest;
  return out;
}

std::optional<oci::Image> collect_base(const Services& services,
                                       const std::optional<oci::Reference>& given,
                                       const oci::Reference& repository, const oci::Image& image,
                                       VerifyMaterial& material) {
  const auto reference = base_of(given, repository, image);
  if (!reference) return std::nullopt;
  ImageEvidence evidence;
  // It need not exist: of an image that was built locally only the layers do.
  auto base = fetch(services, *reference, false, evidence, material);
  if (!given && evidence.absence && !evidence.absence->contradicts) {
    evidence.absence->reason += "; if it is elsewhere, name it: --base REF";
  }
  material.base = std::move(evidence);
  return base;
}

/// The upper layers, from the top down. Below the first one those that cannot be had are left out:
/// what rests on them is not checked; but a registry that gives other octets is reported.
void collect_layers(const Services& services, const oci::Reference& reference,
                    const oci::Image& image, std::size_t count, VerifyMaterial& material) {
  const auto blobs = services.registry.blobs_of(reference);
  std::uint64_t left = kMaxLayerBytes;
  const std::size_t wanted = std::min({count, kMostLayersAbove, image.layers.size()});
  for (std::size_t i = 0; i < wanted; ++i) {
    const oci::Descriptor& layer = image.layers[image.layers.size() - 1 - i];
    auto absence = attempt([&] { keep_layer(*blobs, layer, left, material); }, true);
    if (!absence) continue;
    if (i == 0 || absence->contradicts) material.image->layers_absence = std::move(absence);
    return;
  }
}

/// Whether one of the layers that were read has a program for TLS.
bool has_tls(const oci::Image& image, const VerifyMaterial& material) {
  MaterialBlobs blobs(material);
  bool out = false;
  attempt([&] {
    for (const oci::Descriptor& layer : image.layers) {
      if (!blobs.has(layer.digest.to_string())) continue;
      for (const auto& [path, entry] : read_layer(layer, blobs, "a layer", "").entries) {
        out = out || path == "usr/local/bin/tls-client" || path == "usr/local/bin/tls-keygen" ||
              path == "usr/local/bin/caddy" || path == "etc/caddy/Caddyfile";
      }
    }
  });
  return out;
}

std::uint64_t left_for_tools(const VerifyMaterial& material) {
  std::uint64_t used = 0;
  for (const auto& [digest, octets] : material.blobs) used += octets.size();
  return kMaxAllBytes - std::min(used, kMaxAllBytes);
}

/// Documents, also the index when the reference names one, and all layers.
void collect_tool(const Services& services, const oci::Reference& reference, ImageEvidence& out,
                  std::uint64_t& left, VerifyMaterial& material) {
  const ImageCache cache(services.paths);
  std::optional<oci::Image> image = cache.find(reference);
  if (!image) {
    oci::FetchedImage fetched = services.registry.fetch(reference);
    if (fetched.index_digest) {
      material.blobs[fetched.index_digest->to_string()] = std::move(fetched.index);
    }
    cache.keep(fetched.image);
    image = std::move(fetched.image);
  }
  keep_documents(*image, out, material);
  const auto blobs = cache.blobs(services.registry.blobs_of(reference));
  for (const oci::Descriptor& layer : image->layers) keep_layer(*blobs, layer, left, material);
}

}  // namespace

void collect_image(const Services& services, const std::optional<oci::Reference>& base,
                   const platform::Artifact& artifact, VerifyMaterial& material) {
  material.image.emplace();
  std::optional<oci::Reference> reference;
  material.image->absence = attempt([&] {
    reference =
        oci::Reference::parse(artifact.registry + "@" + oci::Digest(artifact.digest).to_string());
  });
  if (!reference) return;
  const auto image = fetch(services, *reference, true, *material.image, material);
  if (!image) return;
  const auto below = collect_base(services, base, *reference, *image, material);
  const bool grows = below && below->layers.size() < image->layers.size();
  collect_layers(services, *reference, *image,
                 grows ? image->layers.size() - below->layers.size() : kMostLayersAbove, material);
  collect_tools(services, has_tls(*image, material), material);
}

namespace {

void collect_images(const Services& services, const std::vector<std::string>& names,
                    VerifyMaterial& material) {
  std::uint64_t left = left_for_tools(material);
  for (const std::string& name : names) {
    if (name.empty()) continue;
    ImageEvidence evidence;
    evidence.reference = name;
    evidence.absence = attempt(
        [&] { collect_tool(services, oci::Reference::parse(name), evidence, left, material); });
    if (evidence.absence) {
      evidence.absence->reason =
          "the platform's programs cannot be had: " + evidence.absence->reason;
    }
    material.tools.push_back(std::move(evidence));
  }
}

}  // namespace

void collect_tools(const Services& services, bool with_tls, VerifyMaterial& material) {
  const platform::Environment& environment = services.environment;
  std::vector<std::string> names = {environment.kms_client_image};
  if (with_tls) {
    names.push_back(environment.tls_client_image);
    names.push_back(environment.caddy_image);
  }
  collect_images(services, names, material);
}

void collect_recipe_tools(const Services& services, VerifyMaterial& material) {
  if (!material.image || material.image->absence || !material.build ||
      !material.build->verdict.verified) {
    return;
  }
  std::vector<std::string> names;
  attempt([&] {
    const MaterialBlobs blobs(material);
    if (!is_platform_built(open_image(*material.image, blobs))) return;
    const std::string repository = platform::tools_repository(services.environment);
    const auto recipe = platform::read_build_recipe(material.build->verdict.payload, repository);
    for (const auto& [program, digest] : recipe.tools) {
      const std::string name = repository + "@" + digest.to_string();
      const bool is_known =
          std::any_of(material.tools.begin(), material.tools.end(),
                      [&](const ImageEvidence& tool) { return tool.reference == name; });
      if (!is_known) names.push_back(name);
    }
  });
  collect_images(services, names, material);
}

}  // namespace ecloud::deploy
