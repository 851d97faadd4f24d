#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "ecloud/platform/app_environment.h"

namespace ecloud::cli {

/// The deployer's key among an app's variables: whoever gets into the app could upgrade it, and
/// spend the account's funds. Throws Error{kUsage, "dotenv.deployer_key"} that names the
/// variable whose value contains the key in any spelling, unless `allowed` lists it or "all". Opens
/// no locked key: addresses are compared. `file` is the env file, for messages.
void check_deployer_key(Context& context, const platform::AppEnvironment& variables,
                        const std::string& file, const std::vector<std::string>& allowed);

}  // namespace ecloud::cli
