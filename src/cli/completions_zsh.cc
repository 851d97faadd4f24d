#include "cli/completions.h"
#include "cli/topics.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::string function_name(const CommandPath& path) {
  return "_" + base::join(path.names, "_");
}

/// Inside single quotes of a shell; `special` characters get a backslash for zsh's own parser.
std::string in_quotes(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '\\' || special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// ":message:action" of _arguments for a value.
std::string value_spec(const std::string& name, const std::vector<std::string>& choices, Kind kind,
                       Completer completer) {
  std::string action;
  if (!choices.empty()) {
    action = "(" + base::join(choices, " ") + ")";
  } else if (completer == Completer::kEnvironment) {
    action = "_ecloud_environments";
  } else if (completer == Completer::kApp) {
    action = "_ecloud_apps";
  } else if (kind == Kind::kFile) {
    action = "_files";
  } else if (kind == Kind::kDirectory) {
    action = "_files -/";
  }
  return ":" + in_quotes(name, ":[]") + ":" + action;
}

std::string option_spec(const Option& option) {
  const std::string help = "[" + in_quotes(option.help, "[]") + "]";
  const std::string value = option.takes_value() ? value_spec(option.value_name, option.choices,
                                                              option.kind, option.completer)
                                                 : "";
  const std::string equals = option.takes_value() ? "=" : "";
  const std::string repeat = option.kind == Kind::kRepeated ? "*" : "";
  if (option.short_name.empty()) {
    return "'" + repeat + "--" + option.name + equals + help + value + "'";
  }
  const std::string names = "-" + option.short_name + " --" + option.name;
  return "'(" + names + ")'{-" + option.short_name + ",--" + option.name + equals + "}'" + help +
         value + "'";
}

std::string option_lines(const Command& command) {
  std::string out;
  for (const Option* option : shown_options(command)) {
    out += " \\\n    " + option_spec(*option);
  }
  return out;
}

std::string leaf_function(const CommandPath& path) {
  std::string out = function_name(path) + "() {\n  _arguments -s -S" + option_lines(*path.command);
  int number = 1;
  for (const Positional& positional : path.command->positionals) {
    const std::string place = positional.repeated ? "*" : std::to_string(number++);
    std::string spec =
        value_spec(positional.name, positional.choices, positional.kind, positional.completer);
    // Where nothing can be offered zsh would show the name, and complete no option beside it.
    if (spec.back() == ':') spec += "_ecloud_word " + positional.name;
    out += " \\\n    '" + place + spec + "'";
  }
  return out + "\n}\n\n";
}

std::string group_function(const CommandPath& path) {
  std::string out = function_name(path) +
                    "() {\n  local state line curcontext=$curcontext\n  local -a commands\n"
                    "  _arguments -s -C" +
                    option_lines(*path.command) +
                    " \\\n    '1: :->command' \\\n    '*:: :->words'\n"
                    "  case $state in\n    command)\n      commands=(\n";
  std::string calls;
  for (const Command& sub : path.command->subcommands) {
    if (sub.hidden) continue;
    out += "        '" + in_quotes(sub.name, ":") + ":" + in_quotes(sub.summary, ":") + "'\n";
    std::vector<std::string> names = {sub.name};
    names.insert(names.end(), sub.aliases.begin(), sub.aliases.end());
    CommandPath below{&sub, path.names};
    below.names.push_back(sub.name);
    calls += "        " + base::join(names, " | ") + ") " + function_name(below) + " ;;\n";
  }
  out +=
      "      )\n      _describe command commands\n      ;;\n    words)\n      case $line[1] in\n" +
      calls + "      esac\n      ;;\n  esac\n}\n\n";
  return out;
}

}  // namespace

std::string zsh_completion(const Command& root) {
  std::string out =
      "#compdef ecloud\n"
      "# zsh completion for ecloud; generated from its command tree\n"
      "\n"
      "_ecloud_word() {\n"
      "  [[ $PREFIX == -* ]] || _message -r \"${@[-1]}\"\n"
      "}\n"
      "\n"
      "_ecloud_environments() {\n"
      "  local -a names\n"
      "  names=(${(f)\"$(";
  out += kListEnvironments;
  out +=
      " 2>/dev/null)\"})\n"
      "  _describe environment names\n"
      "}\n"
      "\n"
      "_ecloud_apps() {\n"
      "  local -a names\n"
      "  names=(${(f)\"$(";
  out += kListApps;
  out +=
      " \"${words[@]}\" 2>/dev/null)\"})\n"
      "  compadd -a names\n"
      "}\n"
      "\n";
  for_each_command(root, [&](const CommandPath& path) {
    out += path.command->is_group() ? group_function(path) : leaf_function(path);
  });
  // Sourced it registers the function; autoloaded from $fpath it is the function's first call.
  out +=
      "if [[ $funcstack[1] == _ecloud ]]; then\n"
      "  _ecloud \"$@\"\n"
      "else\n"
      "  compdef _ecloud ecloud\n"
      "fi\n";
  return out;
}

}  // namespace ecloud::cli
