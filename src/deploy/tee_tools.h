#pragma once

#include <vector>

#include "ecloud/deploy/services.h"
#include "ecloud/oci/reference.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::deploy {

/// The programs of the platform out of the images that hold them. Layers of images that are named
/// by digest are kept in the cache, and checked against their digest whenever they are read. Errors
/// as layer_image().
platform::TeeTools fetch_tools(const Services& services, const std::vector<oci::Reference>& instead,
                               bool with_tls);

}  // namespace ecloud::deploy
