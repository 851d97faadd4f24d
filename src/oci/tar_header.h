#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ecloud::oci {

/// The fields of one header record, as they stand there.
struct TarHeader {
  char type = '0';
  std::string name;  ///< with its prefix
  std::string link;
  std::uint64_t mode = 0, uid = 0, gid = 0, size_bytes = 0;
  bool sparse_continues = false;  ///< GNU's old sparse form: records with more of its map follow
  /// Not all programs find the same name in it: star's form, or octets where GNU's has no prefix.
  bool other_prefix = false;
};

/// `record` has kTarRecordBytes octets and is not all zeros. Nothing when the checksum is wrong or
/// a number cannot be read.
std::optional<TarHeader> parse_tar_header(std::string_view record);

/// What pax records (IEEE 1003.1-2001, "pax Extended Header") say that we follow.
/// An empty value is as none; of two records with one key the last counts.
struct PaxValues {
  std::optional<std::string> path, link_path;
  /// GNU.sparse.name, where records say that the file is sparse.
  std::optional<std::string> sparse_name;
  std::optional<std::uint64_t> size_bytes, uid, gid;
  bool sparse = false;    ///< there are records for sparse files
  bool comment = true;    ///< there are no others than comments
  std::string attribute;  ///< as TarEntry::attribute
};

/// Nothing when they are malformed.
std::optional<PaxValues> parse_pax(std::string_view records);

}  // namespace ecloud::oci
