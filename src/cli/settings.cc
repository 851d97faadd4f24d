#include "cli/settings.h"

#include <algorithm>
#include <map>
#include <set>

#include "cli/config_keys.h"
#include "cli/topics.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// The options of the tree that a file or a variable can give, each once.
struct Configurable {
  std::map<std::string, const Option*, std::less<>> by_key;
  std::vector<const Option*> without_key;
};

Configurable configurable_options(const Command& root) {
  Configurable out;
  std::set<std::string> seen;
  for_each_command(root, [&](const CommandPath& path) {
    for (const Option* option : all_options(*path.command)) {
      if (!option->project_key.empty()) {
        // The one that more can give: an upgrade takes no default and nothing of config.yaml.
        const Option*& known = out.by_key[option->project_key];
        if (known == nullptr || (known->user_key.empty() && !option->user_key.empty())) {
          known = option;
        }
      } else if (!option->variables.empty() && seen.insert(option->variables.front()).second) {
        out.without_key.push_back(option);
      }
    }
  });
  // One that has a key in another command is listed there.
  std::set<std::string> keyed;
  for (const auto& [key, option] : out.by_key) {
    keyed.insert(option->variables.begin(), option->variables.end());
  }
  std::erase_if(out.without_key,
                [&](const Option* option) { return keyed.contains(option->variables.front()); });
  std::sort(out.without_key.begin(), out.without_key.end(),
            [](const Option* a, const Option* b) { return a->name < b->name; });
  return out;
}

std::optional<Found> value_of(const Option& option, const Values& values) {
  if (auto found = values.look_up(option)) return found;
  if (option.default_text.empty()) return std::nullopt;
  return Found{{option.default_text}, {Source::kDefault, "default"}};
}

}  // namespace

std::string Setting::shown() const {
  if (!found) return "";
  if (secret()) return "set";
  return option != nullptr ? shown_values(*option, found->values) : base::join(found->values, ", ");
}

std::vector<Setting> effective_settings(Context& context, const Values& values) {
  const Configurable options = configurable_options(context.root());
  std::vector<Setting> out;
  for (const ConfigKey& key : config_keys()) {
    if (!key.in_project || key.key.find('*') != std::string::npos) continue;
    Setting setting{key.key, key.help, nullptr, std::nullopt};
    const auto option = options.by_key.find(key.key);
    if (option != options.by_key.end()) {
      setting.option = option->second;
      setting.found = value_of(*option->second, values);
    } else if (const ConfigValue* value = values.project_value(key.key)) {
      setting.found =
          Found{value->values, {Source::kProjectFile, context.project_config().where(*value)}};
    }
    out.push_back(std::move(setting));
  }
  for (const Option* option : options.without_key) {
    out.push_back({option->name, option->help, option, value_of(*option, values)});
  }
  return out;
}

std::string_view to_string(Source source) {
  switch (source) {
    case Source::kFlag:
      return "flag";
    case Source::kVariable:
      return "variable";
    case Source::kProjectFile:
      return "ecloud.yaml";
    case Source::kUserFile:
      return "config.yaml";
    case Source::kDefault:
      return "default";
    case Source::kPrompt:
      return "prompt";
  }
  fail_bug("a source of values has a name");
}

}  // namespace ecloud::cli
