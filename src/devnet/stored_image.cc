#include "devnet/stored_image.h"

#include "ecloud/oci/compression.h"

namespace ecloud::devnet {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{128} << 20;
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

RegistryContent::Octets blob(const RegistryContent::Repository& repository,
                             const oci::Digest& digest) {
  const auto found = repository.blobs.find(digest.to_string());
  return found == repository.blobs.end() ? nullptr : found->second;
}

bool is_below(std::string_view path, std::string_view directory) {
  return directory.empty() || (path.size() > directory.size() && path.starts_with(directory) &&
                               path[directory.size()] == '/');
}

/// Finds one path in one layer: its last entry wins.
class FileVisitor final : public oci::TarVisitor {
 public:
  explicit FileVisitor(std::string_view path) : path_(path) {}

  oci::TarWish entry(const oci::TarEntry& entry) override {
    const std::size_t slash = entry.path.rfind('/');
    const std::string_view name =
        slash == std::string::npos ? entry.path : std::string_view(entry.path).substr(slash + 1);
    const std::string_view directory = slash == std::string::npos
                                           ? std::string_view()
                                           : std::string_view(entry.path).substr(0, slash);
    if (name == kOpaque) {
      hidden = hidden || is_below(path_, directory);
    } else if (name.starts_with(kWhiteout)) {
      const std::string removed = (directory.empty() ? "" : std::string(directory) + "/") +
                                  std::string(name.substr(kWhiteout.size()));
      hidden = hidden || removed == path_ || is_below(path_, removed);
    }
    if (entry.path != path_) return oci::TarWish::kNext;
    found.reset();
    hidden = true;
    if (entry.type != oci::TarType::kFile) return oci::TarWish::kNext;
    found.emplace();
    return oci::TarWish::kContent;
  }
  bool content(base::ByteView piece) override {
    if (found->size() + piece.size() <= kMaxFileBytes) *found += base::as_chars(piece);
    return true;
  }

  std::optional<std::string> found;
  bool hidden = false;  ///< what lower layers have at the path is not seen

 private:
  std::string path_;
};

}  // namespace

std::optional<StoredImage> stored_image(const RegistryContent::Repository& repository,
                                        const std::string& digest) {
  const auto manifest = repository.manifests.find(digest);
  if (manifest == repository.manifests.end()) return std::nullopt;
  const auto config = blob(repository, oci::config_digest_of(*manifest->second.body));
  if (!config) return std::nullopt;
  StoredImage out{
      oci::read_image(digest, manifest->second.media_type, *manifest->second.body, *config), {}};
  for (const oci::Descriptor& layer : out.image.layers) {
    out.layers.push_back(blob(repository, layer.digest));
    if (!out.layers.back()) return std::nullopt;
  }
  return out;
}

void read_layer(const StoredImage& image, std::size_t layer, oci::TarVisitor& visitor) {
  const std::string name = "layer " + std::to_string(layer + 1) + " of " + image.image.name;
  oci::TarReader reader(visitor, name);
  oci::Decompressor decompressor([&](base::ByteView octets) { return reader.write(octets); }, name);
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  const base::ByteView octets = base::as_bytes(*image.layers[layer]);
  for (std::size_t at = 0; at < octets.size(); at += kPiece) {
    if (!decompressor.write(octets.subspan(at, std::min(kPiece, octets.size() - at)))) return;
  }
  decompressor.finish();
  reader.finish_layer();
}

std::optional<std::string> image_file(const StoredImage& image, std::string_view path) {
  for (std::size_t layer = image.layers.size(); layer > 0; --layer) {
    FileVisitor visitor(path);
    read_layer(image, layer - 1, visitor);
    if (visitor.found || visitor.hidden) return std::move(visitor.found);
  }
  return std::nullopt;
}

}  // namespace ecloud::devnet
