#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"

namespace ecloud::cli {

/// A label and its explanation: two columns.
struct Entry {
  std::string label;
  std::string text;
};

/// Text for people under headings, wrapped to the terminal: help and its topics.
class Page {
 public:
  /// `terminal` outlives the page.
  explicit Page(const Terminal& terminal);

  void paragraphs(std::string_view text);
  void heading(std::string_view text);
  /// One line, indented, not wrapped: to be copied.
  void line(std::string_view text);
  /// One indented paragraph, wrapped, with `mark` before each of its lines.
  void indented(std::string_view text, std::string_view mark = {});
  void entries(const std::vector<Entry>& entries);

  std::string take() { return std::move(out_); }

 private:
  void add_entry(const Entry& entry, std::size_t column);

  const Terminal& terminal_;
  const std::size_t width_;
  std::string out_;
};

/// Breaks at blanks so that no line is longer than `width` columns (words that are stay whole);
/// lines after the first begin with `indent` blanks. Line breaks in the text are kept.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace ecloud::cli
