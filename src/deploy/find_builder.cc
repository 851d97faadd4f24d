#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "ecloud/base/subprocess.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/build_image.h"

namespace ecloud::deploy {
namespace {

constexpr Builder kBuilders[] = {Builder::kDocker, Builder::kPodman, Builder::kBuildah};
constexpr std::size_t kMaxReason = 200;

/// Empty when the program ended well, else why not.
std::string probe(const std::filesystem::path& program, std::vector<std::string> arguments,
                  const base::Env& env, const base::CancelToken* cancel,
                  base::Milliseconds patience) {
  const base::ProgramAnswer answer = base::run_program({.program = program,
                                                        .arguments = std::move(arguments),
                                                        .env = &env,
                                                        .time_limit = patience,
                                                        .cancel = cancel});
  switch (answer.end) {
    case base::ProgramEnd::kNotStarted:
      return "cannot be started: " + answer.reason;
    case base::ProgramEnd::kTimedOut:
      return fmt::format("does not answer within {} seconds", patience.count() / 1000);
    case base::ProgramEnd::kTooMuchOutput:
    case base::ProgramEnd::kExited:
      break;
  }
  if (answer.end == base::ProgramEnd::kTooMuchOutput || answer.status == 0) return {};
  const std::string words = base::printable_line(base::trim(answer.errors), kMaxReason);
  return words.empty() ? fmt::format("does not work (exit code {})", answer.status) : words;
}

/// What shows that it can build: docker's daemon answers, the others can open their storage.
std::vector<std::string> question_for(Builder builder) {
  if (builder == Builder::kDocker) return {"version", "--format", "{{.Server.Version}}"};
  return {"info"};
}

std::string names_of_all() {
  return "docker (with its daemon), podman or buildah; on Debian: apt-get install buildah";
}

}  // namespace

std::string_view to_string(Builder builder) {
  switch (builder) {
    case Builder::kDocker:
      return "docker";
    case Builder::kPodman:
      return "podman";
    case Builder::kBuildah:
      return "buildah";
  }
  return "";
}

std::optional<Builder> parse_builder(std::string_view text) {
  if (text == "auto") return std::nullopt;
  for (const Builder builder : kBuilders) {
    if (text == to_string(builder)) return builder;
  }
  throw Error(Category::kUsage, "image.unknown_builder",
              "there is no builder \"" + base::printable_line(text) + "\"",
              "give auto, docker, podman or buildah");
}

FoundBuilder find_builder(std::optional<Builder> wanted, const base::Env& env,
                          const base::CancelToken* cancel, Observer& observer,
                          base::Milliseconds patience) {
  const base::Env childs = base::without_own_variables(env);
  std::vector<std::string> tried;
  for (const Builder builder : kBuilders) {
    if (wanted && builder != *wanted) continue;
    const std::string name(to_string(builder));
    const auto program = base::find_program(name, env);
    if (!program) {
      tried.push_back(name + " is not installed");
      continue;
    }
    const std::string trouble = probe(*program, question_for(builder), childs, cancel, patience);
    if (trouble.empty()) {
      const bool with_buildx =
          builder == Builder::kDocker &&
          probe(*program, {"buildx", "version"}, childs, cancel, patience).empty();
      return {builder, *program, with_buildx};
    }
    tried.push_back(name + ": " + trouble);
    if (!wanted) observer.note("passing over " + tried.back());
  }
  throw Error(
      Category::kImage, "image.no_builder",
      (wanted ? "the builder does not work: " : "no builder works: ") + base::join(tried, "; "),
      "install one of " + names_of_all() + "; or give --image-ref, an image that exists");
}

}  // namespace ecloud::deploy
