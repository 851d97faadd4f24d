#include <algorithm>
#include <array>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/oci/tar.h"
#include "tar_format.h"

namespace ecloud::oci {
namespace {

using Record = std::array<char, kTarRecordBytes>;

// What eleven octal digits can say.
constexpr std::uint64_t kSizeLimit = std::uint64_t{1} << 33;
constexpr std::uint32_t kModeBits = 07777;

void put_text(Record& record, TarField field, std::string_view text) {
  text.copy(record.data() + field.offset, field.size);
}

/// Octal digits that fill the field up to the NUL at its end.
void put_number(Record& record, TarField field, std::uint64_t value) {
  for (std::size_t i = field.size - 1; i-- > 0; value >>= 3) {
    record[field.offset + i] = static_cast<char>('0' + (value & 7));
  }
}

void put_checksum(Record& record) {
  const auto field = record.begin() + kTarChecksum.offset;
  std::fill(field, field + kTarChecksum.size, ' ');
  std::uint32_t sum = 0;
  for (const char c : record) sum += static_cast<unsigned char>(c);
  // Six digits, NUL, blank.
  put_number(record, {kTarChecksum.offset, kTarChecksum.size - 1}, sum);
  record[kTarChecksum.offset + 6] = '\0';
}

void put_path(Record& record, std::string_view path) {
  if (path.size() <= kTarName.size) return put_text(record, kTarName, path);
  // The name must not be empty: a slash at the end of a directory separates nothing.
  const std::size_t earliest = path.size() - kTarName.size - 1;
  const std::size_t slash = path.find('/', earliest);
  if (slash == std::string_view::npos || slash > kTarPrefix.size || slash + 1 >= path.size()) {
    throw Error(Category::kImage, "image.unsafe_path",
                "the path " + base::printable_line(path, 80) + " is too long for a layer",
                "use a shorter path");
  }
  put_text(record, kTarPrefix, path.substr(0, slash));
  put_text(record, kTarName, path.substr(slash + 1));
}

}  // namespace

TarWriter::TarWriter(OctetSink sink) : sink_(std::move(sink)) {}

void TarWriter::put(std::string_view octets) {
  if (wanted_ && !octets.empty()) wanted_ = sink_(base::as_bytes(octets));
}

void TarWriter::put_header(std::string_view path, std::uint32_t mode, std::uint64_t size_bytes,
                           char type) {
  if (size_bytes >= kSizeLimit) {
    throw Error(Category::kImage, "image.too_large",
                base::printable_line(path, 80) + " has 8 GiB or more", "use a smaller file");
  }
  Record record{};
  put_path(record, path);
  put_number(record, kTarMode, mode & kModeBits);
  put_number(record, kTarUid, 0);
  put_number(record, kTarGid, 0);
  put_number(record, kTarSize, size_bytes);
  put_number(record, kTarTime, 0);
  record[kTarType.offset] = type;
  put_text(record, kTarMagic, "ustar");
  put_text(record, kTarVersion, "00");
  put_number(record, kTarDeviceMajor, 0);
  put_number(record, kTarDeviceMinor, 0);
  put_checksum(record);
  put({record.data(), record.size()});
}

void TarWriter::put_padding(std::uint64_t size_bytes) {
  static constexpr Record kZeros{};
  put({kZeros.data(), tar_padding(size_bytes)});
}

void TarWriter::add_directory(std::string_view path, std::uint32_t mode) {
  std::string with_slash(path);
  if (!with_slash.ends_with('/')) with_slash += '/';
  put_header(with_slash, mode, 0, '5');
}

void TarWriter::add_file(std::string_view path, std::uint32_t mode, std::string_view content) {
  put_header(path, mode, content.size(), '0');
  put(content);
  put_padding(content.size());
}

void TarWriter::add_file(std::string_view path, std::uint32_t mode, const Content& content) {
  put_header(path, mode, content.size_bytes(), '0');
  read_all(content, [&](base::ByteView piece) {
    put(base::as_chars(piece));
    return wanted_;
  });
  put_padding(content.size_bytes());
}

void TarWriter::finish() {
  const std::string end(2 * kTarRecordBytes, '\0');
  put(end);
}

std::string write_tar(const std::vector<NewTarEntry>& entries) {
  std::string out;
  TarWriter writer([&](base::ByteView octets) {
    out += base::as_chars(octets);
    return true;
  });
  for (const NewTarEntry& entry : entries) {
    if (entry.is_directory) {
      writer.add_directory(entry.path, entry.mode);
    } else {
      writer.add_file(entry.path, entry.mode, entry.content);
    }
  }
  writer.finish();
  return out;
}

}  // namespace ecloud::oci
