#include "ecloud/platform/caddyfile.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "ecloud/base/text.h"

// Caddy replaces {$NAME} and {$NAME:default} in the text before it looks for tokens; tokens are
// separated by space, and only a token that is exactly "{" or "}" is a brace. Quotes and comments
// begin only where a token does.

namespace ecloud::platform {
namespace {

constexpr std::size_t kMaxShown = 60;

struct CaddyToken {
  std::string text;
  std::size_t line = 1;
  bool quoted = false;  ///< by quotes, backquotes or as a heredoc: never a brace
  bool ends_its_line = true;
};

/// The text with each variable replaced by a word of the same number of lines.
std::string without_variables(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t begin = text.find("{$");
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) return out + std::string(text);
    out += text.substr(0, begin);
    const std::string_view variable = text.substr(begin, end + 1 - begin);
    out += "variable";
    out.append(static_cast<std::size_t>(std::count(variable.begin(), variable.end(), '\n')), '\n');
    text.remove_prefix(end + 1);
  }
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

class CaddyLexer {
 public:
  explicit CaddyLexer(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  /// Nothing at the end, or when problem() has something.
  std::optional<CaddyToken> next() {
    skip_space();
    if (at_end()) return std::nullopt;
    CaddyToken token{.line = line_};
    const char first = text_[at_];
    if (first == '"' || first == '`') {
      read_quoted(token, first);
    } else {
      read_word(token);
      if (token.text.starts_with("<<") && token.text.size() > 2) read_heredoc(token);
    }
    token.ends_its_line = rest_of_line_is_empty();
    if (problem_) return std::nullopt;
    return token;
  }
  const std::optional<CaddyfileProblem>& problem() const { return problem_; }

 private:
  bool at_end() const { return at_ >= text_.size(); }

  char take() {
    const char c = text_[at_++];
    if (c == '\n') ++line_;
    return c;
  }

  void skip_space() {
    while (!at_end()) {
      if (is_space(text_[at_])) {
        take();
      } else if (text_[at_] == '#') {
        while (!at_end() && text_[at_] != '\n') take();
      } else if (continues_line(at_)) {
        at_ += text_[at_ + 1] == '\r' ? 2 : 1;
        take();
      } else {
        return;
      }
    }
  }

  /// A backslash before the end of the line.
  bool continues_line(std::size_t at) const {
    const std::string_view rest = text_.substr(at);
    return rest.starts_with("\\\n") || rest.starts_with("\\\r\n");
  }

  void read_word(CaddyToken& token) {
    while (!at_end() && !is_space(text_[at_])) {
      if (continues_line(at_)) return;
      token.text += take();
    }
  }

  void read_quoted(CaddyToken& token, char quote) {
    token.quoted = true;
    take();
    while (!at_end()) {
      const char c = take();
      if (c == quote) return;
      if (c == '\\' && quote == '"' && !at_end()) token.text += take();
      token.text += c;
    }
    problem_ = {token.line, std::string("the ") + quote + " is never closed"};
  }

  /// `token` is "<<MARKER": up to the marker as the first word of a line.
  void read_heredoc(CaddyToken& token) {
    const std::string marker = token.text.substr(2);
    const bool is_marker = std::all_of(marker.begin(), marker.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
    // Caddy refuses other markers; before 2.7 they are ordinary words.
    if (!is_marker || !rest_of_line_is_empty()) return;
    token.quoted = true;
    while (!at_end()) {
      if (take() != '\n') continue;
      std::size_t begin = at_;
      while (begin < text_.size() && text_[begin] != '\n' && is_space(text_[begin])) ++begin;
      if (!text_.substr(begin).starts_with(marker)) continue;
      at_ = begin + marker.size();
      return;
    }
    problem_ = {token.line,
                "the heredoc <<" + base::printable_line(marker, kMaxShown) + " is never closed"};
  }

  bool rest_of_line_is_empty() const {
    for (std::size_t at = at_; at < text_.size() && text_[at] != '\n'; ++at) {
      if (continues_line(at)) return false;
      if (text_[at] == '#' && at > 0 && is_space(text_[at - 1])) return true;
      if (!is_space(text_[at])) return false;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::optional<CaddyfileProblem> problem_;
};

/// Follows the braces.
class BraceCheck {
 public:
  std::optional<CaddyfileProblem> add(const CaddyToken& token) {
    if (!token.quoted && token.text == "{") {
      if (!token.ends_its_line) return {{token.line, "something follows { on the same line"}};
      open_.push_back(token.line);
    } else if (!token.quoted && token.text == "}") {
      if (open_.empty()) return {{token.line, "} closes nothing"}};
      open_.pop_back();
    } else if (!token.quoted && open_.empty() && token.text.ends_with('{')) {
      return {{token.line,
               base::printable_line(token.text, kMaxShown) + " needs a space before its {"}};
    }
    return std::nullopt;
  }

  std::optional<CaddyfileProblem> at_end() const {
    if (open_.empty()) return std::nullopt;
    return {{open_.back(), "the { is never closed"}};
  }

 private:
  std::vector<std::size_t> open_;  ///< lines
};

}  // namespace

std::optional<CaddyfileProblem> find_caddyfile_problem(std::string_view text) {
  const std::string plain = without_variables(text);
  CaddyLexer lexer(plain);
  BraceCheck braces;
  bool is_empty = true;
  while (const auto token = lexer.next()) {
    is_empty = false;
    if (auto problem = braces.add(*token)) return problem;
  }
  if (lexer.problem()) return lexer.problem();
  if (is_empty) return {{1, "there is nothing in it but comments and space"}};
  return braces.at_end();
}

}  // namespace ecloud::platform
