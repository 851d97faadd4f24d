#include "ecloud/platform/dotenv.h"

#include <algorithm>
#include <utility>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::platform {
namespace {

bool is_name_character(char c, bool first) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  return letter || (!first && c >= '0' && c <= '9');
}

/// The characters that a shell takes a backslash from between double quotes.
bool is_shell_escape(char c) {
  return c == '\\' || c == '"' || c == '$' || c == '`';
}

/// Reads the text from left to right; `line_` is that of the next character.
class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  Dotenv run() {
    while (!at_end()) read_line();
    return std::move(out_);
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  char peek() const { return text_[position_]; }
  bool at_line_end() const { return at_end() || peek() == '\n'; }

  char take() {
    const char c = text_[position_++];
    if (c == '\n') ++line_;
    return c;
  }

  void skip_blanks() {
    while (!at_line_end()) {
      const std::size_t length = space_here();
      if (length == 0) return;
      position_ += length;
    }
  }

  /// The length of the space here, 0 when there is none. A line break is a space.
  std::size_t space_here() const { return base::space_length(text_.substr(position_)); }

  void skip_rest_of_line() {
    while (!at_line_end()) take();
    if (!at_end()) take();
  }

  [[noreturn]] void fail(std::size_t line, std::string_view message, std::string hint = {}) const {
    throw Error(Category::kUsage, "dotenv.syntax",
                std::string(file_) + ":" + std::to_string(line) + ": " + std::string(message),
                std::move(hint));
  }

  std::string_view rest_of_line() const {
    const std::string_view rest = text_.substr(position_);
    return rest.substr(0, rest.find('\n'));
  }

  void read_line() {
    skip_blanks();
    if (at_line_end() || peek() == '#') return skip_rest_of_line();
    const std::size_t line = line_;
    if (rest_of_line().find('=') == std::string_view::npos) {
      out_.warnings.push_back({line, "ignored, because it has no ="});
      return skip_rest_of_line();
    }
    const std::string name = read_name(line);
    store(read_value(name, line), line);
  }

  std::string read_name(std::size_t line) {
    constexpr std::string_view kExport = "export";
    const std::string_view rest = rest_of_line();
    if (rest.starts_with(kExport) && base::space_length(rest.substr(kExport.size())) > 0) {
      position_ += kExport.size();
      skip_blanks();
    }
    std::string name;
    while (!at_line_end() && is_name_character(peek(), name.empty())) name.push_back(take());
    skip_blanks();
    if (name.empty() || at_line_end() || peek() != '=') {
      // What stands there may be a line of a key that lacks its quotes, so it is not repeated.
      fail(line,
           name.empty() ? "the name before = is missing or does not start with a letter or _"
                        : "the name before = holds other characters than letters, digits and _",
           "write NAME=VALUE; inside the TEE a shell reads these names");
    }
    take();
    return name;
  }

  DotenvEntry read_value(const std::string& name, std::size_t line) {
    const std::size_t start = position_;
    skip_blanks();
    const char quote = at_line_end() ? '\0' : peek();
    if (quote == '"' || quote == '\'' || (quote == '`' && closes_later(quote))) {
      return read_quoted(name, line);
    }
    std::string value;
    bool after_space = position_ > start;
    while (!at_line_end()) {
      if (peek() == '#' && (after_space || begins_comment(value))) {
        report_comment(name, line);
        break;
      }
      const std::size_t length = std::max<std::size_t>(space_here(), 1);
      after_space = space_here() > 0;
      value += text_.substr(position_, length);
      position_ += length;
    }
    skip_rest_of_line();
    base::Secret secret(base::as_bytes(base::trim_spaces(value)));
    base::wipe(value.data(), value.size());
    return {.name = name, .value = std::move(secret), .line = line};
  }

  /// A=# comment, and not A=#ff0000.
  bool begins_comment(const std::string& value) const {
    const std::string_view rest = text_.substr(position_ + 1);
    return value.empty() && (rest.empty() || base::space_length(rest) > 0);
  }

  /// A backquote that stands alone belongs to the value, as it does for dotenv.
  bool closes_later(char quote) const { return text_.find(quote, position_ + 1) != text_.npos; }

  /// A password with " #" in it would lose its end without a word.
  void report_comment(const std::string& name, std::size_t line) {
    out_.warnings.push_back(
        {line, "the value of " + name +
                   " ends before # (a comment); put the value in quotes if # belongs to it"});
  }

  DotenvEntry read_quoted(const std::string& name, std::size_t line) {
    const char quote = take();
    std::string value;
    bool escaped = false;
    for (;;) {
      if (at_end()) {
        base::wipe(value.data(), value.size());
        fail(line, "the quote that opens the value of " + name + " never ends",
             std::string("close it with ") + quote);
      }
      const char c = take();
      if (c == quote) break;
      // A line ends the same way whatever system the file was written on.
      if (c == '\r' && !at_end() && peek() == '\n') continue;
      if (c == '\\' && quote == '"' && !at_end()) {
        escaped = escaped || is_shell_escape(peek());
        append_escape(value, take());
      } else {
        value.push_back(c);
      }
    }
    const std::size_t closing_line = line_;
    skip_blanks();
    base::Secret secret(std::move(value));
    if (!at_line_end() && peek() != '#') {
      fail(closing_line, "there is something behind the closing quote of " + name,
           "put the whole value between the quotes");
    }
    skip_rest_of_line();
    return {.name = name, .value = std::move(secret), .line = line, .shell_escaped = escaped};
  }

  /// The escapes that only this file knows are resolved. Those that a shell knows as well stay,
  /// because the shell in the TEE resolves them.
  static void append_escape(std::string& value, char c) {
    switch (c) {
      case 'n':
        value.push_back('\n');
        return;
      case 'r':
        value.push_back('\r');
        return;
      case 't':
        value.push_back('\t');
        return;
      default:
        value.push_back('\\');
        value.push_back(c);
    }
  }

  void store(DotenvEntry entry, std::size_t line) {
    const auto earlier =
        std::find_if(out_.entries.begin(), out_.entries.end(),
                     [&](const DotenvEntry& other) { return other.name == entry.name; });
    if (earlier != out_.entries.end()) {
      out_.warnings.push_back({line, entry.name + " was set in line " +
                                         std::to_string(earlier->line) +
                                         " already; this line wins"});
      out_.entries.erase(earlier);
    }
    out_.entries.push_back(std::move(entry));
  }

  std::string_view text_;
  std::string_view file_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
  Dotenv out_;
};

}  // namespace

bool is_variable_name(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is_name_character(name[i], i == 0)) return false;
  }
  return !name.empty();
}

Dotenv parse_dotenv(std::string_view text, std::string_view file) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.find('\0') != std::string_view::npos || !base::is_utf8(text)) {
    throw Error(Category::kUsage, "dotenv.binary",
                std::string(file) + " is not a text file (UTF-8 without NUL bytes)",
                "give the file with your NAME=VALUE lines: --env-file FILE");
  }
  return Parser(text, file).run();
}

}  // namespace ecloud::platform
