#include "platform/server_words.h"

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/eth/address.h"

namespace ecloud::platform {

std::string server_words(const net::Response& response) {
  const auto document = base::Json::try_parse(response.body);
  if (document && (*document)["error"].is_string()) {
    return base::printable_line((*document)["error"].as_string());
  }
  const std::string_view text = base::trim(response.body);
  if (is_bot_check(response)) return "a bot check (Cloudflare)";
  return text.starts_with("<") ? "an HTML page" : base::printable_line(text);
}

std::string refusal_message(const std::string& service, const net::Request& request,
                            const net::Response& response) {
  const std::string words = server_words(response);
  return service + " answered " + std::to_string(response.status) + " to the request for " +
         request.purpose + (words.empty() ? "" : ": " + words);
}

std::string asked_as(const crypto::PrivateKey* key) {
  return key == nullptr ? " (no key was given)"
                        : " (asked as " + eth::Address::of(key->public_key()).to_string() + ")";
}

bool is_bot_check(const net::Response& response) {
  if (response.status != 403 || !base::trim(response.body).starts_with("<")) return false;
  const std::string page = base::to_lower(response.body);
  return page.find("challenge-platform") != std::string::npos ||
         page.find("cloudflare") != std::string::npos;
}

Error bot_check_error(const std::string& message) {
  return {Category::kNetwork, "net.bot_check", message,
          "this network address has sent too many requests; wait a few minutes and try again"};
}

}  // namespace ecloud::platform
