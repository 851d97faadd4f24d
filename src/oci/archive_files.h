#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "ecloud/base/error.h"
#include "ecloud/oci/archive.h"
#include "ecloud/oci/content.h"

namespace ecloud::oci {

/// The files of an archive or a folder by their paths.
class ArchiveFiles {
 public:
  virtual ~ArchiveFiles() = default;
  /// Null when there is no such regular file. Links are followed. `path` is relative.
  virtual ContentPtr find(const std::string& path) const = 0;
};

/// Indexes a tar, whatever its compression, or a folder. Throws as open_archive.
std::unique_ptr<ArchiveFiles> open_archive_files(const std::filesystem::path& path,
                                                 const std::filesystem::path& scratch,
                                                 const ArchiveOptions& options);

/// "image.bad_archive". `reason` continues the sentence that begins with `name`.
Error bad_archive(Category category, std::string_view name, std::string_view reason,
                  std::string hint = {});

/// A file of at most `max_bytes` as text. Throws bad_archive when it is larger.
std::string read_small(const Content& content, std::uint64_t max_bytes, std::string_view name,
                       std::string_view path);

}  // namespace ecloud::oci
