#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/values.h"
#include "ecloud/deploy/builds.h"
#include "ecloud/platform/build_api.h"

namespace ecloud::cli {

/// What the options are called that have other names where they would be mistaken for others.
struct BuildOptionNames {
  std::string dockerfile = "dockerfile";
  std::string context = "context";
  std::string dependencies = "dependencies";
};

/// --repo, --commit, --dockerfile, --context, --dependencies and --build-caddyfile, with their
/// variables and keys of ecloud.yaml. `heading` as in Option.
std::vector<Option> build_source_options(const BuildOptionNames& names, const std::string& heading);

/// What they say, checked before anything is sent: Error{kUsage, "build.bad_request"} and
/// {kUsage, "build.bad_commit"} beside those of Values.
platform::BuildRequest read_build_request(const Values& values, const BuildOptionNames& names);

}  // namespace ecloud::cli
