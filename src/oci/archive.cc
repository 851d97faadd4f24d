#include "ecloud/oci/archive.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "archive_files.h"
#include "archive_image.h"
#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/oci/compression.h"
#include "manifest.h"

namespace ecloud::oci {
namespace {

using base::Json;
namespace fs = std::filesystem;

constexpr std::string_view kZstdLayerType = "application/vnd.oci.image.layer.v1.tar+zstd";

/// Counts and hashes what passes.
class DigestCounter {
 public:
  void update(base::ByteView octets) {
    hash_.update(octets);
    size_ += octets.size();
  }
  Descriptor finish(std::string_view media_type) {
    return {std::string(media_type), Digest(hash_.finish()), size_};
  }

 private:
  crypto::Sha256Stream hash_;
  std::uint64_t size_ = 0;
};

Compression compression_of_content(const Content& content) {
  char start[4] = {};
  const std::size_t size = content.read(0, start, sizeof start);
  return compression_of(base::as_bytes({start, size}));
}

/// Brings the layers of a chosen image into the form in which registries take them.
class LayerPreparer {
 public:
  LayerPreparer(const ArchiveFiles& files, std::string name, const fs::path& scratch,
                const ArchiveOptions& options)
      : files_(files), name_(std::move(name)), scratch_directory_(scratch), options_(options) {}

  /// Checks all of `image`, and makes what is missing. True: its manifest can stay as it is.
  bool prepare(const StoredImage& image, const std::vector<Digest>& diff_ids) {
    if (image.layers.size() != diff_ids.size()) {
      throw bad_archive(
          Category::kImage, name_,
          fmt::format("has {} layer{}, and its configuration speaks of {}", image.layers.size(),
                      image.layers.size() == 1 ? "" : "s", diff_ids.size()));
    }
    bool keep = !image.manifest.empty();
    for (std::size_t i = 0; i < diff_ids.size(); ++i) {
      keep = prepare_layer(image.layers[i], i, diff_ids[i]) && keep;
    }
    return keep;
  }

  const std::vector<Descriptor>& layers() const { return layers_; }

  std::map<std::string, ContentPtr> take_contents() {
    const ContentPtr scratch = scratch_ ? scratch_->finish() : nullptr;
    for (const auto& [digest, place] : in_scratch_) {
      contents_[digest] = part_of(scratch, place.first, place.second);
    }
    return std::move(contents_);
  }

 private:
  /// Whether it can stay as it is.
  bool prepare_layer(const StoredLayer& layer, std::size_t number, const Digest& diff_id) {
    const ContentPtr content = files_.find(layer.path);
    if (!content) {
      throw bad_archive(Category::kImage, name_,
                        fmt::format("lacks layer {}, {}", number + 1, layer.path));
    }
    const std::string title = fmt::format("layer {} of {}", number + 1, name_);
    if (layer.descriptor) check_stored(*layer.descriptor, *content, title);
    const Compression compression = compression_of_content(*content);
    if (compression == Compression::kNone) {
      add_compressed(layer.path, *content, title, diff_id);
      return false;
    }
    // What a manifest says was checked; here the diff_id alone tells whether the layer is right.
    if (!layer.descriptor) check_decompressed(*content, title, diff_id);
    const Descriptor descriptor = layer.descriptor ? *layer.descriptor : describe(*content);
    layers_.push_back(descriptor);
    contents_[descriptor.digest.to_string()] = content;
    return true;
  }

  void each_piece(const Content& content, const std::function<void(base::ByteView)>& take) const {
    read_all(content, [&](base::ByteView octets) {
      if (options_.cancel != nullptr) options_.cancel->check();
      take(octets);
      return true;
    });
  }

  Descriptor describe(const Content& content) const {
    DigestCounter counter;
    each_piece(content, [&](base::ByteView octets) { counter.update(octets); });
    return counter.finish(compression_of_content(content) == Compression::kZstd ? kZstdLayerType
                                                                                : kOciLayerType);
  }

  void check_stored(const Descriptor& wanted, const Content& content,
                    const std::string& title) const {
    if (content.size_bytes() != wanted.size_bytes) {
      throw mismatch(fmt::format("{} has {} octets, and its manifest says {}", title,
                                 content.size_bytes(), wanted.size_bytes));
    }
    check_digest(describe(content).digest, wanted.digest, title);
  }

  void check_decompressed(const Content& content, const std::string& title,
                          const Digest& diff_id) const {
    DigestCounter counter;
    Decompressor decompressor(
        [&](base::ByteView octets) {
          counter.update(octets);
          return true;
        },
        title, {.max_bytes = options_.max_decompressed_bytes});
    each_piece(content, [&](base::ByteView octets) { decompressor.write(octets); });
    decompressor.finish();
    check_digest(counter.finish("").digest, diff_id, title);
  }

  void add_compressed(const std::string& path, const Content& content, const std::string& title,
                      const Digest& diff_id) {
    if (const auto known = compressed_.find(path); known != compressed_.end()) {
      check_digest(known->second.first, diff_id, title);
      layers_.push_back(known->second.second);
      return;
    }
    if (!scratch_) scratch_ = std::make_unique<ScratchFile>(scratch_directory_);
    const std::uint64_t start = scratch_size_;
    DigestCounter plain;
    DigestCounter packed;
    StableGzipWriter writer([&](base::ByteView octets) {
      packed.update(octets);
      scratch_->write(octets);
      return true;
    });
    each_piece(content, [&](base::ByteView octets) {
      plain.update(octets);
      writer.write(octets);
    });
    writer.finish();
    const Digest found = plain.finish("").digest;
    check_digest(found, diff_id, title);
    const Descriptor descriptor = packed.finish(kOciLayerType);
    in_scratch_[descriptor.digest.to_string()] = {start, descriptor.size_bytes};
    scratch_size_ += descriptor.size_bytes;
    compressed_.insert({path, {found, descriptor}});
    layers_.push_back(descriptor);
  }

  static Error mismatch(std::string message) {
    return {Category::kImage, "image.digest_mismatch", std::move(message),
            "do not deploy it: something changed the archive"};
  }
  static void check_digest(const Digest& found, const Digest& wanted, const std::string& title) {
    if (found == wanted) return;
    throw mismatch(title + " hashes to " + found.to_string() + ", and not to " +
                   wanted.to_string());
  }

  const ArchiveFiles& files_;
  const std::string name_;
  const fs::path scratch_directory_;
  const ArchiveOptions& options_;
  std::vector<Descriptor> layers_;
  std::map<std::string, ContentPtr> contents_;  // by digest
  // All in one file: an archive may have more layers than a process may have files.
  std::unique_ptr<ScratchFile> scratch_;
  std::uint64_t scratch_size_ = 0;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> in_scratch_;
  std::map<std::string, std::pair<Digest, Descriptor>> compressed_;  // by path
};

Json descriptor_json(std::string_view type, const Digest& digest, std::uint64_t size) {
  return Json::object({{"mediaType", type}, {"digest", digest.to_string()}, {"size", size}});
}

std::string make_manifest(const std::string& config, const std::vector<Descriptor>& layers) {
  Json list = Json::array();
  for (const Descriptor& layer : layers) {
    list.push(descriptor_json(layer.media_type, layer.digest, layer.size_bytes));
  }
  return Json::object(
             {{"schemaVersion", 2},
              {"mediaType", kOciManifestType},
              {"config",
               descriptor_json(kOciConfigType, Digest::of(base::as_bytes(config)), config.size())},
              {"layers", std::move(list)}})
      .dump();
}

/// Errors of readers that think of registries, in the words of archives.
template <typename Read>
auto for_archive(const std::string& name, Read read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.code() == "image.platform") {
      throw error.with_hint(
          "build it for the platform: docker buildx build --platform linux/amd64 --output "
          "type=oci,dest=" +
          name + " .");
    }
    if (error.code() != "image.not_an_image") throw;
    throw Error(Category::kImage, "image.bad_archive", error.message(), "make the archive anew");
  }
}

StoredImage choose_image(const ArchiveFiles& files, const std::string& name,
                         const std::string& wanted) {
  if (const ContentPtr index = files.find("index.json")) {
    const std::string text = read_small(*index, kMaxDocumentBytes, name, "index.json");
    return choose_oci_image(files, text, name, wanted);
  }
  if (const ContentPtr manifest = files.find("manifest.json")) {
    const std::string text = read_small(*manifest, kMaxDocumentBytes, name, "manifest.json");
    if (base::trim(text).starts_with('{')) {
      throw bad_archive(Category::kUsage, name,
                        "is no image archive: its manifest.json is that of a single image, as "
                        "skopeo's dir: has it",
                        "write it as an archive: skopeo copy dir:FOLDER oci-archive:FILE");
    }
    return choose_docker_image(files, text, name, wanted);
  }
  throw bad_archive(Category::kUsage, name,
                    "is no image archive: it has neither index.json nor manifest.json",
                    "give what docker save, podman save or a build with --output type=oci wrote");
}

}  // namespace

struct ImageArchive::Impl {
  Image image;
  std::map<std::string, ContentPtr> contents;  // by digest
};

ImageArchive::ImageArchive(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ImageArchive::~ImageArchive() = default;

const Image& ImageArchive::image() const {
  return impl_->image;
}

ContentPtr ImageArchive::content(const Digest& digest) const {
  const auto found = impl_->contents.find(digest.to_string());
  if (found != impl_->contents.end()) return found->second;
  throw Error(Category::kImage, "image.missing_layer",
              impl_->image.name + " holds no " + digest.to_string(), "make the archive anew");
}

void ImageArchive::read(const Descriptor& blob, const OctetSink& sink) {
  const ContentPtr all = content(blob.digest);
  DigestCounter counter;
  bool complete = true;
  read_all(*all, [&](base::ByteView octets) {
    counter.update(octets);
    complete = sink(octets);
    return complete;
  });
  if (!complete) return;
  const Descriptor found = counter.finish("");
  if (found.digest == blob.digest && found.size_bytes == blob.size_bytes) return;
  throw Error(Category::kImage, "image.digest_mismatch",
              impl_->image.name + " holds something else than " + blob.digest.to_string(),
              "something changed the archive meanwhile: start anew");
}

ArchiveName parse_archive_name(std::string_view text) {
  std::error_code ignored;
  const std::size_t hash = text.rfind('#');
  if (hash == std::string_view::npos || hash == 0 || fs::exists(fs::path(text), ignored)) {
    return {fs::path(text), {}};
  }
  return {fs::path(text.substr(0, hash)), std::string(text.substr(hash + 1))};
}

std::unique_ptr<ImageArchive> open_archive(const fs::path& path, const fs::path& scratch,
                                           const ArchiveOptions& options) {
  const std::string name = path.string();
  const std::unique_ptr<ArchiveFiles> files = open_archive_files(path, scratch, options);
  return for_archive(name, [&] {
    StoredImage stored = choose_image(*files, name, options.image_name);
    const ImageConfig config = parse_image_config(name, stored.config);
    LayerPreparer layers(*files, name, scratch, options);
    if (!layers.prepare(stored, config.diff_ids)) {
      stored.manifest = make_manifest(stored.config, layers.layers());
      stored.manifest_type = kOciManifestType;
    }
    std::map<std::string, ContentPtr> contents = layers.take_contents();
    Image image = read_image(name, stored.manifest_type, stored.manifest, stored.config);
    contents[image.config_descriptor.digest.to_string()] = content_of(stored.config);
    return std::unique_ptr<ImageArchive>(new ImageArchive(std::unique_ptr<ImageArchive::Impl>(
        new ImageArchive::Impl{std::move(image), std::move(contents)})));
  });
}

}  // namespace ecloud::oci
