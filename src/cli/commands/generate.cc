#include <filesystem>

#include "cli/commands/commands.h"
#include "cli/completions.h"
#include "cli/context.h"
#include "cli/guide.h"
#include "cli/man_page.h"
#include "cli/migration.h"
#include "cli/topics.h"
#include "ecloud/base/files.h"

namespace ecloud::cli {
namespace {

// What is between these lines of README.md is made here.
constexpr char kTableBegins[] = "<!-- migration table: made by `ecloud __generate .` -->\n";
constexpr char kTableEnds[] = "<!-- migration table ends -->\n";
constexpr std::size_t kMaxReadmeBytes = std::size_t{1} << 20;

void write_readme_table(const std::filesystem::path& readme, const Command& root) {
  auto text = base::read_file_if_exists(readme, kMaxReadmeBytes);
  if (!text) return;
  const std::size_t begin = text->find(kTableBegins);
  const std::size_t end = text->find(kTableEnds);
  if (begin == std::string::npos || end == std::string::npos) return;
  const std::size_t start = begin + sizeof kTableBegins - 1;
  text->replace(start, end - start, migration_markdown(root));
  base::write_file_atomic(readme, *text, base::kPublicFile);
}

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
  base::write_file_atomic(directory / "man" / "ecloud-migrating.7",
                          migration_man_page(context.root()), base::kPublicFile);
  for (const Guide* guide : {&recovery_guide(), &trust_guide()}) {
    base::write_file_atomic(directory / "man" / ("ecloud-" + guide->name + ".7"),
                            guide_man_page(*guide), base::kPublicFile);
  }
  write_readme_table(directory / "README.md", context.root());
}

}  // namespace

Command make_generate_command() {
  Command command;
  command.name = "__generate";
  command.hidden = true;
  command.summary = "Write man pages and completions";
  command.description =
      "Writes man/, completions/ and the table in README.md below a directory, from the command "
      "tree.";
  command.positionals = {
      {.name = "DIRECTORY", .help = "Where to write", .required = true, .kind = Kind::kDirectory}};
  command.examples = {{"In the source tree", "ecloud __generate ."}};
  command.run = run_generate;
  return command;
}

}  // namespace ecloud::cli
