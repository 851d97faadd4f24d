#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/error.h"

namespace ecloud::base {

/// The whole of a file or FIFO. Throws Error of `category` with code file.missing, file.directory,
/// file.unreadable or file.too_large (more than `max_bytes`), the path in the message.
std::string read_file(const std::filesystem::path& path, std::size_t max_bytes,
                      Category category = Category::kUsage);

/// For a name that nobody gave: nothing when it is not there, file.not_regular for FIFO and device.
std::optional<std::string> read_file_if_exists(const std::filesystem::path& path,
                                               std::size_t max_bytes,
                                               Category category = Category::kUsage);

/// Permissions of files with secrets, and of everything in the state directory.
constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPublicFile = 0644;

/// Readers see the old content or the whole new one, also after a power cut: a temporary file in
/// the same directory (TemporaryFile) is written, synced, renamed over `path`, and the directory is
/// synced. A symbolic link stays one: what it leads to is replaced. Missing directories are made
/// with mode 0700. Throws Error{kFailure, "file.unwritable"}.
void write_file_atomic(const std::filesystem::path& path, std::string_view content, mode_t mode);

/// As write_file_atomic, and refuses an existing `path`, also a link that leads nowhere, with
/// Error{kUsage, "file.exists"}.
void write_new_file(const std::filesystem::path& path, std::string_view content, mode_t mode);

/// `path` and its missing parents, with mode 0700. Throws Error{kFailure, "file.unwritable"}.
void make_private_directories(const std::filesystem::path& path);

/// An advisory lock on `path` (made when missing), held until destruction. The kernel drops it with
/// the process, so that a crashed holder blocks nobody.
class FileLock {
 public:
  /// Throws Error{kFailure, "file.locked"} when another process holds it.
  explicit FileLock(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  ~FileLock();

 private:
  int descriptor_;
};

}  // namespace ecloud::base
