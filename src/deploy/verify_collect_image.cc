#include <algorithm>

#include "deploy/tee_tools.h"
#include "deploy/verify_collect.h"
#include "deploy/verify_layers.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::deploy {
namespace {

/// Of one image: a layer with Caddy has 20 MB.
constexpr std::uint64_t kMaxLayerBytes = std::uint64_t{256} << 20;
/// Where the programs are in an image whose base is not known: other clients add a few layers.
constexpr std::size_t kMostLayersAbove = 6;

void keep_documents(const oci::Image& image, ImageEvidence& out, VerifyMaterial& material) {
  out.manifest_type = image.manifest_type;
  out.manifest = image.digest.to_string();
  out.config = image.config_descriptor.digest.to_string();
  material.blobs[out.manifest] = image.manifest;
  material.blobs[out.config] = image.config;
}

std::string read_blob(oci::BlobSource& blobs, const oci::Descriptor& layer) {
  if (layer.size_bytes > kMaxLayerBytes) {
    throw Error(Category::kImage, "image.too_large",
                "the layer " + layer.digest.to_string() + " has " +
                    std::to_string(layer.size_bytes >> 20) + " MiB, and no more than " +
                    std::to_string(kMaxLayerBytes >> 20) + " are read");
  }
  std::string out;
  blobs.read(layer, [&](base::ByteView octets) {
    out.append(base::as_chars(octets));
    return true;
  });
  return out;
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
  const auto label = image.details.labels.find(platform::kBaseLabel);
  if (label == image.details.labels.end()) return std::nullopt;
  const auto digest = oci::Digest::parse(label->second);
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
  // It need not be there: of an image that was made on somebody's machine only the layers are.
  auto base = fetch(services, *reference, false, evidence, material);
  if (!given && evidence.absence && !evidence.absence->contradicts) {
    evidence.absence->reason += "; if it is elsewhere, name it: --base REF";
  }
  material.base = std::move(evidence);
  return base;
}

void collect_layers(const Services& services, const oci::Reference& reference,
                    const oci::Image& image, std::size_t count, VerifyMaterial& material) {
  const auto blobs = services.registry.blobs_of(reference);
  material.image->layers_absence = attempt(
      [&] {
        for (std::size_t i = 0; i < std::min(count, image.layers.size()); ++i) {
          const oci::Descriptor& layer = image.layers[image.layers.size() - 1 - i];
          material.blobs[layer.digest.to_string()] = read_blob(*blobs, layer);
        }
      },
      true);
}

/// Whether one of the layers that were read has a program for TLS.
bool has_tls(const oci::Image& image, const VerifyMaterial& material) {
  MaterialBlobs blobs(material);
  bool out = false;
  attempt([&] {
    for (const oci::Descriptor& layer : image.layers) {
      if (!blobs.has(layer.digest.to_string())) continue;
      for (const auto& [path, entry] : read_layer(layer, blobs, "a layer", "").entries) {
        out = out || path == "usr/local/bin/tls-keygen" || path == "usr/local/bin/caddy" ||
              path == "etc/caddy/Caddyfile";
      }
    }
  });
  return out;
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

void collect_tools(const Services& services, bool with_tls, VerifyMaterial& material) {
  const platform::Environment& environment = services.environment;
  std::vector<std::string> names = {environment.kms_client_image};
  if (with_tls) {
    names.push_back(environment.tls_client_image);
    names.push_back(environment.caddy_image);
  }
  for (const std::string& name : names) {
    if (name.empty()) continue;
    ImageEvidence evidence;
    evidence.reference = name;
    evidence.absence = attempt([&] {
      const SourceImage source = open_tools(services, oci::Reference::parse(name));
      keep_documents(source.image, evidence, material);
      for (const oci::Descriptor& layer : source.image.layers) {
        material.blobs[layer.digest.to_string()] = read_blob(*source.blobs, layer);
      }
    });
    material.tools.push_back(std::move(evidence));
  }
}

}  // namespace ecloud::deploy
