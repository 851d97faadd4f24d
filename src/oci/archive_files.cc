#include "archive_files.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "ecloud/oci/compression.h"
#include "ecloud/oci/tar.h"

namespace ecloud::oci {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;
constexpr std::size_t kStartBytes = 64;

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

/// A file that is opened only while it is read: an image may have more layers than a process may
/// have open files.
class LazyFile final : public Content {
 public:
  explicit LazyFile(fs::path path)
      : path_(std::move(path)), size_(content_of_file(path_)->size_bytes()) {}
  std::uint64_t size_bytes() const override { return size_; }
  std::size_t read(std::uint64_t offset, char* out, std::size_t size) const override {
    return content_of_file(path_)->read(offset, out, size);
  }

 private:
  const fs::path path_;
  const std::uint64_t size_;
};

class FolderFiles final : public ArchiveFiles {
 public:
  explicit FolderFiles(fs::path root) : root_(std::move(root)) {}

  // Links are followed wherever they lead: Bazel and Nix make folders of links, and the user named
  // this one.
  ContentPtr find(const std::string& path) const override {
    std::error_code ignored;
    const fs::path file = root_ / path;
    return fs::is_regular_file(file, ignored) ? std::make_shared<LazyFile>(file) : nullptr;
  }

 private:
  const fs::path root_;
};

class TarFiles final : public ArchiveFiles, private TarVisitor {
 public:
  TarFiles(ContentPtr content, std::string name, const base::CancelToken* cancel)
      : content_(std::move(content)), name_(std::move(name)) {
    TarReader reader(*this, name_);
    read_all(*content_, [&](base::ByteView octets) {
      if (cancel != nullptr) cancel->check();
      return reader.write(octets);
    });
    reader.finish();
  }

  ContentPtr find(const std::string& path) const override {
    std::string at = normal_tar_path(path, name_);
    for (int links = 0; links < kMaxLinks; ++links) {
      if (const auto file = files_.find(at); file != files_.end()) {
        return part_of(content_, file->second.first, file->second.second);
      }
      const auto link = links_.find(at);
      if (link == links_.end()) return nullptr;
      const std::string& target = link->second;
      at = normal_tar_path(target.starts_with('/') ? target : parent_of(at) + "/" + target, name_);
    }
    return nullptr;
  }

 private:
  TarWish entry(const TarEntry& entry) override {
    files_.erase(entry.path);
    links_.erase(entry.path);
    if (entry.type == TarType::kFile) {
      files_[entry.path] = {entry.content_offset, entry.size_bytes};
    } else if (entry.type == TarType::kSymbolicLink) {
      links_[entry.path] = entry.link_target;
    } else if (entry.type == TarType::kHardLink) {
      links_[entry.path] = "/" + entry.link_target;
    }
    return TarWish::kNext;
  }
  bool content(base::ByteView) override { return true; }

  const ContentPtr content_;
  const std::string name_;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> files_;  // offset and size
  std::map<std::string, std::string> links_;
};

std::string start_of(const Content& content) {
  std::string out(kStartBytes, '\0');
  out.resize(content.read(0, out.data(), out.size()));
  return out;
}

ContentPtr decompressed(const Content& content, const std::string& name, const fs::path& scratch,
                        const ArchiveOptions& options) {
  ScratchFile file(scratch);
  Decompressor decompressor(
      [&](base::ByteView octets) {
        file.write(octets);
        return true;
      },
      name, {.max_bytes = options.max_decompressed_bytes});
  read_all(content, [&](base::ByteView octets) {
    if (options.cancel != nullptr) options.cancel->check();
    return decompressor.write(octets);
  });
  decompressor.finish();
  return file.finish();
}

/// What a file is that is no archive, from its first octets.
std::string_view kind_of(std::string_view start) {
  if (start.empty()) return "is empty";
  if (start.starts_with("\x7f"
                        "ELF"))
    return "is a program";
  if (start.starts_with("PK\x03\x04")) return "is a zip file";
  if (start.starts_with("\xfd"
                        "7zXZ"))
    return "is compressed with xz";
  if (start.starts_with("BZh")) return "is compressed with bzip2";
  if (start.starts_with("<")) return "is a web page";
  if (start.starts_with("{") || start.starts_with("[")) return "is JSON";
  if (start.starts_with("FROM ") || start.starts_with("# syntax")) return "is a Dockerfile";
  return "is no tar archive";
}

/// Whether the very first header was wrong: then it is no tar at all.
bool is_at_start(const Error& error) {
  return error.message().find(" is no tar archive: the header before octet 512 is") !=
             std::string::npos ||
         error.message().find(" is no tar archive: it ends") != std::string::npos;
}

constexpr const char* kHowToMake =
    "make one with: docker save, or docker buildx build --platform linux/amd64 --output "
    "type=oci,dest=app.tar .";

}  // namespace

Error bad_archive(Category category, std::string_view name, std::string_view reason,
                  std::string hint) {
  if (hint.empty()) hint = "make the archive anew";
  return {category, "image.bad_archive", std::string(name) + " " + std::string(reason),
          std::move(hint)};
}

std::string read_small(const Content& content, std::uint64_t max_bytes, std::string_view name,
                       std::string_view path) {
  if (content.size_bytes() > max_bytes) {
    throw bad_archive(Category::kImage, name,
                      "has a " + std::string(path) + " of " + std::to_string(content.size_bytes()) +
                          " octets, which is too large");
  }
  std::string out(static_cast<std::size_t>(content.size_bytes()), '\0');
  out.resize(content.read(0, out.data(), out.size()));
  return out;
}

std::unique_ptr<ArchiveFiles> open_archive_files(const fs::path& path, const fs::path& scratch,
                                                 const ArchiveOptions& options) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return std::make_unique<FolderFiles>(path);
  const std::string name = path.string();
  ContentPtr content = content_of_file(path);
  std::string start = start_of(*content);
  const bool compressed = compression_of(base::as_bytes(start)) != Compression::kNone;
  try {
    if (compressed) {
      content = decompressed(*content, name, scratch, options);
      start = start_of(*content);
    }
    return std::make_unique<TarFiles>(std::move(content), name, options.cancel);
  } catch (const Error& error) {
    if (error.code() != "image.broken_layer") throw;
    if (!is_at_start(error)) {
      throw Error(Category::kImage, "image.bad_archive", error.message(), "make the archive anew");
    }
    const std::string_view kind = kind_of(start);
    throw bad_archive(Category::kUsage, name,
                      std::string(kind) + (compressed ? " inside of its compression" : "") +
                          ", and no image archive",
                      kHowToMake);
  }
}

}  // namespace ecloud::oci
