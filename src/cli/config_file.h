#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecloud::cli {

/// Beyond this a configuration file is refused, in bytes.
constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;

/// A value of a configuration file and the line where it stands.
struct ConfigValue {
  std::vector<std::string> values;  ///< one, unless it is a list
  bool is_list = false;
  int line = 0;
};

/// Where a key stands, whether it has a value or keys of its own.
struct KeyPlace {
  int line = 0;    ///< from 1
  int column = 0;  ///< from 0
};

/// ecloud.yaml or config.yaml, flattened to dotted keys and checked against the table of known keys
/// (config_keys.h). Merge keys (<<) are resolved, and top-level keys that begin with x- hold
/// whatever anchors are for. config.yaml may hold the keys of the TypeScript CLI, which keeps its
/// own settings under the same path: its default_environment counts where defaultEnvironment is not
/// set. All errors are Error{kUsage}, with path and line: config.syntax, config.unknown_key (with a
/// suggestion; in config.yaml, which other programs write as well, a warning),
/// config.duplicate_key, config.type, config.bad_value, config.too_large.
class ConfigFile {
 public:
  enum class Which { kProject, kUser };

  /// No file: every key is absent.
  ConfigFile() = default;
  static ConfigFile parse(std::string_view text, std::string name, Which which);
  /// Throws as base::read_file does.
  static ConfigFile read(const std::filesystem::path& path, std::string name, Which which);

  bool exists() const { return !name_.empty(); }
  /// "ecloud.yaml", as shown in messages.
  const std::string& name() const { return name_; }
  /// Null when the file does not set it.
  const ConfigValue* find(std::string_view dotted_key) const;
  /// What a key of ecloud.yaml comes to for `app` (a name under apps, or empty) in `environment`. A
  /// release key is looked for in apps.APP.environments.ENVIRONMENT, in apps.APP, in
  /// environments.ENVIRONMENT and at the top, in this order; any other at the top alone.
  const ConfigValue* find_effective(std::string_view key, std::string_view app,
                                    std::string_view environment) const;
  std::optional<std::string> text(std::string_view dotted_key) const;
  std::vector<std::string> list(std::string_view dotted_key) const;
  /// The names below a mapping of names: names_below("environments").
  std::vector<std::string> names_below(std::string_view dotted_prefix) const;
  const std::map<std::string, ConfigValue, std::less<>>& values() const { return values_; }
  /// Of every key and section that the file names, by dotted key.
  const std::map<std::string, KeyPlace, std::less<>>& places() const { return places_; }
  /// What was passed over, with place and suggestion: "config.yaml line 3: unknown key nam, …".
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// "ecloud.yaml line 3".
  std::string where(const ConfigValue& value) const { return where(value.line); }
  std::string where(int line) const;

 private:
  std::string name_;
  std::map<std::string, ConfigValue, std::less<>> values_;
  std::map<std::string, std::vector<std::string>, std::less<>> names_;
  std::map<std::string, KeyPlace, std::less<>> places_;
  std::vector<std::string> warnings_;
};

}  // namespace ecloud::cli
