#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/input_secrets.h"
#include "ecloud/cli/program.h"

namespace ecloud::cli {

/// A console that repeats no secret which the user typed in the wrong place (InputSecrets),
/// whatever message it would be in: those of the arguments and of our environment variables
/// nowhere, those of configuration files not on stderr (`ecloud config get` prints what the file
/// says). Thread-safe as far as the inner console is.
class GuardedConsole final : public Console {
 public:
  /// `inner` outlives the object.
  GuardedConsole(Console& inner, const std::vector<std::string>& arguments, const base::Env& env);

  /// Once the command line is understood: values of slots that take public bytes in hex
  /// (Option::hash) may be shown again, except in an error.
  void allow_hashes(const Parsed& parsed);
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
  InputSecrets variables_;
  mutable std::mutex mutex_;
  InputSecrets everywhere_;  ///< in no output
  InputSecrets in_errors_;   ///< not on stderr
  InputSecrets failures_;    ///< not in the message of an error
};

}  // namespace ecloud::cli
