// Where values come from, for every option of the program: option, variable, ecloud.yaml,
// config.yaml, default.

#include <optional>

#include "cli/command_tree.h"
#include "cli/context.h"
#include "cli/topics.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "unit/cli/cli_run.h"

using ecloud::cli::CommandPath;
using ecloud::cli::Context;
using ecloud::cli::Kind;
using ecloud::cli::Option;
using ecloud::cli::Parsed;
using ecloud::cli::Source;
using ecloud::testing::CliRun;

namespace {

/// Texts that the option takes, different for each source as far as there are so many.
std::string sample(const Option& option, int number) {
  if (!option.choices.empty()) {
    return option.choices[static_cast<std::size_t>(number) % option.choices.size()];
  }
  switch (option.kind) {
    case Kind::kFlag:
      return number % 2 == 0 ? "true" : "false";
    case Kind::kNumber:
      return std::to_string(100 + number);
    case Kind::kDuration:
      return std::to_string(100 + number) + "s";
    default:
      return "sample-" + std::to_string(number);
  }
}

/// "a:\n  b: VALUE\n" for the key a.b.
std::string yaml(const std::string& key, const Option& option, const std::string& value) {
  std::string text, indent;
  for (const std::string& part : ecloud::base::split(key, '.')) {
    text += (text.empty() ? "" : "\n") + indent + part + ":";
    indent += "  ";
  }
  return text + (option.kind == Kind::kRepeated ? " [" + value + "]\n" : " " + value + "\n");
}

/// A command, and what its values are for files, variables and options.
class Sources {
 public:
  Sources(const ecloud::cli::Command& root, const CommandPath& path, const Option& option)
      : root_(root), option_(option) {
    parsed_.path = path;
  }

  void project(const std::string& value) {
    run_.directory.write("ecloud.yaml", yaml(option_.project_key, option_, value));
  }
  void user(const std::string& value) {
    run_.directory.write("home/.config/ecloud/config.yaml", yaml(option_.user_key, option_, value));
  }
  void variable(const std::string& name, const std::string& value) { run_.env.set(name, value); }
  void flag(const std::string& value) { parsed_.options[option_.name] = {value}; }

  void check(Source source, const std::string& where, const std::string& value) {
    ecloud::cli::Host host{run_.console,          run_.clock, run_.random, run_.cancel, run_.env,
                           run_.directory.path(), {},         {}};
    Context context(host, root_, parsed_, ecloud::cli::TerminalOptions{});
    const ecloud::cli::Values& values = context.values();
    CHECK(values.origin(option_.name).source == source);
    CHECK(values.origin(option_.name).where.find(where) != std::string::npos);
    if (option_.kind == Kind::kFlag) {
      CHECK(values.flag(option_.name) == (source == Source::kFlag || value == "true"));
    } else if (option_.kind == Kind::kRepeated) {
      CHECK(ecloud::base::join(values.repeated(option_.name), ",") == value);
    } else {
      CHECK(values.text(option_.name).value_or("") == value);
    }
  }

 private:
  const ecloud::cli::Command& root_;
  const Option& option_;
  Parsed parsed_;
  CliRun run_;
};

void check_option(const ecloud::cli::Command& root, const CommandPath& path, const Option& option) {
  Sources sources(root, path, option);
  sources.check(Source::kDefault, "default",
                option.kind == Kind::kFlag ? "false" : option.default_text);
  if (!option.user_key.empty()) {
    sources.user(sample(option, 1));
    sources.check(Source::kUserFile, "config.yaml line ", sample(option, 1));
  }
  if (!option.project_key.empty()) {
    sources.project(sample(option, 2));
    sources.check(Source::kProjectFile, "ecloud.yaml line ", sample(option, 2));
  }
  // The first of several variables is the strongest.
  for (std::size_t i = option.variables.size(); i-- > 0;) {
    const std::string value = sample(option, 3 + static_cast<int>(i));
    sources.variable(option.variables[i], value);
    sources.check(Source::kVariable, option.variables[i], value);
  }
  sources.flag(option.kind == Kind::kFlag ? "" : sample(option, 9));
  sources.check(Source::kFlag, "--" + option.name, sample(option, 9));
}

}  // namespace

TEST_CASE("every option obeys its variable and its keys and each is weaker than the one before",
          "[cli][tree]") {
  const ecloud::cli::Command root = ecloud::cli::make_command_tree();
  int tried = 0;
  ecloud::cli::for_each_command(root, [&](const CommandPath& path) {
    if (path.command->is_group()) return;
    for (const Option* option : ecloud::cli::all_options(*path.command)) {
      if (option->variables.empty() && option->project_key.empty()) continue;
      // The shared sets are the same everywhere; one command shows them all.
      const bool shared = option->heading == "GLOBAL OPTIONS" ||
                          option->heading == "ENVIRONMENT OPTIONS" ||
                          option->heading == "KEY OPTIONS";
      if (shared && path.command->name != "deploy") continue;
      INFO(path.text() << " --" << option->name);
      check_option(root, path, *option);
      ++tried;
    }
  });
  CHECK(tried > 20);
}
