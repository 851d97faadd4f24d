// man/ and completions/ are made from the command tree, and work in real programs.

#include <filesystem>
#include <set>

#include "support/catch.h"
#include "support/child_process.h"
#include "support/tools.h"
#include "unit/cli/cli_run.h"

namespace fs = std::filesystem;
using ecloud::testing::CliRun;
using ecloud::testing::require_tool;
using ecloud::testing::run_process;
using ecloud::testing::slurp;

namespace {

std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  if (!fs::is_directory(directory)) return names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

void check_same(const fs::path& committed, const fs::path& generated) {
  CHECK(names_in(committed) == names_in(generated));
  for (const std::string& name : names_in(generated)) {
    INFO(committed / name);
    INFO("ecloud __generate . makes it anew");
    CHECK((slurp(committed / name) == slurp(generated / name)));
  }
}

/// What the shell prints for a script that uses the generated completion.
std::string in_shell(const CliRun& run, const std::vector<std::string>& argv) {
  ecloud::testing::ProcessOptions options;
  options.argv = argv;
  options.env = {{"PATH", fs::path(ECLOUD_BINARY).parent_path().string() + ":/usr/bin:/bin"},
                 {"HOME", run.directory.path().string()},
                 {"TERM", "dumb"}};
  options.directory = run.directory.path();
  const auto result = run_process(options);
  INFO(result.describe());
  CHECK(result.err.empty());
  return result.out;
}

}  // namespace

TEST_CASE("man pages and completions in the repository are those of the tree", "[cli]") {
  CliRun run;
  CHECK(run({"__generate", "made"}) == 0);
  CHECK(run.out().empty());
  CHECK(run.err().empty());
  check_same(fs::path(ECLOUD_SOURCE_DIR) / "man", run.directory / "made/man");
  check_same(fs::path(ECLOUD_SOURCE_DIR) / "completions", run.directory / "made/completions");
}

TEST_CASE("completion prints the scripts", "[cli]") {
  CliRun run;
  for (const auto& [shell, file] : std::map<std::string, std::string>{
           {"bash", "ecloud.bash"}, {"zsh", "_ecloud"}, {"fish", "ecloud.fish"}}) {
    CHECK(run({"completion", shell}) == 0);
    CHECK((run.out() == slurp(fs::path(ECLOUD_SOURCE_DIR) / "completions" / file)));
  }
}

TEST_CASE("man shows every page without a warning", "[cli][man]") {
  if (!require_tool("man")) return;
  CliRun run;
  REQUIRE(run({"__generate", "made"}) == 0);
  const fs::path directory = run.directory / "made/man";
  CHECK(names_in(directory).contains("ecloud-migrating.7"));
  for (const std::string& name : names_in(directory)) {
    const auto result = run_process(
        {"man", "--warnings", "-E", "UTF-8", "-Tutf8", "-Z", "-l", (directory / name).string()});
    INFO(name << "\n" << result.describe());
    CHECK(result.ok());
    CHECK(result.err.empty());
  }
}

TEST_CASE("whatis can read the name and the summary of every page", "[cli][man]") {
  if (!require_tool("lexgrog")) return;
  CliRun run;
  REQUIRE(run({"__generate", "made"}) == 0);
  const fs::path directory = run.directory / "made/man";
  for (const std::string& name : names_in(directory)) {
    const std::string file = (directory / name).string();
    const auto result = run_process({"lexgrog", file});
    INFO(result.describe());
    CHECK(result.ok());
    const std::string title = name.substr(0, name.rfind('.'));
    CHECK(result.out.starts_with(file + ": \"" + title + " - "));
  }
}

TEST_CASE("bash completes commands, options and values", "[cli]") {
  if (!require_tool("bash")) return;
  CliRun run;
  REQUIRE(run({"completion", "bash"}) == 0);
  run.directory.write("ecloud.bash", run.out());
  run.directory.write("some-file.yaml", "");
  const auto complete = [&](const std::string& words) {
    // "compopt" needs a completion that is going on; here the function is called by hand.
    const std::string script =
        "compopt() { :; }; source ./ecloud.bash; COMP_WORDS=(" + words +
        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _ecloud; echo \"${COMPREPLY[*]}\"";
    return in_shell(run, {"bash", "--norc", "-c", script});
  };
  CHECK(complete("ecloud ver") == "version\n");
  CHECK(complete("ecloud au") == "auth\n");
  CHECK(complete("ecloud auth ''") == "login whoami list generate migrate logout\n");
  CHECK(complete("ecloud compute env s") == "show set\n");
  CHECK(complete("ecloud --json compute environment l") == "list\n");
  CHECK(complete("ecloud version --js") == "--json\n");
  CHECK(complete("ecloud auth whoami --private-key-f") == "--private-key-file\n");
  CHECK(complete("ecloud version --color a") == "auto always\n");
  CHECK(complete("ecloud version --color = n") == "never\n");
  CHECK(complete("ecloud version --color =") == "auto always never\n");
  CHECK(complete("ecloud version --config some") == "some-file.yaml\n");
  CHECK(complete("ecloud version --fields ''") == "\n");
  CHECK(complete("ecloud completion z") == "zsh\n");
  CHECK(complete("ecloud __") == "\n");
  CHECK(complete("ecloud compute env list --environment se") == "sepolia\n");
}

TEST_CASE("fish completes commands, options and values", "[cli]") {
  if (!require_tool("fish")) return;
  CliRun run;
  REQUIRE(run({"completion", "fish"}) == 0);
  run.directory.write("ecloud.fish", run.out());
  const auto complete = [&](const std::string& line) {
    return in_shell(
        run, {"fish", "--no-config", "-c", "source ./ecloud.fish; complete -C '" + line + "'"});
  };
  CHECK(complete("ecloud ver") == "version\tShow the version\n");
  CHECK(complete("ecloud compute env l") == "list\tList the environments\n");
  CHECK(complete("ecloud version --color n") == "never\tColours in what is printed\n");
  CHECK(complete("ecloud completion z") == "zsh\n");
  CHECK(complete("ecloud auth generate --ou") ==
        "--out\tWrite the key to this new file and do not show it\n");
  CHECK(complete("ecloud compute env list --environment se").rfind("sepolia\t", 0) == 0);
}

TEST_CASE("shells offer the names of apps and run none of them", "[cli]") {
  CliRun run;
  run.directory.write(".local/state/ecloud/completion/sepolia.json",
                      R"({"version":1,"accounts":{"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266":{)"
                      R"("0x00000000000000000000000000000000000000aa":"hello",)"
                      R"~("0x00000000000000000000000000000000000000ab":"$(touch pwned)",)~"
                      R"("0x00000000000000000000000000000000000000ac":"help-me"}}})");
  if (require_tool("bash")) {
    REQUIRE(run({"completion", "bash"}) == 0);
    run.directory.write("ecloud.bash", run.out());
    const std::string script =
        "source ./ecloud.bash; COMP_WORDS=(ecloud compute app info hel); COMP_CWORD=4; _ecloud; "
        "echo \"${COMPREPLY[*]}\"";
    CHECK(in_shell(run, {"bash", "--norc", "-c", script}) == "hello help-me\n");
  }
  if (require_tool("fish")) {
    REQUIRE(run({"completion", "fish"}) == 0);
    run.directory.write("ecloud.fish", run.out());
    CHECK(in_shell(run, {"fish", "--no-config", "-c",
                         "source ./ecloud.fish; complete -C 'ecloud compute app info hel'"}) ==
          "hello\nhelp-me\n");
  }
  if (require_tool("zsh")) {
    REQUIRE(run({"completion", "zsh"}) == 0);
    run.directory.write("functions/_ecloud", run.out());
    const std::string script =
        "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -d $PWD/dump; "
        "autoload +X _ecloud; source functions/_ecloud; compadd() { shift; print -l ${(P)1}; }; "
        "words=(ecloud compute app info hel); _ecloud_apps";
    CHECK(in_shell(run, {"zsh", "-f", "-c", script}) == "hello\nhelp-me\n");
  }
  CHECK_FALSE(fs::exists(run.directory / "pwned"));
}

TEST_CASE("zsh reads its completion", "[cli]") {
  if (!require_tool("zsh")) return;
  CliRun run;
  REQUIRE(run({"completion", "zsh"}) == 0);
  run.directory.write("functions/_ecloud", run.out());
  const std::string script =
      "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -d $PWD/dump; "
      "print ${_comps[ecloud]}; autoload +X _ecloud && print loaded";
  CHECK(in_shell(run, {"zsh", "-f", "-c", script}) == "_ecloud\nloaded\n");
}
