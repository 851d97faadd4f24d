#include "cli/user_settings.h"

#include <sys/stat.h>

#include <algorithm>

#include "cli/config_edit.h"
#include "cli/config_keys.h"
#include "cli/environments.h"
#include "cli/json_values.h"
#include "cli/settings.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/lock_wait.h"
#include "ecloud/base/log.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

using Which = ConfigFile::Which;

void check_key(const std::string& key) {
  if (find_config_key(key, Which::kUser) != nullptr) return;
  if (find_config_key(key, Which::kProject) != nullptr) {
    throw Error(Category::kUsage, "config.project_key",
                key + " belongs to a project: config.yaml has no such key",
                key == "environment"
                    ? "the key of config.yaml is defaultEnvironment: ecloud compute "
                      "environment set NAME"
                    : "write it into the project's ecloud.yaml");
  }
  if (is_config_section(key, Which::kUser)) {
    throw Error(Category::kUsage, "config.type", key + " holds keys of its own",
                "the keys are on the page: ecloud help configuration");
  }
  throw unknown_config_key(key, Which::kUser);
}

void check_values(Context& context, const std::string& key,
                  const std::vector<std::string>& values) {
  const ConfigType type = find_config_key(key, Which::kUser)->type;
  const bool list = type == ConfigType::kList || type == ConfigType::kTextOrList;
  if (values.size() > 1 && !list) {
    throw Error(Category::kUsage, "config.type", key + " is a single value",
                "put a value with blanks into quotes");
  }
  if (key != "defaultEnvironment" || values.empty()) return;
  require_known_environment(context, values.front());
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : base::kPrivateFile;
}

/// URLs of nodes carry keys in their paths: only the host is shown.
std::string shown(const std::string& key, std::vector<std::string> values) {
  if (key.ends_with("rpcUrl") || key.ends_with("RpcUrl")) {
    for (std::string& value : values) value = base::url_origin(value);
  }
  return base::join(values, ", ");
}

}  // namespace

SettingChange plan_setting(Context& context, const std::string& key,
                           const std::vector<std::string>& values) {
  check_key(key);
  check_values(context, key, values);
  const std::filesystem::path path = context.user_config_path();
  const std::string before = base::read_file_if_exists(path, kMaxConfigBytes).value_or("");
  const std::string name = path.string();
  SettingChange change;
  change.path = name;
  change.key = key;
  change.before = shown(key, ConfigFile::parse(before, name, Which::kUser).list(key));
  change.after = shown(key, values);
  change.text = values.empty() ? unset_config_value(before, name, key)
                               : set_config_value(before, name, key, values);
  return change;
}

SettingChange save_setting(Context& context, const std::string& key,
                           const std::vector<std::string>& values) {
  const base::FileLock lock = base::wait_for_lock(context.paths().state / "config.lock");
  SettingChange change = plan_setting(context, key, values);
  const std::filesystem::path path(change.path);
  if (!values.empty() || change.before != change.after) {
    base::write_file_atomic(path, change.text, mode_of(path));
  }
  return change;
}

base::Json setting_document(const SettingChange& change, bool dry_run) {
  return base::Json::object({{"path", change.path},
                             {"key", change.key},
                             {"before", text_or_null(change.before)},
                             {"after", text_or_null(change.after)},
                             {"dryRun", dry_run}});
}

std::vector<JsonField> setting_json_fields() {
  return {{"path", "your config.yaml"},
          {"key", "what was set"},
          {"before", "its value before, or null"},
          {"after", "its value now, or null"},
          {"dryRun", "whether nothing was written"}};
}

void note_stronger_source(Context& context, const std::string& key) {
  for (const Setting& setting : effective_settings(context, context.values())) {
    if (setting.option == nullptr || setting.option->user_key != key || !setting.found) continue;
    const Source source = setting.found->origin.source;
    if (source == Source::kUserFile || source == Source::kDefault) continue;
    context.terminal().note(setting.found->origin.where + " is stronger here: " + setting.key +
                            " stays " + setting.shown());
  }
}

}  // namespace ecloud::cli
