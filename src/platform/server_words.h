#pragma once

#include <string>

#include "ecloud/base/error.h"
#include "ecloud/net/transport.h"

namespace ecloud::platform {

/// What a service said of its refusal, printable and in one line: the member "error" of its JSON,
/// "an HTML page", or the text.
std::string server_words(const net::Response& response);

/// Whether the answer is not the service's but the page with which Cloudflare checks for a person,
/// as clients get that ask too often: 403 with HTML that names "cloudflare" or
/// "challenge-platform".
bool is_bot_check(const net::Response& response);

/// Error{kNetwork, "net.bot_check"} for such an answer.
Error bot_check_error(const std::string& message);

}  // namespace ecloud::platform
