#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/config_file.h"

namespace ecloud::cli {

/// The text of a config.yaml in which `key` is `values`: more than one makes a list. Comments,
/// order and all other lines stay. Throws as ConfigFile::parse does when the text or the value is
/// wrong, and Error{kUsage, "config.cannot_edit"} when the place is written in flow style or in
/// another way that lines cannot be put into.
std::string set_config_value(std::string_view text, const std::string& name, const std::string& key,
                             const std::vector<std::string>& values);

/// The text without `key`, and without the sections that it leaves empty. The same text when it is
/// not set. Throws as set_config_value.
std::string unset_config_value(std::string_view text, const std::string& name,
                               const std::string& key);

}  // namespace ecloud::cli
