#include "cli/values.h"

#include <algorithm>
#include <cctype>

#include "cli/config_keys.h"
#include "cli/context.h"
#include "ecloud/base/error.h"
#include "ecloud/base/log.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::optional<bool> parse_boolean(std::string_view text) {
  const std::string word = base::to_lower(base::trim(text));
  for (const char* yes : {"1", "true", "yes", "on"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"0", "false", "no", "off"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string& part : base::split(text, ',')) {
    if (const auto trimmed = base::trim(part); !trimmed.empty()) out.emplace_back(trimmed);
  }
  return out;
}

/// "--name, ECLOUD_NAME or name in ecloud.yaml".
std::string ways_to_give(const Option& option) {
  std::vector<std::string> ways = {"--" + option.name};
  if (!option.variables.empty()) ways.push_back("the variable " + option.variables.front());
  if (!option.project_key.empty()) ways.push_back(option.project_key + " in ecloud.yaml");
  const std::string last = ways.back();
  ways.pop_back();
  return ways.empty() ? last : base::join(ways, ", ") + " or " + last;
}

}  // namespace

std::string shown_values(const Option& option, const std::vector<std::string>& values) {
  if (option.secret) return "(hidden)";
  if (!option.keyed_url) return base::join(values, ", ");
  std::vector<std::string> shown;
  for (const std::string& url : values) shown.push_back(base::url_origin(url));
  return base::join(shown, ", ");
}

std::optional<base::Milliseconds> parse_duration(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  const auto count = base::parse_decimal(text.substr(0, digits));
  const std::string_view unit = digits == std::string_view::npos ? "s" : text.substr(digits);
  std::uint64_t milliseconds = 0;
  if (unit == "ms") milliseconds = 1;
  if (unit == "s") milliseconds = 1'000;
  if (unit == "m") milliseconds = 60'000;
  if (unit == "h") milliseconds = 3'600'000;
  constexpr std::uint64_t kTenYears = std::uint64_t{3650} * 24 * 3'600'000;
  if (!count || milliseconds == 0 || *count > kTenYears / milliseconds) return std::nullopt;
  return base::Milliseconds(static_cast<std::int64_t>(*count * milliseconds));
}

Values::Values(const Parsed& parsed, Context& context) : parsed_(parsed), context_(context) {}

const Option& Values::declared(std::string_view name) const {
  for (const Option* option : all_options(command())) {
    if (option->name == name) return *option;
  }
  fail_bug(parsed_.path.text() + " declares no --" + std::string(name));
}

Values Values::for_app(const std::string& name) const {
  const ConfigFile& file = context_.project_config();
  const std::vector<std::string> names = file.names_below("apps");
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const std::string who = file.exists() ? file.name() : "ecloud.yaml";
    if (names.empty()) {
      throw Error(
          Category::kUsage, "config.unknown_app",
          "there is no app " + base::printable_line(name, 60) + " in " + who + ", which lists none",
          "list the project's apps in it, under apps");
    }
    const auto close = base::closest(name, names);
    throw Error(Category::kUsage, "config.unknown_app",
                "there is no app " + base::printable_line(name, 60) + " in " + who,
                (close ? "did you mean " + *close + "?\n" : std::string()) + "its apps are " +
                    base::join(names, ", "));
  }
  Values scoped(parsed_, context_);
  scoped.app_ = name;
  // Warned of once, however many apps there are.
  for (const Option* option : all_options(command())) {
    if (option->tolerates_bad_variable) scoped.cache_[option->name] = find(*option);
  }
  return scoped;
}

const ConfigValue* Values::project_value(std::string_view key) const {
  const ConfigFile& file = context_.project_config();
  const ConfigKey* known = find_config_key(key, ConfigFile::Which::kProject);
  if (known == nullptr || !known->release) return file.find(key);
  return file.find_effective(key, app_, text("environment").value_or(""));
}

std::optional<Found> Values::from_files(const Option& option) const {
  if (!option.project_key.empty()) {
    if (const ConfigValue* value = project_value(option.project_key)) {
      return Found{value->values, {Source::kProjectFile, context_.project_config().where(*value)}};
    }
  }
  if (!option.user_key.empty()) {
    const ConfigFile& file = context_.user_config();
    if (const ConfigValue* value = file.find(option.user_key)) {
      return Found{value->values, {Source::kUserFile, file.where(*value)}};
    }
  }
  return std::nullopt;
}

std::optional<Found> Values::look_up(const Option& option) const {
  const auto given = parsed_.options.find(option.name);
  if (given != parsed_.options.end()) {
    return Found{given->second, {Source::kFlag, "--" + option.name}};
  }
  // Whoever chose the app on the command line chose its name.
  if (!app_.empty() && option.project_key == "name") {
    const ConfigFile& file = context_.project_config();
    return Found{{app_}, {Source::kProjectFile, file.where(file.places().at("apps." + app_).line)}};
  }
  for (const std::string& variable : option.variables) {
    auto value = context_.env().get(variable);
    // Variables of URLs may be blank in files that set them all: that means unset.
    if (value && option.keyed_url) value = std::string(base::trim(*value));
    if (!value || value->empty()) continue;
    const bool list = option.kind == Kind::kRepeated;
    return Found{list ? split_list(*value) : std::vector<std::string>{*value},
                 {Source::kVariable, variable}};
  }
  return from_files(option);
}

bool Values::is_tolerated(const Option& option, const Found& found) const {
  if (!option.tolerates_bad_variable || found.origin.source != Source::kVariable) return false;
  const auto duration = parse_duration(found.values.back());
  if (duration && duration->count() > 0) return false;
  context_.terminal().warning(
      found.origin.where + " \"" + base::printable_line(shown_values(option, found.values), 80) +
      "\" is not a time above 0, such as 600 or 10m; using the default of " + option.default_text);
  return true;
}

std::optional<Found> Values::find(const Option& option) const {
  const auto cached = cache_.find(option.name);
  if (cached != cache_.end()) return cached->second;
  std::optional<Found> found = look_up(option);
  if (found && is_tolerated(option, *found)) found = from_files(option);
  if (found && context_.log().enabled()) {
    const std::string shown = shown_values(option, found->values);
    context_.log().write("config", option.name + (shown.empty() ? "" : " = " + shown) + " (" +
                                       found->origin.where + ")");
  }
  cache_.emplace(option.name, found);
  return found;
}

Error Values::bad_value(const Option& option, const Found& found, std::string_view problem) const {
  const std::string value =
      option.secret || found.values.empty()
          ? ""
          : " \"" + base::printable_line(shown_values(option, {found.values.back()}), 80) + "\"";
  const std::string who =
      found.origin.source == Source::kFlag || found.origin.source == Source::kVariable
          ? found.origin.where
          : found.origin.where + ": " + option.name;
  return Error(Category::kUsage, "cli.bad_value", who + value + " " + std::string(problem));
}

std::string Values::checked(const Option& option, const Found& found) const {
  const std::string value = found.values.empty() ? "" : found.values.back();
  const auto& choices = option.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) {
    return value;
  }
  const auto close = base::closest(value, choices);
  throw bad_value(option, found, "is none of " + base::join(choices, ", "))
      .with_hint(close ? "did you mean " + *close + "?" : "");
}

bool Values::flag(std::string_view name) const {
  const Option& option = declared(name);
  const std::optional<Found> found = find(option);
  if (!found) return false;
  if (found->origin.source == Source::kFlag) return true;
  const auto value = parse_boolean(found->values.empty() ? "" : found->values.back());
  if (!value) throw bad_value(option, *found, "is neither true nor false");
  return *value;
}

std::optional<std::string> Values::text(std::string_view name) const {
  const Option& option = declared(name);
  if (const auto found = find(option)) return checked(option, *found);
  if (option.default_text.empty()) return std::nullopt;
  return option.default_text;
}

std::vector<std::string> Values::repeated(std::string_view name) const {
  const auto found = find(declared(name));
  return found ? found->values : std::vector<std::string>{};
}

std::optional<base::Milliseconds> Values::duration(std::string_view name) const {
  const Option& option = declared(name);
  const auto found = find(option);
  if (!found && option.default_text.empty()) return std::nullopt;
  const std::string value = found ? checked(option, *found) : option.default_text;
  const auto duration = parse_duration(value);
  if (duration) return duration;
  if (!found) fail_bug("the default of --" + option.name + " is no duration");
  throw bad_value(option, *found, "is no duration").with_hint("write it as 90s, 10m or 2h");
}

std::optional<std::uint64_t> Values::number(std::string_view name) const {
  const Option& option = declared(name);
  const auto found = find(option);
  if (!found && option.default_text.empty()) return std::nullopt;
  const auto number = base::parse_decimal(found ? checked(option, *found) : option.default_text);
  if (number) return number;
  if (!found) fail_bug("the default of --" + option.name + " is no number");
  throw bad_value(option, *found, "is no whole number");
}

Error Values::missing(std::string_view name) const {
  const Option& option = declared(name);
  return Error(Category::kUsage, "cli.missing_value",
               "--" + option.name + " is missing: " + option.help,
               "give it with " + ways_to_give(option));
}

std::string Values::required(std::string_view name) const {
  if (const auto value = text(name); value && !value->empty()) return *value;
  const Option& option = declared(name);
  if (!context_.terminal().can_prompt()) throw missing(name);
  const std::string question = option.question.empty() ? option.help : option.question;
  std::string answer;
  if (option.choices.empty()) {
    answer = context_.terminal().ask(question);
  } else {
    answer = option.choices[context_.terminal().select(question, option.choices)];
  }
  cache_[option.name] = Found{{answer}, {Source::kPrompt, "prompt"}};
  return answer;
}

bool Values::given(std::string_view name) const {
  return find(declared(name)).has_value();
}

Origin Values::origin(std::string_view name) const {
  const auto found = find(declared(name));
  return found ? found->origin : Origin{Source::kDefault, "default"};
}

std::optional<std::string> Values::argument(std::string_view positional) const {
  const std::vector<std::string> all = arguments(positional);
  if (all.empty()) return std::nullopt;
  return all.front();
}

std::vector<std::string> Values::arguments(std::string_view positional) const {
  const auto found = parsed_.positionals.find(positional);
  if (found != parsed_.positionals.end()) return found->second;
  const auto& declared_ones = command().positionals;
  const bool known = std::any_of(declared_ones.begin(), declared_ones.end(),
                                 [&](const Positional& p) { return p.name == positional; });
  if (!known) fail_bug(parsed_.path.text() + " declares no " + std::string(positional));
  return {};
}

}  // namespace ecloud::cli
