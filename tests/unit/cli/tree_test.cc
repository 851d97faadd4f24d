// Rules that every command keeps, whoever wrote it.

#include <filesystem>
#include <regex>
#include <set>

#include "cli/command_tree.h"
#include "cli/config_keys.h"
#include "cli/help.h"
#include "cli/topics.h"
#include "support/catch.h"
#include "unit/cli/cli_run.h"
#include "unit/cli/command_lines.h"

using ecloud::cli::all_options;
using ecloud::cli::Command;
using ecloud::cli::CommandPath;
using ecloud::cli::for_each_command;
using ecloud::cli::Kind;
using ecloud::cli::make_command_tree;
using ecloud::cli::Option;
using ecloud::cli::shown_options;
using ecloud::testing::CliRun;

namespace {

std::vector<std::string> words_of(const CommandPath& path) {
  return {path.names.begin() + 1, path.names.end()};
}

bool is_sentence_without_stop(const std::string& text) {
  return !text.empty() && text.back() != '.' && text.find('\n') == std::string::npos &&
         text.find('!') == std::string::npos;
}

bool is_spelled_well(const std::string& name, const std::string& allowed) {
  return !name.empty() && name.find_first_not_of(allowed) == std::string::npos;
}

constexpr char kLower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr char kUpper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

}  // namespace

TEST_CASE("every command has name, summary, description and example", "[cli][tree]") {
  const Command root = make_command_tree();
  for_each_command(root, [](const CommandPath& path) {
    const Command& command = *path.command;
    INFO(path.text());
    CHECK(is_spelled_well(command.name, kLower));
    CHECK(is_sentence_without_stop(command.summary));
    CHECK(command.summary.size() <= 80);
    CHECK(!command.description.empty());
    CHECK(command.is_group() == !command.subcommands.empty());
    if (command.is_group()) return;
    CHECK(!command.examples.empty());
    for (const auto& example : command.examples) {
      CHECK(is_sentence_without_stop(example.what));
      CHECK(example.command.find("ecloud ") != std::string::npos);
    }
  });
}

TEST_CASE("names and aliases of sibling commands differ", "[cli][tree]") {
  const Command root = make_command_tree();
  for_each_command(root, [](const CommandPath& path) {
    std::set<std::string> seen;
    for (const Command& command : path.command->subcommands) {
      INFO(path.text() << " " << command.name);
      CHECK(seen.insert(command.name).second);
      for (const std::string& alias : command.aliases) CHECK(seen.insert(alias).second);
    }
  });
}

TEST_CASE("no option is declared twice for a command", "[cli][tree]") {
  const Command root = make_command_tree();
  for_each_command(root, [](const CommandPath& path) {
    std::set<std::string> seen;
    for (const Option* option : all_options(*path.command)) {
      INFO(path.text() << " --" << option->name);
      CHECK(seen.insert(option->name).second);
      if (!option->short_name.empty()) CHECK(seen.insert(option->short_name).second);
      for (const std::string& old : option->deprecated) CHECK(seen.insert(old).second);
    }
  });
}

TEST_CASE("every option is declared in full", "[cli][tree]") {
  const Command root = make_command_tree();
  for_each_command(root, [](const CommandPath& path) {
    for (const Option* option : all_options(*path.command)) {
      INFO(path.text() << " --" << option->name);
      CHECK(is_spelled_well(option->name, kLower));
      CHECK(option->short_name.size() <= 1);
      CHECK(is_sentence_without_stop(option->help));
      CHECK(option->takes_value() == !option->value_name.empty());
      CHECK((option->kind == Kind::kChoice) == !option->choices.empty());
      for (const std::string& variable : option->variables) {
        CHECK(is_spelled_well(variable, kUpper));
      }
      using Which = ecloud::cli::ConfigFile::Which;
      if (!option->project_key.empty()) {
        CHECK(ecloud::cli::find_config_key(option->project_key, Which::kProject) != nullptr);
      }
      if (!option->user_key.empty()) {
        CHECK(ecloud::cli::find_config_key(option->user_key, Which::kUser) != nullptr);
      }
    }
  });
}

TEST_CASE("every default is one of the choices", "[cli][tree]") {
  const Command root = make_command_tree();
  for_each_command(root, [](const CommandPath& path) {
    for (const Option* option : all_options(*path.command)) {
      if (option->default_text.empty() || option->choices.empty()) continue;
      INFO(path.text() << " --" << option->name);
      const std::set<std::string> choices(option->choices.begin(), option->choices.end());
      CHECK(choices.count(option->default_text) == 1);
    }
  });
}

TEST_CASE("positionals: required ones first, a repeated one last", "[cli][tree]") {
  const Command root = make_command_tree();
  for_each_command(root, [](const CommandPath& path) {
    bool optional_seen = false;
    bool repeated_seen = false;
    for (const auto& positional : path.command->positionals) {
      INFO(path.text() << " " << positional.name);
      CHECK(is_sentence_without_stop(positional.help));
      CHECK_FALSE(repeated_seen);
      CHECK_FALSE((positional.required && optional_seen));
      optional_seen = optional_seen || !positional.required;
      repeated_seen = repeated_seen || positional.repeated;
    }
  });
}

TEST_CASE("every mutating command takes --yes and --dry-run", "[cli][tree]") {
  const Command root = make_command_tree();
  int mutating = 0;
  for_each_command(root, [&](const CommandPath& path) {
    if (!path.command->mutating) return;
    ++mutating;
    INFO(path.text());
    std::set<std::string> names;
    for (const Option* option : shown_options(*path.command)) names.insert(option->name);
    CHECK(names.count("yes") == 1);
    CHECK(names.count("dry-run") == 1);
  });
  CHECK(mutating > 0);
}

TEST_CASE("every JSON field is described, once", "[cli][tree]") {
  const Command root = make_command_tree();
  // These print text by nature: pages and scripts.
  const std::set<std::string> text_commands = {"ecloud help", "ecloud completion"};
  for_each_command(root, [&](const CommandPath& path) {
    const Command& command = *path.command;
    INFO(path.text());
    if (command.is_group() || text_commands.count(path.text()) > 0) {
      CHECK(command.json_fields.empty());
      return;
    }
    CHECK(!command.json_fields.empty());
    std::set<std::string> seen;
    for (const auto& field : command.json_fields) {
      CHECK(seen.insert(field.name).second);
      CHECK(!field.meaning.empty());
    }
  });
}

TEST_CASE("every environment variable is on the page about them", "[cli][tree]") {
  CliRun run;
  CHECK(run({"help", "environment"}) == 0);
  const Command root = make_command_tree();
  for_each_command(root, [&](const CommandPath& path) {
    for (const Option* option : all_options(*path.command)) {
      for (const std::string& variable : option->variables) {
        INFO(path.text() << " " << variable);
        const bool alone = run.out().find("\n  " + variable + "\n") != std::string::npos;
        CHECK((alone || run.out().find("\n  " + variable + " ") != std::string::npos));
      }
    }
  });
}

TEST_CASE("every variable that a source asks for is on the page about them", "[cli][tree]") {
  CliRun run;
  CHECK(run({"help", "environment"}) == 0);
  static const std::regex kAsked("env(?:\\(\\)|_)?\\.get\\(\"([A-Z_]+)\"\\)");
  std::set<std::string> asked;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           std::filesystem::path(ECLOUD_SOURCE_DIR) / "src")) {
    const std::string path = entry.path().string();
    if (entry.path().extension() != ".cc" || path.find("/src/devnet/") != std::string::npos) {
      continue;
    }
    const std::string text = ecloud::testing::slurp(entry.path());
    for (std::sregex_iterator match(text.begin(), text.end(), kAsked), end; match != end; ++match) {
      asked.insert((*match)[1]);
    }
  }
  CHECK(asked.size() > 10);
  for (const std::string& variable : asked) {
    INFO(variable);
    CHECK(run.out().find(variable) != std::string::npos);
  }
}

TEST_CASE("one variable never means two things", "[cli][tree]") {
  const Command root = make_command_tree();
  std::map<std::string, std::string> option_of;
  for_each_command(root, [&](const CommandPath& path) {
    for (const Option* option : all_options(*path.command)) {
      for (const std::string& variable : option->variables) {
        // As with the reference CLI it names the host of two services.
        if (variable == "ECLOUD_API_URL") continue;
        INFO(path.text() << " " << variable);
        // --dockerfile of one command is --build-dockerfile of another: what both set is one key.
        const std::string& meaning =
            option->project_key.empty() ? option->name : option->project_key;
        CHECK(option_of.emplace(variable, meaning).first->second == meaning);
      }
    }
  });
}

TEST_CASE("the help of every command is on stdout, complete, and says nothing else",
          "[cli][tree]") {
  CliRun run;
  const Command root = make_command_tree();
  for_each_command(root, [&](const CommandPath& path) {
    INFO(path.text());
    for (const std::string flag : {"-h", "--help"}) {
      std::vector<std::string> words = words_of(path);
      words.push_back(flag);
      CHECK(run(words) == 0);
      CHECK(run.err().empty());
    }
    CHECK(run.out().find(ecloud::cli::usage_line(path)) != std::string::npos);
    for (const Option* option : shown_options(*path.command)) {
      CHECK(run.out().find("--" + option->name) != std::string::npos);
    }
    for (const Command& sub : path.command->subcommands) {
      CHECK((run.out().find("\n  " + sub.name + " ") != std::string::npos) == !sub.hidden);
    }
  });
}

TEST_CASE("an unknown option is refused by every command", "[cli][tree]") {
  CliRun run;
  const Command root = make_command_tree();
  for_each_command(root, [&](const CommandPath& path) {
    INFO(path.text());
    std::vector<std::string> words = words_of(path);
    words.push_back("--nonsense-option");
    CHECK(run(words) == 2);
    CHECK(run.out().empty());
    CHECK(run.err().rfind("error: unknown option --nonsense-option\n", 0) == 0);
    words.push_back("--json");
    CHECK(run(words) == 2);
    CHECK(run.err().rfind("{\"error\":{\"code\":\"cli.unknown_option\"", 0) == 0);
  });
}

TEST_CASE("every example parses", "[cli][tree]") {
  const Command root = make_command_tree();
  CliRun run;
  for_each_command(root, [&](const CommandPath& path) {
    for (const auto& example : path.command->examples) {
      std::vector<std::string> words = ecloud::testing::words_after_ecloud(example.command);
      words.push_back("--help");
      INFO(path.text() << ": " << example.command);
      CHECK(run(words) == 0);
    }
  });
}

TEST_CASE("every exit code has a meaning", "[cli][tree]") {
  for (const int code : ecloud::cli::all_exit_codes()) {
    CHECK_FALSE(ecloud::cli::exit_code_meaning(code).empty());
  }
}
