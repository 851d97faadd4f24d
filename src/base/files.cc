#include "ecloud/base/files.h"
#include "ecloud/base/text.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace ecloud::base {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

Error unwritable(const fs::path& path, int error) {
  return {Category::kFailure, "file.unwritable",
          "cannot write " + path.string() + ": " + std::strerror(error),
          "check the permissions of the directory and the free space of the disk"};
}

void write_all(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw unwritable(path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_directory(const fs::path& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems refuse to sync a directory; the rename itself has still been done.
  if (fd.valid()) ::fsync(fd.get());
}

fs::path directory_of(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

/// Writes and syncs a temporary file beside `path`, and returns its name.
std::string write_temporary(const fs::path& path, std::string_view content, mode_t mode) {
  make_private_directories(directory_of(path));
  std::string name = path.string() + ".XXXXXX";
  Descriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd.valid()) throw unwritable(path, errno);
  try {
    if (::fchmod(fd.get(), mode) != 0) throw unwritable(path, errno);
    write_all(fd.get(), content, path);
    if (::fsync(fd.get()) != 0) throw unwritable(path, errno);
  } catch (...) {
    ::unlink(name.c_str());
    throw;
  }
  return name;
}

std::string read_descriptor(int fd, const fs::path& path, std::size_t max_bytes,
                            Category category) {
  std::string content;
  std::vector<char> chunk(64 * 1024);
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

}  // namespace

std::optional<std::string> read_file_if_exists(const fs::path& path, std::size_t max_bytes,
                                               Category category) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw Error(category, "file.unreadable",
                "cannot read " + path.string() + ": " + std::strerror(errno));
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) == 0 && S_ISDIR(info.st_mode)) {
    throw Error(category, "file.directory", path.string() + " is a directory, not a file");
  }
  return read_descriptor(fd.get(), path, max_bytes, category);
}

std::string read_file(const fs::path& path, std::size_t max_bytes, Category category) {
  auto content = read_file_if_exists(path, max_bytes, category);
  if (!content)
    throw Error(category, "file.missing", "no such file: " + without_keys(path.string()));
  return std::move(*content);
}

void write_file_atomic(const fs::path& path, std::string_view content, mode_t mode) {
  const std::string temporary = write_temporary(path, content, mode);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    throw unwritable(path, error);
  }
  sync_directory(directory_of(path));
}

void write_new_file(const fs::path& path, std::string_view content, mode_t mode) {
  const std::string temporary = write_temporary(path, content, mode);
  // link() fails on an existing name, which rename() would replace.
  const int outcome = ::link(temporary.c_str(), path.c_str());
  const int error = errno;
  ::unlink(temporary.c_str());
  if (outcome != 0 && error == EEXIST) {
    throw Error(Category::kUsage, "file.exists", path.string() + " exists and is not replaced",
                "choose another name, or remove the file yourself if nothing depends on it");
  }
  if (outcome != 0) throw unwritable(path, error);
  sync_directory(directory_of(path));
}

void make_private_directories(const fs::path& path) {
  std::error_code unknown;  // what cannot be looked at cannot be made either: mkdir says why
  if (path.empty() || fs::is_directory(path, unknown)) return;
  make_private_directories(path.parent_path());
  if (::mkdir(path.c_str(), 0700) == 0) return;
  if (errno != EEXIST) throw unwritable(path, errno);
  // Another process may have made it meanwhile; a file in its place is no directory.
  if (!fs::is_directory(path, unknown)) throw unwritable(path, ENOTDIR);
}

FileLock::FileLock(const fs::path& path) {
  make_private_directories(directory_of(path));
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivateFile));
  if (!fd.valid()) throw unwritable(path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw unwritable(path, errno);
    throw Error(Category::kFailure, "file.locked",
                "another ecloud process is at work on " + path.string(),
                "wait until it has finished, then run the command again");
  }
  descriptor_ = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0);
  if (descriptor_ < 0) throw unwritable(path, errno);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace ecloud::base
