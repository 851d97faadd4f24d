#pragma once

#include <string>

#include "cli/context.h"
#include "cli/workflow.h"
#include "ecloud/deploy/builds.h"

namespace ecloud::cli {

/// The credits that a build beside a running one needs, in dollars: what the platform's own client
/// asks for before it sends one.
constexpr double kParallelBuildCredits = 5;

/// As deploy::submit_build. While another build of the account is running, the platform takes a
/// second one only as a parallel build, which costs credits: with `force` the same request is sent
/// again as one, after a warning, when the account has the credits for it. `option` is what gives
/// `force`, for hints. Throws Error{kFailure}: "build.running" without `force`,
/// "build.parallel_credits" with too few credits, or when they cannot be read.
std::string submit_build(Context& context, Workflow& workflow, platform::BuildApi& api,
                         const platform::BuildRequest& request, bool force,
                         const std::string& option);

}  // namespace ecloud::cli
