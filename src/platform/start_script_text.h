#pragma once

#include <string_view>

namespace ecloud::platform {

/// The text of start_script.sh, with placeholders such as @KMS_SERVER_URL@ in it.
extern const std::string_view kStartScriptText;

}  // namespace ecloud::platform
