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
};

/// `record` has kTarRecordBytes octets and is not all zeros. Nothing when the checksum is wrong or
/// a number cannot be read.
std::optional<TarHeader> parse_tar_header(std::string_view record);

/// What pax records (IEEE 1003.1-2001, "pax Extended Header") say that we follow.
struct PaxValues {
  std::optional<std::string> path, link_path;
  std::optional<std::uint64_t> size_bytes, uid, gid;
};

/// Nothing when they are malformed.
std::optional<PaxValues> parse_pax(std::string_view records);

}  // namespace ecloud::oci
