// Images that cannot be taken: what the commands say, and that nothing is sent.

#include <sys/stat.h>

#include "e2e/image_support.h"
#include "support/catch.h"

using namespace ecloud;
using testing::check_nothing_happened;
using testing::docker_archive;
using testing::RunResult;
using testing::World;

namespace {

constexpr char kMakeOne[] =
    "hint: make one with: docker save, or docker buildx build --platform linux/amd64 --output "
    "type=oci,dest=app.tar .\n";

/// All commands that take an image from a file.
std::vector<std::vector<std::string>> commands_on(const World& world, const std::string& file) {
  const std::string target = world.devnet.image("mine/app:1");
  return {{"image", "inspect", "--image-archive", file},
          {"image", "push", file, target},
          {"image", "layer", "--image-archive", file, target},
          {"compute", "app", "deploy", "--name", "hello", "--image-archive", file, "--image-ref",
           target}};
}

void check_refused(World& world, const std::vector<std::string>& arguments, int code,
                   const std::string& message) {
  const RunResult run = world.user.run(arguments);
  INFO(run.describe());
  CHECK(run.code == code);
  CHECK(run.out.empty());
  CHECK(run.err.ends_with(message));
}

}  // namespace

TEST_CASE("A file that is no image is refused by every command in the same words", "[e2e][image]") {
  World world;
  const std::string folder = world.user.folder().string();
  std::string name = "app.tar";
  std::string message;
  int code = 2;
  SECTION("a missing one") {
    message = "error: cannot read " + folder +
              "/app.tar: No such file or directory\nhint: check the path\n";
  }
  SECTION("a program") {
    world.user.write(name, std::string("\x7f"
                                       "ELF\x02\x01\x01") +
                               std::string(600, '\0'));
    message = "error: " + folder + "/app.tar is a program, and no image archive\n" + kMakeOne;
  }
  SECTION("an empty one") {
    world.user.write(name, "");
    message = "error: " + folder + "/app.tar is empty, and no image archive\n" + kMakeOne;
  }
  SECTION("a folder that is no layout") {
    name = "layout";
    std::filesystem::create_directories(world.user.folder() / name);
    message = "error: " + folder +
              "/layout is no image archive: it has neither index.json nor manifest.json\nhint: "
              "give what docker save, podman save or a build with --output type=oci wrote\n";
  }
  SECTION("a folder of skopeo's own form") {
    name = "layout";
    world.user.write("layout/manifest.json", R"({"schemaVersion":2})");
    message = "error: " + folder +
              "/layout is no image archive: its manifest.json is that of a single image, as "
              "skopeo's dir: has it\nhint: write it as an archive: skopeo copy dir:FOLDER "
              "oci-archive:FILE\n";
  }
  SECTION("a FIFO that nobody writes to") {
    REQUIRE(::mkfifo((world.user.folder() / name).c_str(), 0600) == 0);
    message = "error: " + folder + "/app.tar is not a regular file\nhint: name a file\n";
  }
  SECTION("one that was cut off") {
    world.user.write(name, docker_archive().substr(0, 1'000));
    message = "error: " + folder +
              "/app.tar is cut off: it ends in the middle of an entry, at octet 1000\nhint: make "
              "the archive anew\n";
    code = 3;
  }
  SECTION("one for another platform") {
    world.user.write(name, docker_archive(R"(["/bin/sh"])", "bin/sh", "arm64"));
    message = "error: " + folder +
              "/app.tar is for linux/arm64, and the platform runs linux/amd64 alone\nhint: build "
              "it for the platform: docker buildx build --platform linux/amd64 --output "
              "type=oci,dest=" +
              folder + "/app.tar .\n";
    code = 3;
  }
  for (const auto& arguments : commands_on(world, name)) {
    if (arguments[0] == "image") {
      const std::string told = "reading " + name + "\n" + message;
      const RunResult run = world.user.run(arguments);
      INFO(run.describe());
      CHECK(run.code == code);
      CHECK(run.out.empty());
      CHECK(run.err == told);
    } else {
      check_refused(world, arguments, code, message);
    }
  }
  check_nothing_happened(world);
}

TEST_CASE("An image that cannot be layered is refused before anything is pushed", "[e2e][image]") {
  World world;
  const std::string file = (world.user.folder() / "app.tar").string();
  std::string message;
  SECTION("without a shell") {
    world.user.write("app.tar", docker_archive(R"(["/app"])", "app"));
    message = "error: " + file +
              " has no /bin/sh, and the script that starts the app in the TEE needs one\nhint: "
              "build it on a base with a shell, such as debian:bookworm-slim or alpine\n";
  }
  SECTION("without a command") {
    world.user.write("app.tar", docker_archive("[]"));
    message = "error: " + file +
              " says nothing to run: it has neither ENTRYPOINT nor CMD\nhint: add a line to its "
              "Dockerfile: CMD [\"/path/to/your/program\"]\n";
  }
  const auto all = commands_on(world, "app.tar");
  check_refused(world, all[2], 3, message);
  check_refused(world, all[3], 3, message);
  check_nothing_happened(world);
  CHECK(world.user.run(all[0]).code == 0);
  CHECK(world.user.run(all[1]).code == 0);
}

TEST_CASE("An image in a registry that cannot be taken is told apart", "[e2e][image]") {
  World world;
  const std::string unknown = world.devnet.image("no/such:1");
  const std::string host = unknown.substr(0, unknown.find('/'));
  const std::string arm = world.devnet.image("sample/arm64:1.0");
  for (const char* verb : {"digest", "inspect", "layer"}) {
    const RunResult missing = world.user.run({"image", verb, unknown});
    INFO(missing.describe());
    CHECK(missing.code == 6);
    CHECK(missing.err == "error: " + host + " has no repository no/such\nhint: check the name, " +
                             "or push the image: docker push " + unknown + "\n");
    const RunResult other = world.user.run({"image", verb, arm});
    INFO(other.describe());
    CHECK(other.code == 3);
    CHECK(other.err == "error: " + arm +
                           " is for linux/arm64, and the platform runs linux/amd64 alone\nhint: "
                           "build it for the platform: docker buildx build --platform "
                           "linux/amd64 --push -t " +
                           arm + " .\n");
  }
  const std::string layered = world.devnet.image("sample/layered:1.0");
  const RunResult again = world.user.run({"image", "layer", layered});
  CHECK(again.code == 3);
  CHECK(again.err == "error: " + layered +
                         " is layered already (entrypoint "
                         "/usr/local/bin/compute-source-env.sh)\nhint: deploy it as it "
                         "is, or name the image that it was made from\n");
  check_nothing_happened(world);
}

TEST_CASE("A target that cannot be pushed to is refused", "[e2e][image]") {
  World world;
  world.user.write("app.tar", docker_archive());
  const std::string digest = "@sha256:" + std::string(64, '1');
  const std::string target = world.devnet.image("mine/app:1");
  const std::string name = target.substr(0, target.rfind(':'));
  const std::string refused = "error: cannot push to " + target + digest +
                              ": a digest comes from the content\nhint: name a tag: " + name +
                              ":TAG\n";
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"image", "push", "app.tar", target + digest},
           {"image", "layer", "--image-archive", "app.tar", target + digest},
           {"image", "layer", world.devnet.image("sample/hello:1.0"), "--target-ref",
            target + digest}}) {
    const RunResult run = world.user.run(arguments);
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.err == refused);
  }
  check_nothing_happened(world);

  // Asked five times, and not five times more for the push itself.
  const RunResult away = world.user.run({"image", "push", "app.tar", "127.0.0.1:1/mine/app:1"});
  INFO(away.describe());
  CHECK(away.code == 7);
  CHECK(away.out.empty());
  CHECK(
      away.err.ends_with("http://127.0.0.1:1: connection refused\nhint: check the URL and your "
                         "network\n"));
  CHECK(world.clock.sleeps().size() == 4);
}
