// What an app may be called, and who is believed about it.

#include "e2e/session.h"
#include "ecloud/base/files.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/name_cache.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

std::string deploy_app(World& world, const std::string& name) {
  const RunResult run = world.user.run({"compute", "app", "deploy", "--name", name, "--image-ref",
                                        world.devnet.image("sample/layered:1.0"), "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run.json()["appId"].as_string();
}

/// What a UserAPI answers to /info that names the account's apps as it likes, in the order asked.
void name_apps(World& world, const std::vector<std::string>& names) {
  base::Json apps = base::Json::array();
  for (const std::string& name : names) {
    apps.push(base::Json::object({{"app_status", "Running"},
                                  {"ip", "203.0.113.9"},
                                  {"profile", base::Json::object({{"name", name}})}}));
  }
  world.devnet.add_fault({.kind = "userapi:/info",
                          .action = devnet::FaultAction::kBody,
                          .times = 0,
                          .body = base::Json::object({{"apps", std::move(apps)}}).dump()});
}

RunResult status(Session& user, const std::string& name) {
  return user.run({"compute", "app", "status", name, "--json"});
}

}  // namespace

TEST_CASE("A fresh machine finds an app by its profile's name", "[e2e][names]") {
  World world;
  const std::string app = deploy_app(world, "hello");
  Session fresh(world.devnet, world.clock);
  const RunResult run = status(fresh, "hello");
  INFO(run.describe());
  CHECK(run.json()["appId"].as_string() == app);

  const RunResult typo = status(fresh, "helo");
  CHECK(typo.code == 6);
  CHECK(typo.error()["hint"].as_string().starts_with("did you mean hello?\n"));
}

TEST_CASE("The names of the reference CLI's records lead to its apps", "[e2e][names]") {
  World world;
  const std::string app = deploy_app(world, "hello");
  Session fresh(world.devnet, world.clock);
  const auto home = std::filesystem::path(fresh.env().at("HOME"));
  base::write_file_atomic(home / ".eigenx/apps/devnet.yaml",
                          "version: \"1\"\napps:\n  old-name:\n    app_id: \"" + app +
                              "\"\n    created_at: 2026-01-01T00:00:00Z\n  broken: 7\n",
                          base::kPublicFile);
  CHECK(status(fresh, "old-name").json()["appId"].as_string() == app);
  fresh.unset("ECLOUD_PRIVATE_KEY");
  CHECK(status(fresh, "old-name").json()["appId"].as_string() == app);
  base::write_file_atomic(home / ".eigenx/apps/devnet.yaml", "apps: [\n", base::kPublicFile);
  CHECK(status(fresh, "old-name").code == 6);
}

TEST_CASE("A server that swaps the names of two apps is found out", "[e2e][names]") {
  World world;
  const std::string first = deploy_app(world, "hello");
  const std::string second = deploy_app(world, "world");
  name_apps(world, {"world", "hello"});
  const RunResult run = status(world.user, "hello");
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "app.ambiguous");
  const std::string message = run.error()["message"].as_string();
  CHECK(message.find("this machine and the platform do not mean the same app by hello") == 0);
  CHECK(message.find(first + " (Running, created 2027-01-15T08:00:") != std::string::npos);
  CHECK(message.find(second + " (Running, created 2027-01-15T08:00:") != std::string::npos);
  // The id needs nobody's word.
  CHECK(status(world.user, first).code == 0);
}

TEST_CASE("A name that only the platform gives to an app known here by another is told",
          "[e2e][names]") {
  World world;
  const std::string app = deploy_app(world, "hello");
  name_apps(world, {"other"});
  const RunResult run = status(world.user, "other");
  INFO(run.describe());
  CHECK(run.json()["appId"].as_string() == app);
  CHECK(run.err.find("is named other on the platform and was deployed from here as hello") !=
        std::string::npos);
}

TEST_CASE("Nobody's word leads to another account's app", "[e2e][names]") {
  World world;
  const auto& stranger = devnet::Devnet::accounts()[1].address;
  world.devnet.seed_apps(stranger, 1, "treasure-");
  deploy_app(world, "hello");
  const RunResult run = status(world.user, "treasure-1");
  INFO(run.describe());
  CHECK(run.code == 6);
  for (const auto& request : world.devnet.requests()) {
    for (const auto& view : world.devnet.apps()) {
      if (!(view.creator == stranger)) continue;
      CHECK(request.path.find(view.app.to_string()) == std::string::npos);
    }
  }
}

TEST_CASE("Two apps of one name are listed and nothing is chosen", "[e2e][names]") {
  World world;
  world.devnet.seed_apps(world.account(), 1, "twin-");
  world.devnet.seed_apps(world.account(), 1, "twin-");
  const RunResult run = status(world.user, "twin-1");
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["message"].as_string().find("several apps are named twin-1: 0x") == 0);
  CHECK(run.error()["message"].as_string().find("created 2027-01-15T08:00:00Z") !=
        std::string::npos);
}

TEST_CASE("With the UserAPI down this machine's names still count", "[e2e][names]") {
  World world;
  const std::string app = deploy_app(world, "hello");
  world.devnet.add_fault({.kind = "userapi:/info", .times = 0, .status = 500});
  const RunResult known = status(world.user, "hello");
  INFO(known.describe());
  CHECK(known.code == 0);
  CHECK(known.err.find("could not be compared") != std::string::npos);
  const RunResult unknown = status(world.user, "nobody");
  CHECK(unknown.code == 7);
  CHECK(unknown.error()["code"].as_string() == "app.unknown_name");
}

TEST_CASE("rename changes the profile and this machine's record", "[e2e][names]") {
  World world;
  const std::string app = deploy_app(world, "hello");
  const std::string other = deploy_app(world, "world");
  const RunResult dry =
      world.user.run({"compute", "app", "rename", "hello", "better", "--dry-run", "--json"});
  INFO(dry.describe());
  CHECK(dry.code == 0);
  CHECK(dry.json()["dryRun"].as_bool());
  CHECK(world.devnet.app(*eth::Address::parse(app))->profile_name == "hello");

  const RunResult run = world.user.run({"compute", "app", "rename", "hello", "better"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out == "name: hello -> better\n");
  CHECK(world.devnet.app(*eth::Address::parse(app))->profile_name == "better");
  CHECK(status(world.user, "better").json()["appId"].as_string() == app);
  CHECK(status(world.user, "better").err.empty());
  CHECK(status(world.user, "hello").code == 6);

  const RunResult taken = world.user.run({"compute", "app", "rename", app, "world"});
  CHECK(taken.code == 2);
  CHECK(taken.err.find("app " + other + " is named world already") != std::string::npos);
  CHECK(world.user.run({"compute", "app", "rename", app, "two words"}).code == 2);
  // One word: the last one deployed from this folder.
  CHECK(world.user.run({"compute", "app", "rename", "earth"}).out == "name: world -> earth\n");
}

TEST_CASE("profile set changes what is given and keeps the rest", "[e2e][profile]") {
  World world;
  const std::string app = deploy_app(world, "hello");
  const std::vector<std::string> set = {"compute", "app", "profile", "set", "hello"};
  const auto run = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = set;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return world.user.run(arguments);
  };
  const RunResult nothing = run({});
  CHECK(nothing.code == 2);
  CHECK(nothing.err.find("--name, --website, --description, --x-url, --image") !=
        std::string::npos);

  CHECK(run({"--website", "https://example.com", "--description", "Says hello"}).out ==
        "website: (none) -> https://example.com\ndescription: (none) -> Says hello\n");
  const RunResult dry = run({"--website", "https://example.org", "--dry-run", "--json"});
  INFO(dry.describe());
  CHECK(dry.json()["changes"].at(0)["from"].as_string() == "https://example.com");
  CHECK(dry.json()["dryRun"].as_bool());
  CHECK(world.devnet.count("userapi:/profile") == 2);

  const RunResult x = run({"--x-url", "https://x.com/hello", "--json"});
  INFO(x.describe());
  CHECK(x.json()["profile"]["name"].as_string() == "hello");
  CHECK(x.json()["profile"]["website"].as_string() == "https://example.com");
  CHECK(x.json()["profile"]["description"].as_string() == "Says hello");
  CHECK(x.json()["profile"]["xUrl"].as_string() == "https://x.com/hello");
  CHECK(run({"--website", ""}).out == "website: https://example.com -> (none)\n");

  // A picture by its content, not by its name.
  world.user.write("logo.txt", "\x89PNG\r\n\x1a\nrest");
  world.user.write("text.png", "no picture");
  const RunResult picture = run({"--image", "logo.txt", "--json"});
  CHECK(picture.code == 0);
  CHECK(picture.json()["profile"]["imageUrl"].as_string().ends_with("/image"));
  CHECK(run({"--image", "text.png"}).code == 2);
  CHECK(run({"--description", std::string(1001, 'x')}).code == 2);
  CHECK(run({"--x-url", "https://x.com/hello"}).err.find("is like that already") !=
        std::string::npos);
  world.devnet.add_fault({.kind = "userapi:/profile", .status = 403});
  CHECK(run({"--website", "https://example.net"}).code == 5);
}

TEST_CASE("releases lists them newest first with what the chain says", "[e2e][releases]") {
  World world;
  world.user.write(".env", "GREETING_PUBLIC=hello\nTOKEN=s3cret-marker\n");
  const std::string app = deploy_app(world, "hello");
  const RunResult run = world.user.run({"compute", "app", "releases", "hello"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out.starts_with("1\tcurrent\t2027-01-15T08:00:00Z\t"));
  CHECK(run.out.find("/sample/layered@sha256:") != std::string::npos);
  CHECK(run.out.ends_with("\tg1-standard-4t\tGREETING_PUBLIC\t-\n"));
  CHECK(run.err.empty());
  CHECK(world.user.run({"compute", "app", "releases", app, "--full"})
            .out.find("\tGREETING_PUBLIC=hello\t") != std::string::npos);
  const base::Json json = world.user.run({"compute", "app", "releases", app, "--json"}).json();
  CHECK(json["latestReleaseBlock"].as_u64() == 1);
  CHECK_FALSE(json["indexerLags"].as_bool());
  CHECK(json["releases"].at(0)["publicVariables"]["GREETING_PUBLIC"].as_string() == "hello");

  // Snake case, a build, and the chain further on than the list.
  world.devnet.add_fault(
      {.kind = "userapi:/apps",
       .action = devnet::FaultAction::kBody,
       .body = R"({"id":")" + app +
               R"(","releases":[{"image_digest":"sha256:aa","registry_url":"docker.io/a/b",)"
               R"("public_env":{"EIGEN_MACHINE_TYPE_PUBLIC":"g1-micro-1v"},)"
               R"("created_at":"2026-01-31T12:00:00Z","created_at_block":0,"build":{)"
               R"("build_id":"b1","status":"success","repo_url":"https://github.com/a/b",)"
               R"("git_ref":"0123456789abcdef0123456789abcdef01234567",)"
               R"("provenance_signature":"c2ln"}}]})"});
  const RunResult lags = world.user.run({"compute", "app", "releases", app, "--full"});
  INFO(lags.describe());
  CHECK(lags.err.find("the newest release on chain is of block 1") != std::string::npos);
  CHECK(lags.out ==
        "0\t-\t2026-01-31T12:00:00Z\tdocker.io/a/b@sha256:aa\tg1-micro-1v\t-\t"
        "https://github.com/a/b at 0123456789abcdef0123456789abcdef01234567 "
        "(success, with provenance)\n");
  world.devnet.add_fault({.kind = "userapi:/apps", .status = 500});
  CHECK(world.user.run({"compute", "app", "releases", app}).code == 7);
  CHECK(world.user.run({"compute", "app", "releases", "0x00000000000000000000000000000000000000aa"})
            .code == 6);
}

TEST_CASE("Names that were learnt wait for completion", "[e2e][names]") {
  World world;
  world.devnet.seed_apps(world.account(), 2, "app-");
  REQUIRE(world.user.run({"compute", "app", "list"}).code == 0);
  const deploy::NameCache cache(world.user.state(), "devnet");
  REQUIRE(cache.names(world.account()).size() == 2);
  CHECK(cache.names(world.account())[0].name == "app-1");
  const std::size_t asked = world.devnet.requests().size();
  const RunResult run = world.user.run({"__complete", "app"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out == "app-1\napp-2\n");
  CHECK(world.devnet.requests().size() == asked);
  CHECK(world.user.run({"__complete", "app", "--", "ecloud", "--environment", "sepolia"}).out ==
        "");
  CHECK(world.user.run({"__complete", "app", "--", "ecloud", "--environment=devnet"}).out ==
        "app-1\napp-2\n");
}

TEST_CASE("A name that a shell could take for code is not offered", "[e2e][names]") {
  World world;
  deploy_app(world, "hello");
  name_apps(world, {"$(touch${IFS}pwned)"});
  REQUIRE(world.user.run({"compute", "app", "list"}).code == 0);
  CHECK(world.user.run({"__complete", "app"}).out == "hello\n");
}
