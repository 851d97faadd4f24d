#include "ecloud/deploy/build_image.h"

#include <string>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "support/child_process.h"
#include "support/root_folder.h"
#include "support/tools.h"
#include "unit/deploy/deploy_support.h"

namespace ecloud::deploy {
namespace {

using testing::ProcessResult;
using testing::TempDir;

std::string output_of(const std::vector<std::string>& argv) {
  const ProcessResult result = testing::run_process(argv);
  INFO(result.describe());
  REQUIRE(result.ok());
  return result.out;
}

/// A project whose base image comes from a tar file, and buildah with its storage in a folder.
class Project {
 public:
  Project() {
    env_ = base::Env::of_process();
    env_.set("BUILDAH_ISOLATION", "chroot");
    env_.set("STORAGE_DRIVER", "vfs");
    dir_.write("home/.config/containers/policy.json",
               R"({"default":[{"type":"insecureAcceptAnything"}]})");
    env_.set("HOME", (dir_ / "home").string());
    env_.set("CONTAINERS_STORAGE_CONF",
             dir_.write("storage.conf", "[storage]\ndriver = \"vfs\"\ngraphroot = \"" +
                                            (dir_ / "storage").string() + "\"\nrunroot = \"" +
                                            (dir_ / "run").string() + "\"\n")
                 .string());
    build_.dockerfile = dir_ / "project/Dockerfile";
    build_.context = dir_ / "project";
    build_.archive = dir_ / "image.tar";
    build_.builder = Builder::kBuildah;
    build_.on_line = [this](std::string_view line) { lines_ += std::string(line) + "\n"; };
  }

  void base_image(const testing::RootFolder& root) const {
    // 1: a file changed meanwhile; another test has made a hard link to it.
    output_of({"sh", "-c",
               "tar -C \"$0\" --exclude=./dev --exclude=./proc -cf \"$1\" . || test $? = 1",
               root.path().string(), (dir_ / "project/rootfs.tar").string()});
  }
  BuiltImage run() { return build_image(build_, env_, nullptr, observer_); }

  TempDir dir_;
  base::Env env_;
  ImageBuild build_;
  testing::RecordingObserver observer_;
  std::string lines_;
};

TEST_CASE("buildah builds a Dockerfile into an archive that skopeo reads",
          "[interop][build-image]") {
  const auto buildah = testing::require_tool("buildah");
  const auto skopeo = testing::require_tool("skopeo");
  const auto root = testing::RootFolder::make(testing::RootKind::kBusybox);
  if (!buildah || !skopeo || !root || !testing::require_root_mount()) return;
  Project project;
  project.dir_.write("project/Dockerfile",
                     "FROM --platform=linux/amd64 scratch AS base\nADD rootfs.tar /\n"
                     "FROM base\nARG VERSION=none\nENV VERSION=$VERSION LANG=C\nWORKDIR /work\n"
                     "RUN echo \"version $VERSION\" > file && echo built in here\n"
                     "USER 1000:50\nENTRYPOINT [\"/bin/cat\"]\nCMD [\"file\"]\n");
  project.base_image(*root);
  project.build_.build_args = {"VERSION=1.2 b"};
  BuiltImage built;
  try {
    built = project.run();
  } catch (const Error& error) {
    FAIL(error.message() << "\n" << project.lines_);
  }
  CHECK(built.builder == Builder::kBuildah);
  CHECK(built.format == "oci");
  CHECK(project.lines_.find("built in here\n") != std::string::npos);

  const std::string archive = "oci-archive:" + project.build_.archive.string();
  const base::Json config =
      base::Json::parse(output_of({skopeo->string(), "inspect", "--config", archive}), "skopeo");
  CHECK(config["architecture"].as_string() == "amd64");
  CHECK(config["os"].as_string() == "linux");
  CHECK(config["config"]["User"].as_string() == "1000:50");
  CHECK(config["config"]["WorkingDir"].as_string() == "/work");
  CHECK(config["config"]["Entrypoint"].elements()[0].as_string() == "/bin/cat");
  CHECK(config["config"]["Cmd"].elements()[0].as_string() == "file");
  const base::Json manifest =
      base::Json::parse(output_of({skopeo->string(), "inspect", "--raw", archive}), "skopeo");
  CHECK(manifest["config"]["mediaType"].as_string() == "application/vnd.oci.image.config.v1+json");
  CHECK(std::filesystem::remove(project.build_.archive));
}

TEST_CASE("A step that fails under buildah is shown with its words", "[interop][build-image]") {
  const auto buildah = testing::require_tool("buildah");
  const auto root = testing::RootFolder::make(testing::RootKind::kBusybox);
  if (!buildah || !root || !testing::require_root_mount()) return;
  Project project;
  project.dir_.write("project/Dockerfile",
                     "FROM --platform=linux/amd64 scratch\nADD rootfs.tar /\n"
                     "RUN echo no such thing >&2; exit 9\nCMD [\"/bin/sh\"]\n");
  project.base_image(*root);
  try {
    project.run();
    FAIL("built");
  } catch (const Error& error) {
    INFO(error.message());
    CHECK(error.code() == "image.build_failed");
    CHECK(error.message().find("\n  no such thing\n") != std::string::npos);
    CHECK(error.message().find("exit status 9") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(project.build_.archive));
}

}  // namespace
}  // namespace ecloud::deploy
