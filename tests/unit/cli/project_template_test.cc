#include "cli/project_template.h"

#include <functional>
#include <set>

#include "cli/config_file.h"
#include "ecloud/base/error.h"
#include "ecloud/platform/dockerfile.h"
#include "ecloud/platform/dotenv.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace fs = std::filesystem;
using namespace ecloud;
using namespace ecloud::cli;
using ecloud::testing::slurp;
using ecloud::testing::TempDir;

namespace {

const fs::path kExamples = fs::path(ECLOUD_SOURCE_DIR) / "examples";

/// What building and running the examples by hand leaves behind.
bool is_leftover(const fs::path& path) {
  static const std::set<std::string> kNames = {"node_modules", "dist", "target",
                                               "__pycache__",  ".env", "app"};
  for (const fs::path& part : path) {
    if (kNames.contains(part.string())) return true;
  }
  return false;
}

std::set<std::string> files_below(const fs::path& folder) {
  std::set<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path path = entry.path().lexically_relative(folder);
    if (entry.is_regular_file() && !is_leftover(path)) out.insert(path.string());
  }
  return out;
}

std::string content_of(const std::vector<ProjectFile>& files, const std::string& path) {
  for (const ProjectFile& file : files) {
    if (file.path == path) return file.content;
  }
  return {};
}

std::string code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const ecloud::Error& error) {
    return error.code() + ": " + error.message();
  }
  return {};
}

}  // namespace

TEST_CASE("a project under the example's name is the example", "[cli][create]") {
  for (const std::string& language : template_languages()) {
    std::set<std::string> paths;
    for (const ProjectFile& file : make_project(language, "hello-" + language)) {
      INFO(language << "/" << file.path);
      CHECK(paths.insert(file.path).second);
      CHECK((file.content == slurp(kExamples / language / file.path)));
    }
    INFO("cmake/Templates.cmake lists what is compiled in");
    CHECK(paths == files_below(kExamples / language));
  }
}

TEST_CASE("a project has its own name everywhere", "[cli][create]") {
  for (const std::string& language : template_languages()) {
    INFO(language);
    const auto files = make_project(language, "My_App");
    for (const ProjectFile& file : files) {
      INFO(file.path);
      CHECK(file.content.find("hello-" + language) == std::string::npos);
    }
    const std::string readme = content_of(files, "README.md");
    CHECK(readme.starts_with("# My_App\n"));
    // Names of images are in lower case.
    CHECK(readme.find("--image-ref docker.io/YOU/my_app:0.1.0\n") != std::string::npos);
    CHECK(readme.find("ecloud compute app info My_App\n") != std::string::npos);
  }
}

TEST_CASE("every example's Dockerfile keeps the platform's rules", "[cli][create]") {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(kExamples)) {
    const std::string text = slurp(entry.path() / "Dockerfile");
    if (text.empty()) continue;
    ++count;
    INFO(entry.path());
    const std::string ignore = slurp(entry.path() / ".dockerignore");
    for (const auto& finding : platform::check_dockerfile(text, ignore)) {
      FAIL_CHECK("line " << finding.line << ": " << finding.message);
    }
    CHECK(text.find("\nUSER root\n") != std::string::npos);
    CHECK(text.find("\nEXPOSE 8080\n") != std::string::npos);
    CHECK(text.find("\nCMD [\"") != std::string::npos);
  }
  CHECK(count >= 5);
}

TEST_CASE("no template lets variables into Git or into the image", "[cli][create]") {
  for (const std::string& language : template_languages()) {
    INFO(language);
    const auto files = make_project(language, "my-app");
    // The patterns of .gitignore that matter here mean the same in both files.
    for (const char* name : {".dockerignore", ".gitignore"}) {
      const std::string patterns = content_of(files, name);
      CHECK(platform::dockerignore_excludes(patterns, ".env"));
      CHECK(platform::dockerignore_excludes(patterns, ".env.production"));
    }
    CHECK_FALSE(platform::dockerignore_excludes(content_of(files, ".gitignore"), ".env.example"));
  }
}

TEST_CASE("every template's ecloud.yaml and variables are understood", "[cli][create]") {
  for (const std::string& language : template_languages()) {
    INFO(language);
    const auto files = make_project(language, "null");
    const ConfigFile config = ConfigFile::parse(content_of(files, "ecloud.yaml"), "ecloud.yaml",
                                                ConfigFile::Which::kProject);
    CHECK(config.text("name") == "null");
    CHECK(config.text("runtime") == language);
    CHECK(config.text("dockerfile") == "Dockerfile");
    CHECK(config.text("port") == "8080");
    const auto dotenv = platform::parse_dotenv(content_of(files, ".env.example"), ".env.example");
    CHECK(dotenv.warnings.empty());
    std::vector<std::string> names;
    for (const auto& entry : dotenv.entries) names.push_back(entry.name);
    CHECK(config.list("env") == names);
  }
}

TEST_CASE("names of projects are names of folders, apps and images", "[cli][create]") {
  for (const char* name : {"a", "my-app", "My_App2", "x1"}) {
    INFO(name);
    CHECK(project_name_problem(name) == "");
  }
  CHECK(project_name_problem("") == "is empty");
  CHECK(project_name_problem("my app") == "holds a blank");
  CHECK(project_name_problem(std::string(51, 'a')) == "is longer than 50 characters");
  CHECK(project_name_problem("1st") == "does not begin with a letter");
  CHECK(project_name_problem("app-") == "ends with - or _");
  for (const char* name : {".", "..", "-app", "/tmp/app", "~"}) {
    INFO(name);
    CHECK(project_name_problem(name) == "does not begin with a letter");
  }
  for (const char* name : {"a/b", "a.b", "caf\xc3\xa9", "a\"b", "a$b"}) {
    INFO(name);
    CHECK(project_name_problem(name) == "holds something other than letters, digits, - and _");
  }
}

TEST_CASE("a project is written whole or not at all", "[cli][create]") {
  const TempDir directory;
  // A file cannot be a folder too.
  const std::vector<ProjectFile> impossible = {{"a", "1"}, {"a/b", "2"}};
  CHECK(code_of([&] { write_project(directory / "made", impossible); }) != "");
  CHECK(fs::is_empty(directory.path()));
  write_project(directory / "made", {{"b/c", "2"}, {"a", "1"}});
  CHECK(files_below(directory.path()) == std::set<std::string>{"made/a", "made/b/c"});
  CHECK(slurp(directory / "made/b/c") == "2");
}

TEST_CASE("a folder that holds anything is left alone", "[cli][create]") {
  const TempDir directory;
  const std::vector<ProjectFile> files = {{"a", "1"}};
  fs::create_directory(directory / "empty");
  write_project(directory / "empty", files);
  CHECK(slurp(directory / "empty/a") == "1");

  const std::string target = (directory / "empty").string();
  CHECK(code_of([&] {
          write_project(target, {{"b", "2"}});
        }) == "create.folder_exists: " + target + " is not empty: a");
  CHECK(files_below(directory.path()) == std::set<std::string>{"empty/a"});

  for (const char* name : {"1", "2", "3", "4", "5", "6"})
    directory.write(std::string("full/") + name, "");
  const std::string full = (directory / "full").string();
  CHECK(code_of([&] { write_project(full, files); }) ==
        "create.folder_exists: " + full + " is not empty: 1, 2, 3, 4, 5 and 1 more");

  const std::string file = directory.write("file", "mine").string();
  CHECK(code_of([&] { write_project(file, files); }) ==
        "create.folder_exists: " + file + " exists and is no folder");
  // A link to nowhere is something too.
  fs::create_symlink("nowhere", directory / "link");
  const std::string link = (directory / "link").string();
  CHECK(code_of([&] { write_project(link, files); }) ==
        "create.folder_exists: " + link + " exists and is no folder");
  CHECK(slurp(file) == "mine");
}
