#include "cli/command.h"

#include <algorithm>

#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// A command that declares an option of a shared set itself has its own.
void add_shared(std::vector<const Option*>& out, const std::vector<Option>& options,
                const Command& command) {
  for (const Option& option : options) {
    const bool declared = std::any_of(command.options.begin(), command.options.end(),
                                      [&](const Option& own) { return own.name == option.name; });
    if (!declared) out.push_back(&option);
  }
}

bool is_hidden(const Option* option) {
  return option->hidden;
}

std::vector<const Option*> collect(const Command& command, bool environment) {
  std::vector<const Option*> out;
  for (const Option& option : command.options) out.push_back(&option);
  if (command.mutating) add_shared(out, mutating_options(), command);
  if (environment) add_shared(out, environment_options(), command);
  if (command.key != KeyUse::kNone) add_shared(out, key_options(), command);
  add_shared(out, global_options(), command);
  return out;
}

}  // namespace

const Command* Command::find(std::string_view word) const {
  for (const Command& command : subcommands) {
    const auto& others = command.aliases;
    if (command.name == word || std::find(others.begin(), others.end(), word) != others.end()) {
      return &command;
    }
  }
  return nullptr;
}

std::string Command::json_list_shape() const {
  if (json_is_array) return "[...]";
  std::string out = "{\"" + json_list + "\": [...]";
  for (const JsonField& note : json_list_notes) out += ", \"" + note.name + "\": ...";
  return out + "}";
}

std::string CommandPath::text() const {
  return base::join(names, " ");
}

std::vector<const Option*> all_options(const Command& command) {
  return collect(command, true);
}

std::vector<const Option*> shown_options(const Command& command) {
  std::vector<const Option*> options = collect(command, command.uses_environment);
  std::erase_if(options, is_hidden);
  return options;
}

std::string usage_line(const CommandPath& path) {
  std::string line = path.text();
  if (path.command->is_group()) return line + " <command> [options]";
  for (const Positional& positional : path.command->positionals) {
    const std::string name = positional.name + (positional.repeated ? "..." : "");
    line += positional.required ? " " + name : " [" + name + "]";
  }
  return line + " [options]";
}

std::string spelling(const Option& option) {
  std::string out = option.short_name.empty() ? "" : "-" + option.short_name + ", ";
  out += "--" + option.name;
  if (!option.takes_value()) return out;
  out += option.bare_value.empty() ? " " + option.value_name : " [" + option.value_name + "]";
  return out;
}

}  // namespace ecloud::cli
