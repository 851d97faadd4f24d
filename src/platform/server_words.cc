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
  return text.starts_with("<") ? "an HTML page" : base::printable_line(text);
}

}  // namespace ecloud::platform
