#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ecloud/oci/image.h"
#include "ecloud/oci/tar.h"

namespace ecloud::oci {

/// The files that an image would have, known from the headers of its layers: nothing is unpacked.
/// Layers replace and remove what is below them as the OCI image specification says ("Image Layer
/// Filesystem Changeset", with its whiteouts). Links are followed inside of the root alone, also
/// absolute ones and those with more ".." than there are directories.
class RootFiles {
 public:
  struct File {
    TarType type = TarType::kDirectory;  ///< never kHardLink: such a file is what it links to
    std::uint32_t mode = 0755;
    std::uint64_t uid = 0, gid = 0;
    std::uint64_t size_bytes = 0;
    std::string link_target;           ///< kSymbolicLink
    std::size_t layer = 0;             ///< what brought it; 0 is the lowest
    std::uint64_t content_offset = 0;  ///< in the plain tar of that layer
  };

  /// Entries come layer by layer, the lowest first, and in the order of the archive. `layer` never
  /// gets smaller.
  void add(std::size_t layer, const TarEntry& entry);
  /// What `path` leads to after all links; nothing when there is nothing, or a circle of links.
  std::optional<File> resolve(std::string_view path) const;
  std::size_t size() const { return files_.size(); }

 private:
  /// Where `path` is after all links before its last part, and of that too with `follow_last`. What
  /// does not exist is taken as it stands.
  std::optional<std::string> real_path(std::string_view path, bool follow_last) const;
  void remove_below(const std::string& path, std::size_t older_than_layer);
  void white_out(std::size_t layer, const std::string& directory, std::string_view name);
  void make_parents(std::size_t layer, const std::string& path);

  std::map<std::string, File> files_;  // by real path; the root is not in it
};

enum class ShellAnswer {
  kFound,
  kNone,     ///< every layer was read in full, and there is no /bin/sh
  kUnknown,  ///< the budget ended before
};

/// Whether an image has a /bin/sh that is a regular file after all links. Reads the layers from the
/// lowest on and stops at the shell, and reads no more than about `budget_bytes` of what is stored
/// (compressed), so that an image of any size costs little; that a higher layer removes the shell
/// of a lower one is only seen when both stand before the point where the reading stops. Throws
/// what BlobSource, Decompressor and TarReader throw.
ShellAnswer find_shell(const Image& image, BlobSource& blobs,
                       std::uint64_t budget_bytes = std::uint64_t{8} << 20);

enum class FileAnswer {
  kFound,
  kNone,     ///< every layer was read in full
  kUnknown,  ///< the budget ended before
};

/// Whether the highest layer that says something about `path` has a file there, by its name in the
/// archive: no links are followed. Reads the layers from the top down, and no more than about
/// `budget_bytes` of what is stored. Throws as find_shell.
FileAnswer find_added_file(const Image& image, BlobSource& blobs, std::string_view path,
                           std::uint64_t budget_bytes);

/// The content of a small file (at most 1 MiB) such as /etc/passwd. Nothing when it is not there,
/// when `budget_bytes` do not reach through all layers, or when links lead to it by another name.
/// Throws as find_shell.
std::optional<std::string> read_root_file(const Image& image, BlobSource& blobs,
                                          std::string_view path, std::uint64_t budget_bytes);

}  // namespace ecloud::oci
