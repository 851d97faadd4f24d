#include "cli/printable_json.h"

#include <fmt/format.h>

#include <cstdint>

namespace ecloud::cli {
namespace {

/// The character that begins there, of one to three octets, and how many it takes; the text is
/// UTF-8.
std::uint32_t character_at(std::string_view text, std::size_t at, std::size_t& length) {
  const auto octet = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const std::uint32_t first = octet(0);
  length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length == 2) return (first & 0x1f) << 6 | (octet(1) & 0x3f);
  if (length == 3) return (first & 0x0f) << 12 | (octet(1) & 0x3f) << 6 | (octet(2) & 0x3f);
  return first;
}

/// Beyond C0, which JSON has escaped already. The marks are those of the Unicode Standard Annex 9,
/// 2.1 to 2.6; U+2028 and U+2029 end lines for some readers.
bool is_deceptive(std::uint32_t c) {
  const bool control = c >= 0x7f && c <= 0x9f;
  const bool mark = c == 0x061c || c == 0x200e || c == 0x200f;
  const bool embedding = c >= 0x2028 && c <= 0x202e;
  const bool isolate = c >= 0x2066 && c <= 0x2069;
  return control || mark || embedding || isolate;
}

}  // namespace

std::string printable_json(const base::Json& document, bool pretty) {
  // Outside strings all of JSON is ASCII, so that every such character is inside one.
  const std::string text = pretty ? document.pretty() : document.dump();
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0, length = 0; at < text.size(); at += length) {
    const std::uint32_t c = character_at(text, at, length);
    if (length < 4 && is_deceptive(c)) {
      out += fmt::format("\\u{:04x}", c);
    } else {
      out += text.substr(at, length);
    }
  }
  return out;
}

}  // namespace ecloud::cli
