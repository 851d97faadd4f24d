#pragma once

#include <filesystem>

#include "ecloud/base/env.h"

namespace ecloud::base {

/// Where ecloud keeps things, after the XDG Base Directory Specification 0.8. Nothing is created.
/// Throws Error{kUsage, "paths.no_home"} when neither HOME nor the XDG variable is set.
struct Paths {
  std::filesystem::path config;  ///< $XDG_CONFIG_HOME/ecloud, else ~/.config/ecloud
  std::filesystem::path state;   ///< $XDG_STATE_HOME/ecloud, else ~/.local/state/ecloud
  std::filesystem::path home;    ///< $HOME, empty when unset
  /// $XDG_CACHE_HOME/ecloud, else ~/.cache/ecloud; empty without either. What is there can be made
  /// again.
  std::filesystem::path cache;

  static Paths from(const Env& env);
};

}  // namespace ecloud::base
