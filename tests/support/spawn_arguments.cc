#include "support/spawn_arguments.h"

#include <map>
#include <string_view>

extern char** environ;

namespace ecloud::testing {

std::vector<std::string> environment_of(const ProcessOptions& options) {
  std::map<std::string, std::string> values = options.env;
  for (char** variable = environ; options.inherit_env && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    values.emplace(text.substr(0, equals), text.substr(equals + 1));  // keeps what was given
  }
  std::vector<std::string> out;
  for (const auto& [name, value] : values) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace ecloud::testing
