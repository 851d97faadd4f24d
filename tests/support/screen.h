#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ecloud::testing {

/// What a person sees of a terminal of some columns, without its limit of rows: text, line breaks,
/// carriage return, and of the escape sequences colours, erasing to the end of a line or of the
/// screen, and the cursor's ways. A line that is too long goes on in the next row, as terminals do.
/// Everything else is kept in problems(), so that a test fails instead of guessing.
class Screen {
 public:
  explicit Screen(std::size_t columns) : columns_(columns) {}

  void feed(std::string_view octets);

  /// The rows, without blanks at their ends and without empty rows at the end.
  std::vector<std::string> rows() const;
  /// rows() with line breaks.
  std::string text() const;
  /// Whether a colour or weight was ever chosen.
  bool has_style() const { return styled_; }
  /// Whether the text that was written last has a style: then the program forgot to reset it.
  bool style_left_on() const { return style_on_; }
  bool cursor_visible() const { return cursor_visible_; }
  /// Sequences that are not understood.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void control(char c);
  void character(std::string octets);
  void sequence(std::string_view parameters, char final);
  std::vector<std::string>& row();

  std::size_t columns_;
  std::vector<std::vector<std::string>> cells_;
  std::size_t x_ = 0, y_ = 0;
  bool styled_ = false, style_on_ = false, cursor_visible_ = true;
  std::string pending_;  ///< an unfinished escape sequence or character
  std::vector<std::string> problems_;
};

}  // namespace ecloud::testing
