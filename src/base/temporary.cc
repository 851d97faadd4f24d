#include "ecloud/base/temporary.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>

#include "base/descriptor.h"
#include "base/file_error.h"
#include "base/place_file.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"

namespace ecloud::base {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = ".ecloud-tmp-";
constexpr std::string_view kPattern = "XXXXXX";
/// Another process may take a new name for a leftover before it is locked, which is rare.
constexpr int kAttempts = 100;

bool is_temporary_name(std::string_view name) {
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  return name.size() == kPattern.size() && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

bool is_same_file(int descriptor, const fs::path& path) {
  struct stat open_one {};
  struct stat named_one {};
  return ::fstat(descriptor, &open_one) == 0 && ::lstat(path.c_str(), &named_one) == 0 &&
         open_one.st_dev == named_one.st_dev && open_one.st_ino == named_one.st_ino;
}

/// Whether the maker of `path` may keep it. A file system without locks has no leftovers removed.
bool hold(int descriptor, const fs::path& path) {
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  return is_same_file(descriptor, path);
}

/// Opened by `make` under a name that fits the pattern it is given, and locked.
int make_held(const fs::path& directory, const std::string& subject, fs::path& path,
              const std::function<int(std::string& pattern)>& make) {
  int error = EAGAIN;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string name = (directory / (std::string(kPrefix) + std::string(kPattern))).string();
    Descriptor made(make(name));
    if (!made.valid()) error = errno;
    if (!made.valid() && error != ENOENT) break;
    path = name;
    if (made.valid() && hold(made.get(), path)) return made.release();
  }
  throw unwritable(subject, error);
}

void remove_leftover(const fs::path& path) {
  struct stat info {};
  const Descriptor found(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!found.valid() || ::fstat(found.get(), &info) != 0) return;
  const bool is_ours =
      info.st_uid == ::geteuid() && (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode));
  if (!is_ours || ::flock(found.get(), LOCK_EX | LOCK_NB) != 0) return;
  if (!is_same_file(found.get(), path)) return;
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace

void remove_leftovers(const fs::path& directory) noexcept {
  remove_leftovers_below(directory, 0);
}

void remove_leftovers_below(const fs::path& directory, int depth) noexcept {
  try {
    std::error_code problem;
    for (fs::directory_iterator entry(directory, problem), end; !problem && entry != end;
         entry.increment(problem)) {
      std::error_code unknown;
      if (is_temporary_name(entry->path().filename().native())) {
        remove_leftover(entry->path());
      } else if (depth > 0 && entry->symlink_status(unknown).type() == fs::file_type::directory) {
        remove_leftovers_below(entry->path(), depth - 1);
      }
    }
  } catch (const std::exception&) {
    // No memory, or a name that cannot be converted: what is left over stays for the next one.
  }
}

TemporaryFile::TemporaryFile(const fs::path& directory, std::string subject)
    : subject_(std::move(subject)) {
  make_private_directories(directory);
  remove_leftovers(directory);
  descriptor_ = make_held(directory, subject_, path_,
                          [](std::string& name) { return ::mkostemp(name.data(), O_CLOEXEC); });
}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
}

void TemporaryFile::write(std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw unwritable(subject_, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void TemporaryFile::sync(mode_t mode) {
  // FAT has no permissions to change; everywhere else the file was made for its owner alone.
  const bool changed = ::fchmod(descriptor_, mode) == 0 || errno == EPERM || errno == EOPNOTSUPP;
  if (!changed) throw unwritable(subject_, errno);
  if (::fsync(descriptor_) != 0) throw unwritable(subject_, errno);
}

void TemporaryFile::replace(const fs::path& target) {
  if (::rename(path_.c_str(), target.c_str()) != 0) throw unwritable(subject_, errno);
  path_.clear();
}

bool TemporaryFile::place_new(const fs::path& target) {
  for (const Placing way : {Placing::kRename, Placing::kLink, Placing::kCopy}) {
    const std::optional<int> error = place_file(way, path_, target);
    if (!error) continue;
    if (*error == EEXIST) return false;
    if (*error != 0) throw unwritable(subject_, *error);
    path_.clear();
    return true;
  }
  throw unwritable(subject_, EOPNOTSUPP);
}

int TemporaryFile::release_unnamed() {
  ::unlink(path_.c_str());
  path_.clear();
  return std::exchange(descriptor_, -1);
}

TemporaryDirectory::TemporaryDirectory(const fs::path& parent) {
  make_private_directories(parent);
  remove_leftovers(parent);
  descriptor_ = make_held(parent, "in " + parent.string(), path_, [](std::string& name) {
    if (::mkdtemp(name.data()) == nullptr) return -1;
    return ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  });
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
  if (descriptor_ >= 0) ::close(descriptor_);
}

int TemporaryDirectory::move_to(const fs::path& target) {
  std::error_code error;
  fs::rename(path_, target, error);
  if (!error) path_.clear();
  return error.value();
}

}  // namespace ecloud::base
