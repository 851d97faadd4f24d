#include "cli/config_file.h"

#include <algorithm>
#include <set>

#include "cli/config_keys.h"
#include "ecloud/base/error.h"
#include "support/catch.h"
#include "support/temp_dir.h"

using ecloud::Category;
using ecloud::Error;
using ecloud::cli::ConfigFile;
using Which = ecloud::cli::ConfigFile::Which;

namespace {

ConfigFile project(std::string_view text) {
  return ConfigFile::parse(text, "ecloud.yaml", Which::kProject);
}

std::string error_of(std::string_view text, Which which = Which::kProject) {
  try {
    ConfigFile::parse(text, "ecloud.yaml", which);
  } catch (const Error& error) {
    CHECK(error.category() == Category::kUsage);
    return "[" + error.code() + "] " + error.message() +
           (error.hint().empty() ? "" : " | " + error.hint());
  }
  return "no error";
}

}  // namespace

TEST_CASE("values are found by dotted key, with their lines", "[cli]") {
  const ConfigFile file = project(
      "name: my-app\n"
      "port: 3000\n"
      "env:\n"
      "  - A\n"
      "  - B\n"
      "profile:\n"
      "  website: https://example.com\n");
  CHECK(file.text("name") == "my-app");
  CHECK(file.text("port") == "3000");
  CHECK(file.list("env") == std::vector<std::string>{"A", "B"});
  CHECK(file.text("profile.website") == "https://example.com");
  CHECK_FALSE(file.text("image"));
  CHECK(file.where(*file.find("profile.website")) == "ecloud.yaml line 7");
}

TEST_CASE("an empty file and keys without a value set nothing", "[cli]") {
  CHECK(project("").values().empty());
  CHECK(project("# nothing\n").values().empty());
  CHECK(project("name:\nprofile:\n").values().empty());
}

TEST_CASE("unknown keys are errors with line and suggestion", "[cli]") {
  CHECK(error_of("name: a\ninstancetype: b\n") ==
        "[config.unknown_key] ecloud.yaml line 2: unknown key instancetype | did you mean "
        "instanceType?");
  CHECK(error_of("profile:\n  websit: x\n") ==
        "[config.unknown_key] ecloud.yaml line 2: unknown key profile.websit | did you mean "
        "website?");
  CHECK(error_of("tls:\n  zzzzzz: x\n") ==
        "[config.unknown_key] ecloud.yaml line 2: unknown key tls.zzzzzz | the keys here are "
        "domain, withoutDomain");
  CHECK(error_of("environments:\n  mine:\n    rpcURL: x\n") ==
        "[config.unknown_key] ecloud.yaml line 3: unknown key environments.mine.rpcURL | did you "
        "mean rpcUrl?");
  CHECK(error_of("\"a\\x1b[2Jb\": 1\n").find('\x1b') == std::string::npos);
}

TEST_CASE("each of the two files has keys of its own", "[cli]") {
  CHECK(error_of("defaultEnvironment: devnet\n", Which::kUser) == "no error");
  CHECK(error_of("defaultEnvironment: devnet\n").rfind("[config.unknown_key]", 0) == 0);
}

TEST_CASE("unknown keys of config.yaml are warnings", "[cli]") {
  const ConfigFile file = ConfigFile::parse(
      "name: x\nwalet: kms\nenvironments:\n  a:\n    wallet: kms\n    chainId: 5\n", "config.yaml",
      Which::kUser);
  CHECK(file.warnings() ==
        std::vector<std::string>{
            "config.yaml line 1: unknown key name, which is ignored",
            "config.yaml line 2: unknown key walet, which is ignored; did you mean wallet?",
            "config.yaml line 5: unknown key environments.a.wallet, which is ignored"});
  CHECK(file.text("environments.a.chainId") == "5");
  CHECK(file.values().size() == 1);
}

TEST_CASE("the settings of the TypeScript CLI are its own", "[cli]") {
  const std::string theirs =
      "first_run: false\ntelemetry_enabled: true\nuser_uuid: 7d1e7a5c\nlast_version_check: 17\n"
      "last_known_version: 0.5.0\nprofile_cache:\n  sepolia:\n    updated_at: 17\n    profiles:\n"
      "      \"0xAb\": {name: a b}\n";
  const auto environment = [](const std::string& text) {
    const ConfigFile file = ConfigFile::parse(text, "config.yaml", Which::kUser);
    CHECK(file.warnings().empty());
    return file.text("defaultEnvironment").value_or("none");
  };
  CHECK(environment(theirs) == "none");
  CHECK(environment(theirs + "default_environment: mainnet-alpha\n") == "mainnet-alpha");
  CHECK(environment("default_environment: \"\"\n") == "none");
  CHECK(environment("default_environment: a\ndefaultEnvironment: b\n") == "b");
  // In a project they mean nothing.
  CHECK(error_of("first_run: false\n").starts_with("[config.unknown_key]"));
}

TEST_CASE("merge keys take what is not set otherwise", "[cli]") {
  const ConfigFile file = project(
      "x-base: &base\n  image: base\n  port: 80\n"
      "x-more: &more\n  image: more\n  wallet: kms\n"
      "apps:\n"
      "  web: &web\n    <<: *base\n    image: web\n"
      "  api:\n    <<: [*more, *web]\n    envFile: api.env\n"
      "  job: {<<: {port: 1}, port: 2}\n");
  CHECK(file.text("apps.web.image") == "web");
  CHECK(file.text("apps.web.port") == "80");
  CHECK(file.text("apps.api.image") == "more");
  CHECK(file.text("apps.api.wallet") == "kms");
  CHECK(file.text("apps.api.port") == "80");
  CHECK(file.text("apps.api.envFile") == "api.env");
  CHECK(file.text("apps.job.port") == "2");
  CHECK(file.names_below("apps") == std::vector<std::string>{"web", "api", "job"});
  CHECK(error_of("<<: 5\n") ==
        "[config.type] ecloud.yaml line 1: << merges a mapping (*anchor) or a list of them");
  CHECK(error_of("apps:\n  web: &w\n    <<: {nonsense: 1}\n")
            .starts_with("[config.unknown_key] ecloud.yaml line 3: unknown key apps.web.nonsense"));
  CHECK(error_of("apps:\n  web: &w\n    <<: *w\n") != "");
}

TEST_CASE("a value in the list of variables is not repeated", "[cli]") {
  const std::string hint =
      " | write only the name there, and NAME=VALUE into the env file (--env-file FILE)";
  CHECK(error_of("env:\n  - A\n  - TOKEN=hunter2\n") ==
        "[config.bad_value] ecloud.yaml line 3: env lists names of variables; TOKEN has a value "
        "there" +
            hint);
  CHECK(error_of("apps:\n  web:\n    env: [\"TOKEN: hunter2\"]\n") ==
        "[config.bad_value] ecloud.yaml line 3: apps.web.env lists names of variables; TOKEN has a "
        "value there" +
            hint);
  CHECK(error_of("env: [\"/hunter2\"]\n") ==
        "[config.bad_value] ecloud.yaml line 1: env lists names of variables; an entry is not a "
        "name" +
            hint);
}

TEST_CASE("a space that YAML does not know is named", "[cli]") {
  for (const char* space : {"\xc2\xa0", "\xe3\x80\x80", "\xe2\x80\x83"}) {
    const std::string s(space);
    const std::string hint =
        " | line 2 contains a space that YAML does not know (not U+0020); type it again";
    CHECK(error_of("name: a\nimage:" + s + "x\n").ends_with(hint));
    CHECK(error_of("profile:\n" + s + s + "name: a\n").ends_with(hint));
    // In a value it is one character like others.
    CHECK(
        project("name: a\nprofile: {description: \"a" + s + "b\"}\n").text("profile.description") ==
        "a" + s + "b");
  }
}

TEST_CASE("a value of another type is an error with its line", "[cli]") {
  CHECK(error_of("name: a\nport: http\n") ==
        "[config.type] ecloud.yaml line 2: port is a whole number, not \"http\"");
  CHECK(error_of("name: [a]\n") == "[config.type] ecloud.yaml line 1: name is a single value");
  CHECK(error_of("env: A\n") == "[config.type] ecloud.yaml line 1: env is a list");
  CHECK(error_of("env: [[A]]\n") == "[config.type] ecloud.yaml line 1: env is a list of texts");
  CHECK(error_of("profile: x\n") ==
        "[config.type] ecloud.yaml line 1: profile holds keys of its own");
  CHECK(error_of("- a\n- b\n") ==
        "[config.type] ecloud.yaml line 1: expected keys and values (name: my-app)");
  CHECK(error_of("just text") ==
        "[config.type] ecloud.yaml line 1: expected keys and values (name: my-app)");
  CHECK(error_of("[a]: b\n") ==
        "[config.type] ecloud.yaml line 1: expected a name before the colon");
}

TEST_CASE("a key that is set twice is an error", "[cli]") {
  CHECK(error_of("name: a\nport: 1\nname: b\n") ==
        "[config.duplicate_key] ecloud.yaml line 3: name is set twice");
}

TEST_CASE("what is no YAML is an error with its line", "[cli]") {
  CHECK(error_of("name: a\nimage: b: c\n").rfind("[config.syntax] ecloud.yaml line ", 0) == 0);
  CHECK(error_of("name: a\n---\nname: b\n") ==
        "[config.syntax] ecloud.yaml holds more than one document");
  CHECK(error_of("# mine\n, name: a\n") ==
        "[config.syntax] ecloud.yaml line 2: expected keys and values");
  CHECK(error_of("}") == "[config.syntax] ecloud.yaml line 1: illegal flow end");
  CHECK(error_of(std::string("na\0me: a\n", 9)) ==
        "[config.syntax] ecloud.yaml is no text file (UTF-8)");
  CHECK(error_of("name: \xff\n") == "[config.syntax] ecloud.yaml is no text file (UTF-8)");
}

TEST_CASE("files that are made to be costly are refused quickly", "[cli]") {
  CHECK(error_of(std::string((1 << 20) + 1, ' ')) ==
        "[config.too_large] ecloud.yaml is larger than 1 MiB");
  // Aliases of aliases: 10^9 values when followed.
  std::string laughs = "env: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "k" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + "," + before +
              "," + before + "]\n";
  }
  CHECK(error_of(laughs) != "no error");
  std::string names = "environments:\n";
  for (int i = 0; i < 20'000; ++i) names += "  e" + std::to_string(i) + ": {}\n";
  CHECK(error_of(names).rfind("[config.too_large]", 0) == 0);
  CHECK(error_of(std::string(100'000, '[')).rfind("[config.syntax]", 0) == 0);
  CHECK(error_of("a: " + std::string(100'000, '{')).rfind("[config.syntax]", 0) == 0);
}

TEST_CASE("an alias is as good as its text", "[cli]") {
  CHECK(project("name: &n app\nprofile:\n  name: *n\n").text("profile.name") == "app");
}

TEST_CASE("the example documents every key", "[cli]") {
  const std::string text =
      ecloud::testing::slurp(std::string(ECLOUD_SOURCE_DIR) + "/ecloud.yaml.example");
  const ConfigFile example = ConfigFile::parse(text, "ecloud.yaml.example", Which::kProject);
  std::set<std::string> set;
  for (const auto& [key, value] : example.values()) {
    set.insert(std::string(ecloud::cli::find_config_key(key, Which::kProject)->key));
  }
  for (const auto& key : ecloud::cli::config_keys()) {
    if (!key.in_project) continue;
    INFO(key.key);
    CHECK(set.count(std::string(key.key)) == 1);
    CHECK_FALSE(key.help.empty());
  }
  // And every place where a key of a release may stand.
  for (const std::string& scope : ecloud::cli::release_scopes()) {
    INFO(scope);
    CHECK(std::any_of(set.begin(), set.end(), [&](const std::string& key) {
      const auto* known = ecloud::cli::find_config_key(key, Which::kProject);
      return known->release && key.starts_with(scope + ".") &&
             key.substr(scope.size()).find('*') == std::string::npos;
    }));
  }
}

TEST_CASE("a key of a release is looked for in app and environment first", "[cli]") {
  const ConfigFile file = project(
      "image: top\n"
      "port: 1\n"
      "wallet: kms\n"
      "version: 9\n"
      "environments:\n"
      "  sepolia: {image: env, port: 2, wallet: env, chainId: 5}\n"
      "apps:\n"
      "  web:\n"
      "    image: app\n"
      "    port: 3\n"
      "    environments:\n"
      "      sepolia: {image: both}\n"
      "  api:\n");
  const auto value = [&](const char* key, const char* app, const char* environment) {
    return file.find_effective(key, app, environment)->values.front();
  };
  CHECK(value("image", "web", "sepolia") == "both");
  CHECK(value("port", "web", "sepolia") == "3");
  CHECK(value("wallet", "web", "sepolia") == "env");
  CHECK(value("version", "web", "sepolia") == "9");
  CHECK(value("image", "web", "devnet") == "app");
  CHECK(value("image", "api", "sepolia") == "env");
  CHECK(value("image", "", "sepolia") == "env");
  CHECK(value("image", "", "devnet") == "top");
  CHECK(value("image", "other", "devnet") == "top");
  CHECK(file.find_effective("targetRef", "web", "sepolia") == nullptr);
  CHECK(file.names_below("apps") == std::vector<std::string>{"web", "api"});
}

TEST_CASE("apps and overrides take the keys of a release and no others", "[cli]") {
  CHECK(error_of("apps:\n  web:\n    image: x\n    profile: {name: y}\n") == "no error");
  CHECK(error_of("apps:\n  web:\n    imgae: x\n") ==
        "[config.unknown_key] ecloud.yaml line 3: unknown key apps.web.imgae | did you mean "
        "image?");
  CHECK(error_of("apps:\n  web:\n    environment: x\n").rfind("[config.unknown_key]", 0) == 0);
  CHECK(error_of("apps:\n  web: {environments: {a: {chainId: 1}}}\n")
            .rfind("[config.unknown_key]", 0) == 0);
  CHECK(error_of("environments:\n  a: {name: x}\n").rfind("[config.unknown_key]", 0) == 0);
  CHECK(error_of("apps:\n  \"../x\": {port: 1}\n").rfind("[config.unknown_key]", 0) == 0);
  CHECK(error_of("apps: web\n") == "[config.type] ecloud.yaml line 1: apps holds keys of its own");
  CHECK(error_of("apps:\n  web:\n    wallet: mine\n") ==
        "[config.bad_value] ecloud.yaml line 3: apps.web.wallet \"mine\" is none of generated, "
        "kms, env");
}
