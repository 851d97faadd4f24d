#include "ecloud/deploy/build_image.h"

#include <sys/stat.h>

#include <set>

#include "ecloud/base/error.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "unit/deploy/deploy_support.h"

namespace ecloud::deploy {
namespace {

namespace fs = std::filesystem;
using testing::RecordingObserver;
using testing::slurp;
using testing::TempDir;

const std::string kDockerfile =
    "FROM --platform=linux/amd64 alpine:3\nCOPY app /app\nEXPOSE 8080\nUSER 1000\nCMD [\"/app\"]\n";

/// A folder with a Dockerfile, and stand-ins for the builders, the only programs on PATH.
class Bench {
 public:
  Bench() {
    dir_.write("project/Dockerfile", kDockerfile);
    env_.set("PATH", (dir_ / "bin").string());
    build_.dockerfile = dir_ / "project/Dockerfile";
    build_.context = dir_ / "project";
    build_.archive = dir_ / "image.tar";
    build_.on_line = [this](std::string_view line) { lines_.emplace_back(line); };
  }

  /// A program that notes its arguments, one a line, and then does what `script` says, which finds
  /// them as "$*" and the file to write in $archive.
  void add_builder(const std::string& name, const std::string& script) {
    const fs::path file =
        dir_.write("bin/" + name, "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done >>" + calls() +
                                      "\necho >>" + calls() +
                                      "\narchive=" + build_.archive.string() + "\n" + script);
    ::chmod(file.c_str(), 0755);
  }
  void add_podman() {
    add_builder("podman",
                "case \"$1\" in build) echo sha256:0abc >$archive.id;; save) echo P >$archive;;"
                " esac\n");
  }

  BuiltImage run() { return build_image(build_, env_, &cancel_, observer_); }
  Error failure() {
    try {
      run();
    } catch (const Error& error) {
      CHECK_FALSE(fs::exists(build_.archive));
      CHECK_FALSE(fs::exists(build_.archive.string() + ".id"));
      return error;
    }
    FAIL("built");
    throw std::logic_error("unreachable");
  }
  /// What the builders were called with; in it DIR is the folder.
  std::string called() const {
    std::string text = slurp(calls());
    const std::string folder = dir_.path().string();
    for (std::size_t at = 0; (at = text.find(folder)) != std::string::npos;) {
      text.replace(at, folder.size(), "DIR");
    }
    return text;
  }
  std::string calls() const { return (dir_ / "calls").string(); }

  TempDir dir_;
  base::Env env_;
  base::CancelToken cancel_;
  RecordingObserver observer_;
  ImageBuild build_;
  std::vector<std::string> lines_;
};

}  // namespace

TEST_CASE("docker buildx writes an OCI archive", "[deploy][build-image]") {
  Bench bench;
  bench.add_builder("docker",
                    "[ \"$1 $2\" != 'buildx build' ] || { echo step 1; echo 'step '2 >&2; "
                    "echo IMAGE >$archive; }\n");
  bench.build_.build_args = {"VERSION=1 2", "TOKEN"};
  bench.build_.target = "final";
  const BuiltImage built = bench.run();
  CHECK(built.builder == Builder::kDocker);
  CHECK(built.format == "oci");
  CHECK(slurp(bench.build_.archive) == "IMAGE\n");
  CHECK(bench.called() ==
        "version\n--format\n{{.Server.Version}}\n\n"
        "buildx\nversion\n\n"
        "buildx\nbuild\n--platform\nlinux/amd64\n--provenance=false\n--output\n"
        "type=oci,dest=DIR/image.tar\n--target\nfinal\n--build-arg\nVERSION=1 2\n--build-arg\n"
        "TOKEN\n-f\nDIR/project/Dockerfile\nDIR/project\n\n");
  CHECK(std::set<std::string>(bench.lines_.begin(), bench.lines_.end()) ==
        std::set<std::string>{"step 1", "step 2"});
  CHECK(bench.observer_.lines ==
        std::vector<std::string>{"phase: building Dockerfile with docker"});
}

TEST_CASE("A docker that cannot export builds and saves", "[deploy][build-image]") {
  Bench bench;
  const std::string build_and_save =
      "case \"$1\" in build) echo sha256:0abc >$archive.id;; save) echo D >$archive;; esac\n";
  SECTION("because its driver has no exporter for it") {
    bench.add_builder("docker",
                      "if [ \"$1 $2\" = 'buildx build' ]; then echo 'ERROR: OCI exporter is not "
                      "supported for the docker driver.' >&2; exit 1; fi\n" +
                          build_and_save);
  }
  SECTION("because it has no buildx") {
    bench.add_builder("docker", "[ \"$1\" != buildx ] || exit 1\n" + build_and_save);
  }
  const BuiltImage built = bench.run();
  CHECK(built.format == "docker");
  CHECK(slurp(bench.build_.archive) == "D\n");
  CHECK(bench.called().find("\nbuild\n--platform\nlinux/amd64\n--iidfile\nDIR/image.tar.id\n-f\n"
                            "DIR/project/Dockerfile\nDIR/project\n\n"
                            "save\n--output\nDIR/image.tar\nsha256:0abc\n\n") != std::string::npos);
  CHECK_FALSE(fs::exists(bench.build_.archive.string() + ".id"));
}

TEST_CASE("podman and buildah are used when docker does not work", "[deploy][build-image]") {
  Bench bench;
  bench.add_builder("docker", "echo 'Cannot connect to the Docker daemon' >&2\nexit 1\n");
  SECTION("podman first") {
    bench.add_podman();
    bench.add_builder("buildah", "exit 9\n");
    CHECK(bench.run().builder == Builder::kPodman);
    CHECK(bench.called() ==
          "version\n--format\n{{.Server.Version}}\n\n"
          "info\n\n"
          "build\n--platform\nlinux/amd64\n--format\noci\n--iidfile\nDIR/image.tar.id\n-f\n"
          "DIR/project/Dockerfile\nDIR/project\n\n"
          "save\n--format\noci-archive\n--output\nDIR/image.tar\nsha256:0abc\n\n");
    CHECK(bench.observer_.lines ==
          std::vector<std::string>{"note: passing over docker: Cannot connect to the Docker daemon",
                                   "phase: building Dockerfile with podman"});
  }
  SECTION("then buildah") {
    bench.add_builder("buildah",
                      "case \"$1\" in build) echo 0abc >$archive.id;; push) echo B >$archive;;"
                      " esac\n");
    const BuiltImage built = bench.run();
    CHECK(built.builder == Builder::kBuildah);
    CHECK(built.format == "oci");
    CHECK(bench.called().find("\npush\n0abc\noci-archive:DIR/image.tar\n\n") != std::string::npos);
  }
  SECTION("or when asked for") {
    bench.add_podman();
    bench.build_.builder = Builder::kPodman;
    CHECK(bench.run().builder == Builder::kPodman);
    CHECK(bench.observer_.lines.size() == 1);
  }
}

TEST_CASE("Without a builder that works it is said what was tried", "[deploy][build-image]") {
  Bench bench;
  bench.add_builder("docker", "echo 'Cannot connect to the Docker daemon' >&2\nexit 1\n");
  bench.add_builder("podman", "exit 125\n");
  const Error error = bench.failure();
  CHECK(error.code() == "image.no_builder");
  CHECK(exit_code(error.category()) == 3);
  CHECK(error.message() ==
        "no builder works: docker: Cannot connect to the Docker daemon; podman: does not work "
        "(exit code 125); buildah is not installed");
  CHECK(error.hint().find("apt-get install buildah") != std::string::npos);

  bench.build_.builder = Builder::kBuildah;
  CHECK(bench.failure().message() == "the builder does not work: buildah is not installed");
}

TEST_CASE("A failed build shows the last lines and leaves no archive", "[deploy][build-image]") {
  Bench bench;
  bench.add_builder("buildah",
                    "[ \"$1\" != build ] || { i=0; while [ $i -lt 20 ]; do echo line $i; "
                    "i=$((i+1)); done; printf 'E: \\033[31mno such file\\n' >&2; echo x >$archive; "
                    "exit 2; }\n");
  const Error error = bench.failure();
  CHECK(error.code() == "image.build_failed");
  CHECK(exit_code(error.category()) == 3);
  CHECK(error.message().starts_with("buildah failed with exit code 2 on " +
                                    bench.build_.dockerfile.string() + "\n  line 9\n"));
  CHECK(error.message().find("\n  E: ?[31mno such file") != std::string::npos);
  CHECK(bench.lines_.size() == 21);
}

TEST_CASE("A builder that writes nothing or takes too long has failed", "[deploy][build-image]") {
  Bench bench;
  SECTION("no id") {
    bench.add_builder("buildah", "");
    CHECK(bench.failure().code() == "file.missing");
  }
  SECTION("an id that is none") {
    bench.add_builder("buildah", "[ \"$1\" != build ] || echo '--all' >$archive.id\n");
    CHECK(bench.failure().message() ==
          "buildah wrote no id of the image on " + bench.build_.dockerfile.string());
  }
  SECTION("no archive") {
    bench.add_builder("buildah", "[ \"$1\" != build ] || echo 0abc >$archive.id\n");
    CHECK(bench.failure().message() ==
          "buildah wrote no archive on " + bench.build_.dockerfile.string());
  }
  SECTION("no end") {
    bench.add_builder("buildah", "[ \"$1\" != build ] || { echo begun; exec /bin/sleep 600; }\n");
    bench.build_.timeout = base::Milliseconds(100);
    const Error error = bench.failure();
    CHECK(error.code() == "image.build_failed");
    CHECK(error.message().starts_with("buildah took longer than 0 s on "));
  }
}

TEST_CASE("Cancelling ends the builder", "[deploy][build-image]") {
  Bench bench;
  bench.add_builder("buildah", "[ \"$1\" != build ] || { echo begun; exec /bin/sleep 600; }\n");
  bench.build_.on_line = [&](std::string_view) { bench.cancel_.cancel(); };
  CHECK(bench.failure().category() == Category::kInterrupted);
}

TEST_CASE("Builders see the user's variables and none of ours", "[deploy][build-image]") {
  Bench bench;
  bench.env_.set("ECLOUD_PRIVATE_KEY", "secret");
  bench.env_.set("EIGENX_KEY", "secret");
  bench.env_.set("BUILDAH_ISOLATION", "chroot");
  bench.env_.set("STORAGE_DRIVER", "vfs");
  bench.add_podman();
  bench.add_builder("podman", "/usr/bin/env >>" + (bench.dir_ / "seen").string() +
                                  "\ncase \"$1\" in build) echo 0abc >$archive.id;; "
                                  "save) echo P >$archive;; esac\n");
  bench.run();
  const std::string seen = slurp(bench.dir_ / "seen");
  CHECK(seen.find("BUILDAH_ISOLATION=chroot\n") != std::string::npos);
  CHECK(seen.find("STORAGE_DRIVER=vfs\n") != std::string::npos);
  CHECK(seen.find("secret") == std::string::npos);
}

TEST_CASE("A Dockerfile that cannot work is not built", "[deploy][build-image]") {
  Bench bench;
  bench.add_podman();
  bench.dir_.write("project/Dockerfile", "FROM --platform=linux/amd64 a\nCOPY .env /app/.env\n");
  const Error error = bench.failure();
  CHECK(error.code() == "image.dockerfile");
  CHECK(exit_code(error.category()) == 2);
  CHECK(error.message().starts_with(bench.build_.dockerfile.string() + ":2: "));
  CHECK(bench.called() == "");

  bench.build_.ignore_findings = true;
  bench.run();
  REQUIRE_FALSE(bench.observer_.lines.empty());
  CHECK(bench.observer_.lines[0].starts_with("warning: " + bench.build_.dockerfile.string()));

  bench.build_.dockerfile = bench.dir_ / "nowhere";
  fs::remove(bench.build_.archive);
  CHECK(bench.failure().code() == "file.missing");
}

TEST_CASE("A dockerignore of the Dockerfile's own comes before that of the folder",
          "[deploy][build-image]") {
  Bench bench;
  bench.add_podman();
  bench.dir_.write("project/Dockerfile",
                   "FROM --platform=linux/amd64 a\nCOPY . /app\nCMD [\"a\"]\n");
  bench.dir_.write("project/.env", "KEY=secret\n");
  bench.run();
  const auto with_warning = bench.observer_.lines.size();
  bench.observer_.lines.clear();
  bench.dir_.write("project/Dockerfile.dockerignore", ".env\n");
  bench.run();
  CHECK(bench.observer_.lines.size() + 1 == with_warning);
  CHECK(bench.observer_.lines.back() == "phase: building Dockerfile with podman");
}

TEST_CASE("The names of builders are read", "[deploy][build-image]") {
  CHECK(parse_builder("auto") == std::nullopt);
  for (const Builder builder : {Builder::kDocker, Builder::kPodman, Builder::kBuildah}) {
    CHECK(parse_builder(to_string(builder)) == builder);
  }
  try {
    parse_builder("kaniko");
    FAIL("read");
  } catch (const Error& error) {
    CHECK(error.code() == "image.unknown_builder");
    CHECK(error.message() == "there is no builder \"kaniko\"");
  }
}

}  // namespace ecloud::deploy
