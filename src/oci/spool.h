#pragma once

#include <filesystem>
#include <functional>

#include "ecloud/oci/content.h"

namespace ecloud::oci {

/// Keeps what `fill` gives in a file of `directory` (made when missing) that has no name and mode
/// 0600, so that it is gone with the content, also after a crash. Throws Error{kFailure,
/// "file.unwritable"} and what `fill` throws.
ContentPtr spool(const std::filesystem::path& directory,
                 const std::function<void(const OctetSink&)>& fill);

}  // namespace ecloud::oci
