#include "ecloud/base/env.h"

#include <utility>

extern char** environ;

namespace ecloud::base {

Env::Env(std::map<std::string, std::string, std::less<>> values) : values_(std::move(values)) {}

Env Env::of_process() {
  Env env;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    env.set(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  return env;
}

std::optional<std::string> Env::get(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

void Env::set(std::string name, std::string value) {
  values_.insert_or_assign(std::move(name), std::move(value));
}

void Env::unset(std::string_view name) {
  const auto found = values_.find(name);
  if (found != values_.end()) values_.erase(found);
}

}  // namespace ecloud::base
