#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/workflow.h"
#include "ecloud/base/json.h"
#include "ecloud/deploy/builds.h"

namespace ecloud::cli {

/// The positional ID, and the build that it names: the newest of the account when it is left out,
/// which is told on stderr. Throws Error{kNotFound, "build.none"} when there is none.
Positional build_positional();
std::string build_id(Workflow& workflow, const Values& values);

/// --timeout of those that wait for a build.
Option build_timeout_option(std::string name, std::string heading);

/// "ecloud compute build status ID --wait", with the environment when it has to be named.
std::string build_wait_command(const Workflow& workflow, const std::string& id);

/// Prints what a build's log grows by on stderr; nothing with --json, unless --verbose.
std::function<void(std::string_view)> log_on_stderr(Context& context);

/// A time of the service, as show_time() has it; as it is when it is none.
std::string build_time(Context& context, const std::string& text);

base::Json build_document(const platform::Build& build);
std::vector<JsonField> build_json_fields();
Pairs build_pairs(Context& context, const platform::Build& build);

/// What was verified: the server's verdict, and what was compared here.
base::Json verified_document(const deploy::VerifiedBuild& verified);
std::vector<JsonField> verified_json_fields();
Pairs verified_pairs(const deploy::VerifiedBuild& verified);

}  // namespace ecloud::cli
