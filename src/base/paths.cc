#include "ecloud/base/paths.h"

#include "ecloud/base/error.h"

namespace ecloud::base {
namespace {

std::filesystem::path xdg(const Env& env, const char* variable, const char* below_home) {
  const auto given = env.get(variable);
  // The specification says that a relative path is to be ignored.
  if (given && std::filesystem::path(*given).is_absolute()) {
    return std::filesystem::path(*given) / "ecloud";
  }
  const auto home = env.get("HOME");
  if (!home) {
    throw Error(Category::kUsage, "paths.no_home",
                "neither HOME nor " + std::string(variable) + " is set",
                "set HOME to the directory that holds your configuration");
  }
  return std::filesystem::path(*home) / below_home / "ecloud";
}

}  // namespace

Paths Paths::from(const Env& env) {
  const std::filesystem::path home(env.get("HOME").value_or(""));
  const bool has_cache = !home.empty() || env.get("XDG_CACHE_HOME");
  return {xdg(env, "XDG_CONFIG_HOME", ".config"), xdg(env, "XDG_STATE_HOME", ".local/state"), home,
          has_cache ? xdg(env, "XDG_CACHE_HOME", ".cache") : std::filesystem::path()};
}

}  // namespace ecloud::base
