#include "cli/man_text.h"

namespace ecloud::cli {

std::string man_escaped(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

std::string man_bold(std::string_view text) {
  return "\\fB" + man_escaped(text) + "\\fR";
}

std::string man_italic(std::string_view text) {
  return "\\fI" + man_escaped(text) + "\\fR";
}

std::string man_section(std::string_view title) {
  return ".SH " + man_escaped(title) + "\n";
}

std::string man_tagged(const std::string& tag, std::string_view text) {
  return ".TP\n" + tag + "\n" + man_escaped(text) + "\n";
}

std::string man_header(std::string_view title, int section) {
  std::string upper;
  for (const char c : title) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return ".\\\" Generated from the command tree of ecloud.\n.TH \"" + man_escaped(upper) + "\" \"" +
         std::to_string(section) + "\" \"\" \"ecloud\" \"ecloud manual\"\n.nh\n.ad l\n";
}

std::string man_name(std::string_view title, std::string_view summary) {
  return man_section("NAME") + man_escaped(title) + " \\- " + man_escaped(summary) + "\n";
}

}  // namespace ecloud::cli
