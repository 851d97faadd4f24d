#include "cli/help.h"

#include <algorithm>

#include "cli/page.h"
#include "cli/topics.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::string option_text(const Option& option) {
  std::string text = option.help;
  for (const std::string& fact : option_facts(option)) text += " [" + fact + "]";
  return text;
}

void add_commands(Page& page, const Command& command) {
  for (const CommandGroup& group : command_groups(command)) {
    page.heading(group.heading);
    std::vector<Entry> entries;
    for (const Command* sub : group.commands) entries.push_back({sub->name, sub->summary});
    page.entries(entries);
  }
}

void add_arguments(Page& page, const Command& command) {
  if (command.positionals.empty()) return;
  page.heading("ARGUMENTS");
  std::vector<Entry> entries;
  for (const Positional& positional : command.positionals) {
    std::string text = positional.help;
    if (!positional.choices.empty()) {
      text += " [one of " + base::join(positional.choices, ", ") + "]";
    }
    entries.push_back({positional.name, text});
  }
  page.entries(entries);
}

void add_options(Page& page, const Command& command) {
  for (const OptionGroup& group : option_groups(shown_options(command))) {
    page.heading(group.heading);
    std::vector<Entry> entries;
    for (const Option* option : group.options) {
      // Names line up whether or not there is a short one.
      const std::string gap = option->short_name.empty() ? "    " : "";
      entries.push_back({gap + spelling(*option), option_text(*option)});
    }
    page.entries(entries);
  }
}

void add_examples(Page& page, const Command& command) {
  if (command.examples.empty()) return;
  page.heading("EXAMPLES");
  for (const Example& example : command.examples) {
    page.indented(example.what, "# ");
    page.line("$ " + example.command);
  }
}

void add_json_fields(Page& page, const Command& command) {
  if (command.json_fields.empty()) return;
  page.heading("JSON FIELDS");
  if (!command.json_list.empty()) {
    page.indented("--json prints " + command.json_list_shape() + ", each element with");
  }
  const auto add = [&](const std::vector<JsonField>& fields) {
    std::vector<Entry> entries;
    for (const JsonField& field : fields) entries.push_back({field.name, field.meaning});
    page.entries(entries);
  };
  add(command.json_fields);
  if (command.json_list_notes.empty()) return;
  page.indented("and next to \"" + command.json_list + "\"");
  add(command.json_list_notes);
}

void add_exit_codes(Page& page, const Command& command) {
  if (command.is_group()) return;
  page.heading("EXIT CODES");
  std::vector<Entry> entries = {{"0", std::string(exit_code_meaning(0))}};
  for (const Category category : exit_codes_of(command)) {
    const int code = exit_code(category);
    entries.push_back({std::to_string(code), std::string(exit_code_meaning(code))});
  }
  page.entries(entries);
}

void add_learn_more(Page& page, const CommandPath& path) {
  page.heading("LEARN MORE");
  if (path.command->is_group()) {
    page.line("`" + path.text() + " <command> --help` tells about a command");
  }
  std::vector<std::string> names;
  for (const Topic& topic : topics()) names.push_back(topic.name);
  page.indented("`ecloud help TOPIC` tells about " + base::join(names, ", "));
}

}  // namespace

std::vector<std::string> option_facts(const Option& option) {
  std::vector<std::string> facts;
  if (!option.choices.empty()) facts.push_back("one of " + base::join(option.choices, ", "));
  if (!option.default_note.empty()) {
    facts.push_back("default: " + option.default_note);
  } else if (!option.default_text.empty()) {
    facts.push_back("default: " + option.default_text);
  }
  if (!option.variables.empty()) facts.push_back("env: " + base::join(option.variables, ", "));
  if (!option.project_key.empty()) facts.push_back("ecloud.yaml: " + option.project_key);
  if (!option.user_key.empty()) facts.push_back("config.yaml: " + option.user_key);
  return facts;
}

std::vector<OptionGroup> option_groups(const std::vector<const Option*>& options) {
  std::vector<OptionGroup> groups;
  for (const Option* option : options) {
    const std::string heading = option->heading.empty() ? "OPTIONS" : option->heading;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const OptionGroup& known) { return known.heading == heading; });
    if (group == groups.end()) group = groups.insert(groups.end(), {heading, {}});
    group->options.push_back(option);
  }
  return groups;
}

std::vector<CommandGroup> command_groups(const Command& command) {
  std::vector<CommandGroup> groups;
  for (const Command& sub : command.subcommands) {
    if (sub.hidden) continue;
    const std::string heading = sub.group.empty() ? "COMMANDS" : sub.group;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const CommandGroup& known) { return known.heading == heading; });
    if (group == groups.end()) group = groups.insert(groups.end(), {heading, {}});
    group->commands.push_back(&sub);
  }
  return groups;
}

std::vector<Category> exit_codes_of(const Command& command) {
  std::vector<Category> codes = command.exit_codes;
  for (const Category common : {Category::kUsage, Category::kBug, Category::kInterrupted}) {
    if (std::find(codes.begin(), codes.end(), common) == codes.end()) codes.push_back(common);
  }
  std::sort(codes.begin(), codes.end());
  return codes;
}

std::string_view exit_code_meaning(int code) {
  if (code == 0) return "done";
  switch (static_cast<Category>(code)) {
    case Category::kFailure:
      return "failed for another reason";
    case Category::kUsage:
      return "bad option, argument, file or configuration; nothing was attempted";
    case Category::kImage:
      return "the image's build, push, layering or digest failed; nothing is on chain";
    case Category::kTransaction:
      return "the transaction was refused or reverted";
    case Category::kCredentials:
      return "no credentials, or refused ones";
    case Category::kNotFound:
      return "app, build, image or release not found";
    case Category::kNetwork:
      return "the network or a remote service failed after the retries";
    case Category::kPending:
      return "still going on when the time ran out; the hint names the command that waits again";
    case Category::kVerification:
      return "a verification failed";
    case Category::kBug:
      return "a mistake of this program";
    case Category::kInterrupted:
      return "interrupted, or a confirmation declined";
  }
  return {};
}

std::vector<int> all_exit_codes() {
  return {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 130};
}

std::string help_text(const CommandPath& path, const Terminal& terminal) {
  const Command& command = *path.command;
  Page page(terminal);
  page.paragraphs(command.description);
  page.heading("USAGE");
  page.line(usage_line(path));
  if (!command.aliases.empty()) {
    page.heading("ALIASES");
    page.line(base::join(command.aliases, ", "));
  }
  add_commands(page, command);
  add_arguments(page, command);
  add_options(page, command);
  add_json_fields(page, command);
  add_examples(page, command);
  add_exit_codes(page, command);
  add_learn_more(page, path);
  return page.take();
}

}  // namespace ecloud::cli
