#include "cli/page.h"

#include <algorithm>

#include "cli/output.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kIndent = 2;
/// Labels longer than this get a line of their own, in columns.
constexpr std::size_t kMaxLabel = 30;
/// An explanation is not squeezed into less: in a narrow window it goes below its label.
constexpr std::size_t kMinText = 36;
constexpr std::size_t kNarrowColumn = 6;

}  // namespace

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  bool first = true;
  for (const std::string& line : base::split(text, '\n')) {
    if (!first) out += "\n" + (line.empty() ? "" : std::string(indent, ' '));
    first = false;
    std::size_t column = 0;
    for (const std::string& word : base::split(line, ' ')) {
      const std::size_t size = display_width(word);
      if (column > 0 && column + 1 + size > width) {
        out += "\n" + std::string(indent, ' ');
        column = 0;
      }
      if (column > 0) {
        out += " ";
        ++column;
      }
      out += word;
      column += size;
    }
  }
  return out;
}

Page::Page(const Terminal& terminal)
    : terminal_(terminal), width_(static_cast<std::size_t>(terminal.width())) {}

void Page::paragraphs(std::string_view text) {
  out_ += wrap(text, width_, 0) + "\n";
}

void Page::heading(std::string_view text) {
  out_ += "\n" + terminal_.paint(Stream::kOutput, Style::kBold, text) + "\n";
}

void Page::line(std::string_view text) {
  out_ += std::string(kIndent, ' ').append(text) + "\n";
}

void Page::indented(std::string_view text, std::string_view mark) {
  const std::size_t width = width_ - kIndent - mark.size();
  for (const std::string& row : base::split(wrap(text, width, 0), '\n')) {
    line(std::string(mark) + row);
  }
}

void Page::entries(const std::vector<Entry>& entries) {
  std::size_t column = 0;
  for (const Entry& entry : entries) {
    const std::size_t size = display_width(entry.label);
    if (size <= kMaxLabel) column = std::max(column, size);
  }
  column += kIndent + 2;
  if (column + kMinText > width_) column = std::min(column, kNarrowColumn);
  for (const Entry& entry : entries) add_entry(entry, column);
}

void Page::add_entry(const Entry& entry, std::size_t column) {
  const std::size_t taken = kIndent + display_width(entry.label);
  out_ += std::string(kIndent, ' ') + entry.label;
  if (taken + 2 > column) {
    out_ += "\n" + std::string(column, ' ');
  } else {
    out_ += std::string(column - taken, ' ');
  }
  out_ += wrap(entry.text, width_ - column, column) + "\n";
}

}  // namespace ecloud::cli
