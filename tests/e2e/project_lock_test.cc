// ecloud.lock: who writes it, what stands in it, and that it is fit for version control.

#include <unistd.h>

#include <filesystem>

#include "e2e/session.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/deploy/project_lock.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

using Lines = std::vector<std::string>;

struct Project : World {
  Project() { user.write(".env", "TOKEN=s3cret-marker\nGREETING_PUBLIC=hello\n"); }
  void describe(const std::string& more = "name: hello\n") const {
    user.write("ecloud.yaml", "image: " + devnet.image("sample/layered:1.0") +
                                  "\nlogVisibility: private\n" + more);
  }
  RunResult must(const Lines& arguments) {
    RunResult run = user.run(arguments);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    return run;
  }
  RunResult deploy_it() { return must({"compute", "app", "deploy", "--json"}); }
  std::filesystem::path file() const { return user.folder() / "ecloud.lock"; }
  std::string text() const { return base::read_file(file(), 1 << 20); }
  deploy::ProjectLock lock() const { return deploy::ProjectLock(file(), user.state()); }
  std::vector<deploy::LockedApp> locked() const { return lock().all(); }
  void check_hello() const {
    const auto apps = locked();
    REQUIRE(apps.size() == 1);
    CHECK(apps[0].name == "hello");
    CHECK(apps[0].app == devnet.apps().back().app);
    CHECK(apps[0].block == devnet.apps().back().latest_release_block);
    CHECK(apps[0].account == account());
    REQUIRE(apps[0].private_variables);
    CHECK(apps[0].private_variables->at("TOKEN").size() == 16);
    CHECK(apps[0].public_variables ==
          std::optional(std::map<std::string, std::string>{{"GREETING_PUBLIC", "hello"}}));
    CHECK(text().find("s3cret-marker") == std::string::npos);
  }
};

}  // namespace

TEST_CASE("The apps of a project stand in one lock file in an order of their own", "[e2e][lock]") {
  Project project;
  project.describe("apps:\n  web:\n  worker:\n");
  project.must({"compute", "app", "deploy", "--all", "--json"});
  const auto apps = project.locked();
  REQUIRE(apps.size() == 2);
  CHECK(apps[0].app < apps[1].app);
  CHECK((apps[0].name == "web" || apps[1].name == "web"));
  CHECK((apps[0].name == "worker" || apps[1].name == "worker"));
  SECTION("the same content gives the same octets") {
    const std::string before = project.text();
    std::filesystem::remove(project.file());
    project.lock().put(apps[1]);
    project.lock().put(apps[0]);
    CHECK(project.text() == before);
    project.lock().put(apps[1]);
    CHECK(project.text() == before);
  }
  SECTION("a release changes its own app") {
    const deploy::LockedApp& other = apps[0].name == "web" ? apps[1] : apps[0];
    project.must({"compute", "app", "upgrade", "web", "--instance-type", "g1-standard-8t"});
    REQUIRE(project.locked().size() == 2);
    const auto after = project.lock().find("devnet", other.app);
    REQUIRE(after);
    CHECK(after->block == other.block);
    CHECK(after->instance_type == "g1-standard-4t");
  }
}

TEST_CASE("What the lock file says of a release is in the transaction's receipt", "[e2e][lock]") {
  Project project;
  project.describe();
  project.deploy_it();
  project.check_hello();
  CHECK(project.devnet.count("rpc:eth_getLogs") == 0);
}

TEST_CASE("A lock file that cannot be written is a warning beside the deployment", "[e2e][lock]") {
  namespace fs = std::filesystem;
  Project project;
  project.describe();
  SECTION("a folder stands in its place") {
    fs::create_directories(project.file());
  }
  SECTION("the project's folder is read-only") {
    if (::geteuid() == 0) return;  // who may write everywhere
    fs::permissions(project.user.folder(), fs::perms::owner_read | fs::perms::owner_exec);
  }
  const RunResult run = project.deploy_it();
  fs::permissions(project.user.folder(), fs::perms::owner_all);
  INFO(run.describe());
  CHECK(run.json()["appId"].as_string() == project.devnet.apps().front().app.to_string());
  CHECK(run.err.find("warning: the release is on chain, but " + project.file().string() +
                     " does not say so: ") != std::string::npos);
  CHECK_FALSE(fs::is_regular_file(project.file()));
}

TEST_CASE("The lock file is written by whoever sees the release through", "[e2e][lock]") {
  Project project;
  project.describe();
  SECTION("deploy") {
    project.deploy_it();
  }
  SECTION("apply") {
    project.must({"compute", "app", "deploy", "--plan-out", "new.plan", "--json"});
    CHECK_FALSE(std::filesystem::exists(project.file()));
    project.must({"compute", "app", "apply", "new.plan", "--yes", "--json"});
  }
  SECTION("resume without the key") {
    project.devnet.pause_mining();
    project.interrupt_at_first_wait();
    CHECK(project.user.run({"compute", "app", "deploy", "--json"}).code == 130);
    project.clock.on_sleep({});
    CHECK_FALSE(std::filesystem::exists(project.file()));
    project.devnet.resume_mining();
    project.user.unset("ECLOUD_PRIVATE_KEY");
    project.must({"resume", "--json"});
  }
  project.check_hello();
}

TEST_CASE("An app that is deployed again takes the place of the terminated one", "[e2e][lock]") {
  Project project;
  project.describe();
  const std::string first = project.deploy_it().json()["appId"].as_string();
  project.must({"compute", "app", "terminate", "hello", "--yes", "--json"});
  const std::string second = project.deploy_it().json()["appId"].as_string();
  CHECK(first != second);
  const auto apps = project.locked();
  REQUIRE(apps.size() == 1);
  CHECK(apps[0].app.to_string() == second);
}

TEST_CASE("An entry that an upgrade made first has the app's name", "[e2e][lock]") {
  Project project;
  project.must(project.deploy({"--log-visibility", "private", "--json"}));
  CHECK_FALSE(std::filesystem::exists(project.file()));
  project.describe();
  project.must({"compute", "app", "upgrade", project.devnet.apps().front().app.to_string()});
  const auto apps = project.locked();
  REQUIRE(apps.size() == 1);
  CHECK(apps[0].name == "hello");
}

TEST_CASE("A later release in the lock file is not overwritten by an earlier one", "[e2e][lock]") {
  Project project;
  project.describe();
  project.deploy_it();
  deploy::LockedApp later = project.locked().front();
  later.block = 1'000'000;
  project.lock().put(later);
  const std::string before = project.text();
  project.must({"compute", "app", "upgrade", "hello", "--instance-type", "g1-standard-8t"});
  CHECK(project.text() == before);
}

TEST_CASE("Of a lock that another account wrote names are compared and values are not",
          "[e2e][lock]") {
  Project project;
  project.describe();
  project.must({"compute", "app", "deploy", "--wallet", "kms", "--json"});
  const std::string app = project.devnet.apps().front().app.to_string();
  const auto& colleague = devnet::Devnet::accounts().at(1);
  project.must({"compute", "app", "permissions", "grant", app, colleague.address.to_string(),
                "--allow", "upgrade", "--json"});
  const std::string own_key = project.user.env().at("ECLOUD_PRIVATE_KEY");
  project.user.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(colleague.private_key.reveal()));
  project.must(
      {"compute", "app", "upgrade", app, project.devnet.image("sample/layered:1.0"), "--json"});
  REQUIRE(project.locked().size() == 1);
  CHECK(project.locked()[0].account == colleague.address);

  project.user.set("ECLOUD_PRIVATE_KEY", own_key);
  project.user.write(".env", "TOKEN=s3cret-marker\nMORE=1\nGREETING_PUBLIC=hello\n");
  const RunResult run = project.user.run({"compute", "app", "drift", "--json"});
  INFO(run.describe());
  CHECK(run.code == 9);
  const base::Json report = run.json()["apps"].at(0);
  REQUIRE(report["findings"].size() == 1);
  CHECK(report["findings"].at(0)["what"].as_string() == "variables-private");
  CHECK(report["findings"].at(0)["expected"].as_string() == "MORE");
  REQUIRE(report["notChecked"].size() == 1);
  CHECK(report["notChecked"].at(0).as_string() ==
        "the values of private variables: the fingerprints in ecloud.lock are of the key of " +
            colleague.address.to_string() + ", and this is the one of " +
            project.account().to_string() + "; their names alone are compared");
}
