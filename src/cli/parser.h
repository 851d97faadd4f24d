#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/values.h"

namespace ecloud::cli {

/// The command that `arguments` name, options skipped; the group when the words end there. Throws
/// Error{kUsage, "cli.unknown_command"} with a suggestion. Where a word was taken from is in
/// `consumed`, by index.
CommandPath find_command(const Command& root, const std::vector<std::string>& arguments,
                         std::vector<bool>* consumed = nullptr);

/// Parses `arguments` for the command that they name. Throws Error{kUsage}: cli.unknown_command,
/// cli.unknown_option, cli.missing_value, cli.unexpected_argument, cli.missing_argument,
/// cli.bad_value, each with the usage line or a suggestion as its hint. With --help among the
/// options missing and surplus arguments do not matter.
Parsed parse(const Command& root, const std::vector<std::string>& arguments);

/// Whether `flag` stands in `arguments`, spelled just so, before any "--": for what has to be known
/// when parsing fails.
bool has_flag(const std::vector<std::string>& arguments, std::string_view flag);

}  // namespace ecloud::cli
