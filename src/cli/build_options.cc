#include "cli/build_options.h"

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

oci::Digest read_dependency(const std::string& option, const std::string& text) {
  if (const auto digest = oci::Digest::parse(text)) return *digest;
  throw Error(Category::kUsage, "build.bad_request",
              "--" + option + " \"" + base::printable_line(text, 100) +
                  "\" is no digest (sha256: and 64 hex digits)",
              "see the digests of your builds: ecloud compute build list");
}

}  // namespace

std::vector<Option> build_source_options(const BuildOptionNames& names,
                                         const std::string& heading) {
  return {
      {.name = "repo",
       .kind = Kind::kText,
       .value_name = "URL",
       .help = "The public Git repository to build from, https://…",
       .variables = {"ECLOUD_BUILD_REPO"},
       .project_key = "build.repo",
       .heading = heading,
       .question = "Git repository"},
      {.name = "commit",
       .kind = Kind::kText,
       .value_name = "SHA",
       .help = "Its commit, 40 hex digits (git rev-parse HEAD)",
       .variables = {"ECLOUD_BUILD_COMMIT"},
       .project_key = "build.commit",
       .heading = heading,
       .question = "Commit"},
      {.name = names.dockerfile,
       .kind = Kind::kText,
       .value_name = "PATH",
       .help = "The Dockerfile, as a path in the repository",
       .default_text = "Dockerfile",
       .variables = {"ECLOUD_BUILD_DOCKERFILE"},
       .project_key = "build.dockerfile",
       .heading = heading},
      {.name = names.context,
       .kind = Kind::kText,
       .value_name = "PATH",
       .help = "The directory in the repository to build in",
       .default_text = ".",
       .variables = {"ECLOUD_BUILD_CONTEXT"},
       .project_key = "build.context",
       .heading = heading},
      {.name = names.dependencies,
       .kind = Kind::kRepeated,
       .value_name = "DIGEST",
       .help = "An image of another verifiable build that this one stands on, sha256:…; give it "
               "again for more",
       .project_key = "build.dependencies",
       .heading = heading},
      {.name = "build-caddyfile",
       .kind = Kind::kText,
       .value_name = "PATH",
       .help = "The Caddyfile, as a path in the repository, for an app with TLS",
       .variables = {"ECLOUD_BUILD_CADDYFILE"},
       .project_key = "build.caddyfile",
       .heading = heading},
  };
}

platform::BuildRequest read_build_request(const Values& values, const BuildOptionNames& names) {
  platform::BuildRequest request;
  request.repo = values.required("repo");
  request.commit = base::to_lower(values.required("commit"));
  request.dockerfile = values.text(names.dockerfile).value_or("");
  request.context = values.text(names.context).value_or("");
  request.caddyfile = values.text("build-caddyfile").value_or("");
  for (const std::string& text : values.repeated(names.dependencies)) {
    request.dependencies.push_back(read_dependency(names.dependencies, text));
  }
  if (!platform::is_commit(request.commit)) {
    throw Error(Category::kUsage, "build.bad_commit",
                "the commit \"" + base::printable_line(request.commit, 80) +
                    "\" is not 40 hex digits: branches, tags and short forms change their meaning",
                "see the commit that is checked out: git rev-parse HEAD");
  }
  const std::string problem = platform::build_request_problem(request);
  if (problem.empty()) return request;
  throw Error(Category::kUsage, "build.bad_request", problem,
              "the build service clones a public repository: --repo https://github.com/you/app");
}

}  // namespace ecloud::cli
