#include "platform/shell_text.h"

#include <stdexcept>
#include <utility>

namespace ecloud::platform {
namespace {

constexpr std::size_t kMaxScriptBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxWords = 10'000;
constexpr int kMaxDepth = 16;

[[noreturn]] void fail(const char* why) {
  throw std::invalid_argument(why);
}

class ShellReader {
 public:
  explicit ShellReader(std::string_view script) {
    if (script.size() > kMaxScriptBytes) fail("it is longer than 256 KiB");
    text_.reserve(script.size());
    for (std::size_t i = 0; i < script.size(); ++i) {
      const char c = script[i];
      // The end of a line as Windows writes it; anywhere else it could hide what follows.
      if (c == '\r' && (i + 1 == script.size() || script[i + 1] == '\n')) continue;
      const auto byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) {
        fail("it holds a control character");
      }
      text_.push_back(c);
    }
  }

  std::vector<ShellCommand> read() {
    while (!ended()) step();
    end_command();
    if (!heredocs_.empty()) fail("a here-document has no end");
    return std::move(commands_);
  }

 private:
  struct Heredoc {
    std::string delimiter;
    bool strips_tabs = false;
  };

  bool ended() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void add(char c) {
    in_word_ = true;
    word_.text.push_back(c);
  }

  void end_word() {
    if (!in_word_) return;
    if (++words_ > kMaxWords) fail("it has more than 10,000 words");
    command_.push_back(std::exchange(word_, {}));
    in_word_ = false;
  }
  void end_command() {
    end_word();
    if (!command_.empty()) commands_.push_back(std::exchange(command_, {}));
  }

  void step() {
    const char c = peek();
    switch (c) {
      case '\n':
        ++at_;
        end_command();
        return skip_heredocs();
      case ' ':
      case '\t':
        ++at_;
        return end_word();
      case '#':
        if (in_word_) break;
        while (!ended() && peek() != '\n') ++at_;
        return;
      case ';':
      case '|':
      case '(':
      case ')':
        ++at_;
        return end_command();
      case '&':
        // As in 2>&1.
        if (in_word_ && (word_.text.back() == '>' || word_.text.back() == '<')) break;
        ++at_;
        return end_command();
      case '<':
        if (peek(1) == '<' && peek(2) != '<') return read_heredoc();
        if (peek(1) == '<') {
          add('<');
          add('<');
          at_ += 2;
        }
        break;
      case '\'':
        return single_quoted();
      case '"':
        return double_quoted();
      default:
        break;
    }
    plain();
  }

  /// A character that is not quoted, or what begins with it.
  void plain() {
    const char c = peek();
    if (c == '\\') return escaped(false);
    if (c == '$') return dollar();
    if (c == '`') return backquoted();
    add(c);
    ++at_;
  }

  void escaped(bool in_quotes) {
    const char next = peek(1);
    if (at_ + 1 >= text_.size()) fail("it ends with a backslash");
    at_ += 2;
    if (next == '\n') return;
    if (in_quotes && next != '"' && next != '\\' && next != '$' && next != '`') add('\\');
    add(next == '$' ? ShellWord::kLiteralDollar : next);
  }

  void single_quoted() {
    in_word_ = true;
    const std::size_t end = text_.find('\'', at_ + 1);
    if (end == std::string::npos) fail("a quote is not closed");
    for (std::size_t i = at_ + 1; i < end; ++i) {
      add(text_[i] == '$' ? ShellWord::kLiteralDollar : text_[i]);
    }
    at_ = end + 1;
  }

  void double_quoted() {
    in_word_ = true;
    ++at_;
    while (!ended() && peek() != '"') {
      if (peek() == '\\') {
        escaped(true);
      } else if (peek() == '$') {
        dollar();
      } else if (peek() == '`') {
        backquoted();
      } else {
        add(peek());
        ++at_;
      }
    }
    if (ended()) fail("a quote is not closed");
    ++at_;
  }

  void dollar() {
    if (peek(1) == '$') ++at_;
    if (peek(1) == '(') {
      const std::size_t start = at_ + 2;
      const std::size_t end = closing_parenthesis(start, 0);
      substitute(text_.substr(start, end - start));
      at_ = end + 1;
      return;
    }
    add('$');
    ++at_;
  }

  void backquoted() {
    const std::size_t end = text_.find('`', at_ + 1);
    if (end == std::string::npos) fail("a backquote is not closed");
    substitute(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
  }

  void substitute(std::string body) {
    add(ShellWord::kSubstituted);
    word_.substitutions.push_back(std::move(body));
  }

  /// Where the substitution that begins at `at` ends.
  std::size_t closing_parenthesis(std::size_t at, int depth) const {
    if (depth > kMaxDepth) fail("its substitutions are nested too deeply");
    for (; at < text_.size(); ++at) {
      switch (text_[at]) {
        case '\\':
          ++at;
          break;
        case '\'':
          at = text_.find('\'', at + 1);
          if (at == std::string::npos) fail("a quote is not closed");
          break;
        case '"':
          at = closing_quote(at + 1, depth + 1);
          break;
        case '(':
          at = closing_parenthesis(at + 1, depth + 1);
          break;
        case ')':
          return at;
        default:
          break;
      }
    }
    fail("a substitution is not closed");
  }

  std::size_t closing_quote(std::size_t at, int depth) const {
    for (; at < text_.size(); ++at) {
      if (text_[at] == '\\') {
        ++at;
      } else if (text_[at] == '"') {
        return at;
      } else if (text_[at] == '$' && at + 1 < text_.size() && text_[at + 1] == '(') {
        at = closing_parenthesis(at + 2, depth + 1);
      }
    }
    fail("a quote is not closed");
  }

  void read_heredoc() {
    end_word();
    at_ += 2;
    Heredoc out;
    if (peek() == '-') {
      out.strips_tabs = true;
      ++at_;
    }
    while (peek() == ' ' || peek() == '\t') ++at_;
    constexpr std::string_view kEnds = " \t\n;&|()<>";
    while (!ended() && kEnds.find(peek()) == std::string_view::npos) {
      if (peek() != '\'' && peek() != '"' && peek() != '\\') out.delimiter.push_back(peek());
      ++at_;
    }
    if (out.delimiter.empty()) fail("a here-document has no delimiter");
    heredocs_.push_back(std::move(out));
  }

  void skip_heredocs() {
    for (const Heredoc& heredoc : std::exchange(heredocs_, {})) {
      while (true) {
        if (ended()) fail("a here-document has no end");
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        std::string_view line = std::string_view(text_).substr(at_, end - at_);
        at_ = std::min(end + 1, text_.size());
        while (heredoc.strips_tabs && line.starts_with('\t')) line.remove_prefix(1);
        if (line == heredoc.delimiter) break;
      }
    }
  }

  std::string text_;
  std::size_t at_ = 0;
  std::size_t words_ = 0;
  bool in_word_ = false;
  ShellWord word_;
  ShellCommand command_;
  std::vector<ShellCommand> commands_;
  std::vector<Heredoc> heredocs_;
};

}  // namespace

std::vector<ShellCommand> read_shell_commands(std::string_view script) {
  return ShellReader(script).read();
}

}  // namespace ecloud::platform
