#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ecloud::testing {

/// A fresh directory that is removed with the object.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  /// Writes a file below the directory, with its parents, and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// The content of a file; empty when there is none.
std::string slurp(const std::filesystem::path& path);

}  // namespace ecloud::testing
