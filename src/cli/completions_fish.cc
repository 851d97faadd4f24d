#include "cli/completions.h"
#include "cli/topics.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// Inside single quotes of fish.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string at(const std::string& path) {
  return "complete -c ecloud -n " + in_quotes("__ecloud_at " + path);
}

std::string app_names() {
  return std::string("(") + kListApps + " (commandline -opc) 2>/dev/null)";
}

std::string values_of(const Option& option) {
  if (!option.choices.empty()) return " -xa " + in_quotes(base::join(option.choices, " "));
  if (option.completer == Completer::kEnvironment) {
    return std::string(" -xa '(") + kListEnvironments + " 2>/dev/null)'";
  }
  if (option.completer == Completer::kApp) return " -xa " + in_quotes(app_names());
  if (option.kind == Kind::kFile) return " -rF";
  if (option.kind == Kind::kDirectory) return " -xa '(__fish_complete_directories)'";
  return " -x";
}

std::string option_line(const std::string& path, const Option& option) {
  std::string line = at(path);
  if (!option.short_name.empty()) line += " -s " + option.short_name;
  line += " -l " + option.name;
  if (option.takes_value()) line += values_of(option);
  return line + " -d " + in_quotes(option.help) + "\n";
}

std::string command_lines(const CommandPath& path) {
  const std::string text = path.text();
  std::string out;
  for (const Command& sub : path.command->subcommands) {
    if (!sub.hidden) out += at(text) + " -a " + sub.name + " -d " + in_quotes(sub.summary) + "\n";
  }
  for (const Positional& positional : path.command->positionals) {
    if (!positional.choices.empty()) {
      out += at(text) + " -a " + in_quotes(base::join(positional.choices, " ")) + "\n";
    } else if (positional.kind == Kind::kFile) {
      out += at(text) + " -F\n";
    }
  }
  if (takes_app(*path.command)) out += at(text) + " -a " + in_quotes(app_names()) + "\n";
  for (const Option* option : shown_options(*path.command)) out += option_line(text, *option);
  return out;
}

std::string path_cases(const Command& root) {
  std::string out;
  for_each_command(root, [&](const CommandPath& path) {
    for (const Command& sub : path.command->subcommands) {
      if (sub.hidden) continue;
      out += "            case '" + path.text() + " " + sub.name + "'";
      for (const std::string& alias : sub.aliases) out += " '" + path.text() + " " + alias + "'";
      out += "\n                set path '" + path.text() + " " + sub.name + "'\n";
    }
  });
  return out;
}

}  // namespace

std::string fish_completion(const Command& root) {
  std::string out =
      "# fish completion for ecloud; generated from its command tree\n"
      "\n"
      "# Whether the words so far lead to this command.\n"
      "function __ecloud_at\n"
      "    set -l path ecloud\n"
      "    for word in (commandline -opc)[2..-1]\n"
      "        switch \"$path $word\"\n";
  out += path_cases(root);
  out +=
      "        end\n"
      "    end\n"
      "    test \"$path\" = \"$argv\"\n"
      "end\n"
      "\n"
      "complete -c ecloud -f\n";
  for_each_command(root, [&](const CommandPath& path) { out += command_lines(path); });
  return out;
}

}  // namespace ecloud::cli
