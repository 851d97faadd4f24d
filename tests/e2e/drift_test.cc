// drift: every difference between the project and what runs is found and named.

#include "e2e/session.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

struct Project : World {
  Project() {
    user.write("ecloud.yaml", "name: hello\nimage: " + devnet.image("sample/layered:1.0") +
                                  "\nlogVisibility: private\n");
    user.write(".env", "TOKEN=s3cret-marker\nGREETING_PUBLIC=hello\n");
  }
  void must(const std::vector<std::string>& arguments) {
    const RunResult run = user.run(arguments);
    INFO(run.describe());
    REQUIRE(run.code == 0);
  }
  void deploy_it() { must({"compute", "app", "deploy", "--json"}); }
  std::string lock() const { return base::read_file(user.folder() / "ecloud.lock", 1 << 20); }
  RunResult drift(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"compute", "app", "drift", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return user.run(arguments);
  }
};

using Lines = std::vector<std::string>;

/// "what: expected -> found".
Lines findings_of(const base::Json& app) {
  Lines out;
  for (const base::Json& one : app["findings"].elements()) {
    out.push_back(one["what"].as_string() + ": " + one["expected"].as_string() + " -> " +
                  one["found"].as_string());
  }
  return out;
}

/// Of the only app.
Lines findings(const RunResult& run) {
  INFO(run.describe());
  REQUIRE_FALSE(run.out.empty());
  return findings_of(run.json()["apps"].at(0));
}

/// Of the app with that name among several.
Lines findings(const RunResult& run, const std::string& name) {
  for (const base::Json& app : run.json()["apps"].elements()) {
    if (app["name"].opt_string() == name) return findings_of(app);
  }
  FAIL("no app " + name);
  return {};
}

Lines not_checked(const RunResult& run) {
  Lines out;
  for (const base::Json& one : run.json()["apps"].at(0)["notChecked"].elements()) {
    out.push_back(one.as_string());
  }
  return out;
}

std::string with(std::string text, const std::string& old, const std::string& now) {
  const std::size_t place = text.find(old);
  REQUIRE(place != std::string::npos);
  return text.replace(place, old.size(), now);
}

/// A registry in which somebody has deleted a tag.
class Untagged final : public net::Transport {
 public:
  Untagged(std::string tag, std::unique_ptr<net::Transport> inner)
      : tag_(std::move(tag)), inner_(std::move(inner)) {}
  net::Response send(const net::Request& request) override {
    if (!request.url.ends_with("/manifests/" + tag_)) return inner_->send(request);
    net::Response out;
    out.status = 404;
    return out;
  }

 private:
  std::string tag_;
  std::unique_ptr<net::Transport> inner_;
};

void check_only(const RunResult& run, const std::string& finding) {
  CHECK(findings(run) == Lines{finding});
  CHECK(run.code == 9);
  CHECK(run.error()["code"].as_string() == "drift.found");
}

}  // namespace

TEST_CASE("A project that has just been deployed has not drifted", "[e2e][drift]") {
  Project project;
  project.deploy_it();
  const RunResult run = project.drift();
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(findings(run).empty());
  CHECK(run.json()["apps"].at(0)["name"].as_string() == "hello");
  CHECK(run.json()["apps"].at(0)["notChecked"].size() == 0);
}

TEST_CASE("The lock file tells the release and no secret", "[e2e][drift]") {
  Project project;
  project.deploy_it();
  const std::string text = project.lock();
  CHECK(text.find("s3cret-marker") == std::string::npos);
  const base::Json app = base::Json::parse(text, "ecloud.lock")["apps"].at(0);
  const devnet::AppView state = project.devnet.apps().front();
  CHECK(app["appId"].as_string() == state.app.to_string());
  CHECK(app["registry"].as_string() + "@" + app["imageDigest"].as_string() == state.image);
  CHECK(app["privateVariables"]["TOKEN"].as_string().size() == 16);
  CHECK_FALSE(app["privateVariables"]["GREETING_PUBLIC"].exists());
  project.must({"compute", "app", "upgrade", "hello", "--instance-type", "g1-standard-8t"});
  const base::Json after = base::Json::parse(project.lock(), "ecloud.lock")["apps"];
  REQUIRE(after.size() == 1);
  CHECK(after.at(0)["instanceType"].as_string() == "g1-standard-8t");
  CHECK(after.at(0)["name"].as_string() == "hello");
  CHECK(after.at(0)["privateVariables"].equals(app["privateVariables"]));
}

TEST_CASE("Without an ecloud.yaml no lock file is written", "[e2e][drift]") {
  World world;
  REQUIRE(world.user.run(world.deploy()).code == 0);
  CHECK_FALSE(std::filesystem::exists(world.user.folder() / "ecloud.lock"));
}

TEST_CASE("A project that has deployed nothing has drifted", "[e2e][drift]") {
  Project project;
  const RunResult run = project.drift({"--all"});
  check_only(run, "lock-missing: an app of devnet in ecloud.lock -> none");
  CHECK(run.json()["apps"].at(0)["appId"].is_null());
}

TEST_CASE("Every way in which an app drifts is named", "[e2e][drift]") {
  Project project;
  project.deploy_it();
  SECTION("it was stopped") {
    project.must({"compute", "app", "stop", "hello"});
    check_only(project.drift(), "chain-status: started -> stopped");
  }
  SECTION("it has failed") {
    project.devnet.set_run_state(project.devnet.apps().front().app, "Failed");
    check_only(project.drift(), "platform-state: Running -> Failed");
  }
  SECTION("somebody released elsewhere") {
    const std::string before = project.lock();
    project.must({"compute", "app", "upgrade", "hello", "--instance-type", "g1-standard-8t"});
    project.user.write("ecloud.lock", before);
    const Lines lines = findings(project.drift());
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].starts_with("chain-release: the release of block "));
    CHECK(lines[1] == "chain-instance: g1-standard-4t -> g1-standard-8t");
  }
  SECTION("its log was opened") {
    const std::string before = project.lock();
    project.must({"compute", "app", "upgrade", "hello", "--log-visibility", "public"});
    project.user.write("ecloud.lock", before);
    const Lines lines = findings(project.drift());
    CHECK(std::find(lines.begin(), lines.end(), "chain-logs: not public -> public") != lines.end());
  }
  SECTION("a variable was changed in the project") {
    project.user.write(".env", "TOKEN=another\nGREETING_PUBLIC=hello\n");
    check_only(project.drift(),
               "variables-private: TOKEN as in the env file -> TOKEN with another "
               "value");
    project.user.write(".env", "TOKEN=s3cret-marker\nGREETING_PUBLIC=bye\n");
    check_only(project.drift(), "chain-variables: GREETING_PUBLIC=bye -> GREETING_PUBLIC=hello");
    project.user.write(".env", "TOKEN=s3cret-marker\nMORE=1\nGREETING_PUBLIC=hello\n");
    check_only(project.drift(), "variables-private: MORE -> no MORE");
    project.user.write(".env", "");
    CHECK(findings(project.drift()) ==
          Lines{"chain-variables: no GREETING_PUBLIC -> GREETING_PUBLIC=hello",
                "variables-private: no TOKEN -> TOKEN"});
  }
  SECTION("the project wants another instance") {
    check_only(project.drift({"--instance-type", "g1-standard-2t"}),
               "chain-instance: g1-standard-2t -> g1-standard-4t");
  }
  SECTION("the tag names another image now") {
    const RunResult run = project.drift({"--image-ref", project.devnet.image("sample/hello:1.0")});
    const Lines lines = findings(run);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("registry-moved: sha256:"));
  }
  SECTION("the tag was deleted") {
    project.user.wrap_transport([](std::unique_ptr<net::Transport> inner) {
      return std::make_unique<Untagged>("1.0", std::move(inner));
    });
    const RunResult run = project.drift();
    const Lines lines = findings(run);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("registry-untagged: " + project.devnet.image("sample/layered:1.0") +
                               " in its registry -> "));
    CHECK(run.code == 9);
    CHECK(not_checked(run).empty());
  }
  SECTION("it was to keep no log") {
    check_only(project.drift({"--log-visibility", "off"}), "registry-logs: off -> private");
  }
  SECTION("the registry has lost the image") {
    project.devnet.add_fault({.kind = "registry", .times = 0, .status = 404});
    const Lines lines = findings(project.drift());
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("registry-gone: "));
  }
  SECTION("the account is delegated to a stranger") {
    const auto stranger = *eth::Address::parse("0x00000000000000000000000000000000000000aa");
    project.devnet.set_delegate(project.account(), stranger);
    const Lines lines = findings(project.drift());
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("account-delegation: none, or to "));
  }
  SECTION("the quota was taken away") {
    project.devnet.set_max_active_apps(project.account(), 0);
    check_only(project.drift(), "account-quota: at most 0 apps -> 1 apps");
  }
  SECTION("the subscription has ended") {
    project.devnet.set_subscription(project.account(), "past_due");
    const RunResult run = project.drift();
    CHECK(findings(run) == Lines{"account-quota: at most 0 apps -> 1 apps",
                                 "account-subscription: active -> past_due"});
    CHECK(run.code == 9);
  }
}

TEST_CASE("Drift is seen without a key and says what it could not see", "[e2e][drift]") {
  Project project;
  project.deploy_it();
  project.user.unset("ECLOUD_PRIVATE_KEY");
  const RunResult run = project.drift();
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(findings(run).empty());
  const auto unchecked = run.json()["apps"].at(0)["notChecked"];
  REQUIRE(unchecked.size() == 2);
  CHECK(unchecked.at(0).as_string().find("private variables") != std::string::npos);
  CHECK(unchecked.at(1).as_string().find("the subscription") != std::string::npos);
}

TEST_CASE("A server that is away leaves its part unchecked", "[e2e][drift]") {
  Project project;
  project.deploy_it();
  project.devnet.add_fault({.kind = "registry", .times = 0, .status = 500});
  const RunResult run = project.drift();
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["apps"].at(0)["notChecked"].at(0).as_string().starts_with("the registry: "));
}

TEST_CASE("A damaged lock file is told with what to do", "[e2e][drift]") {
  Project project;
  project.user.write("ecloud.lock", "<<<<<<< ours\n");
  const RunResult run = project.drift();
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "lock.malformed");
}

TEST_CASE("Apps that are gone or were never deployed are named beside what else was found",
          "[e2e][drift]") {
  Project project;
  const std::string top = "image: " + project.devnet.image("sample/layered:1.0") +
                          "\nlogVisibility: private\napps:\n  web:\n  worker:\n";
  project.user.write("ecloud.yaml", top);
  project.must({"compute", "app", "deploy", "--all", "--json"});
  CHECK(project.drift().code == 0);

  project.user.write("ecloud.yaml", top + "  later:\n");
  project.must({"compute", "app", "stop", "web"});
  std::string worker;
  const std::string lock = project.lock();
  const base::Json document = base::Json::parse(lock, "ecloud.lock");
  for (const base::Json& app : document["apps"].elements()) {
    if (app["name"].as_string() == "worker") worker = app["appId"].as_string();
  }
  project.user.write("ecloud.lock",
                     with(lock, worker, "0x00000000000000000000000000000000000000aa"));
  const RunResult run = project.drift({"--all"});
  INFO(run.describe());
  CHECK(run.code == 9);
  REQUIRE(run.json()["apps"].size() == 3);
  CHECK(findings(run, "web") == Lines{"chain-status: started -> stopped"});
  CHECK(findings(run, "worker") == Lines{"chain-gone: an app on devnet -> none with this id"});
  CHECK(findings(run, "later") == Lines{"lock-missing: an app of devnet in ecloud.lock -> none"});
  CHECK(run.error()["message"].as_string() == "3 things are not as the project says");
}

TEST_CASE("An app that neither chain nor lock file knows is not found", "[e2e][drift]") {
  Project project;
  const RunResult run = project.drift({"0x00000000000000000000000000000000000000aa"});
  INFO(run.describe());
  CHECK(run.code == 6);
  CHECK(run.error()["code"].as_string() == "app.not_found");
}

TEST_CASE("Drift is watched in CI without the env file and without a key", "[e2e][drift]") {
  Project project;
  const std::string yaml = "name: hello\nimage: " + project.devnet.image("sample/layered:1.0") +
                           "\nlogVisibility: private\nenvFile: .env\n";
  project.user.write("ecloud.yaml", yaml + "env: [TOKEN, GREETING_PUBLIC, MNEMONIC]\n");
  project.deploy_it();
  std::filesystem::remove(project.user.folder() / ".env");
  project.user.unset("ECLOUD_PRIVATE_KEY");
  project.user.set("CI", "1");
  const RunResult run = project.drift();
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(findings(run).empty());
  const Lines unchecked = not_checked(run);
  REQUIRE(unchecked.size() == 2);
  CHECK(unchecked[0] == "the values of private variables: there is no env file");
  CHECK(unchecked[1].starts_with("the subscription: "));

  SECTION("the names that ecloud.yaml lists are compared") {
    project.user.write("ecloud.yaml", yaml + "env: [TOKEN, MORE, OTHER_PUBLIC]\n");
    const RunResult more = project.drift();
    CHECK(findings(more) == Lines{"variables-private: MORE -> no MORE",
                                  "chain-variables: OTHER_PUBLIC -> no OTHER_PUBLIC"});
    CHECK(more.code == 9);
  }
  SECTION("public variables are compared with the lock file") {
    project.user.write("ecloud.lock", with(project.lock(), "\"GREETING_PUBLIC\": \"hello\"",
                                           "\"GREETING_PUBLIC\": \"bye\", \"MORE_PUBLIC\": \"1\""));
    CHECK(findings(project.drift()) ==
          Lines{"chain-variables: GREETING_PUBLIC=bye -> GREETING_PUBLIC=hello",
                "chain-variables: MORE_PUBLIC=1 -> no MORE_PUBLIC"});
  }
  SECTION("one that the command line names has to be there") {
    const RunResult missing = project.drift({"--env-file", "other.env"});
    CHECK(missing.code == 2);
    CHECK(missing.out.empty());
  }
}

TEST_CASE("What a lock file does not say is not taken for a difference", "[e2e][drift]") {
  Project project;
  project.deploy_it();
  const std::string lock = project.lock();
  SECTION("another account's fingerprints") {
    const std::string other = devnet::Devnet::accounts().at(1).address.to_string();
    project.user.write("ecloud.lock", with(lock, "\"account\": \"" + project.account().to_string(),
                                           "\"account\": \"" + other));
    project.user.write(".env", "TOKEN=another\nGREETING_PUBLIC=hello\n");
    const RunResult run = project.drift();
    CHECK(findings(run).empty());
    REQUIRE(not_checked(run).size() == 1);
    CHECK(not_checked(run)[0].find("are of the key of " + other) != std::string::npos);
  }
  SECTION("the private variables of a release that was put back") {
    project.user.write("ecloud.lock", with(lock, "\"privateVariables\"",
                                           "\"privateVariables\": null, \"former\""));
    const RunResult run = project.drift();
    CHECK(findings(run).empty());
    CHECK(not_checked(run) ==
          Lines{"private variables: ecloud.lock does not know those of the release"});
  }
}
