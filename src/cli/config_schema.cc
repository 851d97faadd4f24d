#include "cli/config_schema.h"

#include <algorithm>

#include "cli/config_keys.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr char kDialect[] = "http://json-schema.org/draft-07/schema#";
/// As kNameCharacters of the reader.
constexpr char kNamePattern[] = "^[A-Za-z0-9_-]+$";

base::Json type_of(const std::vector<std::string>& types) {
  return base::Json::object({{"type", base::Json::strings(types)}});
}

/// YAML makes numbers and booleans of texts that look so, as in "version: 1.0".
base::Json scalar() {
  return type_of({"string", "number", "boolean"});
}

base::Json list_of_scalars() {
  base::Json out = type_of({"array", "null"});
  return out.set("items", scalar());
}

base::Json value_schema(const ConfigKey& key) {
  if (!key.choices.empty()) {
    base::Json choices = base::Json::strings(key.choices);
    choices.push(nullptr);
    return base::Json::object({{"enum", std::move(choices)}});
  }
  switch (key.type) {
    case ConfigType::kNumber:
      return type_of({"integer", "null"}).set("minimum", 0);
    case ConfigType::kBoolean:
      return type_of({"boolean", "null"});
    case ConfigType::kList:
      return list_of_scalars();
    case ConfigType::kTextOrList:
      return type_of({"string", "array", "null"}).set("items", scalar());
    case ConfigType::kText:
      break;
  }
  return type_of({"string", "number", "boolean", "null"});
}

/// What stands below a prefix: keys in the order of the table.
struct Level {
  std::vector<std::string> names;
  bool any_name = false;  ///< a "*" is among them
};

Level level_below(const std::string& prefix, ConfigFile::Which which) {
  Level level;
  for (const ConfigKey& key : expanded_config_keys()) {
    if (which == ConfigFile::Which::kProject ? !key.in_project : !key.in_user) continue;
    if (!key.key.starts_with(prefix)) continue;
    const std::string rest = key.key.substr(prefix.size());
    const std::string name = rest.substr(0, rest.find('.'));
    if (name == "*") {
      level.any_name = true;
    } else if (std::find(level.names.begin(), level.names.end(), name) == level.names.end()) {
      level.names.push_back(name);
    }
  }
  return level;
}

const char* section_help(const std::string& section) {
  if (section == "environments") {
    return "By environment: what it is, and what is released to it in another way";
  }
  if (section == "apps") return "Several apps in one file, by name";
  if (section == "apps.*") return "What this app has different from the rest of the file";
  if (section == "apps.*.environments") return "What this app has different in an environment";
  if (section == "tls") return "The app's TLS";
  if (section == "profile") return "What the dashboard shows";
  if (section == "build") return "A verifiable build";
  return "";
}

base::Json level_schema(const std::string& prefix, ConfigFile::Which which);

base::Json below(const std::string& path, ConfigFile::Which which) {
  for (const ConfigKey& key : expanded_config_keys()) {
    if (key.key == path) return value_schema(key).set("description", config_key_help(key));
  }
  base::Json out = level_schema(path + ".", which);
  const std::string help = section_help(path);
  if (!help.empty()) out.set("description", help);
  return out;
}

base::Json level_schema(const std::string& prefix, ConfigFile::Which which) {
  const Level level = level_below(prefix, which);
  base::Json out = type_of({"object", "null"});
  if (level.any_name) {
    out.set("propertyNames", base::Json::object({{"pattern", kNamePattern}}));
    out.set("additionalProperties", below(prefix + "*", which));
    return out;
  }
  base::Json properties = base::Json::object();
  for (const std::string& name : level.names) properties.set(name, below(prefix + name, which));
  out.set("properties", std::move(properties));
  out.set("additionalProperties", false);
  return out;
}

}  // namespace

base::Json config_schema(ConfigFile::Which which) {
  const bool project = which == ConfigFile::Which::kProject;
  base::Json out = base::Json::object(
      {{"$schema", kDialect},
       {"title", project ? "ecloud.yaml" : "config.yaml"},
       {"description", project ? "The project file of ecloud" : "The user's settings of ecloud"}});
  for (auto& [name, value] : level_schema("", which).members()) out.set(name, std::move(value));
  return out;
}

}  // namespace ecloud::cli
