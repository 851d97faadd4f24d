// The difference that the plan of an upgrade shows: everything that the new release has otherwise,
// and private variables by name alone.

#include "e2e/session.h"
#include "ecloud/base/files.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

using Lines = std::vector<std::string>;

struct Project : World {
  Project() {
    user.write("ecloud.yaml", "name: hello\nimage: " + devnet.image("sample/layered:1.0") +
                                  "\nlogVisibility: private\n");
    user.write(".env",
               "TOKEN=s3cret-marker\nKEPT=s3cret-marker\nGONE=s3cret-marker\n"
               "GREETING_PUBLIC=hello\nOLD_PUBLIC=1\n");
    must({"compute", "app", "deploy", "--json"});
  }
  RunResult must(const Lines& arguments) {
    RunResult run = user.run(arguments);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    CHECK(run.out.find("s3cret") == std::string::npos);
    CHECK(run.err.find("s3cret") == std::string::npos);
    return run;
  }
  RunResult plan(const Lines& more = {}) {
    Lines arguments = {"compute", "app", "plan", "hello"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return must(arguments);
  }
  void change_variables() {
    user.write(".env",
               "TOKEN=s3cret-other\nKEPT=s3cret-marker\nNEW=s3cret-marker\n"
               "GREETING_PUBLIC=bye\nNEWER_PUBLIC=2\n");
  }
};

/// A registry without one image.
class Forgetful final : public net::Transport {
 public:
  Forgetful(std::string digest, std::unique_ptr<net::Transport> inner)
      : digest_(std::move(digest)), inner_(std::move(inner)) {}
  net::Response send(const net::Request& request) override {
    if (request.url.find("/manifests/" + digest_) == std::string::npos) {
      return inner_->send(request);
    }
    net::Response out;
    out.status = 404;
    return out;
  }

 private:
  std::string digest_;
  std::unique_ptr<net::Transport> inner_;
};

/// "what name: change before after".
Lines changes_of(const RunResult& run) {
  Lines out;
  for (const base::Json& one : run.json()["changes"].elements()) {
    const auto text = [&](const char* member) {
      return one[member].is_null() ? std::string("-") : one[member].as_string();
    };
    out.push_back(text("what") + " " + text("name") + ": " + text("change") + " " + text("before") +
                  " " + text("after"));
  }
  return out;
}

Lines of_kind(const Lines& lines, const std::string& kind) {
  Lines out;
  for (const std::string& line : lines) {
    if (line.starts_with(kind + " ")) out.push_back(line);
  }
  return out;
}

}  // namespace

TEST_CASE("The plan of what runs already shows no change", "[e2e][plan]") {
  Project project;
  const RunResult run = project.plan({"--json"});
  CHECK(changes_of(run).empty());
  CHECK(run.json()["notCompared"].size() == 0);
}

TEST_CASE("A plan names the variables that change and the values of public ones", "[e2e][plan]") {
  Project project;
  project.change_variables();
  const RunResult run = project.plan({"--json"});
  CHECK(changes_of(run) ==
        Lines{"publicVariable GREETING_PUBLIC: changed hello bye",
              "publicVariable NEWER_PUBLIC: added - 2", "publicVariable OLD_PUBLIC: removed 1 -",
              "privateVariable GONE: removed - -", "privateVariable NEW: added - -",
              "privateVariable TOKEN: changed - -"});
  const RunResult words = project.plan();
  INFO(words.out);
  for (const char* line :
       {"Variable GREETING_PUBLIC: hello -> bye\n", "Variable NEWER_PUBLIC: added: 2\n",
        "Variable OLD_PUBLIC: removed: 1\n", "Secret GONE: removed\n", "Secret NEW: added\n",
        "Secret TOKEN: another value\n"}) {
    CHECK(words.out.find(line) != std::string::npos);
  }
}

TEST_CASE("A plan shows what another image and machine change", "[e2e][plan]") {
  Project project;
  const RunResult run =
      project.plan({"--json", "--image-ref", project.devnet.image("sample/hello:1.0"),
                    "--instance-type", "g1-standard-8t", "--log-visibility", "public"});
  const Lines lines = changes_of(run);
  CHECK(of_kind(lines, "image").size() == 1);
  const Lines labels = of_kind(lines, "label");
  REQUIRE(labels.size() == 2);
  CHECK(std::any_of(labels.begin(), labels.end(), [](const std::string& line) {
    return line.starts_with("label org.opencontainers.image.base.digest: added - sha256:");
  }));
  CHECK(of_kind(lines, "instanceType") ==
        Lines{"instanceType -: changed g1-standard-4t g1-standard-8t"});
  CHECK(of_kind(lines, "logVisibility") == Lines{"logVisibility -: changed not public public"});
}

TEST_CASE("Without the lock of the release that runs private variables are not compared",
          "[e2e][plan]") {
  Project project;
  project.change_variables();
  std::string why;
  SECTION("there is none") {
    std::filesystem::remove(project.user.folder() / "ecloud.lock");
    why = "ecloud.lock says nothing of this app";
  }
  SECTION("it is of an earlier release") {
    const std::string old = base::read_file(project.user.folder() / "ecloud.lock", 1 << 20);
    project.must({"compute", "app", "upgrade", "hello", "--json"});
    project.user.write("ecloud.lock", old);
    why = "ecloud.lock speaks of another release than the one that runs";
  }
  const RunResult run = project.plan({"--json"});
  CHECK(of_kind(changes_of(run), "privateVariable").empty());
  REQUIRE(run.json()["notCompared"].size() == 1);
  CHECK(run.json()["notCompared"].at(0).as_string() == "which private variables change: " + why);
}

TEST_CASE("Of a lock that another account wrote a plan compares the names", "[e2e][plan]") {
  Project project;
  const auto file = project.user.folder() / "ecloud.lock";
  const std::string own = project.account().to_string();
  const std::string other = devnet::Devnet::accounts().at(1).address.to_string();
  std::string lock = base::read_file(file, 1 << 20);
  const std::size_t place = lock.find("\"account\": \"" + own);
  REQUIRE(place != std::string::npos);
  project.user.write("ecloud.lock",
                     lock.replace(place, own.size() + 12, "\"account\": \"" + other));
  project.change_variables();
  const RunResult run = project.plan({"--json"});
  CHECK(of_kind(changes_of(run), "privateVariable") ==
        Lines{"privateVariable GONE: removed - -", "privateVariable NEW: added - -"});
  REQUIRE(run.json()["notCompared"].size() == 1);
  CHECK(run.json()["notCompared"].at(0).as_string() ==
        "the values of private variables: the fingerprints in ecloud.lock are of the key of " +
            other);
}

TEST_CASE("A damaged lock file stops no plan and is told in it", "[e2e][plan]") {
  Project project;
  project.user.write("ecloud.lock", "<<<<<<< ours\n");
  project.change_variables();
  const RunResult run = project.plan({"--json"});
  CHECK(of_kind(changes_of(run), "publicVariable").size() == 3);
  CHECK(of_kind(changes_of(run), "privateVariable").empty());
  REQUIRE(run.json()["notCompared"].size() == 1);
  const std::string why = run.json()["notCompared"].at(0).as_string();
  INFO(why);
  CHECK(why.starts_with("which private variables change: "));
  CHECK(why.find("ecloud.lock") != std::string::npos);
  CHECK(why.find("says nothing of this app") == std::string::npos);
}

TEST_CASE("An image that its registry has lost leaves its labels uncompared", "[e2e][plan]") {
  Project project;
  const std::string running = project.user.run({"compute", "app", "info", "hello", "--json"})
                                  .json()["imageDigest"]
                                  .as_string();
  project.user.wrap_transport([&](std::unique_ptr<net::Transport> inner) {
    return std::make_unique<Forgetful>(running, std::move(inner));
  });
  const RunResult run =
      project.plan({"--json", "--image-ref", project.devnet.image("sample/hello:1.0")});
  CHECK(of_kind(changes_of(run), "image").size() == 1);
  CHECK(of_kind(changes_of(run), "label").empty());
  REQUIRE(run.json()["notCompared"].size() == 1);
  CHECK(run.json()["notCompared"].at(0).as_string().starts_with(
      "entrypoint and labels of the image that runs: "));
}
