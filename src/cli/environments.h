#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ecloud/platform/environment.h"

namespace ecloud::cli {

class Context;

struct KnownEnvironment {
  std::string name;
  std::string origin;  ///< "built in", "devnet", "ecloud.yaml line 3"
};

/// Built-in ones first, then those of ecloud.yaml and of config.yaml.
std::vector<KnownEnvironment> known_environments(Context& context);

/// Throws Error{kUsage, "environment.unknown"} with a suggestion and the list.
void require_known_environment(Context& context, std::string_view name);

/// Warns of sections of ecloud.yaml that change what is released to an environment that nobody
/// knows.
void warn_of_unknown_environments(Context& context);

/// The environment called `name`: the built-in one, the running devnet, or the user's, with what
/// ecloud.yaml and config.yaml change of it. Throws Error{kUsage}: environment.unknown with a
/// suggestion and the list, devnet.not_running, environment.incomplete, environment.bad_value.
platform::Environment load_environment(Context& context, std::string_view name);

/// load_environment() of --environment and its other sources, with the URLs that flags and
/// variables override. Throws besides Error{kUsage, "environment.insecure_url"}.
platform::Environment selected_environment(Context& context);

/// The URLs that a repeated option of the command gives, checked as those of an environment are.
std::vector<std::string> given_urls(Context& context, std::string_view option);

/// Where a running devnet describes itself: $ECLOUD_DEVNET_INFO, else devnet/devnet.json in the
/// state directory.
std::string devnet_info_path(Context& context);

}  // namespace ecloud::cli
