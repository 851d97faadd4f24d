#include "ecloud/platform/start_script.h"

#include "ecloud/base/error.h"
#include "platform/start_script_text.h"

namespace ecloud::platform {
namespace {

/// One word of a shell, whatever it holds.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

void replace_once(std::string& text, std::string_view placeholder, std::string_view value) {
  const std::size_t place = text.find(placeholder);
  if (place == std::string::npos) fail_bug("the start script has all of its placeholders");
  text.replace(place, placeholder.size(), value);
}

}  // namespace

std::string start_script(const Environment& environment) {
  std::string text(kStartScriptText);
  // From the end on, so that no value is searched for the next placeholder.
  replace_once(text, "@USER_API_URL@", shell_quoted(environment.user_api_url));
  replace_once(text, "@KMS_SERVER_URL@", shell_quoted(environment.kms_server_url));
  return text;
}

}  // namespace ecloud::platform
