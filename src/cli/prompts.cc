// The asking half of Terminal.

#include "cli/terminal.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

Error declined() {
  return Error(Category::kInterrupted, "cli.declined", "not confirmed");
}

}  // namespace

bool Terminal::can_prompt() const {
  return console_.input_is_terminal() && console_.error_is_terminal() && !options_.json &&
         !options_.non_interactive && !env_.get("CI");
}

void Terminal::require_prompt(std::string_view question) const {
  if (can_prompt()) return;
  throw Error(Category::kUsage, "cli.cannot_prompt",
              "nobody is there to answer: " + std::string(question));
}

std::string Terminal::read_answer(bool echo) {
  try {
    std::optional<std::string> answer = console_.read_line(echo);
    if (answer) return std::move(*answer);
  } catch (const Error&) {
    // The question's row is not ended: nobody pressed Enter.
    put_error("\n");
    throw;
  }
  put_error("\n");
  throw Error(Category::kInterrupted, "interrupted", "interrupted");
}

std::string Terminal::ask(std::string_view question, std::string_view fallback) {
  require_prompt(question);
  const std::string shown = fallback.empty() ? "" : " [" + base::printable_line(fallback) + "]";
  for (;;) {
    put_error(paint(Stream::kError, Style::kBold, question) + shown + ": ");
    std::string answer(base::trim(read_answer(true)));
    if (answer.empty()) answer = fallback;
    if (!answer.empty()) return answer;
  }
}

base::Secret Terminal::ask_secret(std::string_view question) {
  require_prompt(question);
  const std::shared_ptr<void> hidden = console_.hide_input();
  put_error(paint(Stream::kError, Style::kBold, question) + ": ");
  base::Secret answer(read_answer(false));
  // What was typed was not shown, its line break neither.
  put_error("\n");
  return answer;
}

std::size_t Terminal::select(std::string_view question, const std::vector<std::string>& choices) {
  require_prompt(question);
  std::string menu = paint(Stream::kError, Style::kBold, question) + "\n";
  for (std::size_t i = 0; i < choices.size(); ++i) {
    menu += "  " + std::to_string(i + 1) + ") " + base::printable_line(choices[i]) + "\n";
  }
  put_error(menu);
  for (;;) {
    const std::string answer = ask("Number", "1");
    const auto number = base::parse_decimal(answer);
    if (number && *number >= 1 && *number <= choices.size()) {
      return static_cast<std::size_t>(*number) - 1;
    }
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (choices[i] == answer) return i;
    }
    put_error("Please type a number from 1 to " + std::to_string(choices.size()) + ".\n");
  }
}

bool Terminal::agrees(std::string_view question) {
  require_prompt(question);
  for (;;) {
    put_error(paint(Stream::kError, Style::kBold, question) + " [Y/n] ");
    const std::string answer = base::to_lower(base::trim(read_answer(true)));
    if (answer.empty() || answer == "y" || answer == "yes") return true;
    if (answer == "n" || answer == "no") return false;
    put_error("Please answer yes or no.\n");
  }
}

void Terminal::take_piped_answer(std::string_view question, std::string_view word) {
  std::optional<std::string> line;
  const bool may_read = !options_.non_interactive && !console_.input_is_terminal();
  if (may_read && console_.input_is_waiting()) line = console_.read_line(true);
  const std::string_view given = line ? base::trim(*line) : std::string_view();
  const std::string answer = base::to_lower(given);
  if (answer == "y" || answer == "yes" || (!word.empty() && given == word)) {
    note("standard input agrees: " + std::string(question));
    return;
  }
  if (answer == "n" || answer == "no") {
    note("standard input declines: " + std::string(question));
    throw declined();
  }
  throw Error(Category::kUsage, "cli.confirmation_needed",
              "this needs a confirmation: " + std::string(question),
              "give --yes to agree without being asked");
}

void Terminal::confirm(std::string_view question) {
  if (options_.yes) return;
  if (!can_prompt()) return take_piped_answer(question, "");
  for (;;) {
    put_error(paint(Stream::kError, Style::kBold, question) + " [y/N] ");
    const std::string answer = base::to_lower(base::trim(read_answer(true)));
    if (answer == "y" || answer == "yes") return;
    if (answer.empty() || answer == "n" || answer == "no") throw declined();
    put_error("Please answer yes or no.\n");
  }
}

void Terminal::confirm_by_typing(std::string_view question, std::string_view word) {
  if (options_.yes) return;
  if (!can_prompt()) return take_piped_answer(question, word);
  put_error(paint(Stream::kError, Style::kBold, question) + "\n");
  put_error("Type " + base::printable_line(word) + " to confirm: ");
  if (base::trim(read_answer(true)) != word) throw declined();
}

std::string Terminal::read_input(std::size_t max_bytes) {
  return console_.read_all(max_bytes);
}

void Terminal::read_input_pieces(std::size_t max_bytes,
                                 const std::function<void(std::string_view)>& take) {
  console_.read_pieces(max_bytes, take);
}

}  // namespace ecloud::cli
