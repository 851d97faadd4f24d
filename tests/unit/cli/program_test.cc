#include "support/catch.h"
#include "unit/cli/cli_run.h"

using ecloud::testing::CliRun;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the version is one line, one document, or one field", "[cli]") {
  CliRun run;
  for (const std::string word : {"version", "--version"}) {
    CHECK(run({word}) == 0);
    CHECK(run.out() == "ecloud 0.2.0\n");
    CHECK(run.err().empty());
  }
  CHECK(run({"version", "--json"}) == 0);
  CHECK(run.out() == "{\"version\":\"0.2.0\"}\n");
  CHECK(run({"version", "--fields", "version"}) == 0);
  CHECK(run.out() == "0.2.0\n");
  CHECK(run({"--json", "version"}) == 0);
  CHECK(run.out() == "{\"version\":\"0.2.0\"}\n");
}

TEST_CASE("without arguments the help is shown on stdout", "[cli]") {
  CliRun run;
  CHECK(run({}) == 0);
  const std::string alone = run.out();
  CHECK(contains(alone, "USAGE\n  ecloud <command> [options]\n"));
  CHECK(run.err().empty());
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--help"}, {"-h"}, {"help"}}) {
    CHECK(run(words) == 0);
    CHECK(run.out() == alone);
    CHECK(run.err().empty());
  }
}

TEST_CASE("a mistyped command is an error that knows better", "[cli]") {
  CliRun run;
  CHECK(run({"versoin"}) == 2);
  CHECK(run.out().empty());
  CHECK(run.err() ==
        "error: unknown command \"versoin\" for `ecloud`\n"
        "hint: did you mean `ecloud version`?\n"
        "usage: ecloud <command> [options]\n");
  CHECK(run({"auth", "whomi"}) == 2);
  CHECK(run.err() ==
        "error: unknown command \"whomi\" for `ecloud auth`\n"
        "hint: did you mean `ecloud auth whoami`?\n"
        "usage: ecloud auth <command> [options]\n");
}

TEST_CASE("a command typed without its group is pointed to its place", "[cli]") {
  CliRun run;
  CHECK(run({"whoami"}) == 2);
  CHECK(run.err() ==
        "error: unknown command \"whoami\" for `ecloud`\n"
        "hint: did you mean `ecloud auth whoami`?\n"
        "usage: ecloud <command> [options]\n");
}

TEST_CASE("a command that is like nothing gets the usage alone", "[cli]") {
  CliRun run;
  CHECK(run({"zzzzzzzzz"}) == 2);
  CHECK(run.err() ==
        "error: unknown command \"zzzzzzzzz\" for `ecloud`\n"
        "usage: ecloud <command> [options]\n");
}

TEST_CASE("a mistyped option is an error that knows better", "[cli]") {
  CliRun run;
  CHECK(run({"version", "--jsn"}) == 2);
  CHECK(run.err() ==
        "error: unknown option --jsn\n"
        "hint: did you mean --json?\n"
        "usage: ecloud version [options]\n");
  CHECK(run({"--colour", "never", "version"}) == 2);
  CHECK(run.err() ==
        "error: unknown option --colour\n"
        "hint: did you mean --color?\n"
        "usage: ecloud <command> [options]\n");
}

TEST_CASE("the value of an unknown option is not repeated: it may be a secret", "[cli]") {
  CliRun run;
  CHECK(run({"auth", "whoami", "--private-kee=deadbeef"}) == 2);
  CHECK(run.err() ==
        "error: unknown option --private-kee\n"
        "hint: did you mean --private-key?\n"
        "usage: ecloud auth whoami [options]\n");
}

TEST_CASE("surplus arguments, missing values and values of flags are errors", "[cli]") {
  CliRun run;
  CHECK(run({"version", "now"}) == 2);
  CHECK(run.err() == "error: unexpected argument \"now\"\nusage: ecloud version [options]\n");
  CHECK(run({"version", "--fields"}) == 2);
  CHECK(run.err() == "error: --fields needs a value (A,B)\nusage: ecloud version [options]\n");
  CHECK(run({"version", "--json=yes"}) == 2);
  CHECK(run.err() == "error: --json takes no value\nusage: ecloud version [options]\n");
  CHECK(run({"completion"}) == 2);
  CHECK(run.err() == "error: SHELL is missing\nusage: ecloud completion SHELL [options]\n");
  CHECK(run({"completion", "bahs"}) == 2);
  CHECK(run.err() ==
        "error: SHELL is \"bahs\", and can be bash, zsh, fish\n"
        "hint: did you mean bash?\n"
        "usage: ecloud completion SHELL [options]\n");
  CHECK(run({"version", "--color", "neon"}) == 2);
  CHECK(run.err() == "error: --color \"neon\" is none of auto, always, never\n");
}

TEST_CASE("with --json errors are one line of JSON on stderr", "[cli]") {
  CliRun run;
  CHECK(run({"auth", "whoami", "--json"}) == 5);
  CHECK(run.out().empty());
  CHECK(run.err() ==
        "{\"error\":{\"code\":\"auth.no_key\",\"message\":\"no private key was given, and none is "
        "stored\",\"hint\":\"`ecloud auth login` stores one, `ecloud auth generate` makes a new "
        "one\\n"
        "or set ECLOUD_PRIVATE_KEY, or give --private-key-file FILE (- is "
        "stdin)\",\"exitCode\":5}}\n");
  // Also when the command line itself is wrong.
  CHECK(run({"version", "--json", "--nonsense"}) == 2);
  CHECK(run.err().rfind("{\"error\":{\"code\":\"cli.unknown_option\"", 0) == 0);
}

TEST_CASE("the option --verbose adds the code to an error", "[cli]") {
  CliRun run;
  CHECK(run({"auth", "whoami", "--verbose"}) == 5);
  CHECK(contains(run.err(), "error: no private key was given, and none is stored [auth.no_key]\n"));
}

TEST_CASE("the option --fields takes known fields only", "[cli]") {
  CliRun run;
  CHECK(run({"version", "--fields", "versoin"}) == 2);
  CHECK(run.err() ==
        "error: --fields: unknown field \"versoin\"\n"
        "hint: did you mean version?\n"
        "hint: the fields are version\n");
  CHECK(run({"help", "--fields", "x"}) == 2);
  CHECK(run.err() == "error: this command has no fields to choose\n");
}

TEST_CASE("a reader that has gone ends the program without a word", "[cli]") {
  CliRun run;
  run.console.reader_gone = true;
  CHECK(run({"version"}) == ecloud::cli::kExitOutputClosed);
  CHECK(run({"--help"}) == ecloud::cli::kExitOutputClosed);
  CHECK(run.err().empty());
}

TEST_CASE("help finds commands, aliases and topics", "[cli]") {
  CliRun run;
  CHECK(run({"help", "auth", "generate"}) == 0);
  const std::string page = run.out();
  CHECK(run({"auth", "gen", "--help"}) == 0);
  CHECK(run.out() == page);
  CHECK(contains(page, "USAGE\n  ecloud auth generate [options]\n"));
  CHECK(contains(page, "ALIASES\n  gen, new\n"));
  CHECK(run({"help", "exit-codes"}) == 0);
  CHECK(contains(run.out(), "\n  8    still going on when the time ran out"));
  CHECK(run({"help", "nothing"}) == 2);
  CHECK(run({"help", "version", "more"}) == 2);
  CHECK(run.err() ==
        "error: there is no help for \"version more\"\n"
        "hint: `ecloud version` is the command; `ecloud help` lists all\n");
}

TEST_CASE("the option --help wins over what is wrong or missing beside it", "[cli]") {
  CliRun run;
  CHECK(run({"completion", "--help"}) == 0);
  CHECK(run.err().empty());
  CHECK(run({"auth", "whoami", "--nonsense", "-h"}) == 0);
  CHECK(run.err().empty());
}

TEST_CASE("help is wrapped to the terminal and coloured on it alone", "[cli]") {
  CliRun run;
  run.at_terminal();
  run.console.columns = 60;
  CHECK(run({"help", "auth", "whoami", "--color", "never"}) == 0);
  std::size_t start = 0;
  while (start < run.out().size()) {
    const std::size_t end = run.out().find('\n', start);
    const std::string line = run.out().substr(start, end - start);
    // Examples are to be copied and stay whole.
    if (line.rfind("  $ ", 0) != 0) {
      INFO(line);
      CHECK(line.size() <= 60);
    }
    start = end + 1;
  }
  CHECK(run({"--help"}) == 0);
  CHECK(contains(run.out(), "\x1b[1mUSAGE\x1b[0m"));
  run.console.output_terminal = false;
  CHECK(run({"--help"}) == 0);
  CHECK_FALSE(contains(run.out(), "\x1b"));
}

TEST_CASE("telemetry status says that there is none", "[cli]") {
  CliRun run;
  CHECK(run({"telemetry", "status"}) == 0);
  CHECK(run.out() == "There is no telemetry: this program reports to nobody.\n");
  CHECK(run({"telemetry", "status", "--json"}) == 0);
  CHECK(run.out() == "{\"enabled\":false}\n");
}

TEST_CASE("config path shows the files that would be read", "[cli]") {
  CliRun run;
  const std::string home = run.env.get("HOME").value();
  CHECK(run({"config", "path"}) == 0);
  CHECK(run.out() == "User: " + home + "/.config/ecloud/config.yaml\nProject: " +
                         (run.directory / "ecloud.yaml").string() + "\nState: " + home +
                         "/.local/state/ecloud\n");
  run.env.set("XDG_CONFIG_HOME", "/etc/somewhere");
  run.env.set("ECLOUD_CONFIG", "other.yaml");
  CHECK(run({"config", "path", "--fields", "user,project"}) == 0);
  CHECK(run.out() ==
        "/etc/somewhere/ecloud/config.yaml\t" + (run.directory / "other.yaml").string() + "\n");
  run.env.unset("HOME");
  run.env.unset("XDG_CONFIG_HOME");
  CHECK(run({"config", "path"}) == 2);
}
