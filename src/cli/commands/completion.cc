#include "cli/commands/commands.h"
#include "cli/completions.h"
#include "cli/context.h"

namespace ecloud::cli {
namespace {

void run_completion(Context& context, const Values& values) {
  const std::string shell = values.argument("SHELL").value_or("");
  for (const CompletionFile& file : completion_files()) {
    if (file.shell == shell) return context.terminal().write(file.script(context.root()));
  }
}

}  // namespace

Command make_completion_command() {
  Command command;
  command.name = "completion";
  command.group = "OTHER COMMANDS";
  command.summary = "Print the completion script of a shell";
  command.description =
      "Prints a script that makes the shell complete commands, options and their values. Debian "
      "packages install it already.\n"
      "\n"
      "bash: ecloud completion bash > ~/.local/share/bash-completion/completions/ecloud\n"
      "zsh: ecloud completion zsh > DIRECTORY/_ecloud, where $fpath names DIRECTORY\n"
      "fish: ecloud completion fish > ~/.config/fish/completions/ecloud.fish";
  command.positionals = {{.name = "SHELL", .help = "The shell", .required = true}};
  for (const CompletionFile& file : completion_files()) {
    command.positionals.front().choices.push_back(file.shell);
  }
  command.examples = {{"In this bash only", "source <(ecloud completion bash)"}};
  command.run = run_completion;
  return command;
}

}  // namespace ecloud::cli
