#include "attest/der_reader.h"

namespace ecloud::attest {

std::optional<DerValue> DerReader::next() {
  if (bytes_.size() < 2 || (bytes_[0] & 0x1f) == 0x1f) return std::nullopt;
  std::size_t size = bytes_[1];
  std::size_t header = 2;
  if (size >= 0x80) {
    const std::size_t count = size & 0x7f;
    if (count == 0 || count > 3 || bytes_.size() < 2 + count) return std::nullopt;
    size = 0;
    for (std::size_t i = 0; i < count; ++i) size = size << 8 | bytes_[2 + i];
    header += count;
  }
  if (size > bytes_.size() - header) return std::nullopt;
  const DerValue out{bytes_[0], bytes_.subspan(header, size)};
  bytes_ = bytes_.subspan(header + size);
  return out;
}

std::optional<base::ByteView> DerReader::next(std::uint8_t tag) {
  const auto value = next();
  if (!value || value->tag != tag) return std::nullopt;
  return value->content;
}

std::optional<std::uint32_t> der_number(base::ByteView content) {
  if (content.empty() || (content[0] & 0x80) != 0 || content.size() > 5) return std::nullopt;
  if (content.size() == 5 && content[0] != 0) return std::nullopt;
  std::uint32_t out = 0;
  for (const std::uint8_t octet : content) out = out << 8 | octet;
  return out;
}

}  // namespace ecloud::attest
