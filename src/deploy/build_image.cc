#include "ecloud/deploy/build_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/subprocess.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/dockerfile.h"

namespace ecloud::deploy {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

constexpr std::size_t kLastLines = 12;
constexpr std::size_t kMaxLine = 2'000;
constexpr const char* kPlatform = "linux/amd64";

/// One build with one builder.
class Build {
 public:
  Build(const ImageBuild& build, FoundBuilder found, const base::Env& env,
        const base::CancelToken* cancel)
      : build_(build),
        found_(std::move(found)),
        env_(base::without_own_variables(env)),
        cancel_(cancel),
        id_file_(build.archive.string() + ".id") {}
  ~Build() {
    std::error_code ignored;
    fs::remove(id_file_, ignored);
    if (!finished_) fs::remove(build_.archive, ignored);
  }
  Build(const Build&) = delete;
  Build& operator=(const Build&) = delete;

  BuiltImage run() {
    std::error_code ignored;
    fs::remove(build_.archive, ignored);
    BuiltImage out{found_.builder, "oci"};
    switch (found_.builder) {
      case Builder::kDocker:
        if (!found_.with_buildx || !buildx()) {
          docker();
          out.format = "docker";
        }
        break;
      case Builder::kPodman:
        call(build_arguments({"--format", "oci", "--iidfile", id_file_.string()}));
        call({"save", "--format", "oci-archive", "--output", build_.archive.string(), image_id()});
        break;
      case Builder::kBuildah:
        call(build_arguments({"--format", "oci", "--iidfile", id_file_.string()}));
        call({"push", image_id(), "oci-archive:" + build_.archive.string()});
        break;
    }
    if (!fs::is_regular_file(build_.archive)) fail("wrote no archive");
    finished_ = true;
    return out;
  }

 private:
  /// False when this docker cannot write OCI archives, which it says before it builds.
  bool buildx() {
    Arguments arguments = build_arguments(
        {"--provenance=false", "--output", "type=oci,dest=" + build_.archive.string()});
    arguments.insert(arguments.begin(), "buildx");
    const base::StreamedEnd end = stream(arguments);
    if (end.end == base::ProgramEnd::kExited && end.status == 0) return true;
    const bool no_exporter = std::any_of(last_.begin(), last_.end(), [](const std::string& line) {
      return base::to_lower(line).find("exporter") != std::string::npos &&
             line.find("not supported") != std::string::npos;
    });
    if (!no_exporter) explain(end);
    return false;
  }

  void docker() {
    call(build_arguments({"--iidfile", id_file_.string()}));
    call({"save", "--output", build_.archive.string(), image_id()});
  }

  Arguments build_arguments(const Arguments& special) const {
    Arguments out = {"build", "--platform", kPlatform};
    out.insert(out.end(), special.begin(), special.end());
    if (!build_.target.empty()) out.insert(out.end(), {"--target", build_.target});
    for (const std::string& argument : build_.build_args) {
      out.insert(out.end(), {"--build-arg", argument});
    }
    out.insert(out.end(), {"-f", build_.dockerfile.string(), build_.context.string()});
    return out;
  }

  /// As the builder has written it: "sha256:…" or the digits alone.
  std::string image_id() const {
    const std::string text = base::read_file(id_file_, 1'000);
    const std::string id(base::trim(text));
    const bool plain = id.find_first_not_of("0123456789abcdef:sh") == std::string::npos;
    if (id.empty() || !plain) fail("wrote no id of the image");
    return id;
  }

  void call(const Arguments& arguments) {
    const base::StreamedEnd end = stream(arguments);
    if (end.end != base::ProgramEnd::kExited || end.status != 0) explain(end);
  }

  base::StreamedEnd stream(const Arguments& arguments) {
    last_.clear();
    return base::run_program_streaming({.program = found_.program,
                                        .arguments = arguments,
                                        .env = &env_,
                                        .time_limit = build_.timeout,
                                        .cancel = cancel_},
                                       [this](std::string_view line) { take(line); });
  }

  void take(std::string_view line) {
    const std::string text = base::printable_line(line, kMaxLine);
    if (!base::trim(text).empty()) last_.push_back(text);
    if (last_.size() > kLastLines) last_.pop_front();
    if (build_.on_line) build_.on_line(text);
  }

  [[noreturn]] void explain(const base::StreamedEnd& end) const {
    switch (end.end) {
      case base::ProgramEnd::kNotStarted:
        fail("cannot be started: " + end.reason);
      case base::ProgramEnd::kTimedOut:
        fail(fmt::format("took longer than {} s", build_.timeout.count() / 1000));
      default:
        fail(fmt::format("failed with exit code {}", end.status));
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    std::string message =
        fmt::format("{} {} on {}", to_string(found_.builder), what, build_.dockerfile.string());
    for (const std::string& line : last_) message += "\n  " + line;
    throw Error(Category::kImage, "image.build_failed", message,
                "correct the Dockerfile, or try another builder with --builder");
  }

  const ImageBuild& build_;
  const FoundBuilder found_;
  const base::Env env_;
  const base::CancelToken* cancel_;
  const fs::path id_file_;
  std::deque<std::string> last_;
  bool finished_ = false;
};

}  // namespace

void check_dockerfile_of(const ImageBuild& build, Observer& observer) {
  // The builder opens it again: what can be read once only is of no use.
  const auto found = base::read_file_if_exists(build.dockerfile, platform::kMaxDockerfileBytes);
  const std::string text =
      found ? *found : base::read_file(build.dockerfile, platform::kMaxDockerfileBytes);
  auto ignored = base::read_file_if_exists(build.dockerfile.string() + ".dockerignore",
                                           platform::kMaxDockerfileBytes);
  if (!ignored) {
    ignored =
        base::read_file_if_exists(build.context / ".dockerignore", platform::kMaxDockerfileBytes);
  }
  for (const auto& finding : platform::check_dockerfile(text, ignored)) {
    if (finding.code == "dockerfile.user") continue;
    const std::string message =
        fmt::format("{}:{}: {}", build.dockerfile.string(), finding.line, finding.message);
    const bool stops = finding.fatal && !build.ignore_findings;
    if (stops) throw Error(Category::kUsage, "image.dockerfile", message, finding.hint);
    observer.warning(finding.hint.empty() ? message : message + "; " + finding.hint);
  }
}

BuiltImage build_image(const ImageBuild& build, const base::Env& env,
                       const base::CancelToken* cancel, Observer& observer) {
  check_dockerfile_of(build, observer);
  FoundBuilder found = find_builder(build.builder, env, cancel, observer);
  observer.phase(fmt::format("building {} with {}", build.dockerfile.filename().string(),
                             to_string(found.builder)));
  return Build(build, std::move(found), env, cancel).run();
}

}  // namespace ecloud::deploy
