#include <filesystem>

#include "cli/commands/commands.h"
#include "cli/completions.h"
#include "cli/context.h"
#include "cli/man_page.h"
#include "cli/topics.h"
#include "ecloud/base/files.h"

namespace ecloud::cli {
namespace {

void run_generate(Context& context, const Values& values) {
  const std::filesystem::path directory =
      context.absolute(values.argument("DIRECTORY").value_or(""));
  for (const CompletionFile& file : completion_files()) {
    base::write_file_atomic(directory / "completions" / file.file_name, file.script(context.root()),
                            base::kPublicFile);
  }
  for_each_command(context.root(), [&](const CommandPath& path) {
    base::write_file_atomic(directory / "man" / man_page_name(path), man_page(path, context.root()),
                            base::kPublicFile);
  });
}

}  // namespace

Command make_generate_command() {
  Command command;
  command.name = "__generate";
  command.hidden = true;
  command.summary = "Write man pages and completions";
  command.description = "Writes man/ and completions/ below a directory, from the command tree.";
  command.positionals = {
      {.name = "DIRECTORY", .help = "Where to write", .required = true, .kind = Kind::kDirectory}};
  command.examples = {{"In the source tree", "ecloud __generate ."}};
  command.run = run_generate;
  return command;
}

}  // namespace ecloud::cli
