#include "cli/help.h"

#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "cli/topics.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

void run_help(Context& context, const Values& values) {
  const std::vector<std::string> words = values.arguments("COMMAND");
  Terminal& terminal = context.terminal();
  if (words.size() == 1) {
    for (const Topic& topic : topics()) {
      if (topic.name == words.front()) {
        return terminal.write(terminal.in_locale(topic.text(context.root(), terminal)));
      }
    }
  }
  const CommandPath path = find_command(context.root(), words);
  // A leaf takes no more words: what follows its name is a mistake.
  if (words.size() > path.names.size() - 1) {
    throw Error(Category::kUsage, "cli.unknown_command",
                "there is no help for \"" + base::printable_line(base::join(words, " ")) + "\"",
                "`" + path.text() + "` is the command; `ecloud help` lists all");
  }
  terminal.write(terminal.in_locale(help_text(path, terminal)));
}

}  // namespace

Command make_help_command() {
  std::vector<std::string> names;
  for (const Topic& topic : topics()) names.push_back(topic.name);
  Command command;
  command.name = "help";
  command.group = "OTHER COMMANDS";
  command.summary = "Show the help of a command, or of a topic";
  command.description =
      "Shows the help of a command, or a page about a topic: " + base::join(names, ", ") +
      ". The pages are made from the same declarations "
      "that the commands obey.";
  command.positionals = {{.name = "COMMAND",
                          .help = "The words of a command (compute app deploy), or one topic",
                          .repeated = true}};
  command.examples = {{"How to deploy", "ecloud help compute app deploy"},
                      {"Every environment variable", "ecloud help environment"}};
  command.run = run_help;
  return command;
}

}  // namespace ecloud::cli
