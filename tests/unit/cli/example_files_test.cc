// What stands in examples/ as text: its workflow and what its pages tell people to type.

#include <yaml-cpp/yaml.h>

#include <filesystem>

#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/tools.h"
#include "unit/cli/cli_run.h"
#include "unit/cli/command_lines.h"

namespace fs = std::filesystem;
using namespace ecloud;
using namespace ecloud::testing;

namespace {

const fs::path kExamples = fs::path(ECLOUD_SOURCE_DIR) / "examples";

YAML::Node workflow() {
  return YAML::LoadFile((kExamples / "github-actions/deploy.yml").string());
}

/// The scripts of the workflow's steps.
std::vector<std::string> scripts() {
  std::vector<std::string> out;
  for (const YAML::Node& step : workflow()["jobs"]["deploy"]["steps"]) {
    if (step["run"]) out.push_back(step["run"].as<std::string>());
  }
  return out;
}

/// The lines of a text that start the program.
std::vector<std::string> command_lines(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string& line : base::split(text, '\n')) {
    const std::string_view trimmed = base::trim(line);
    if (trimmed.starts_with("ecloud ") || trimmed.find("$(ecloud ") != std::string_view::npos) {
      out.emplace_back(trimmed);
    }
  }
  return out;
}

void check_parses(const std::string& line) {
  CliRun run;
  std::vector<std::string> words = words_after_ecloud(line);
  words.push_back("--help");
  INFO(line);
  CHECK(run(words) == 0);
  INFO(run.err());
  // A group's help would hide that the command is missing.
  CHECK(run.out().find("<command>") == std::string::npos);
}

}  // namespace

TEST_CASE("the workflow is one that GitHub understands", "[cli][examples]") {
  const YAML::Node file = workflow();
  CHECK(file["on"]["push"]["branches"][0].as<std::string>() == "main");
  CHECK(file["concurrency"]["group"].as<std::string>() == "ecloud-deploy");
  CHECK_FALSE(file["concurrency"]["cancel-in-progress"].as<bool>());
  const YAML::Node job = file["jobs"]["deploy"];
  CHECK(job["timeout-minutes"].as<int>() > 0);
  CHECK(job["outputs"]["app-id"].as<std::string>() == "${{ steps.deploy.outputs.app-id }}");
  for (const YAML::Node& step : job["steps"]) {
    INFO(step["name"].as<std::string>());
    CHECK(step["uses"].IsDefined() != step["run"].IsDefined());
  }
}

TEST_CASE("the workflow hands secrets over in variables alone", "[cli][examples]") {
  bool key_found = false;
  for (const YAML::Node& step : workflow()["jobs"]["deploy"]["steps"]) {
    // An expression in a script is pasted into it: whoever names a branch could run commands.
    if (step["run"]) CHECK(step["run"].as<std::string>().find("${{") == std::string::npos);
    if (step["env"] && step["env"]["ECLOUD_PRIVATE_KEY"]) {
      key_found = true;
      CHECK(step["env"]["ECLOUD_PRIVATE_KEY"].as<std::string>() ==
            "${{ secrets.ECLOUD_PRIVATE_KEY }}");
    }
  }
  CHECK(key_found);
}

TEST_CASE("every command line of the workflow parses and asks nobody", "[cli][examples]") {
  std::size_t count = 0;
  for (const std::string& script : scripts()) {
    for (const std::string& line : command_lines(script)) {
      ++count;
      check_parses(line);
      CHECK(line.find(" --environment sepolia --non-interactive ") != std::string::npos);
      const bool one_field = line.find(" --fields ") != std::string::npos;
      CHECK(one_field != (line.find(" --json") != std::string::npos));
    }
  }
  CHECK(count >= 4);
}

TEST_CASE("the scripts of the workflow are what bash reads", "[cli][examples]") {
  const auto bash = require_tool("bash");
  if (!bash) return;
  for (const std::string& script : scripts()) {
    INFO(script);
    ProcessOptions options;
    options.argv = {bash->string(), "-n"};
    options.input = script;
    const ProcessResult result = run_process(options);
    CHECK(result.ok());
    CHECK(result.err.empty());
  }
}

TEST_CASE("every command line of the examples' pages parses", "[cli][examples]") {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kExamples)) {
    if (entry.path().filename() != "README.md") continue;
    if (entry.path().string().find("node_modules") != std::string::npos) continue;
    for (const std::string& line : command_lines(slurp(entry.path()))) {
      ++count;
      check_parses(line);
    }
  }
  CHECK(count >= 8);
}
