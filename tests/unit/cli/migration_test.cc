// The way from the TypeScript CLI to this one.

#include "cli/migration.h"

#include <set>

#include "cli/command_tree.h"
#include "cli/topics.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "unit/cli/cli_run.h"

using namespace ecloud;
using cli::Command;
using cli::MigratedCommand;
using testing::CliRun;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const Command* find(const Command& root, std::string_view words) {
  const Command* here = &root;
  for (const std::string& word : base::split(words, ' ')) {
    here = here->find(word);
    if (here == nullptr) return nullptr;
  }
  return here;
}

/// Every spelling that the command takes: "--force", "-f".
std::set<std::string> spellings(const Command& command) {
  std::set<std::string> out;
  for (const cli::Option* option : cli::all_options(command)) {
    out.insert("--" + option->name);
    if (!option->short_name.empty()) out.insert("-" + option->short_name);
    for (const std::string& old : option->deprecated) {
      out.insert((old.size() == 1 ? "-" : "--") + old);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("every command of the migration table is in the tree", "[cli][migration]") {
  const Command root = cli::make_command_tree();
  std::vector<std::string> missing;
  for (const MigratedCommand& row : cli::migrated_commands()) {
    const std::string ours(row.ours);
    if (!ours.empty() && !cli::is_in_tree(root, ours)) {
      missing.push_back(ours);
    }
    CHECK((!row.ours.empty() || !row.note.empty()));
  }
  CHECK(missing == std::vector<std::string>{});
}

TEST_CASE("every option of the migration table is taken by its command", "[cli][migration]") {
  const Command root = cli::make_command_tree();
  std::vector<std::string> missing;
  for (const MigratedCommand& row : cli::migrated_commands()) {
    const Command* command = row.ours.empty() ? nullptr : find(root, row.ours);
    if (command == nullptr) continue;
    const std::set<std::string> taken = spellings(*command);
    for (const cli::MigratedOption& option : row.options) {
      // The old spelling goes on working beside ours.
      for (const std::string_view spelling : {option.theirs, option.ours}) {
        const std::string name = std::string(row.ours) + " " + std::string(spelling);
        if (spelling.empty() || taken.contains(std::string(spelling))) continue;
        missing.push_back(name);
      }
    }
  }
  CHECK(missing == std::vector<std::string>{});
}

TEST_CASE("every environment variable of the TypeScript CLI works", "[cli][migration]") {
  const Command root = cli::make_command_tree();
  std::set<std::string> known = {"ECLOUD_PRIVATE_KEY"};
  for (const cli::Variable& variable : cli::option_variables(root)) known.insert(variable.name);
  std::vector<std::string> missing;
  for (const std::string_view name : cli::migrated_variables()) {
    const std::string variable(name);
    if (!known.contains(variable)) {
      missing.push_back(variable);
    }
  }
  CHECK(missing == std::vector<std::string>{});
}

TEST_CASE("help migrate tells what has become of every command", "[cli][migration]") {
  CliRun run;
  run.env.set("LANG", "C.UTF-8");
  CHECK(run({"help", "migrate"}) == 0);
  CHECK(run.err().empty());
  for (const MigratedCommand& row : cli::migrated_commands()) {
    if (!row.ours.empty() && !cli::is_in_tree(cli::make_command_tree(), row.ours)) continue;
    INFO(row.theirs);
    CHECK(contains(run.out(), "\n  " + std::string(row.theirs)));
  }
  CHECK(contains(run.out(), "Install the new version"));
  CHECK(contains(run.out(), "--watch → --follow"));
}

TEST_CASE("the README has the migration table as it is", "[cli][migration]") {
  const std::string readme = testing::slurp(std::filesystem::path(ECLOUD_SOURCE_DIR) / "README.md");
  CliRun run;
  run.directory.write("made/README.md", readme);
  REQUIRE(run({"__generate", "made"}) == 0);
  INFO("ecloud __generate . makes it anew");
  CHECK((testing::slurp(run.directory / "made/README.md") == readme));
  CHECK(contains(
      readme, "| `compute app deploy` | the same | `--image-ref`, `--dockerfile`, `--env-file`"));
}

TEST_CASE("a README without the marks is left alone", "[cli][migration]") {
  CliRun run;
  run.directory.write("made/README.md", "# Something else\n");
  REQUIRE(run({"__generate", "made"}) == 0);
  CHECK(testing::slurp(run.directory / "made/README.md") == "# Something else\n");
}

TEST_CASE("commands without compute are understood as they were before", "[cli][migration]") {
  CliRun run;
  CHECK(run({"compute", "app", "list", "--help"}) == 0);
  const std::string page = run.out();
  CHECK(run({"app", "list", "--help"}) == 0);
  CHECK(run.out() == page);
  CHECK(run({"env", "list", "--help"}) == 0);
  CHECK(contains(run.out(), "USAGE\n  ecloud compute environment list [options]\n"));
  CHECK(run({"help", "app", "list"}) == 0);
  CHECK(run.out() == page);
  // Mistakes behind them are told with the whole name.
  CHECK(run({"app", "lits"}) == 2);
  CHECK(run.err() ==
        "error: unknown command \"lits\" for `ecloud compute app`\n"
        "hint: did you mean `ecloud compute app list`?\n"
        "usage: ecloud compute app <command> [options]\n");
}

TEST_CASE("words of other programs are pointed to the right command", "[cli][migration]") {
  CliRun run;
  for (const std::string word : {"upgrade", "update", "self-update"}) {
    CHECK(run({word}) == 2);
    CHECK(run.err() ==
          "error: unknown command \"" + word +
              "\" for `ecloud`\n"
              "hint: ecloud does not update itself: install the new version as you installed this "
              "one (`ecloud version` shows what you have)\n"
              "usage: ecloud <command> [options]\n");
  }
  CHECK(run({"telemetry", "disable"}) == 0);
  CHECK(run.out() == "There is no telemetry: this program reports to nobody.\n");
  CHECK(run({"compute", "app", "ps"}) == 2);
  CHECK(contains(run.err(), "hint: did you mean `ecloud compute app list`?\n"));
  CHECK(run({"check"}) == 2);
  CHECK(contains(run.err(), "hint: did you mean `ecloud doctor`?\n"));
  CHECK(run({"deploy"}) == 2);
  CHECK(contains(run.err(), "hint: did you mean `ecloud compute app deploy`?\n"));
}
