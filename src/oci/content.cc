#include "ecloud/oci/content.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/base/temporary.h"

namespace ecloud::oci {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

class TextContent final : public Content {
 public:
  explicit TextContent(std::string octets) : octets_(std::move(octets)) {}
  std::uint64_t size_bytes() const override { return octets_.size(); }
  std::size_t read(std::uint64_t offset, char* out, std::size_t size) const override {
    return offset >= octets_.size() ? 0 : octets_.copy(out, size, offset);
  }

 private:
  const std::string octets_;
};

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& reason) {
  throw Error(Category::kFailure, "file.unreadable", "cannot read " + path.string() + ": " + reason,
              "check the file and the disk");
}

class FileContent final : public Content {
 public:
  explicit FileContent(const std::filesystem::path& path)
      // Not blocking: a pipe in the place of a file would wait for its writer.
      : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat status {};
    if (descriptor_ < 0) {
      const bool missing = errno == ENOENT || errno == ENOTDIR;
      throw Error(Category::kUsage, missing ? "file.missing" : "file.unreadable",
                  "cannot read " + path.string() + ": " + std::strerror(errno), "check the path");
    }
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(descriptor_);
      throw Error(Category::kUsage, S_ISDIR(status.st_mode) ? "file.directory" : "file.unreadable",
                  path.string() + " is not a regular file", "name a file");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  /// Takes the descriptor over.
  FileContent(const std::filesystem::path& path, int descriptor, std::uint64_t size)
      : path_(path), descriptor_(descriptor), size_(size) {}
  ~FileContent() override { ::close(descriptor_); }
  FileContent(const FileContent&) = delete;
  FileContent& operator=(const FileContent&) = delete;

  std::uint64_t size_bytes() const override { return size_; }
  std::size_t read(std::uint64_t offset, char* out, std::size_t size) const override {
    if (offset >= size_) return 0;
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - offset));
    std::size_t done = 0;
    while (done < wanted) {
      const ssize_t got =
          ::pread(descriptor_, out + done, wanted - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail(path_, std::strerror(errno));
      if (got == 0) fail(path_, "it became shorter");
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  const std::filesystem::path path_;
  const int descriptor_;
  std::uint64_t size_ = 0;
};

class PartContent final : public Content {
 public:
  PartContent(ContentPtr whole, std::uint64_t offset, std::uint64_t size)
      : whole_(std::move(whole)), offset_(offset), size_(size) {}
  std::uint64_t size_bytes() const override { return size_; }
  std::size_t read(std::uint64_t offset, char* out, std::size_t size) const override {
    if (offset >= size_) return 0;
    const std::uint64_t wanted = std::min<std::uint64_t>(size, size_ - offset);
    return whole_->read(offset_ + offset, out, static_cast<std::size_t>(wanted));
  }

 private:
  const ContentPtr whole_;
  const std::uint64_t offset_;
  const std::uint64_t size_;
};

}  // namespace

ContentPtr content_of(std::string octets) {
  return std::make_shared<TextContent>(std::move(octets));
}

ContentPtr content_of_file(const std::filesystem::path& path) {
  return std::make_shared<FileContent>(path);
}

ContentPtr part_of(ContentPtr whole, std::uint64_t offset, std::uint64_t size_bytes) {
  const std::uint64_t all = whole->size_bytes();
  if (offset > all || size_bytes > all - offset) fail_bug("a part lies within its whole");
  return std::make_shared<PartContent>(std::move(whole), offset, size_bytes);
}

void read_all(const Content& content, const OctetSink& sink) {
  std::vector<char> piece(static_cast<std::size_t>(
      std::min<std::uint64_t>(kPieceBytes, std::max<std::uint64_t>(content.size_bytes(), 1))));
  for (std::uint64_t offset = 0; offset < content.size_bytes();) {
    const std::size_t got = content.read(offset, piece.data(), piece.size());
    if (!sink(base::as_bytes({piece.data(), got}))) return;
    offset += got;
  }
}

ScratchFile::ScratchFile(const std::filesystem::path& directory)
    : directory_(directory),
      descriptor_(base::TemporaryFile(directory, "in " + directory.string()).release_unnamed()) {}

ScratchFile::~ScratchFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void ScratchFile::write(base::ByteView octets) {
  while (!octets.empty()) {
    const ssize_t done = ::write(descriptor_, octets.data(), octets.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      throw Error(Category::kFailure, "file.unwritable",
                  "cannot write in " + directory_.string() + ": " + std::strerror(errno),
                  "make room on the disk, or set XDG_CACHE_HOME to another one");
    }
    size_ += static_cast<std::uint64_t>(done);
    octets = octets.subspan(static_cast<std::size_t>(done));
  }
}

ContentPtr ScratchFile::finish() {
  auto out = std::make_shared<FileContent>(directory_, descriptor_, size_);
  descriptor_ = -1;
  return out;
}

}  // namespace ecloud::oci
