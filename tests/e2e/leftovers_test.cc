// What a killed run leaves on the disk, and who clears it away.

#include <sys/stat.h>

#include "e2e/session.h"
#include "support/catch.h"
#include "support/child_process.h"

using namespace ecloud;
using testing::ProcessOptions;
using testing::RunResult;
using testing::World;

namespace {

namespace fs = std::filesystem;

constexpr char kLeftover[] = ".ecloud-tmp-Ab3x9Z";

/// Files under temporary names anywhere below the user's home.
std::vector<std::string> leftovers(const World& world) {
  std::vector<std::string> out;
  const fs::path home = world.user.folder().parent_path();
  for (const auto& entry : fs::recursive_directory_iterator(home)) {
    if (entry.path().filename().string().starts_with(".ecloud-tmp-")) {
      out.push_back(fs::relative(entry.path(), home).string());
    }
  }
  return out;
}

ProcessOptions process(const World& world, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), ECLOUD_BINARY);
  ProcessOptions options;
  options.argv = std::move(arguments);
  options.env = world.user.env();
  options.directory = world.user.folder();
  return options;
}

}  // namespace

TEST_CASE("What killed runs left behind is gone after the next command that changes something",
          "[e2e][leftovers]") {
  World world;
  for (const char* place :
       {"../state/ecloud/journal/devnet/", "../state/ecloud/wallets/devnet/",
        "../state/ecloud/apps/devnet/", "../state/ecloud/completion/", "../config/ecloud/",
        "../.cache/ecloud/images/", "../.cache/ecloud/scratch/"}) {
    world.user.write(std::string(place) + kLeftover, "half a file");
  }
  world.user.write(std::string("../.cache/ecloud/scratch/.ecloud-tmp-build0/built"), "an image");
  world.user.write("../state/ecloud/apps/devnet/notes.XXXXXX", "mine");
  REQUIRE(leftovers(world).size() == 8);

  REQUIRE(world.user.run({"compute", "app", "list"}).code == 0);
  REQUIRE(world.user.run(world.deploy({"--dry-run"})).code == 0);
  // Neither of them has changed the state; the plan has layered no image.
  CHECK(leftovers(world).size() >= 6);

  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(leftovers(world).empty());
  CHECK(fs::exists(world.user.state() / "apps/devnet/notes.XXXXXX"));
}

TEST_CASE("The folder of a build that was killed is gone after the next one",
          "[e2e][leftovers][process]") {
  World world;
  const fs::path builder = world.user.write("../bin/buildah", R"(#!/bin/sh
[ "$1" = info ] && exit 0
[ -e killed ] && exit 3
: > killed
kill -9 $PPID
)");
  fs::permissions(builder, fs::perms::owner_all);
  world.user.set("PATH", builder.parent_path().string() + ":/usr/bin:/bin");
  world.user.write("Dockerfile", "FROM --platform=linux/amd64 debian\nCMD [\"sh\"]\n");
  const auto layer = process(world, {"image", "layer", "--dockerfile", "Dockerfile", "--target-ref",
                                     world.devnet.image("mine/app:1")});
  const auto killed = testing::run_process(layer);
  INFO(killed.describe());
  REQUIRE(killed.signal == SIGKILL);
  REQUIRE(leftovers(world).size() == 1);
  const auto again = testing::run_process(layer);
  INFO(again.describe());
  CHECK(again.exit_code == 3);
  CHECK(leftovers(world).empty());
}

TEST_CASE("A config.yaml that leads into a repository stays a link", "[e2e][config]") {
  World world;
  const fs::path real = world.user.write("../dotfiles/ecloud.yaml", "# mine\n");
  const fs::path folder = world.user.folder().parent_path() / "config/ecloud";
  fs::create_directories(folder);
  fs::create_symlink(real, folder / "config.yaml");
  const RunResult run = world.user.run({"compute", "environment", "set", "devnet"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(fs::is_symlink(folder / "config.yaml"));
  CHECK(testing::slurp(real) == "# mine\ndefaultEnvironment: devnet\n");
}

TEST_CASE("A key file that leads to a disk that is carried along stays a link", "[e2e][auth]") {
  World world;
  world.user.set("ECLOUD_KEYSTORE_PASSWORD", "correct horse");
  const fs::path folder = world.user.folder().parent_path() / "config/ecloud";
  const fs::path stick = world.user.folder().parent_path() / "stick";
  fs::create_directories(folder);
  fs::create_directories(stick);
  fs::create_symlink(stick / "key.json", folder / "keystore.json");
  const RunResult run = world.user.run({"auth", "generate", "--store", "file"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(fs::is_symlink(folder / "keystore.json"));
  CHECK(fs::file_size(stick / "key.json") > 100);
}
