#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ecloud/deploy/find_app.h"

namespace ecloud::cli {

/// The names under which the reference CLI remembers apps: HOME/.eigenx/apps/ENVIRONMENT.yaml,
/// {version, apps: {NAME: {app_id, created_at, updated_at}}}. Read and never written; empty when
/// the file is missing or is not of that form.
std::vector<deploy::KnownName> read_reference_names(const std::filesystem::path& home,
                                                    const std::string& environment);

}  // namespace ecloud::cli
