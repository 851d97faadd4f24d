#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/oci/content.h"

namespace ecloud::oci {

/// Directories and regular files as a POSIX ustar archive (IEEE 1003.1-1988) whose octets depend on
/// what is given here alone: time 0, owner and group 0 without names, entries in the order in which
/// they come. Who wants the same archive again sorts them.
class TarWriter {
 public:
  explicit TarWriter(OctetSink sink);

  // `path` is relative, without "." and "..". A path that the 155 + 100 octets of the header cannot
  // hold is Error{kImage, "image.unsafe_path"}, a file of 8 GiB or more "image.too_large".
  // `mode`: the twelve permission bits.
  void add_directory(std::string_view path, std::uint32_t mode);
  void add_file(std::string_view path, std::uint32_t mode, std::string_view content);
  void add_file(std::string_view path, std::uint32_t mode, const Content& content);
  /// The two empty records at the end. Nothing can be added after it.
  void finish();

 private:
  void put_header(std::string_view path, std::uint32_t mode, std::uint64_t size_bytes, char type);
  void put_padding(std::uint64_t size_bytes);
  void put(std::string_view octets);

  OctetSink sink_;
  bool wanted_ = true;
};

/// What write_tar makes an entry of.
struct NewTarEntry {
  std::string path;
  std::uint32_t mode = 0644;
  std::string content;
  bool is_directory = false;
};

/// A whole archive in memory, with the entries in the order given.
std::string write_tar(const std::vector<NewTarEntry>& entries);

enum class TarType { kFile, kHardLink, kSymbolicLink, kDirectory, kOther };

struct TarEntry {
  /// Without "/" or "./" at the start, without "." and ".." and double slashes; empty: the root.
  std::string path;
  TarType type = TarType::kFile;
  std::uint32_t mode = 0;  ///< the twelve permission bits
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::uint64_t size_bytes = 0;      ///< of the content: 0 unless kFile
  std::string link_target;           ///< kHardLink: like `path`; kSymbolicLink: as it stands
  std::uint64_t content_offset = 0;  ///< octets of the archive before the content
  /// Why programs that read such archives may see another entry here: names in two forms, a sparse
  /// file, a size where there is no content; empty: all see the same.
  std::string ambiguity;
  /// The key of a pax record that gives it an extended attribute or an access list; empty: none.
  std::string attribute;
};

/// What a visitor wants of an entry: its content, only the next entry, or nothing more at all.
enum class TarWish { kContent, kNext, kStop };

/// Is told what stands in an archive, in its order.
class TarVisitor {
 public:
  virtual ~TarVisitor() = default;
  virtual TarWish entry(const TarEntry& entry) = 0;
  /// The content of the last entry, piece by piece; not called for an empty one. False: stop.
  virtual bool content(base::ByteView piece) = 0;
  /// The content of the last entry is complete; only after TarWish::kContent. False: stop.
  virtual bool end_of_content() { return true; }
};

/// Reads an archive that comes piece by piece: ustar, the older form, GNU's long names and sparse
/// files (their stored octets), pax (IEEE 1003.1-2001: path, linkpath, size, uid, gid). Where
/// programs disagree it sees what Go's archive/tar does, with which container runtimes unpack, and
/// says so in TarEntry::ambiguity.
/// Nothing is written anywhere. Errors, all of category kImage with `name` in the message:
///   image.broken_layer  no tar, a wrong checksum, cut off, an extension of more than 1 MiB, more
///                       than a million entries
///   image.unsafe_path   a path or a hard link that leaves the root, or with a NUL octet
class TarReader {
 public:
  /// The visitor outlives the reader.
  TarReader(TarVisitor& visitor, std::string name);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  /// False once the visitor has stopped: no more octets are needed. What follows the end of the
  /// archive is passed over.
  bool write(base::ByteView octets);
  /// The octets have ended. Does nothing after the visitor has stopped.
  void finish();
  /// As finish, and takes no bytes at all for a layer that changes nothing, as Docker and containerd
  /// do.
  void finish_layer();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// `path` as TarEntry::path has it. `name` stands in the Error{kImage, "image.unsafe_path"} for one
/// that leaves the root or holds a NUL octet.
std::string normal_tar_path(std::string_view path, std::string_view name);

}  // namespace ecloud::oci
