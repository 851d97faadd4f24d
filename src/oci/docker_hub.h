#pragma once

#include <string>

#include "ecloud/base/error.h"
#include "ecloud/net/transport.h"
#include "ecloud/oci/reference.h"

namespace ecloud::oci {

/// Why a registry answered 404. For a tag on Docker Hub its API is asked for the tags of the
/// repository, so that the error tells a wrong name from a wrong tag and names a tag that exists;
/// when that fails, the registry's answer has to do.
Error explain_not_found(net::Transport& transport, const std::string& docker_hub_url,
                        const Reference& reference, const net::Response& answer);

}  // namespace ecloud::oci
