#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/terminal.h"

namespace ecloud::cli {

/// The help of a command or a group, wrapped to the terminal, coloured for stdout.
std::string help_text(const CommandPath& path, const Terminal& terminal);

/// What stands beside an option beyond its help: "choices a, b", "default sepolia", "env: NAME",
/// "ecloud.yaml: key".
std::vector<std::string> option_facts(const Option& option);

/// Options by heading, in the order of first use; the empty heading becomes OPTIONS.
struct OptionGroup {
  std::string heading;
  std::vector<const Option*> options;
};
std::vector<OptionGroup> option_groups(const std::vector<const Option*>& options);

/// Subcommands that are not hidden by group, likewise.
struct CommandGroup {
  std::string heading;
  std::vector<const Command*> commands;
};
std::vector<CommandGroup> command_groups(const Command& command);

/// The exit codes of a command, the common ones included, in ascending order.
std::vector<Category> exit_codes_of(const Command& command);
/// "bad flag, argument, file or configuration; nothing was attempted".
std::string_view exit_code_meaning(int code);
/// All codes there are, 0 included, in ascending order.
std::vector<int> all_exit_codes();

}  // namespace ecloud::cli
