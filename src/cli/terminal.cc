#include "cli/terminal.h"

#include <algorithm>
#include <utility>

#include "cli/error_catalogue.h"
#include "cli/printable_json.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr char kReset[] = "\x1b[0m";
constexpr char kClearLine[] = "\r\x1b[K";

const char* escape(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kCyan:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

Terminal::Terminal(Console& console, const base::Env& env, TerminalOptions options)
    : console_(console), env_(env), options_(options) {}

bool Terminal::is_terminal(Stream stream) const {
  return stream == Stream::kOutput ? console_.output_is_terminal() : console_.error_is_terminal();
}

bool Terminal::has_color(Stream stream) const {
  if (options_.color != ColorMode::kAuto) return options_.color == ColorMode::kAlways;
  if (env_.get("NO_COLOR")) return false;
  if (env_.get("CLICOLOR_FORCE").value_or("0") != "0") return true;
  if (env_.get("TERM") == "dumb") return false;
  return is_terminal(stream);
}

int Terminal::columns() const {
  const int columns = console_.width();
  return columns <= 0 ? 80 : columns;
}

int Terminal::width() const {
  return std::clamp(columns(), 40, 120);
}

bool Terminal::has_unicode() const {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = env_.get(variable);
    if (!value) continue;
    const std::string locale = base::to_lower(*value);
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

std::string Terminal::in_locale(std::string_view text) const {
  std::string out(text);
  if (has_unicode()) return out;
  constexpr std::pair<std::string_view, std::string_view> kMarks[] = {
      {"\u2713", "+"}, {"\u2717", "x"}, {"\u2192", ">"}, {"\u2026", "..."},
      {"\u2013", "-"}, {"\u2014", "-"}, {"\u00b7", "-"}};
  for (const auto& [mark, plain] : kMarks) {
    for (std::size_t at = 0; (at = out.find(mark, at)) != std::string::npos;) {
      out.replace(at, mark.size(), plain);
      at += plain.size();
    }
  }
  return out;
}

std::string Terminal::paint(Stream stream, Style style, std::string_view text) const {
  const std::string shown = in_locale(base::printable(text));
  if (style == Style::kPlain || !has_color(stream)) return shown;
  return escape(style) + shown + kReset;
}

std::string Terminal::live_text() const {
  return base::join(live_lines_, "\n");
}

/// The cursor stands at the end of the last one.
std::string Terminal::clear_live() const {
  std::string out(kClearLine);
  for (std::size_t i = 1; i < live_lines_.size(); ++i) out += std::string("\x1b[A") + kClearLine;
  return out;
}

void Terminal::write(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!live_lines_.empty() && console_.output_is_terminal()) {
    console_.write_error(clear_live());
    console_.write_output(text);
    console_.write_error(live_text());
    return;
  }
  console_.write_output(text);
}

void Terminal::line(std::string_view text) {
  write(std::string(text) + "\n");
}

void Terminal::put_error(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (live_lines_.empty()) {
    console_.write_error(text);
  } else {
    console_.write_error(clear_live().append(text).append(live_text()));
  }
}

void Terminal::status(std::string_view text) {
  put_error(in_locale(base::printable(text)) + "\n");
}

void Terminal::warning(std::string_view text) {
  put_error(paint(Stream::kError, Style::kYellow, "warning:") + " " +
            in_locale(base::printable(text)) + "\n");
}

void Terminal::note(std::string_view text) {
  put_error(paint(Stream::kError, Style::kCyan, "note:") + " " + in_locale(base::printable(text)) +
            "\n");
}

void Terminal::debug(std::string_view topic, std::string_view text) {
  const std::string line = std::string(topic) + ": " + base::printable_line(text, 2'000);
  put_error(paint(Stream::kError, Style::kDim, line) + "\n");
}

void Terminal::write_error(std::string_view text) {
  put_error(text);
}

void Terminal::set_live_lines(const std::vector<std::string>& lines) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> wanted;
  for (const std::string& line : lines) wanted.push_back(base::printable_line(line, 4'000));
  if (wanted == live_lines_) return;
  std::string out = clear_live();
  live_lines_ = std::move(wanted);
  console_.write_error(out + live_text());
}

namespace {

/// Where the error itself does not say what to do, the catalogue does. Mistakes on the command
/// line, what is not there and interruptions explain themselves.
bool wants_explanation(const Terminal& terminal, const Error& error) {
  const Category category = error.category();
  const bool plain = category == Category::kUsage || category == Category::kNotFound ||
                     category == Category::kInterrupted;
  const bool wanted = terminal.options().verbose || (error.hint().empty() && !plain);
  return wanted && find_error_entry(error.code()) != nullptr;
}

}  // namespace

void print_error(Terminal& terminal, const Error& error) {
  if (terminal.options().json) {
    base::Json inner = base::Json::object({{"code", error.code()},
                                           {"message", base::printable(error.message())},
                                           {"hint", base::printable(error.hint())},
                                           {"exitCode", exit_code(error.category())}});
    terminal.write_error(printable_json(base::Json::object({{"error", std::move(inner)}})) + "\n");
    return;
  }
  const std::string code = terminal.options().verbose ? " [" + error.code() + "]" : "";
  terminal.write_error(terminal.paint(Stream::kError, Style::kRed, "error:") + " " +
                       terminal.in_locale(base::printable(error.message())) + code + "\n");
  const auto print_hint = [&](const std::string& line) {
    const bool usage = line.rfind("usage: ", 0) == 0;
    const std::string prefix =
        usage ? "" : terminal.paint(Stream::kError, Style::kCyan, "hint:") + " ";
    terminal.write_error(prefix + terminal.in_locale(base::printable(line)) + "\n");
  };
  if (!error.hint().empty()) {
    for (const std::string& line : base::split(error.hint(), '\n')) print_hint(line);
  }
  if (wants_explanation(terminal, error)) print_hint("more: ecloud explain " + error.code());
}

}  // namespace ecloud::cli
