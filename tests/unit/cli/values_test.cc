#include "cli/values.h"

#include <optional>

#include "cli/context.h"
#include "cli/parser.h"
#include "support/catch.h"
#include "unit/cli/cli_run.h"

using ecloud::Category;
using ecloud::Error;
using ecloud::base::Milliseconds;
using ecloud::cli::Command;
using ecloud::cli::Context;
using ecloud::cli::Kind;
using ecloud::cli::Parsed;
using ecloud::cli::Values;
using ecloud::testing::CliRun;

namespace {

Command make_leaf() {
  Command command;
  command.name = "leaf";
  command.summary = "A leaf";
  command.description = "A leaf.";
  command.uses_environment = true;
  command.options = {
      {.name = "name",
       .short_name = "n",
       .value_name = "NAME",
       .help = "What it is called",
       .variables = {"APP_NAME", "OLD_APP_NAME"},
       .project_key = "name",
       .deprecated = {"app_name", "w"},
       .question = "Its name"},
      {.name = "level",
       .kind = Kind::kChoice,
       .value_name = "LEVEL",
       .help = "How much",
       .choices = {"low", "high"},
       .default_text = "low",
       .variables = {"LEVEL"},
       .project_key = "logVisibility"},
      {.name = "label",
       .kind = Kind::kRepeated,
       .value_name = "TEXT",
       .help = "Labels",
       .variables = {"LABELS"},
       .project_key = "env"},
      {.name = "timeout",
       .kind = Kind::kDuration,
       .value_name = "TIME",
       .help = "How long",
       .default_text = "10m",
       .variables = {"TIMEOUT"}},
      {.name = "patience",
       .kind = Kind::kDuration,
       .value_name = "TIME",
       .help = "How long at most",
       .default_text = "10m",
       .variables = {"PATIENCE"},
       .tolerates_bad_variable = true},
      {.name = "count",
       .kind = Kind::kNumber,
       .value_name = "N",
       .help = "How many",
       .project_key = "port"},
      {.name = "fast", .kind = Kind::kFlag, .help = "Quickly", .variables = {"FAST"}},
  };
  command.positionals = {{.name = "FIRST", .help = "one"},
                         {.name = "REST", .help = "others", .repeated = true}};
  command.run = [](Context&, const Values&) {};
  return command;
}

/// A command line, and the values that its command would see.
class Line {
 public:
  CliRun run;

  Line() {
    root_.name = "ecloud";
    root_.subcommands = {make_leaf()};
  }

  Values& operator()(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "leaf");
    context_.reset();
    parsed_ = ecloud::cli::parse(root_, arguments);
    host_.emplace(ecloud::cli::Host{
        run.console, run.clock, run.random, run.cancel, run.env, run.directory.path(), {}, {}});
    context_.emplace(*host_, root_, parsed_, ecloud::cli::TerminalOptions{});
    return const_cast<Values&>(context_->values());
  }

 private:
  Command root_;
  Parsed parsed_;
  std::optional<ecloud::cli::Host> host_;
  std::optional<Context> context_;
};

template <typename Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.category() == Category::kUsage);
    return error.message() + (error.hint().empty() ? "" : " | " + error.hint());
  }
  return "no error";
}

}  // namespace

TEST_CASE("a value comes from option, variable, ecloud.yaml, default, in this order", "[cli]") {
  Line line;
  CHECK_FALSE(line({}).text("name"));
  CHECK_FALSE(line({}).given("name"));
  line.run.directory.write("ecloud.yaml", "version: 1\nname: from-file\n");
  CHECK(line({}).text("name") == "from-file");
  CHECK(line({}).origin("name").where == "ecloud.yaml line 2");
  line.run.env.set("OLD_APP_NAME", "from-old");
  CHECK(line({}).text("name") == "from-old");
  CHECK(line({}).origin("name").where == "OLD_APP_NAME");
  line.run.env.set("APP_NAME", "from-variable");
  CHECK(line({}).text("name") == "from-variable");
  CHECK(line({"--name", "from-option"}).text("name") == "from-option");
  CHECK(line({"--name", "from-option"}).origin("name").where == "--name");
  CHECK(line({}).text("level") == "low");
  CHECK(line({}).origin("level").where == "default");
}

TEST_CASE("every spelling of an option works", "[cli]") {
  Line line;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--name", "x"},
                                                {"--name=x"},
                                                {"-n", "x"},
                                                {"-nx"},
                                                {"--app_name", "x"},
                                                {"--app_name=x"},
                                                {"-w", "x"},
                                                {"--name", "y", "--name", "x"}}) {
    CHECK(line(words).text("name") == "x");
  }
  CHECK(line({"--name=a=b"}).text("name") == "a=b");
  CHECK(line({"--name", "-x"}).text("name") == "-x");
  CHECK(line({"--name", "[a,b]"}).text("name") == "[a,b]");
  CHECK(line({"--name", "with blank"}).text("name") == "with blank");
}

TEST_CASE("an empty value is a value, and does not take the next word", "[cli]") {
  Line line;
  CHECK(line({"--name=", "first"}).text("name") == "");
  CHECK(line({"--name=", "first"}).argument("FIRST") == "first");
  CHECK(line({"--name", "", "first"}).text("name") == "");
  CHECK(line({"--name", "", "first"}).argument("FIRST") == "first");
}

TEST_CASE("positionals stand anywhere, and after -- they may look like options", "[cli]") {
  Line line;
  Values* values = &line({"a", "--name", "x", "b", "c"});
  CHECK(values->argument("FIRST") == "a");
  CHECK(values->arguments("REST") == std::vector<std::string>{"b", "c"});
  values = &line({"--fast", "--", "--name", "-"});
  CHECK(values->argument("FIRST") == "--name");
  CHECK(values->arguments("REST") == std::vector<std::string>{"-"});
  CHECK_FALSE(values->given("name"));
  values = &line({"-"});
  CHECK(values->argument("FIRST") == "-");
  CHECK(line({}).arguments("REST").empty());
}

TEST_CASE("repeated values add up, from lists and commas too", "[cli]") {
  Line line;
  CHECK(line({"--label", "a", "--label=b"}).repeated("label") ==
        std::vector<std::string>{"a", "b"});
  CHECK(line({"--label", "a", "first"}).argument("FIRST") == "first");
  line.run.directory.write("ecloud.yaml", "env: [X, Y]\n");
  CHECK(line({}).repeated("label") == std::vector<std::string>{"X", "Y"});
  line.run.env.set("LABELS", " p, q ,,r");
  CHECK(line({}).repeated("label") == std::vector<std::string>{"p", "q", "r"});
}

TEST_CASE("a choice that is none says where it came from", "[cli]") {
  Line line;
  CHECK(message_of([&] {
          line({"--level", "hihg"}).text("level");
        }) == "--level \"hihg\" is none of low, high | did you mean high?");
  line.run.directory.write("ecloud.yaml", "# a comment\nlogVisibility: public\n");
  CHECK(message_of([&] { line({}).text("level"); }) ==
        "ecloud.yaml line 2: level \"public\" is none of low, high");
  line.run.env.set("LEVEL", "none");
  CHECK(message_of([&] { line({}).text("level"); }) == "LEVEL \"none\" is none of low, high");
}

TEST_CASE("durations and numbers are read or refused with their origin", "[cli]") {
  Line line;
  CHECK(line({}).duration("timeout") == Milliseconds(600'000));
  CHECK(line({"--timeout", "90s"}).duration("timeout") == Milliseconds(90'000));
  CHECK(line({"--timeout", "45"}).duration("timeout") == Milliseconds(45'000));
  CHECK(line({"--timeout", "2h"}).duration("timeout") == Milliseconds(7'200'000));
  CHECK(line({"--timeout", "250ms"}).duration("timeout") == Milliseconds(250));
  for (const std::string bad : {"", "x", "-1", "1.5m", "10 m", "99999999999999999999", "1d"}) {
    CHECK_FALSE(ecloud::cli::parse_duration(bad));
  }
  line.run.env.set("TIMEOUT", "soon");
  CHECK(message_of([&] { line({}).duration("timeout"); }) ==
        "TIMEOUT \"soon\" is no duration | write it as 90s, 10m or 2h");
  CHECK(line({"--count", "12"}).number("count") == 12u);
  CHECK_FALSE(line({}).number("count"));
  CHECK(message_of([&] {
          line({"--count", "-2"}).number("count");
        }) == "--count \"-2\" is no whole number");
}

TEST_CASE("a bad variable that is tolerated counts as unset, with one warning", "[cli]") {
  for (const std::string bad : {"soon", "0", "0s", "-5", "1.5", "10 minutes", " 90"}) {
    INFO(bad);
    Line line;
    line.run.env.set("PATIENCE", bad);
    const Values& values = line({});
    CHECK(values.duration("patience") == Milliseconds(600'000));
    CHECK(values.duration("patience") == Milliseconds(600'000));
    CHECK_FALSE(values.given("patience"));
    CHECK(line.run.err() == "warning: PATIENCE \"" + bad +
                                "\" is not a time above 0, such as 600 or 10m; using the default "
                                "of 10m\n");
  }
  Line line;
  line.run.env.set("PATIENCE", std::string(500, 'x') + "\x1b[2J");
  CHECK(line({}).duration("patience") == Milliseconds(600'000));
  CHECK(line.run.err().size() < 200);
  CHECK(line.run.err().find('\x1b') == std::string::npos);
  // The option itself stays strict, and is stronger.
  CHECK(line({"--patience", "2m"}).duration("patience") == Milliseconds(120'000));
  CHECK(message_of([&] {
          line({"--patience", "soon"}).duration("patience");
        }) == "--patience \"soon\" is no duration | write it as 90s, 10m or 2h");
  line.run.env.set("PATIENCE", "90");
  CHECK(line({}).duration("patience") == Milliseconds(90'000));
}

TEST_CASE("a flag may come from a variable", "[cli]") {
  Line line;
  CHECK_FALSE(line({}).flag("fast"));
  CHECK(line({"--fast"}).flag("fast"));
  for (const std::string yes : {"1", "true", "YES", "on"}) {
    line.run.env.set("FAST", yes);
    CHECK(line({}).flag("fast"));
  }
  line.run.env.set("FAST", "0");
  CHECK_FALSE(line({}).flag("fast"));
  line.run.env.set("FAST", "perhaps");
  CHECK(message_of([&] { line({}).flag("fast"); }) == "FAST \"perhaps\" is neither true nor false");
}

TEST_CASE("a missing value names every way to give it", "[cli]") {
  Line line;
  CHECK(message_of([&] { line({}).required("name"); }) ==
        "--name is missing: What it is called | give it with --name, the variable APP_NAME or name "
        "in ecloud.yaml");
}

TEST_CASE("a missing value is asked for when somebody is there", "[cli]") {
  Line line;
  line.run.at_terminal();
  line.run.env.set("NO_COLOR", "1");
  line.run.console.lines = {"", "typed"};
  Values& values = line({});
  CHECK(values.required("name") == "typed");
  CHECK(line.run.console.err == "Its name: Its name: ");
  // Asked once.
  CHECK(values.required("name") == "typed");
  CHECK(values.origin("name").where == "prompt");
  line.run.env.set("CI", "true");
  CHECK(message_of([&] { line({}).required("name"); }).rfind("--name is missing", 0) == 0);
}

TEST_CASE("a name that the command does not declare is our bug", "[cli]") {
  Line line;
  CHECK_THROWS_AS(line({}).text("nothing"), Error);
  CHECK_THROWS_AS(line({}).argument("NOTHING"), Error);
}

TEST_CASE("the option --config names another file, which must be there", "[cli]") {
  Line line;
  line.run.directory.write("other.yaml", "name: other\n");
  line.run.directory.write("ecloud.yaml", "name: project\n");
  CHECK(line({"--config", "other.yaml"}).text("name") == "other");
  line.run.env.set("ECLOUD_CONFIG", "other.yaml");
  CHECK(line({}).text("name") == "other");
  CHECK(line({"--config", "ecloud.yaml"}).text("name") == "project");
  CHECK_THROWS_AS(line({"--config", "missing.yaml"}).text("name"), Error);
  line.run.console.input = "name: piped\n";
  CHECK(line({"--config", "-"}).text("name") == "piped");
}
