#include "platform/server_words.h"

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

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
