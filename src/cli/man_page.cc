#include "cli/man_page.h"

#include <algorithm>

#include "cli/config_keys.h"
#include "cli/help.h"
#include "cli/man_text.h"
#include "cli/topics.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::string page_title(const CommandPath& path) {
  return base::join(path.names, "-");
}

std::string paragraphs(std::string_view text) {
  std::string out;
  bool blank = false;
  for (const std::string& line : base::split(text, '\n')) {
    if (line.empty()) {
      blank = true;
      continue;
    }
    if (!out.empty()) out += blank ? ".PP\n" : ".br\n";
    blank = false;
    out += man_escaped(line) + "\n";
  }
  return out;
}

std::string synopsis(const CommandPath& path) {
  std::string out = man_bold(path.text());
  if (path.command->is_group())
    return out + " " + man_italic("COMMAND") + " [" + man_italic("OPTIONS") + "]\n";
  for (const Positional& positional : path.command->positionals) {
    const std::string name = man_italic(positional.name) + (positional.repeated ? "..." : "");
    out += positional.required ? " " + name : " [" + name + "]";
  }
  return out + " [" + man_italic("OPTIONS") + "]\n";
}

std::string option_tag(const Option& option) {
  std::string out = option.short_name.empty() ? "" : man_bold("-" + option.short_name) + ", ";
  out += man_bold("--" + option.name);
  if (option.takes_value()) out += " " + man_italic(option.value_name);
  return out;
}

std::string options_text(const Command& command) {
  std::string out;
  for (const OptionGroup& group : option_groups(shown_options(command))) {
    out += man_section(group.heading);
    for (const Option* option : group.options) {
      std::string text = option->help + ".";
      for (const std::string& fact : option_facts(*option)) text += " [" + fact + "]";
      out += man_tagged(option_tag(*option), text);
    }
  }
  return out;
}

std::string commands_text(const CommandPath& path) {
  std::string out;
  for (const CommandGroup& group : command_groups(*path.command)) {
    out += man_section(group.heading);
    for (const Command* sub : group.commands) {
      out += man_tagged(man_bold(page_title(path) + "-" + sub->name) + "(1)", sub->summary);
    }
  }
  return out;
}

std::string json_text(const Command& command) {
  if (command.json_fields.empty()) return {};
  std::string out = man_section("JSON FIELDS");
  if (!command.json_list.empty()) {
    out += man_escaped("--json prints " + command.json_list_shape() + ", each element with") + "\n";
  }
  for (const JsonField& field : command.json_fields) {
    out += man_tagged(man_bold(field.name), field.meaning);
  }
  if (command.json_list_notes.empty()) return out;
  out += ".PP\n" + man_escaped("and next to \"" + command.json_list + "\"") + "\n";
  for (const JsonField& field : command.json_list_notes) {
    out += man_tagged(man_bold(field.name), field.meaning);
  }
  return out;
}

std::string examples_text(const Command& command) {
  if (command.examples.empty()) return {};
  std::string out = man_section("EXAMPLES");
  for (const Example& example : command.examples) {
    out += ".PP\n" + man_escaped(example.what) + ":\n.PP\n.RS 4\n.nf\n" +
           man_escaped(example.command) + "\n.fi\n.RE\n";
  }
  return out;
}

std::string exit_codes_text(const Command& command) {
  std::string out = man_section("EXIT STATUS");
  out += man_tagged(man_bold("0"), exit_code_meaning(0));
  for (const Category category : exit_codes_of(command)) {
    const int code = exit_code(category);
    out += man_tagged(man_bold(std::to_string(code)), exit_code_meaning(code));
  }
  return out;
}

/// What `ecloud help TOPIC` says about all commands, for the first page.
std::string topics_text(const Command& root) {
  std::string out = man_section("EXIT STATUS");
  for (const int code : all_exit_codes()) {
    out += man_tagged(man_bold(std::to_string(code)), exit_code_meaning(code));
  }
  out += man_section("ENVIRONMENT");
  for (const Variable& variable : option_variables(root)) {
    out += man_tagged(man_bold(variable.name), variable.meaning);
  }
  for (const Variable& variable : other_variables()) {
    out += man_tagged(man_bold(variable.name), variable.meaning);
  }
  out += man_section("FILES");
  out += man_tagged(man_italic("ecloud.yaml"),
                    "The project's configuration, in the working directory.");
  out += man_tagged(man_italic("~/.config/ecloud/config.yaml"), "Your configuration.");
  for (const ConfigKey& key : config_keys()) {
    const std::string where = key.in_project && key.in_user ? "both"
                              : key.in_project              ? "ecloud.yaml"
                                                            : "config.yaml";
    out += man_tagged(man_bold(shown_config_key(key)) + " (" + where + ")", config_key_help(key));
  }
  return out;
}

std::string see_also(const CommandPath& path) {
  if (path.names.size() == 1) {
    return man_section("SEE ALSO") + man_bold("ecloud-migrating") + "(7),\n" +
           man_bold("ecloud-recovery") + "(7),\n" + man_bold("ecloud-trust") + "(7)\n";
  }
  CommandPath parent{nullptr, path.names};
  parent.names.pop_back();
  std::string out = man_section("SEE ALSO") + man_bold("ecloud") + "(1)";
  if (parent.names.size() > 1) out += ",\n" + man_bold(page_title(parent)) + "(1)";
  return out + "\n";
}

}  // namespace

std::string man_page_name(const CommandPath& path) {
  return page_title(path) + ".1";
}

std::string man_page(const CommandPath& path, const Command& root) {
  const Command& command = *path.command;
  const std::string title = page_title(path);
  std::string out = man_header(title, 1) + man_name(title, command.summary);
  out += man_section("SYNOPSIS") + synopsis(path);
  out += man_section("DESCRIPTION") + paragraphs(command.description);
  if (!command.aliases.empty()) {
    out += man_section("ALIASES") + man_escaped(base::join(command.aliases, ", ")) + "\n";
  }
  out += commands_text(path);
  if (!command.positionals.empty()) out += man_section("ARGUMENTS");
  for (const Positional& positional : command.positionals) {
    const std::string choices =
        positional.choices.empty() ? "" : " [one of " + base::join(positional.choices, ", ") + "]";
    out += man_tagged(man_italic(positional.name), positional.help + "." + choices);
  }
  out += options_text(command) + json_text(command) + examples_text(command);
  out += path.names.size() == 1 ? topics_text(root)
         : command.is_group()   ? ""
                                : exit_codes_text(command);
  return out + see_also(path);
}

}  // namespace ecloud::cli
