#include "cli/command.h"

#include <algorithm>

#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

void add(std::vector<const Option*>& out, const std::vector<Option>& options) {
  for (const Option& option : options) out.push_back(&option);
}

std::vector<const Option*> collect(const Command& command, bool environment) {
  std::vector<const Option*> out;
  add(out, command.options);
  if (command.mutating) add(out, mutating_options());
  if (environment) add(out, environment_options());
  if (command.key != KeyUse::kNone) add(out, key_options());
  add(out, global_options());
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

std::string CommandPath::text() const {
  return base::join(names, " ");
}

std::vector<const Option*> all_options(const Command& command) {
  return collect(command, true);
}

std::vector<const Option*> shown_options(const Command& command) {
  return collect(command, command.uses_environment);
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
  if (option.takes_value()) out += " " + option.value_name;
  return out;
}

}  // namespace ecloud::cli
