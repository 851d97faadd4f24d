// The schema for editors, as jsonschema (Python) understands it.

#include "cli/config_schema.h"

#include "cli/command_tree.h"
#include "cli/config_keys.h"
#include "cli/topics.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/tools.h"
#include "unit/cli/cli_run.h"

namespace fs = std::filesystem;
using ecloud::base::Json;
using ecloud::cli::ConfigFile;
using ecloud::testing::CliRun;
using ecloud::testing::slurp;
using Which = ConfigFile::Which;

namespace {

const fs::path kSource = ECLOUD_SOURCE_DIR;

/// What jsonschema says of each file; nothing when it is not installed and the test is to return.
std::optional<std::string> validate(const fs::path& schema, const std::vector<fs::path>& files) {
  const auto python = ecloud::testing::require_tool("python3");
  if (!python) return std::nullopt;
  ecloud::testing::ProcessOptions options;
  options.argv = {python->string(), (kSource / "tests/unit/cli/validate_yaml.py").string(),
                  schema.string()};
  for (const fs::path& file : files) options.argv.push_back(file.string());
  const auto result = ecloud::testing::run_process(options);
  if (result.exit_code == 77) {
    if (ecloud::testing::tools_are_required()) FAIL(result.out);
    WARN("SKIPPED: " + result.out);
    return std::nullopt;
  }
  INFO(result.describe());
  REQUIRE(result.ok());
  return result.out;
}

}  // namespace

TEST_CASE("the schema in the repository is that of the keys", "[cli][schema]") {
  CliRun run;
  REQUIRE(run({"config", "schema"}) == 0);
  INFO("ecloud config schema > examples/ecloud.schema.json makes it anew");
  CHECK((run.out() == slurp(kSource / "examples/ecloud.schema.json")));
  CHECK(run({"config", "schema", "--json"}) == 0);
  CHECK(Json::parse(run.out(), "stdout").equals(ecloud::cli::config_schema(Which::kProject)));
}

TEST_CASE("another validator accepts every example with the schema", "[cli][schema]") {
  std::vector<fs::path> files = {kSource / "ecloud.yaml.example"};
  for (const auto& entry : fs::recursive_directory_iterator(kSource / "examples")) {
    if (entry.path().filename() == "ecloud.yaml") files.push_back(entry.path());
  }
  CHECK(files.size() > 1);
  const auto said = validate(kSource / "examples/ecloud.schema.json", files);
  if (!said) return;
  std::string expected;
  for (const fs::path& file : files) expected += file.string() + ": ok\n";
  CHECK(*said == expected);
}

TEST_CASE("another validator refuses with the schema what the program refuses", "[cli][schema]") {
  CliRun run;
  struct Case {
    std::string text, problem;
  };
  const std::vector<Case> cases = {
      {"name: my-app\nversion: 1.0\nprofile:\nenvironments:\n  mine: {chainId: 5}\n", "ok"},
      {"logVisibility: off\n", "ok"},
      {"apps:\n  web:\n  api: {environments: {devnet: {port: 1}}}\n", "ok"},
      {"instancetype: x\n", "'instancetype' was unexpected"},
      {"port: http\n", "port: 'http' is not of type 'integer', 'null'"},
      {"env: A\n", "env: 'A' is not of type 'array', 'null'"},
      {"logVisibility: everyone\n", "logVisibility: 'everyone' is not one of"},
      {"profile: {websit: x}\n", "profile: Additional properties are not allowed"},
      {"environments: {mine: {rpcURL: x}}\n", "environments.mine: Additional properties"},
      {"apps: {web: {name: x}}\n", "apps.web: Additional properties are not allowed"},
      {"apps: {web: {environments: {devnet: {chainId: 1}}}}\n",
       "apps.web.environments.devnet: Additional properties are not allowed"},
      {"apps: {'../web': {port: 1}}\n", "apps: '../web' does not match"},
      {"- a\n", "is not of type 'object', 'null'"},
  };
  std::vector<fs::path> files;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    files.push_back(run.directory.write(std::to_string(i) + ".yaml", cases[i].text));
    bool refused = false;
    try {
      ConfigFile::parse(cases[i].text, "ecloud.yaml", Which::kProject);
    } catch (const ecloud::Error&) {
      refused = true;
    }
    INFO(cases[i].text);
    CHECK(refused == (cases[i].problem != "ok"));
  }
  const auto said = validate(kSource / "examples/ecloud.schema.json", files);
  if (!said) return;
  const std::vector<std::string> lines = ecloud::base::split(*said, '\n');
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(lines[i]);
    CHECK(lines[i].find(cases[i].problem) != std::string::npos);
  }
}

TEST_CASE("config.yaml has a schema of its own", "[cli][schema]") {
  CliRun run;
  REQUIRE(run({"config", "schema", "--user"}) == 0);
  const fs::path schema = run.directory.write("schema.json", run.out());
  const fs::path good = run.directory.write("good.yaml", "defaultEnvironment: devnet\n");
  const fs::path bad = run.directory.write("bad.yaml", "name: x\n");
  const auto said = validate(schema, {good, bad});
  if (!said) return;
  CHECK(said->find("good.yaml: ok") != std::string::npos);
  CHECK(said->find("'name' was unexpected") != std::string::npos);
}

TEST_CASE("a key of a file has the choices of its option", "[cli][schema]") {
  const ecloud::cli::Command root = ecloud::cli::make_command_tree();
  ecloud::cli::for_each_command(root, [](const ecloud::cli::CommandPath& path) {
    for (const ecloud::cli::Option* option : ecloud::cli::all_options(*path.command)) {
      if (option->project_key.empty()) continue;
      INFO(path.text() << " --" << option->name);
      const auto* key = ecloud::cli::find_config_key(option->project_key, Which::kProject);
      REQUIRE(key != nullptr);
      CHECK(key->choices == option->choices);
      if (!option->user_key.empty() && option->user_key == option->project_key) {
        CHECK(key->in_user);
      }
    }
  });
}
