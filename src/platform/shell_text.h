#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ecloud::platform {

/// A word of a shell command with its quotes removed. A dollar sign that expands nothing, because
/// it is quoted, is kLiteralDollar; a command substitution is kSubstituted, and its text is in
/// `substitutions`, in order.
struct ShellWord {
  static constexpr char kLiteralDollar = '\x01';
  static constexpr char kSubstituted = '\x02';
  std::string text;
  std::vector<std::string> substitutions;
};

/// A simple command: its words up to ; & | ( ) or the end of the line.
using ShellCommand = std::vector<ShellWord>;

/// The commands of a script in the order of its text, whether or not they run: no comments, no
/// here-documents, nothing that is quoted. "$$" counts as "$", which Cloud Build writes for it.
/// Throws std::invalid_argument, saying why, for what it cannot read for certain: an open quote or
/// here-document, control characters, more than 256 KiB, more than 10,000 words.
std::vector<ShellCommand> read_shell_commands(std::string_view script);

}  // namespace ecloud::platform
