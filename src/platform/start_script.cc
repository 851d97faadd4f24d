#include "ecloud/platform/start_script.h"

#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
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

/// For sleep: "30", "0.050".
std::string seconds_of(std::chrono::milliseconds time) {
  const auto whole = time.count() / 1000;
  const auto rest = time.count() % 1000;
  return rest == 0 ? fmt::format("{}", whole) : fmt::format("{}.{:03}", whole, rest);
}

}  // namespace

std::string start_script(const Environment& environment, const StartScriptTimes& times) {
  std::string text(kStartScriptText);
  // From the end on, so that no value is searched for the next placeholder.
  replace_once(text, "@KMS_PUBLIC_KEY@", shell_quoted(base::trim(environment.kms_signing_key)));
  replace_once(text, "@POLL_SECONDS@", seconds_of(times.drain_poll));
  replace_once(text, "@CADDY_SECONDS@", seconds_of(times.after_caddy));
  replace_once(text, "@RETRY_SECONDS@", seconds_of(times.certificate_retry));
  replace_once(text, "@STOP_SECONDS@", seconds_of(times.stop));
  replace_once(text, "@USER_API_URL@", shell_quoted(environment.user_api_url_in_tee()));
  replace_once(text, "@KMS_SERVER_URL@", shell_quoted(environment.kms_server_url));
  return text;
}

}  // namespace ecloud::platform
