#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace ecloud::base {

/// Temporary names are ".ecloud-tmp-" and six letters or digits, whatever they are for. Whoever
/// makes one holds an advisory lock on it (flock) until it is done, which the kernel drops with a
/// process that is killed: so that a leftover can be told from what is in use.
///
/// Removes what killed processes of this user left in `directory` under such names, files as well
/// as directories, and nothing that is in use, is another user's or has another name. Never fails.
void remove_leftovers(const std::filesystem::path& directory) noexcept;

/// The same for `directory` and what is up to `depth` levels below it; follows no symbolic link.
void remove_leftovers_below(const std::filesystem::path& directory, int depth) noexcept;

/// A new empty file of mode 0600 under a temporary name, removed with the object unless it was
/// given a place. Removes the leftovers of its directory first.
class TemporaryFile {
 public:
  /// Makes missing directories with mode 0700. Errors, here and below, are Error{kFailure,
  /// "file.unwritable"} with "cannot write SUBJECT: reason".
  TemporaryFile(const std::filesystem::path& directory, std::string subject);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// Open for reading and writing; belongs to the object.
  int descriptor() const { return descriptor_; }
  const std::filesystem::path& path() const { return path_; }

  void write(std::string_view content);
  /// Gives it its permissions and waits until it is on the disk.
  void sync(mode_t mode);

  /// Over whatever file is there.
  void replace(const std::filesystem::path& target);
  /// As `target`, which must not exist: false when something has that name. Takes whichever way the
  /// file system knows: a rename that replaces nothing, a hard link, or, where there is neither, a
  /// copy into a new file.
  bool place_new(const std::filesystem::path& target);

  /// The descriptor, of which the caller takes care, for a file without a name: it is gone with the
  /// process.
  int release_unnamed();

 private:
  const std::string subject_;
  std::filesystem::path path_;  // empty once it has its place
  int descriptor_ = -1;
};

/// The same for a directory of mode 0700; removed with all that is in it.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::filesystem::path& parent);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// To a name of the same file system. Replaces nothing but an empty directory: returns the
  /// error, or 0.
  int move_to(const std::filesystem::path& target);

 private:
  std::filesystem::path path_;  // empty once it was moved
  int descriptor_ = -1;
};

}  // namespace ecloud::base
