#include "platform/dockerfile_reader.h"

#include <algorithm>
#include <cctype>

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::platform {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string to_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

/// A heredoc that an instruction opens: what ends it, and whether tabs before that are ignored.
struct Heredoc {
  std::string delimiter;
  bool strips_tabs = false;
};

/// The "<<EOF" words of an instruction that takes them.
std::vector<Heredoc> heredocs_of(std::string_view line) {
  std::vector<Heredoc> out;
  for (std::size_t at = line.find("<<"); at != std::string_view::npos; at = line.find("<<", at)) {
    at += 2;
    Heredoc heredoc;
    if (at < line.size() && line[at] == '-') {
      heredoc.strips_tabs = true;
      ++at;
    }
    const char quote = at < line.size() && (line[at] == '"' || line[at] == '\'') ? line[at] : '\0';
    if (quote != '\0') ++at;
    const std::size_t start = at;
    while (at < line.size() && is_name(line[at])) ++at;
    heredoc.delimiter = line.substr(start, at - start);
    const bool closed = quote == '\0' || (at < line.size() && line[at] == quote);
    if (!heredoc.delimiter.empty() && closed) out.push_back(std::move(heredoc));
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    lines_ = base::split(text, '\n');
    for (std::string& line : lines_) {
      if (line.ends_with('\r')) line.pop_back();
    }
  }

  std::vector<DockerInstruction> read() {
    read_directives();
    while (at_ < lines_.size()) {
      const std::string_view line = base::trim(lines_[at_]);
      if (line.empty() || line.front() == '#') {
        ++at_;
      } else {
        read_instruction();
      }
    }
    return std::move(instructions_);
  }

 private:
  /// "# escape=`" and its like stand before everything else, each at most once.
  void read_directives() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      std::string_view line = base::trim(lines_[i]);
      const std::size_t equals = line.find('=');
      if (!line.starts_with('#') || equals == std::string_view::npos) return;
      const std::string name = base::to_lower(base::trim(line.substr(1, equals - 1)));
      if (name.empty() || !std::all_of(name.begin(), name.end(), is_name)) return;
      const std::string_view value = base::trim(line.substr(equals + 1));
      if (name == "escape" && (value == "`" || value == "\\")) escape_ = value.front();
    }
  }

  /// Takes a continuation mark off the end of `line`; false when there is none.
  bool take_continuation(std::string& line) const {
    std::size_t end = line.size();
    while (end > 0 && is_blank(line[end - 1])) --end;
    if (end == 0 || line[end - 1] != escape_) return false;
    line.resize(end - 1);
    return true;
  }

  void read_instruction() {
    DockerInstruction instruction;
    instruction.line = at_ + 1;
    std::string joined;
    bool more = true;
    while (more && at_ < lines_.size()) {
      std::string line = lines_[at_++];
      const std::string_view trimmed = base::trim(line);
      // Comments and empty lines do not end a continued instruction.
      if (!joined.empty() && (trimmed.empty() || trimmed.front() == '#')) continue;
      more = take_continuation(line);
      joined += line;
    }
    fill(instruction, base::trim(joined));
    const std::string& name = instruction.name;
    if (name == "RUN" || name == "COPY" || name == "ADD") skip_heredocs(joined);
    instructions_.push_back(std::move(instruction));
  }

  static void fill(DockerInstruction& instruction, std::string_view text) {
    const auto take_word = [&text] {
      const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
      const std::string_view word = text.substr(0, end);
      text = base::trim(text.substr(end));
      return word;
    };
    instruction.name = to_upper(take_word());
    while (text.starts_with("--")) {
      const std::string_view word = take_word();
      const std::size_t equals = std::min(word.find('='), word.size());
      const std::string_view value = equals < word.size() ? word.substr(equals + 1) : "";
      instruction.flags.emplace(word.substr(2, equals - 2), value);
    }
    instruction.arguments = text;
  }

  void skip_heredocs(std::string_view line) {
    for (const Heredoc& heredoc : heredocs_of(line)) {
      // One that never ends is no heredoc, but a shift or a mistake: read on behind the line.
      for (std::size_t i = at_; i < lines_.size(); ++i) {
        std::string_view body = lines_[i];
        while (heredoc.strips_tabs && body.starts_with('\t')) body.remove_prefix(1);
        if (body != heredoc.delimiter) continue;
        at_ = i + 1;
        break;
      }
    }
  }

  std::vector<std::string> lines_;
  std::size_t at_ = 0;
  char escape_ = '\\';
  std::vector<DockerInstruction> instructions_;
};

std::optional<std::vector<std::string>> exec_words(std::string_view arguments) {
  if (!arguments.starts_with('[')) return std::nullopt;
  const auto json = base::Json::try_parse(arguments);
  if (!json || !json->is_array()) return std::nullopt;
  std::vector<std::string> words;
  for (const base::Json& element : json->elements()) {
    if (!element.is_string()) return std::nullopt;
    words.push_back(element.as_string());
  }
  return words;
}

std::vector<std::string> shell_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (const char c : text) {
    if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (!is_blank(c)) {
      word += c;
      in_word = true;
    } else if (in_word) {
      words.push_back(std::move(word));
      word.clear();
      in_word = false;
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

/// The value of what stands behind "$": NAME, or {NAME}, or {NAME:-default}. `at` is moved behind
/// it.
std::optional<std::string> variable_at(std::string_view text, std::size_t& at,
                                       const DockerVariables& variables) {
  const bool braces = at < text.size() && text[at] == '{';
  if (braces) ++at;
  const std::size_t start = at;
  while (at < text.size() && is_name(text[at])) ++at;
  const auto known = variables.find(text.substr(start, at - start));
  std::optional<std::string> value;
  if (known != variables.end()) value = known->second;
  if (!braces) return value;
  const std::size_t end = text.find('}', at);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view modifier = text.substr(at, end - at);
  at = end + 1;
  if (modifier.empty()) return value;
  if (!modifier.starts_with(":-")) return std::nullopt;
  return value && !value->empty() ? value : substitute(modifier.substr(2), variables);
}

}  // namespace

std::vector<std::string> DockerInstruction::words() const {
  auto exec = exec_words(arguments);
  return exec ? std::move(*exec) : shell_words(arguments);
}

bool DockerInstruction::exec_form() const {
  return exec_words(arguments).has_value();
}

std::vector<DockerInstruction> read_dockerfile(std::string_view text) {
  return Reader(text).read();
}

std::optional<std::string> substitute(std::string_view text, const DockerVariables& variables) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c != '$') {
      out += c;
      continue;
    }
    const auto value = variable_at(text, at, variables);
    if (!value) return std::nullopt;
    out += *value;
  }
  return out;
}

}  // namespace ecloud::platform
