#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/services.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// The offer of that name. Throws Error{kUsage, "deploy.unknown_instance_type"} with the names of
/// the ones there are.
const platform::Sku& find_instance_type(const std::string& type,
                                        const std::vector<platform::Sku>& skus);

/// Asks the platform for its offers and finds that of `type`; when it does not answer, that goes to
/// `warnings` and nothing is returned. So does a type that is not known to have a TEE.
std::optional<platform::Sku> check_instance_type(const Services& services, const std::string& type,
                                                 std::vector<std::string>& warnings);

/// Says so when a release that the platform has not confirmed yet is replaced.
void warn_of_pending(const std::optional<std::uint64_t>& pending_release_block,
                     std::vector<std::string>& warnings);

/// The visibility of an app's log: the chain knows public from the rest, the image's label tells
/// the rest apart.
LogVisibility log_visibility_on(bool logs_are_public, const oci::ResolvedImage& image);

/// When the platform has to have acted on a release, in unix seconds: so long from now.
std::uint32_t upgrade_deadline(const Services& services, std::uint64_t block_timestamp,
                               std::uint32_t lifetime_seconds);

}  // namespace ecloud::deploy
