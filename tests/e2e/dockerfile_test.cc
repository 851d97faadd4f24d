// From a Dockerfile to an app, with the real buildah.

#include "e2e/buildah.h"
#include "e2e/image_support.h"
#include "support/catch.h"
#include "support/tools.h"

using namespace ecloud;
using testing::check_nothing_happened;
using testing::RunResult;
using testing::World;
using testing::writes_of;

namespace {

/// Its first line makes the base out of Debian's busybox.
constexpr char kBase[] = "FROM --platform=linux/amd64 scratch\nADD rootfs.tar /\n";

/// A project whose user has buildah with a storage of its own.
struct Project : World {
  /// False, visibly skipped, when it cannot be built here.
  bool prepare() {
    const auto busybox = testing::require_tool("busybox");
    if (!busybox || !testing::prepare_buildah(user)) return false;
    const std::string shell = testing::slurp(*busybox);
    user.write("rootfs.tar", oci::write_tar({{"bin/busybox", 0755, shell},
                                             {"bin/sh", 0755, shell},
                                             {"tmp", 01777, "", true},
                                             {"etc/passwd", 0644, "root:x:0:0::/root:/bin/sh\n"}}));
    return true;
  }
  std::vector<std::string> deploy(std::vector<std::string> more = {}) const {
    std::vector<std::string> out = {"compute", "app",          "deploy",     "--name",
                                    "hello",   "--dockerfile", "Dockerfile", "--builder",
                                    "buildah", "--image-ref",  target};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  /// Archives and other files of a build that is over.
  std::size_t left_over() const {
    std::size_t count = 0;
    std::error_code missing;
    const auto cache = user.folder().parent_path() / "cache";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache, missing)) {
      count += entry.path().filename().string().starts_with(".ecloud-tmp-") ? 1 : 0;
    }
    return count;
  }

  std::string target = devnet.image("mine/app:1");
};

}  // namespace

TEST_CASE("buildah builds a Dockerfile and the layered result is deployed",
          "[e2e][image][buildah]") {
  Project world;
  if (!world.prepare()) return;
  world.user.write("Dockerfile", std::string(kBase) +
                                     "ARG VERSION=none\nENV VERSION=$VERSION\nWORKDIR /srv\n"
                                     "RUN /bin/busybox echo version $VERSION > file\n"
                                     "USER 1000:50\nENTRYPOINT [\"/bin/sh\", \"-c\"]\n"
                                     "CMD [\"cat /srv/file\"]\n");
  const std::vector<std::string> arguments =
      world.deploy({"--build-arg", "VERSION=1.2 b", "--json"});

  auto rehearsal = arguments;
  rehearsal.push_back("--dry-run");
  const RunResult plan = world.user.run(rehearsal);
  INFO(plan.describe());
  REQUIRE(plan.code == 0);
  check_nothing_happened(world);
  CHECK(plan.json()["imageDigest"].as_string().starts_with("sha256:"));

  const RunResult run = world.user.run(arguments);
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json document = run.json();
  const std::string digest = document["imageDigest"].as_string();
  const std::string command = R"(["/bin/sh","-c","cat /srv/file"])";
  CHECK(document["layered"]["reference"].as_string() == world.target + "@" + digest);
  CHECK(document["layered"]["command"].dump() == command);
  const auto app = world.devnet.app(*eth::Address::parse(document["appId"].as_string()));
  REQUIRE(app);
  CHECK(app->image == world.target.substr(0, world.target.rfind(':')) + "@" + digest);
  CHECK(app->run_state == "Running");

  const RunResult found = world.user.run({"image", "inspect", world.target, "--json"});
  INFO(found.describe());
  const base::Json shown = found.json();
  CHECK(shown["digest"].as_string() == digest);
  CHECK(shown["layered"].as_bool());
  CHECK(shown["entrypoint"].dump() == R"(["/usr/local/bin/compute-source-env.sh"])");
  CHECK(shown["command"].dump() == command);
  CHECK(shown["workingDirectory"].as_string() == "/srv");
  const std::string environment = shown["environment"].dump();
  CHECK(environment.find("\"VERSION=1.2 b\"") != std::string::npos);
  CHECK(environment.find("\"__ECLOUD_ORIGINAL_USER=1000:50\"") != std::string::npos);
  CHECK(world.left_over() == 0);
}

TEST_CASE("A Dockerfile that cannot be built stops before anything is sent",
          "[e2e][image][buildah]") {
  Project world;
  if (!world.prepare()) return;
  world.user.write(
      "Dockerfile",
      std::string(kBase) + "RUN /bin/busybox echo no such thing >&2; exit 9\nCMD [\"/bin/sh\"]\n");
  const RunResult run = world.user.run(world.deploy());
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(run.out.empty());
  CHECK(run.err.find("\nerror: buildah failed with exit code ") != std::string::npos);
  CHECK(run.err.find("\n  no such thing\n") != std::string::npos);
  CHECK(run.err.ends_with("hint: correct the Dockerfile, or try another builder with --builder\n"));
  check_nothing_happened(world);
  CHECK(world.left_over() == 0);
}

TEST_CASE("A secret of the env file that is copied into the image stops the deployment",
          "[e2e][image][buildah]") {
  Project world;
  if (!world.prepare()) return;
  world.user.write(".env", "API_TOKEN=s3cret-marker-4711\nGREETING_PUBLIC=hello\n");
  world.user.write("app.sh", "#!/bin/sh\n");
  world.user.write("Dockerfile", std::string(kBase) + "COPY . /app\nCMD [\"/app/app.sh\"]\n");
  const RunResult run = world.user.run(world.deploy({"--json"}));
  INFO(run.describe());
  CHECK(run.code == 3);
  const base::Json error = run.error();
  CHECK(error["code"].as_string() == "image.leak");
  const std::string message = error["message"].as_string();
  // buildah names the last instruction for the only layer, which is not what copied the file.
  CHECK(message ==
        "everybody could read private values of the env file with the image of Dockerfile: "
        "API_TOKEN in app/.env of layer 1");
  CHECK(message.find("GREETING") == std::string::npos);
  CHECK(error["hint"].as_string().find(".dockerignore") != std::string::npos);
  CHECK((run.out + run.err).find("s3cret-marker") == std::string::npos);
  check_nothing_happened(world);

  // The warning before the build names the line, and heeding it helps.
  CHECK(world.user.run(world.deploy()).err.find("Dockerfile:3: ") != std::string::npos);
  world.user.write(".dockerignore", ".env\n");
  const RunResult again = world.user.run(world.deploy({"--json"}));
  INFO(again.describe());
  CHECK(again.code == 0);
}

TEST_CASE("A Dockerfile that cannot work is refused with its line before it is built",
          "[e2e][image]") {
  World world;
  world.user.write("Dockerfile",
                   "FROM --platform=linux/amd64 alpine\nCOPY .env /app/\n"
                   "CMD [\"/app\"]\n");
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--name", "hello", "--dockerfile", "Dockerfile",
                      "--image-ref", world.devnet.image("mine/app:1")});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.out.empty());
  const std::string file = (world.user.folder() / "Dockerfile").string();
  CHECK(run.err.find("\nerror: " + file + ":2: ") != std::string::npos);
  CHECK(run.err.find("\nhint: ") != std::string::npos);
  check_nothing_happened(world);
}

TEST_CASE("Without a builder the words say what to install", "[e2e][image]") {
  World world;
  world.user.set("PATH", world.user.folder().string());
  world.user.write("Dockerfile", "FROM --platform=linux/amd64 alpine\nCMD [\"/app\"]\n");
  const RunResult run = world.user.run(
      {"image", "layer", "--dockerfile", "Dockerfile", world.devnet.image("mine/app:1")});
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(run.err.ends_with(
      "error: no builder works: docker is not installed; podman is not installed; buildah is not "
      "installed\nhint: install one of docker (with its daemon), podman or buildah; on Debian: "
      "apt-get install buildah; or give --image-ref, an image that exists\n"));
  check_nothing_happened(world);
}
