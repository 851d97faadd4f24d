#pragma once

#include <string_view>

namespace ecloud::platform {

/// start_script.sh as it stands, with @KMS_SERVER_URL@ and @USER_API_URL@ in it.
extern const std::string_view kStartScriptText;

}  // namespace ecloud::platform
