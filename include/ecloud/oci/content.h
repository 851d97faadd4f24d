#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "ecloud/base/bytes.h"

namespace ecloud::oci {

/// Octets that can be read from any place and do not change. Thread-safe.
class Content {
 public:
  virtual ~Content() = default;
  virtual std::uint64_t size_bytes() const = 0;
  /// Fills `out` from `offset` on and returns how many octets; fewer than `size` at the end alone.
  /// Throws Error{kFailure, "file.unreadable"}.
  virtual std::size_t read(std::uint64_t offset, char* out, std::size_t size) const = 0;
};
using ContentPtr = std::shared_ptr<const Content>;

ContentPtr content_of(std::string octets);
/// A part of a regular file, which stays open; also after the file was removed. Throws as
/// base::read_file. A file that shrinks meanwhile is Error{kFailure, "file.unreadable"}.
ContentPtr content_of_file(const std::filesystem::path& path);
ContentPtr part_of(ContentPtr whole, std::uint64_t offset, std::uint64_t size_bytes);

/// A file that is written once and then read: it has no name, so that nothing is left of it when
/// the process ends, however it ends. `directory` is made when it is missing. Throws
/// Error{kFailure, "file.unwritable"}.
class ScratchFile {
 public:
  explicit ScratchFile(const std::filesystem::path& directory);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  void write(base::ByteView octets);
  /// What was written; nothing can be written afterwards.
  ContentPtr finish();

 private:
  std::filesystem::path directory_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Takes octets in order; false when it needs no more.
using OctetSink = std::function<bool(base::ByteView)>;

/// All of `content`, piece by piece.
void read_all(const Content& content, const OctetSink& sink);

}  // namespace ecloud::oci
