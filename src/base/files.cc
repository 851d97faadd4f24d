#include "ecloud/base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/file_error.h"
#include "ecloud/base/secret.h"
#include "ecloud/base/temporary.h"
#include "ecloud/base/text.h"

namespace ecloud::base {
namespace {

namespace fs = std::filesystem;

void sync_directory(const fs::path& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems refuse to sync a directory; the rename itself has still been done.
  if (fd.valid()) ::fsync(fd.get());
}

fs::path directory_of(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

/// What a chain of symbolic links ends at, there or not. The file behind a link is replaced and
/// the link stays: people keep such files in a repository of their own.
fs::path behind_links(const fs::path& path) {
  constexpr int kMostLinks = 40;  // as many as Linux follows
  fs::path at = path;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code is_no_link;
    const fs::path target = fs::read_symlink(at, is_no_link);
    if (is_no_link) return at;
    at = target.is_absolute() ? target : directory_of(at) / target;
  }
  throw unwritable(path.string(), ELOOP);
}

/// Files hold keys, and so does what they were read through.
struct WipedBuffer {
  WipedBuffer() : octets(64 * 1024) {}
  ~WipedBuffer() { wipe(octets.data(), octets.size()); }
  WipedBuffer(const WipedBuffer&) = delete;
  WipedBuffer& operator=(const WipedBuffer&) = delete;
  std::vector<char> octets;
};

std::string read_descriptor(int fd, const fs::path& path, std::size_t max_bytes,
                            Category category) {
  std::string content;
  WipedBuffer buffer;
  std::vector<char>& chunk = buffer.octets;
  for (;;) {
    const ssize_t count = ::read(fd, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw Error(category, "file.unreadable",
                  "cannot read " + path.string() + ": " + std::strerror(errno));
    }
    if (count == 0) return content;
    content.append(chunk.data(), static_cast<std::size_t>(count));
    if (content.size() > max_bytes) {
      throw Error(category, "file.too_large",
                  path.string() + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
  }
}

/// What kind of file was opened; errno is that of the opening.
mode_t check_readable(const Descriptor& fd, const fs::path& path, Category category) {
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) {
    throw Error(category, "file.unreadable",
                "cannot read " + path.string() + ": " + std::strerror(errno));
  }
  if (S_ISDIR(info.st_mode)) {
    throw Error(category, "file.directory", path.string() + " is a directory, not a file");
  }
  return info.st_mode & S_IFMT;
}

}  // namespace

std::optional<std::string> read_file_if_exists(const fs::path& path, std::size_t max_bytes,
                                               Category category) {
  // Nobody named it, so that it may be a FIFO by mistake or malice, whose opening would wait.
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid() && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  const mode_t type = check_readable(fd, path, category);
  if (!S_ISREG(type)) {
    throw Error(category, "file.not_regular",
                path.string() + " is a FIFO or a device, not a regular file",
                "move it away; an option that names a file takes a FIFO");
  }
  return read_descriptor(fd.get(), path, max_bytes, category);
}

std::string read_file(const fs::path& path, std::size_t max_bytes, Category category) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() && (errno == ENOENT || errno == ENOTDIR)) {
    throw Error(category, "file.missing", "no such file: " + without_keys(path.string()));
  }
  check_readable(fd, path, category);
  return read_descriptor(fd.get(), path, max_bytes, category);
}

void write_file_atomic(const fs::path& path, std::string_view content, mode_t mode) {
  const fs::path target = behind_links(path);
  std::error_code unknown;
  const fs::file_status there = fs::status(target, unknown);
  if (fs::is_other(there)) {
    throw Error(Category::kFailure, "file.unwritable",
                "cannot write " + path.string() + ": it is no regular file",
                "move it away, or name another file");
  }
  TemporaryFile file(directory_of(target), path.string());
  file.write(content);
  file.sync(mode);
  file.replace(target);
  sync_directory(directory_of(target));
}

void write_new_file(const fs::path& path, std::string_view content, mode_t mode) {
  TemporaryFile file(directory_of(path), path.string());
  file.write(content);
  file.sync(mode);
  if (!file.place_new(path)) {
    throw Error(Category::kUsage, "file.exists", path.string() + " exists and is not replaced",
                "choose another name, or remove the file yourself if nothing depends on it");
  }
  sync_directory(directory_of(path));
}

void make_private_directories(const fs::path& path) {
  std::error_code unknown;  // what cannot be looked at cannot be made either: mkdir says why
  if (path.empty() || fs::is_directory(path, unknown)) return;
  make_private_directories(path.parent_path());
  if (::mkdir(path.c_str(), 0700) == 0) return;
  if (errno != EEXIST) throw unwritable(path.string(), errno);
  // Another process may have made it meanwhile; a file in its place is no directory.
  if (!fs::is_directory(path, unknown)) throw unwritable(path.string(), ENOTDIR);
}

FileLock::FileLock(const fs::path& path) {
  make_private_directories(directory_of(path));
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivateFile));
  if (!fd.valid()) throw unwritable(path.string(), errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw unwritable(path.string(), errno);
    throw Error(Category::kFailure, "file.locked",
                "another ecloud process is at work on " + path.string(),
                "wait until it has finished, then run the command again");
  }
  descriptor_ = fd.release();
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace ecloud::base
