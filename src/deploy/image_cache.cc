#include "deploy/image_cache.h"

#include <functional>
#include <utility>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/temporary.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kMaxDocumentBytes = std::size_t{8} << 20;

std::filesystem::path place_of(const std::filesystem::path& directory, const oci::Digest& digest) {
  return directory / digest.to_string().substr(std::string_view("sha256:").size());
}

bool hashes_to(const oci::Content& content, const oci::Digest& digest) {
  crypto::Sha256Stream hash;
  oci::read_all(content, [&](base::ByteView octets) {
    hash.update(octets);
    return true;
  });
  return oci::Digest(hash.finish()) == digest;
}

/// A file that appears under its name only when all of it is there.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path path) : path_(std::move(path)) {
    or_without([&] { file_.emplace(path_.parent_path(), path_.string()); });
  }

  void write(base::ByteView octets) {
    or_without([&] {
      if (file_) file_->write(base::as_chars(octets));
    });
  }
  void keep() {
    or_without([&] {
      if (file_) file_->replace(path_);
    });
  }

 private:
  void or_without(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error&) {
      file_.reset();
    }
  }

  std::filesystem::path path_;
  std::optional<base::TemporaryFile> file_;
};

class CachedBlobs final : public oci::BlobSource {
 public:
  CachedBlobs(std::filesystem::path directory, std::shared_ptr<oci::BlobSource> inner)
      : directory_(std::move(directory)), inner_(std::move(inner)) {}

  void read(const oci::Descriptor& blob, const oci::OctetSink& sink) override {
    const std::filesystem::path path = place_of(directory_, blob.digest);
    if (const auto kept = find(path, blob)) return oci::read_all(*kept, sink);
    NewFile file(path);
    bool wanted = true;
    inner_->read(blob, [&](base::ByteView octets) {
      file.write(octets);
      wanted = sink(octets);
      return wanted;
    });
    // Its digest was checked at its end.
    if (wanted) file.keep();
  }

 private:
  static oci::ContentPtr find(const std::filesystem::path& path, const oci::Descriptor& blob) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return nullptr;
    try {
      oci::ContentPtr content = oci::content_of_file(path);
      if (content->size_bytes() == blob.size_bytes && hashes_to(*content, blob.digest)) {
        return content;
      }
    } catch (const Error&) {
    }
    std::filesystem::remove(path, ignored);
    return nullptr;
  }

  const std::filesystem::path directory_;
  const std::shared_ptr<oci::BlobSource> inner_;
};

void keep_document(const std::filesystem::path& directory, const oci::Digest& digest,
                   const std::string& text) {
  NewFile file(place_of(directory, digest));
  file.write(base::as_bytes(text));
  file.keep();
}

std::optional<std::string> find_document(const std::filesystem::path& directory,
                                         const oci::Digest& digest) {
  auto text = base::read_file_if_exists(place_of(directory, digest), kMaxDocumentBytes);
  if (text && !(oci::Digest::of(base::as_bytes(*text)) == digest)) text.reset();
  return text;
}

}  // namespace

ImageCache::ImageCache(const base::Paths& paths)
    : directory_(paths.cache.empty() ? paths.cache : paths.cache / "images") {}

std::optional<oci::Image> ImageCache::find(const oci::Reference& reference) const {
  if (directory_.empty() || !reference.digest) return std::nullopt;
  try {
    auto manifest = find_document(directory_, *reference.digest);
    if (!manifest) return std::nullopt;
    const auto config = find_document(directory_, oci::config_digest_of(*manifest));
    if (!config) return std::nullopt;
    return oci::read_image(reference.to_string(), "", std::move(*manifest), *config);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void ImageCache::keep(const oci::Image& image) const {
  if (directory_.empty()) return;
  keep_document(directory_, image.config_descriptor.digest, image.config);
  keep_document(directory_, image.digest, image.manifest);
}

std::shared_ptr<oci::BlobSource> ImageCache::blobs(std::shared_ptr<oci::BlobSource> inner) const {
  if (directory_.empty()) return inner;
  return std::make_shared<CachedBlobs>(directory_, std::move(inner));
}

}  // namespace ecloud::deploy
