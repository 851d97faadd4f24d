// An ecloud.yaml that describes several apps.

#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

std::string three_apps(const World& world) {
  const std::string image = world.devnet.image("sample/layered:1.0");
  return "image: " + image +
         "\n"
         "logVisibility: private\n"
         "environments:\n"
         "  devnet:\n"
         "    instanceType: g1-standard-8t\n"
         "apps:\n"
         "  web:\n"
         "    logVisibility: public\n"
         "    profile:\n"
         "      name: The-shop\n"
         "  api:\n"
         "    instanceType: g1-standard-4t\n"
         "    environments:\n"
         "      devnet:\n"
         "        logVisibility: 'off'\n"
         "      sepolia:\n"
         "        image: me/never:1\n"
         "  worker:\n";
}

RunResult deploy(World& world, std::vector<std::string> more) {
  more.insert(more.begin(), {"compute", "app", "deploy", "--json"});
  return world.user.run(more);
}

void check_nothing_sent(const World& world) {
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.apps().empty());
}

}  // namespace

TEST_CASE("An app of ecloud.yaml is deployed by its name with its own values", "[e2e][apps]") {
  World world;
  world.user.write("ecloud.yaml", three_apps(world));
  const RunResult web = deploy(world, {"web"});
  INFO(web.describe());
  REQUIRE(web.code == 0);
  CHECK(web.json()["name"].as_string() == "web");
  CHECK(web.json()["logVisibility"].as_string() == "public");
  CHECK(web.json()["instanceType"].as_string() == "g1-standard-8t");
  CHECK(world.devnet.apps().back().profile_name == "The-shop");

  // By --app and by --name it is the same section; options are stronger than it.
  const RunResult api = deploy(world, {"--app", "api", "--log-visibility", "public"});
  INFO(api.describe());
  REQUIRE(api.code == 0);
  CHECK(api.json()["name"].as_string() == "api");
  CHECK(api.json()["instanceType"].as_string() == "g1-standard-4t");
  CHECK(api.json()["logVisibility"].as_string() == "public");
  const RunResult worker = deploy(world, {"--name", "worker"});
  INFO(worker.describe());
  REQUIRE(worker.code == 0);
  CHECK(worker.json()["name"].as_string() == "worker");
  CHECK(worker.json()["instanceType"].as_string() == "g1-standard-8t");
  CHECK(world.devnet.apps().size() == 3);
}

TEST_CASE("An app of ecloud.yaml may get another name and another image", "[e2e][apps]") {
  World world;
  world.user.write("ecloud.yaml", "apps:\n  web:\n    image: me/nowhere:1\n");
  const std::string image = world.devnet.image("sample/layered:1.0");
  const RunResult run = deploy(world, {"web", "--name", "web-test", "--image-ref", image});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["name"].as_string() == "web-test");
  CHECK(run.json()["imageRef"].as_string() == image);
  // The only app needs not be named.
  world.user.write("ecloud.yaml", "image: " + image + "\napps:\n  web:\n");
  CHECK(deploy(world, {}).json()["name"].as_string() == "web");
}

TEST_CASE("With several apps and no name the names are listed", "[e2e][apps]") {
  World world;
  world.user.write("ecloud.yaml", three_apps(world));
  RunResult run = deploy(world, {});
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "config.which_app");
  CHECK(run.error()["message"].as_string() == "ecloud.yaml has several apps: web, api, worker");
  CHECK(run.error()["hint"].as_string() ==
        "name one (`ecloud compute app deploy web`), or give --all");
  run = deploy(world, {"workr"});
  CHECK(run.error()["hint"].as_string() == "did you mean `ecloud compute app deploy worker`?");
  run = deploy(world, {"--app", "workr"});
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "config.unknown_app");
  check_nothing_sent(world);
}

TEST_CASE("the option --all deploys every app in the order of the file", "[e2e][apps]") {
  World world;
  world.user.write("ecloud.yaml", three_apps(world));
  const RunResult run = deploy(world, {"--all"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const auto apps = run.json()["apps"].elements();
  REQUIRE(apps.size() == 3);
  CHECK(apps[0]["name"].as_string() == "web");
  CHECK(apps[1]["name"].as_string() == "api");
  CHECK(apps[2]["name"].as_string() == "worker");
  CHECK(apps[0]["logVisibility"].as_string() == "public");
  CHECK(apps[1]["logVisibility"].as_string() == "off");
  CHECK(apps[2]["logVisibility"].as_string() == "private");
  for (const auto& app : apps) CHECK(app["status"].as_string() == "Running");
  CHECK(apps[0]["blockNumber"].as_u64() < apps[1]["blockNumber"].as_u64());
  CHECK(apps[1]["blockNumber"].as_u64() < apps[2]["blockNumber"].as_u64());
  CHECK(world.devnet.apps().size() == 3);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 3);
}

TEST_CASE("What --all finds deployed already is left as it is", "[e2e][apps]") {
  World world;
  world.user.write("ecloud.yaml", three_apps(world));
  REQUIRE(deploy(world, {"api"}).code == 0);
  const RunResult run = deploy(world, {"--all"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["apps"].at(1)["skipped"].as_string().find("exists already") == 0);
  CHECK(run.err.find("note: api: exists already and is left as it is; `ecloud compute app upgrade` "
                     "changes it") != std::string::npos);
  CHECK(world.devnet.apps().size() == 3);
  // People and scripts without JSON see the same.
  const RunResult again = world.user.run({"compute", "app", "deploy", "--all"});
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.out.find("Name: web\nResult: exists already") == 0);
  CHECK(world.user.run({"compute", "app", "deploy", "--all", "--fields", "name"}).out ==
        "web\napi\nworker\n");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 3);
}

TEST_CASE("When one app of --all fails the others are deployed and a rerun goes on",
          "[e2e][apps]") {
  World world;
  std::string text = three_apps(world);
  const std::string wrong = "    image: " + world.devnet.image("sample/nothing:1.0") + "\n";
  std::string broken = text;
  broken.insert(broken.find("    instanceType: g1-standard-4t"), wrong);
  world.user.write("ecloud.yaml", broken);
  const RunResult run = deploy(world, {"--all"});
  INFO(run.describe());
  const auto code = run.json()["apps"].at(1)["error"]["exitCode"].as_u64();
  CHECK(run.code == static_cast<int>(code));
  CHECK(run.code == 6);
  CHECK(run.error()["code"].as_string() == "image.not_found");
  CHECK(run.error()["message"].as_string().find("1 of 3 apps failed") == 0);
  CHECK(run.json()["apps"].at(0)["status"].as_string() == "Running");
  CHECK(run.json()["apps"].at(2)["status"].as_string() == "Running");
  CHECK(world.devnet.apps().size() == 2);

  world.user.write("ecloud.yaml", text);
  const RunResult rerun = deploy(world, {"--all"});
  INFO(rerun.describe());
  CHECK(rerun.code == 0);
  CHECK(rerun.json()["apps"].at(1)["status"].as_string() == "Running");
  CHECK(world.devnet.apps().size() == 3);
}

TEST_CASE("After a failure of the network no further app is started", "[e2e][apps]") {
  World world;
  world.user.write("ecloud.yaml", three_apps(world));
  world.devnet.add_fault({.kind = "registry", .times = 0, .status = 500});
  const RunResult run = deploy(world, {"--all"});
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.json()["apps"].at(0)["error"]["exitCode"].as_u64() == 7);
  CHECK(run.json()["apps"].at(1)["skipped"].as_string().find("not started") == 0);
  CHECK(run.json()["apps"].at(2)["skipped"].as_string().find("not started") == 0);
  check_nothing_sent(world);
}

TEST_CASE("Every app of --all is checked before anything is sent", "[e2e][apps]") {
  World world;
  world.user.write("worker.env", "A=1\n");
  world.user.write("ecloud.yaml",
                   three_apps(world) + "    envFile: worker.env\n    env: [A, B, C]\n");
  RunResult run = deploy(world, {"--all"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "dotenv.missing_names");
  CHECK(run.error()["message"].as_string() ==
        "ecloud.yaml line 20 lists variables under env that worker.env does not set: B, C");
  world.user.write("ecloud.yaml", three_apps(world) + "    envFile: gone.env\n");
  run = deploy(world, {"--all"});
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == "file.missing");
  check_nothing_sent(world);
}

TEST_CASE("What is for one app is refused for several", "[e2e][apps]") {
  World world;
  world.user.write("ecloud.yaml", three_apps(world));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--all", "--image-ref", "me/x:1"},
        {"--all", "me/x:1"},
        {"--all", "web"},
        {"--all", "--app", "web"},
        {"web", "--app", "api"},
        {"--all", "--name", "x"},
        {"--app", "web", "--app", "api", "--env-file", "-"}}) {
    const RunResult run = deploy(world, words);
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "cli.conflict");
  }
  world.user.set("ECLOUD_IMAGE_REF", "me/x:1");
  const RunResult run = deploy(world, {"--all"});
  CHECK(run.error()["message"].as_string() ==
        "ECLOUD_IMAGE_REF is for one app, and several are named");
  world.user.unset("ECLOUD_IMAGE_REF");
  world.user.write("ecloud.yaml", "name: x\n");
  CHECK(deploy(world, {"--all"}).error()["code"].as_string() == "config.no_apps");
  check_nothing_sent(world);
}

TEST_CASE("the options --all and --dry-run show every plan and send nothing", "[e2e][apps]") {
  World world;
  world.user.write("ecloud.yaml", three_apps(world));
  const RunResult run = deploy(world, {"--all", "--dry-run"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["apps"].size() == 3);
  for (const auto& app : run.json()["apps"].elements()) CHECK(app["dryRun"].as_bool());
  check_nothing_sent(world);
  CHECK_FALSE(std::filesystem::exists(world.user.state() / "journal"));
}

TEST_CASE("An override for an environment that nobody knows is warned of", "[e2e][apps]") {
  World world;
  world.user.write("ecloud.yaml",
                   three_apps(world) + "    environments:\n      devent: {port: 1}\n");
  const RunResult run = deploy(world, {"worker", "--dry-run"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("warning: ecloud.yaml line 20: there is no environment devent; did you mean "
                     "devnet?") != std::string::npos);
}
