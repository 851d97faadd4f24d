#pragma once

#include <string>

#include "ecloud/net/transport.h"

namespace ecloud::platform {

/// What a service said of its refusal, printable and in one line: the member "error" of its JSON,
/// "an HTML page", or the text.
std::string server_words(const net::Response& response);

}  // namespace ecloud::platform
