#pragma once

#include <optional>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "cli/values.h"
#include "ecloud/deploy/deploy_app.h"

namespace ecloud::cli {

/// What describes a release on the command line: image, variables, instance, logs, wallet.
std::vector<Option> release_options();
/// Name, website, description, X account and picture.
std::vector<Option> profile_options();
/// --no-wait and --timeout.
std::vector<Option> wait_options();

/// The names of `wanted` that `variables` lack. MNEMONIC is never missing: the wallet's source
/// decides about it.
std::vector<std::string> missing_variables(const std::vector<std::string>& wanted,
                                           const platform::AppEnvironment& variables);

/// The picture of --image, read and checked.
std::optional<platform::ProfileImage> read_profile_image(Context& context, const Values& values);

/// Everything that a deployment needs of flags, files and the terminal, read and checked before
/// anything is asked of the network. Warns on stderr, by line and by name. With --verifiable and a
/// source `image` is image_to_be_built() of verifiable.h.
deploy::DeployRequest read_deploy_request(Context& context, const Values& values);

}  // namespace ecloud::cli
