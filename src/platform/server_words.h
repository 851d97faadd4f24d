#pragma once

#include <string>

#include "ecloud/base/error.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/net/transport.h"

namespace ecloud::platform {

/// What a service said of its refusal, printable and in one line: the member "error" of its JSON,
/// "an HTML page", or the text.
std::string server_words(const net::Response& response);

/// "the UserAPI (URL) answered 403 to the request for the log: WORDS", for an answer that is not a
/// success; `service` is "the UserAPI (URL)".
std::string refusal_message(const std::string& service, const net::Request& request,
                            const net::Response& response);
/// " (asked as 0x…)", or that no key was given, for a refusal that may be about the key.
std::string asked_as(const crypto::PrivateKey* key);

/// Whether the answer is not the service's but the page with which Cloudflare checks for a person,
/// as clients get that ask too often: 403 with HTML that names "cloudflare" or
/// "challenge-platform".
bool is_bot_check(const net::Response& response);

/// Error{kNetwork, "net.bot_check"} for such an answer.
Error bot_check_error(const std::string& message);

}  // namespace ecloud::platform
