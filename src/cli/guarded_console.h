#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "cli/input_secrets.h"
#include "cli/parser.h"
#include "ecloud/cli/program.h"

namespace ecloud::cli {

/// A console that repeats no secret which the user typed in the wrong place (InputSecrets),
/// whatever message it would be in: of the arguments, of the environment variables that are read,
/// and of the configuration files. Thread-safe as far as the inner console is.
class GuardedConsole final : public Console {
 public:
  /// `inner` outlives the object.
  GuardedConsole(Console& inner, const std::vector<std::string>& arguments, const base::Env& env);

  /// Once the command line is understood and before anything is written: values of slots that take
  /// public bytes in hex (Option::hash) may be shown again, except in an error; and configuration
  /// files on stdout, by commands that exist for that.
  void allow_output_of(const Parsed& parsed);
  /// For the message of an error: nothing of any input.
  std::string hide(std::string_view text) const;

  bool input_is_terminal() const override { return inner_.input_is_terminal(); }
  bool output_is_terminal() const override { return inner_.output_is_terminal(); }
  bool error_is_terminal() const override { return inner_.error_is_terminal(); }
  int width() const override { return inner_.width(); }
  void write_output(std::string_view text) override;
  void write_error(std::string_view text) override;
  void hide_input_text(std::string_view text) override;
  std::shared_ptr<void> hide_input() override { return inner_.hide_input(); }
  bool input_is_waiting() override { return inner_.input_is_waiting(); }
  std::optional<std::string> read_line(bool echo) override { return inner_.read_line(echo); }
  std::string read_all(std::size_t max_bytes) override { return inner_.read_all(max_bytes); }
  void read_pieces(std::size_t max_bytes,
                   const std::function<void(std::string_view)>& take) override {
    inner_.read_pieces(max_bytes, take);
  }

 private:
  void read_arguments(const std::vector<std::string>& arguments, InputSecrets& out) const;

  Console& inner_;
  const std::vector<std::string>& arguments_;
  bool shows_settings_ = false;
  InputSecrets variables_;
  mutable std::mutex mutex_;
  InputSecrets everywhere_;  ///< in no output
  InputSecrets in_errors_;   ///< not on stderr
  InputSecrets failures_;    ///< not in the message of an error
};

}  // namespace ecloud::cli
