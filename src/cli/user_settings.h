#pragma once

#include <string>
#include <vector>

#include "cli/context.h"

namespace ecloud::cli {

/// What a change of the user's config.yaml does to it.
struct SettingChange {
  std::string path;
  std::string key;
  std::string before;  ///< as `after`; empty when it was not set
  std::string after;   ///< values separated by ", "; empty: unset
  std::string text;    ///< of the whole file
};

/// Checks key and values (none: unset) and makes the new text; writes nothing. Throws
/// Error{kUsage}: config.unknown_key with a suggestion, config.project_key for a key of ecloud.yaml
/// alone, config.type, config.bad_value, environment.unknown for defaultEnvironment,
/// config.cannot_edit.
SettingChange plan_setting(Context& context, const std::string& key,
                           const std::vector<std::string>& values);

/// plan_setting, and writes the file, of mode 0600 when it is new: URLs of nodes in it may hold
/// keys. Two processes do not lose each other's changes.
SettingChange save_setting(Context& context, const std::string& key,
                           const std::vector<std::string>& values);

/// {"path","key","before","after","dryRun"} and its fields.
base::Json setting_document(const SettingChange& change, bool dry_run);
std::vector<JsonField> setting_json_fields();

/// Warns when an option, a variable or ecloud.yaml is stronger than what config.yaml now says.
void note_stronger_source(Context& context, const std::string& key);

}  // namespace ecloud::cli
