#include "tar_header.h"

#include <array>
#include <cstddef>
#include <limits>

#include "ecloud/base/text.h"
#include "tar_format.h"

namespace ecloud::oci {
namespace {

constexpr std::string_view kUstar = "ustar";
// In GNU's old form for sparse files (tar.h of GNU tar): whether records with more of the map come.
constexpr std::size_t kGnuIsExtended = 482;
// The form of Schily's star has this at the end, and a shorter prefix.
constexpr TarField kStarTrailer{508, 4};
constexpr std::string_view kStar{"tar\0", 4};
constexpr TarField kStarPrefix{345, 131};
// Larger ones would overflow when positions are added.
constexpr std::uint64_t kMaxNumber = std::uint64_t{1} << 60;

std::string_view field_of(std::string_view record, TarField field) {
  return record.substr(field.offset, field.size);
}

std::string text_of(std::string_view record, TarField field) {
  const std::string_view all = field_of(record, field);
  return std::string(all.substr(0, all.find('\0')));
}

/// GNU's form for large numbers: the highest bit is set, the rest is binary, highest octet first.
std::optional<std::uint64_t> base_256(std::string_view field) {
  const auto first = static_cast<unsigned char>(field[0]);
  if ((first & 0x40) != 0) return std::nullopt;  // negative
  std::uint64_t out = first & 0x3f;
  for (const char c : field.substr(1)) {
    if (out >= kMaxNumber >> 8) return std::nullopt;
    out = out << 8 | static_cast<unsigned char>(c);
  }
  return out;
}

std::optional<std::uint64_t> number_of(std::string_view record, TarField field) {
  constexpr std::string_view kBlanks{" \0", 2};
  std::string_view digits = field_of(record, field);
  if ((static_cast<unsigned char>(digits[0]) & 0x80) != 0) return base_256(digits);
  // Blanks and NULs on both sides go, as in Go's archive/tar: with another rule a size, and with it
  // everything that follows, would be read otherwise than by those who unpack.
  const std::size_t first = digits.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return 0;
  digits = digits.substr(first, digits.find_last_not_of(kBlanks) - first + 1);
  std::uint64_t out = 0;
  for (const char c : digits.substr(0, digits.find('\0'))) {
    if (c < '0' || c > '7' || out >= kMaxNumber >> 3) return std::nullopt;
    out = out << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

/// The sum of all octets with the checksum itself as blanks; some old tars added signed ones.
bool has_right_checksum(std::string_view record) {
  const auto wanted = number_of(record, kTarChecksum);
  if (!wanted) return false;
  std::int64_t sum = 0;
  std::int64_t signed_sum = 0;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const bool own = i >= kTarChecksum.offset && i < kTarChecksum.offset + kTarChecksum.size;
    sum += own ? ' ' : static_cast<unsigned char>(record[i]);
    signed_sum += own ? ' ' : static_cast<signed char>(record[i]);
  }
  const auto value = static_cast<std::int64_t>(*wanted);
  return value == sum || value == signed_sum;
}

std::optional<std::uint64_t> pax_number(std::string_view value) {
  const auto number = base::parse_decimal(value);
  return number && *number <= kMaxNumber ? number : std::nullopt;
}

/// What the records for sparse files say (GNU tar's manual, "Storing Sparse Files").
struct SparseRecords {
  std::string major, minor, name;
  bool map = false;

  /// As Go's archive/tar decides whether the file is sparse.
  bool apply() const {
    if (major == "0") return minor == "0" || minor == "1";
    if (major == "1") return minor == "0";
    return major.empty() && minor.empty() && map;
  }
};

constexpr std::string_view kSparse = "GNU.sparse.";

void take_sparse_value(std::string_view key, std::string_view value, SparseRecords& out) {
  const std::string_view part = key.substr(kSparse.size());
  if (part == "major") out.major = std::string(value);
  if (part == "minor") out.minor = std::string(value);
  if (part == "name") out.name = std::string(value);
  if (part == "map") out.map = !value.empty();
  if (part == "offset" || part == "numbytes") out.map = true;
}

bool is_attribute(std::string_view key) {
  constexpr std::array<std::string_view, 4> kPrefixes = {"SCHILY.xattr.", "LIBARCHIVE.xattr.",
                                                         "SCHILY.acl.", "RHT.security."};
  for (const std::string_view prefix : kPrefixes) {
    if (key.starts_with(prefix)) return true;
  }
  return false;
}

std::optional<std::string> unless_empty(std::string_view value) {
  return value.empty() ? std::nullopt : std::optional(std::string(value));
}

/// False when it is no number; one without digits is as none.
bool take_number(std::string_view value, std::optional<std::uint64_t>& out) {
  out = pax_number(value);
  return out.has_value() || value.empty();
}

bool take_pax_value(std::string_view key, std::string_view value, PaxValues& out) {
  if (key == "path") {
    out.path = unless_empty(value);
  } else if (key == "linkpath") {
    out.link_path = unless_empty(value);
  } else if (key == "size") {
    return take_number(value, out.size_bytes);
  } else if (key == "uid") {
    return take_number(value, out.uid);
  } else if (key == "gid") {
    return take_number(value, out.gid);
  } else if (out.attribute.empty() && is_attribute(key)) {
    out.attribute = std::string(key);
  }
  return true;
}

}  // namespace

std::optional<TarHeader> parse_tar_header(std::string_view record) {
  if (!has_right_checksum(record)) return std::nullopt;
  const auto mode = number_of(record, kTarMode);
  const auto uid = number_of(record, kTarUid);
  const auto gid = number_of(record, kTarGid);
  const auto size = number_of(record, kTarSize);
  if (!mode || !uid || !gid || !size) return std::nullopt;
  TarHeader out;
  out.type = record[kTarType.offset];
  out.mode = *mode;
  out.uid = *uid;
  out.gid = *gid;
  out.size_bytes = *size;
  out.name = text_of(record, kTarName);
  out.link = text_of(record, kTarLink);
  // GNU's own form has "ustar" and a blank, and other fields where the prefix would be.
  const std::string_view magic = field_of(record, kTarMagic);
  if (magic.starts_with(kUstar) && magic[5] == '\0') {
    out.other_prefix = field_of(record, kStarTrailer) == kStar;
    const std::string prefix = text_of(record, out.other_prefix ? kStarPrefix : kTarPrefix);
    if (!prefix.empty()) out.name = prefix + "/" + out.name;
  } else if (magic.starts_with(kUstar)) {
    const std::string_view there = field_of(record, kTarPrefix);
    out.other_prefix = there.find_first_not_of('\0') != std::string_view::npos;
  }
  out.sparse_continues = out.type == 'S' && record[kGnuIsExtended] != '\0';
  return out;
}

std::optional<PaxValues> parse_pax(std::string_view records) {
  PaxValues out;
  SparseRecords sparse;
  while (!records.empty() && records[0] != '\0') {
    // "LENGTH KEY=VALUE\n", where the length counts all of it.
    const std::size_t blank = records.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const auto length = base::parse_decimal(records.substr(0, blank));
    if (!length || *length > records.size() || *length < blank + 3) return std::nullopt;
    std::string_view record =
        records.substr(blank + 1, static_cast<std::size_t>(*length) - blank - 1);
    records.remove_prefix(static_cast<std::size_t>(*length));
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos || !record.ends_with('\n')) return std::nullopt;
    record.remove_suffix(1);
    const std::string_view key = record.substr(0, equals);
    out.comment = out.comment && key == "comment";
    if (key.starts_with(kSparse)) {
      out.sparse = true;
      take_sparse_value(key, record.substr(equals + 1), sparse);
    } else if (!take_pax_value(key, record.substr(equals + 1), out)) {
      return std::nullopt;
    }
  }
  if (sparse.apply()) out.sparse_name = unless_empty(sparse.name);
  return out;
}

}  // namespace ecloud::oci
