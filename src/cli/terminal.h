#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/env.h"
#include "ecloud/base/error.h"
#include "ecloud/base/secret.h"
#include "ecloud/cli/program.h"

namespace ecloud::cli {

enum class Stream { kOutput, kError };
enum class Style { kPlain, kBold, kDim, kGreen, kYellow, kRed, kCyan };
enum class ColorMode { kAuto, kAlways, kNever };

struct TerminalOptions {
  ColorMode color = ColorMode::kAuto;
  bool json = false;
  bool non_interactive = false;
  bool yes = false;
  bool verbose = false;
};

/// All that a person reads or types. stdout gets results and nothing else; everything else goes to
/// stderr. Text is made printable here (base::printable), so callers pass a server's words as they
/// are. Writing is thread-safe; asking is not.
class Terminal {
 public:
  /// `console` and `env` outlive the object.
  Terminal(Console& console, const base::Env& env, TerminalOptions options = {});

  const TerminalOptions& options() const { return options_; }
  bool is_terminal(Stream stream) const;
  /// --color, else NO_COLOR (not empty), else CLICOLOR_FORCE (not 0), else TERM=dumb, else whether
  /// the stream is a terminal.
  bool has_color(Stream stream) const;
  /// Columns to wrap text at: the terminal's, between 40 and 120; 80 when there is none.
  int width() const;
  /// Columns of the terminal as they are; 80 when there is none.
  int columns() const;
  std::string paint(Stream stream, Style style, std::string_view text) const;
  /// Whether the locale can show more than ASCII: the first of LC_ALL, LC_CTYPE and LANG that is
  /// set names UTF-8.
  bool has_unicode() const;
  /// `text` with our own marks (check marks, arrows, dashes, ellipses) in ASCII unless
  /// has_unicode(). For text to people; not for JSON and not for other people's data.
  std::string in_locale(std::string_view text) const;

  /// To stdout, exactly as given; may hold paint(). For results that are text by nature (logs).
  void write(std::string_view text);
  /// write() with a line break.
  void line(std::string_view text);

  // To stderr, one line each; a live progress line is kept below them.
  void status(std::string_view text);
  void warning(std::string_view text);  ///< "warning: …"
  void note(std::string_view text);     ///< "note: …"
  void debug(std::string_view topic, std::string_view text);
  /// To stderr exactly as given, line break included: plans, tables; may hold paint().
  void write_error(std::string_view text);

  /// stdin and stderr are terminals, and neither --json, --non-interactive nor CI is set.
  bool can_prompt() const;
  /// From now on as with --non-interactive: for what only its variable says.
  void forbid_prompts() { options_.non_interactive = true; }
  /// From now on as with --yes: for when only its variable is set.
  void agree_to_prompts() { options_.yes = true; }
  // All throw Error{kInterrupted} at Ctrl-C or the end of the input, and
  // Error{kUsage, "cli.cannot_prompt"} when can_prompt() is false.
  /// Asks until there is an answer; an empty one takes `fallback` when that is not empty.
  std::string ask(std::string_view question, std::string_view fallback = {});
  base::Secret ask_secret(std::string_view question);
  /// The number of the chosen one.
  std::size_t select(std::string_view question, const std::vector<std::string>& choices);

  /// Whether the user agrees to something harmless, which Enter does. Throws as ask().
  bool agrees(std::string_view question);

  /// Returns when the user agrees or gave --yes. Where nobody can be asked, an answer that waits on
  /// standard input (`echo y |`) counts, with a note, unless --non-interactive was given. Declining
  /// throws Error{kInterrupted, "cli.declined"}; no answer and no --yes is Error{kUsage,
  /// "cli.confirmation_needed"} that says what `question` would have been and names --yes.
  void confirm(std::string_view question);
  /// As confirm(), for what cannot be undone: `word` must be typed. Piped in, a yes will do.
  void confirm_by_typing(std::string_view question, std::string_view word);

  /// "-" as a file: all of stdin, once. Throws Error{kUsage, "file.too_large"}.
  std::string read_input(std::size_t max_bytes);
  void read_input_pieces(std::size_t max_bytes, const std::function<void(std::string_view)>& take);

  /// Replaces the live lines at the bottom of stderr; none removes them. Only on a terminal, for
  /// Progress. None may be wider than the terminal.
  void set_live_lines(const std::vector<std::string>& lines);

 private:
  void require_prompt(std::string_view question) const;
  /// confirm() where nobody can be asked; `word` also agrees, unless it is empty.
  void take_piped_answer(std::string_view question, std::string_view word);
  std::string read_answer(bool echo);
  void put_error(std::string_view text);
  std::string live_text() const;
  std::string clear_live() const;

  Console& console_;
  const base::Env& env_;
  TerminalOptions options_;
  mutable std::mutex mutex_;
  std::vector<std::string> live_lines_;
};

/// How an error is shown: to people "error: MESSAGE" and "hint: …" (with --verbose the code too,
/// and where it is explained, as for errors that have no hint), to programs one line
/// {"error":{"code","message","hint","exitCode"}}.
void print_error(Terminal& terminal, const Error& error);

}  // namespace ecloud::cli
