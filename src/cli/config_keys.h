#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/config_file.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {

enum class ConfigType { kText, kNumber, kBoolean, kList, kTextOrList };

/// Marks a key that says how an app is released.
constexpr bool kRelease = true;

/// A key of ecloud.yaml or config.yaml. A "*" in the dotted key stands for any name.
struct ConfigKey {
  std::string key;
  ConfigType type = ConfigType::kText;
  bool in_project = false;
  bool in_user = false;
  std::string help;
  /// In ecloud.yaml it may also stand under apps.NAME, environments.NAME and
  /// apps.NAME.environments.NAME; see ConfigFile::find_effective.
  bool release = false;
  std::vector<std::string> choices = {};
};

/// All of them, each as it is written at the top of a file: what files are checked against, and
/// where documentation and schema come from.
const std::vector<ConfigKey>& config_keys();

/// The same with every other place where a release key may stand: "apps.*.image".
const std::vector<ConfigKey>& expanded_config_keys();

/// The places of a release key besides the top of ecloud.yaml, the weakest first: "environments.*",
/// "apps.*", "apps.*.environments.*".
const std::vector<std::string>& release_scopes();

/// The key that `dotted` is an instance of in `which` file; null when there is none.
const ConfigKey* find_config_key(std::string_view dotted, ConfigFile::Which which);

/// Whether `dotted` is a mapping on the way to a key ("environments", "environments.mine").
bool is_config_section(std::string_view dotted, ConfigFile::Which which);

/// What could stand at the end of `dotted`: the last parts of the keys beside it.
std::vector<std::string> config_siblings(std::string_view dotted, ConfigFile::Which which);

/// Error{kUsage, "config.unknown_key"} for a dotted key that a user typed, with a suggestion or the
/// list of the keys beside it.
Error unknown_config_key(std::string_view dotted, ConfigFile::Which which);

/// "environments.NAME.chainId": the key as documentation shows it.
std::string shown_config_key(const ConfigKey& key);
/// Its help with the choices.
std::string config_key_help(const ConfigKey& key);

}  // namespace ecloud::cli
