// The templates as programs: built with what this machine has, started, and asked.

#include <filesystem>

#include "cli/project_template.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/http_probe.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace fs = std::filesystem;
using namespace ecloud;
using namespace ecloud::testing;

namespace {

constexpr char kGreeting[] =
    "say \"hi\" \\ gr\xc3\xbc\xc3\x9f"
    "e";
/// The words that development chains use (anvil, hardhat), and the address of their first account.
constexpr char kWords[] = "test test test test test test test test test test test junk";
constexpr char kAddress[] = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

/// A project of that language in a folder of its own.
struct Project {
  explicit Project(const std::string& language) {
    cli::write_project(folder, cli::make_project(language, "my-app"));
  }

  /// Runs a step of its build.
  void build(std::vector<std::string> argv) const {
    ProcessOptions options;
    options.argv = std::move(argv);
    options.directory = folder;
    options.time_limit = std::chrono::minutes(4);
    const ProcessResult result = run_process(options);
    INFO(result.describe());
    REQUIRE(result.ok());
  }

  TempDir directory;
  fs::path folder = directory / "my-app";
};

/// A server of a template, on a port that the system chose.
class Server {
 public:
  Server(const Project& project, std::vector<std::string> argv, const std::string& port_variable)
      : process_(options(project, std::move(argv), port_variable)) {
    // Bound to all addresses: so it says, and so it is asked below.
    const std::string line = "listening on 0.0.0.0:";
    REQUIRE(process_.wait_for_output("\n"));
    const std::string text = process_.out() + process_.err();
    INFO(text);
    const std::size_t at = text.find(line);
    REQUIRE(at != std::string::npos);
    const std::string rest = text.substr(at + line.size());
    port_ = static_cast<std::uint16_t>(*base::parse_decimal(rest.substr(0, rest.find('\n'))));
  }

  base::Json get(const std::string& target, int status, const std::string& method = "GET") const {
    const ProbeAnswer answer = probe(port_, method, target, {{"Connection", "close"}});
    INFO(target);
    CHECK(answer.status == status);
    CHECK(answer.header("content-type").starts_with("application/json"));
    return base::Json::parse(answer.body, target);
  }

  ProcessResult stop() { return process_.stop(); }

 private:
  static ProcessOptions options(const Project& project, std::vector<std::string> argv,
                                const std::string& port_variable) {
    ProcessOptions out;
    out.argv = std::move(argv);
    out.directory = project.folder;
    out.env = {{"PORT", ""},
               {"APP_PORT", ""},
               {"GREETING_PUBLIC", kGreeting},
               {"MNEMONIC", kWords},
               {"PYTHONUNBUFFERED", "1"}};
    out.env[port_variable] = "0";
    return out;
  }

  ChildProcess process_;
  std::uint16_t port_ = 0;
};

/// What all of them do. The port's variable is PORT, or APP_PORT, which TLS uses.
void check_server(const Project& project, const std::vector<std::string>& argv) {
  for (const char* variable : {"PORT", "APP_PORT"}) {
    Server server(project, argv, variable);
    CHECK(server.get("/health", 200).dump() == "{\"status\":\"ok\"}");
    const base::Json hello = server.get("/?x=1", 200);
    CHECK(hello["message"].as_string() == kGreeting);
    if (hello["wallet"].exists()) {
      CHECK(hello["wallet"].as_string() == kAddress);
    } else {
      CHECK(hello["hasWallet"].as_bool());
    }
    CHECK(hello.dump().find("junk") == std::string::npos);
    CHECK(server.get("/constructor", 404)["error"].as_string() == "not found");
    server.stop();
  }
}

}  // namespace

TEST_CASE("the python template runs", "[cli][create][templates]") {
  const auto python = require_tool("python3");
  if (!python) return;
  const Project project("python");
  check_server(project, {python->string(), "main.py"});
  Server server(project, {python->string(), "main.py"}, "PORT");
  CHECK(server.stop().exit_code == 0);
}

TEST_CASE("the typescript template compiles and runs", "[cli][create][templates]") {
  const auto node = require_tool("node");
  const fs::path modules = fs::path(ECLOUD_SOURCE_DIR) / "tests/interop/node_modules";
  if (!node) return;
  if (!fs::exists(modules / "typescript/bin/tsc")) {
    if (tools_are_required()) FAIL("typescript is not installed, and ECLOUD_REQUIRE_TOOLS is set");
    WARN("SKIPPED: typescript not installed (npm ci --ignore-scripts in tests/interop)");
    return;
  }
  const Project project("typescript");
  fs::create_directory_symlink(modules, project.folder / "node_modules");
  project.build({node->string(), "node_modules/typescript/bin/tsc"});
  check_server(project, {node->string(), "dist/main.js"});
  Server server(project, {node->string(), "dist/main.js"}, "PORT");
  CHECK(server.stop().exit_code == 0);
}

TEST_CASE("the typescript template uses the packages that it is tested with",
          "[cli][create][templates]") {
  const fs::path root = ECLOUD_SOURCE_DIR;
  const auto versions = [&](const std::string& file) {
    return base::Json::parse(slurp(root / file), file);
  };
  const base::Json ours = versions("examples/typescript/package.json");
  const base::Json tested = versions("tests/interop/package.json")["devDependencies"];
  const base::Json lock = versions("examples/typescript/package-lock.json")["packages"];
  for (const char* kind : {"dependencies", "devDependencies"}) {
    for (const auto& [name, version] : ours[kind].members()) {
      INFO(name);
      CHECK(tested[name].opt_string() == version.as_string());
      CHECK(lock["node_modules/" + name]["version"].opt_string() == version.as_string());
    }
  }
}

TEST_CASE("the golang template builds and runs", "[cli][create][templates]") {
  // Large, and so not among the tools that the tests install.
  const auto go = find_tool("go");
  if (!go) {
    WARN("SKIPPED: go not installed");
    return;
  }
  const Project project("golang");
  project.build({go->string(), "build", "-trimpath", "-o", "app", "."});
  check_server(project, {(project.folder / "app").string()});
  Server server(project, {(project.folder / "app").string()}, "PORT");
  CHECK(server.stop().exit_code == 0);
}

TEST_CASE("the rust template builds and runs", "[cli][create][templates]") {
  const auto cargo = find_tool("cargo");
  if (!cargo) {
    WARN("SKIPPED: cargo not installed");
    return;
  }
  const Project project("rust");
  project.build({cargo->string(), "build", "--locked", "--offline", "--target-dir", "target"});
  check_server(project, {(project.folder / "target/debug/app").string()});
}
