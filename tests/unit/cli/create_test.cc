#include "ecloud/base/json.h"
#include "support/catch.h"
#include "unit/cli/cli_run.h"

namespace fs = std::filesystem;
using ecloud::base::Json;
using ecloud::testing::CliRun;
using ecloud::testing::slurp;

namespace {

bool nothing_written(const CliRun& run) {
  return fs::is_empty(run.directory.path());
}

}  // namespace

TEST_CASE("create makes a folder and says what to do next", "[cli][create]") {
  CliRun run;
  CHECK(run({"compute", "app", "create", "my-app", "--language", "python"}) == 0);
  CHECK(run.out() == (run.directory / "my-app").string() + "\n");
  CHECK(run.err() ==
        "Next:\n"
        "  cd my-app\n"
        "  cp .env.example .env\n"
        "  docker buildx build --platform linux/amd64 --tag docker.io/YOU/my-app:0.1.0 --push .\n"
        "  ecloud compute app deploy --image-ref docker.io/YOU/my-app:0.1.0\n");
  CHECK(slurp(run.directory / "my-app/ecloud.yaml").find("\nname: \"my-app\"\n") !=
        std::string::npos);
  CHECK(slurp(run.directory / "my-app/main.py").find("0.0.0.0") != std::string::npos);
}

TEST_CASE("create lists its files as JSON", "[cli][create]") {
  CliRun run;
  CHECK(run({"compute", "app", "create", "--name", "my-app", "--language", "golang", "--json"}) ==
        0);
  CHECK(run.err().empty());
  const Json document = Json::parse(run.out(), "stdout");
  CHECK(document["folder"].as_string() == (run.directory / "my-app").string());
  CHECK(document["language"].as_string() == "golang");
  CHECK_FALSE(document["dryRun"].as_bool());
  CHECK(document["files"].dump() ==
        "[\".dockerignore\",\".env.example\",\".gitignore\",\"Dockerfile\",\"README.md\","
        "\"ecloud.yaml\",\"go.mod\",\"main.go\"]");
  for (const Json& file : document["files"].elements()) {
    CHECK(fs::is_regular_file(run.directory / ("my-app/" + file.as_string())));
  }
}

TEST_CASE("a dry run of create lists the files and writes none", "[cli][create]") {
  CliRun run;
  CHECK(run({"compute", "app", "create", "my-app", "--language", "rust", "--dry-run"}) == 0);
  CHECK(run.out().find((run.directory / "my-app/src/main.rs").string() + "\n") !=
        std::string::npos);
  CHECK(run.err().empty());
  CHECK(nothing_written(run));
  CHECK(run({"compute", "app", "create", "my-app", "--language", "rust", "--dry-run", "--json"}) ==
        0);
  CHECK(Json::parse(run.out(), "stdout")["dryRun"].as_bool());
  CHECK(nothing_written(run));
}

TEST_CASE("create asks a person for what is missing", "[cli][create]") {
  CliRun run;
  run.at_terminal();
  run.console.lines = {"my-app", "4"};
  CHECK(run({"compute", "app", "create"}) == 0);
  CHECK(run.err().find("Name of the app") != std::string::npos);
  CHECK(run.err().find("4) python") != std::string::npos);
  CHECK(fs::exists(run.directory / "my-app/main.py"));
}

TEST_CASE("create names what is missing when nobody is there", "[cli][create]") {
  CliRun run;
  CHECK(run({"compute", "app", "create", "--language", "python"}) == 2);
  CHECK(run.err().starts_with("error: --name is missing"));
  CHECK(run.err().find("ECLOUD_NAME") != std::string::npos);
  CHECK(run({"compute", "app", "create", "my-app"}) == 2);
  CHECK(run.err().starts_with("error: --language is missing"));
  CHECK(run.out().empty());
  CHECK(nothing_written(run));
}

TEST_CASE("create takes the name from its variable, and no two names", "[cli][create]") {
  CliRun run;
  run.env.set("ECLOUD_NAME", "by-variable");
  CHECK(run({"compute", "app", "create", "--language", "python"}) == 0);
  CHECK(fs::exists(run.directory / "by-variable"));
  CHECK(run({"compute", "app", "create", "by-argument", "--language", "python"}) == 0);
  CHECK(fs::exists(run.directory / "by-argument"));
  CHECK(run({"compute", "app", "create", "a", "--name", "b", "--language", "python"}) == 2);
  CHECK(run.err() == "error: the name is given twice: a and --name b\nhint: give it once\n");
}

TEST_CASE("create refuses bad names, languages and folders", "[cli][create]") {
  CliRun run;
  CHECK(run({"compute", "app", "create", "../up", "--language", "python"}) == 2);
  CHECK(run.err() ==
        "error: the name \"../up\" does not begin with a letter\n"
        "hint: choose at most 50 letters, digits, - and _, such as my-app\n");
  CHECK(run({"compute", "app", "create", "a", "--language", "pyton"}) == 2);
  CHECK(run.err().find("did you mean python?") != std::string::npos);
  CHECK(nothing_written(run));

  run.directory.write("taken/main.py", "mine");
  for (const char* more : {"--yes", "--dry-run"}) {
    CHECK(run({"compute", "app", "create", "taken", "--language", "python", more}) == 2);
    CHECK(run.err() == "error: " + (run.directory / "taken").string() +
                           " is not empty: main.py\nhint: choose another name, or empty the "
                           "folder yourself if nothing there is needed\n");
  }
  CHECK(slurp(run.directory / "taken/main.py") == "mine");
}

TEST_CASE("create refuses templates from elsewhere and says how to get them", "[cli][create]") {
  CliRun run;
  for (const char* flag : {"--template-repo", "--template-version"}) {
    CHECK(run({"compute", "app", "create", "a", "--language", "python", flag, "x"}) == 2);
    CHECK(run.err() == std::string("error: ") + flag +
                           ": projects are made from the templates in this program alone\n"
                           "hint: leave it out, or take the other project with: git clone URL "
                           "FOLDER\n");
  }
  CHECK(nothing_written(run));
  CHECK(run({"compute", "app", "create", "--help"}) == 0);
  CHECK(run.out().find("template-repo") == std::string::npos);
}
