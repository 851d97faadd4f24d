#pragma once

#include <string_view>
#include <vector>

#include "cli/config_file.h"

namespace ecloud::cli {

enum class ConfigType { kText, kNumber, kBoolean, kList, kTextOrList };

/// A key of ecloud.yaml or config.yaml. A "*" in the dotted key stands for any name.
struct ConfigKey {
  std::string_view key;
  ConfigType type;
  bool in_project;
  bool in_user;
  std::string_view help;
};

/// All of them: what files are checked against and what the documentation lists.
const std::vector<ConfigKey>& config_keys();

/// The key that `dotted` is an instance of in `which` file; null when there is none.
const ConfigKey* find_config_key(std::string_view dotted, ConfigFile::Which which);

/// Whether `dotted` is a mapping on the way to a key ("environments", "environments.mine").
bool is_config_section(std::string_view dotted, ConfigFile::Which which);

/// What could stand at the end of `dotted`: the last parts of the keys beside it.
std::vector<std::string> config_siblings(std::string_view dotted, ConfigFile::Which which);

}  // namespace ecloud::cli
