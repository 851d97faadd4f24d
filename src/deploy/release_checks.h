#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ecloud/deploy/services.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// Throws Error{kUsage, "deploy.unknown_instance_type"} with the ones there are.
void check_instance_type(const std::string& type, const std::vector<platform::Sku>& skus);

/// Asks the platform for them; when it does not answer, that goes to `warnings`.
void check_instance_type(const Services& services, const std::string& type,
                         std::vector<std::string>& warnings);

/// When the platform has to have acted on a release: an hour from now, in unix seconds.
std::uint32_t upgrade_deadline(const Services& services, std::uint64_t block_timestamp);

}  // namespace ecloud::deploy
