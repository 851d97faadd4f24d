#include "cli/live_block.h"

#include <algorithm>

#include "cli/output.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {

std::size_t LiveBlock::rows_of(std::string_view text) const {
  const auto columns = static_cast<std::size_t>(std::max(terminal_.columns(), 1));
  std::size_t rows = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::size_t width = display_width(text.substr(0, end));
    rows += std::max<std::size_t>(1, (width + columns - 1) / columns);
    text.remove_prefix(end + 1);
  }
  return rows;
}

void LiveBlock::show(std::string_view text) {
  if (text == shown_) return;
  if (!terminal_.is_terminal(Stream::kOutput)) {
    terminal_.write(shown_.empty() ? std::string(text) : "\n" + std::string(text));
    shown_ = text;
    return;
  }
  std::string out;
  // Counted with the columns of now: a resized terminal has wrapped the old lines anew.
  if (!shown_.empty()) out = "\x1b[" + std::to_string(rows_of(shown_)) + "A\r";
  for (const char c : text) {
    if (c == '\n') out += "\x1b[K";
    out += c;
  }
  terminal_.write(out + "\x1b[J");
  shown_ = text;
}

}  // namespace ecloud::cli
