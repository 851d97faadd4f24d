#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/config_file.h"
#include "ecloud/base/clock.h"

namespace ecloud::cli {

/// The command line after parsing, before anything else is looked at.
struct Parsed {
  CommandPath path;
  /// By option name; a flag has one empty text.
  std::map<std::string, std::vector<std::string>, std::less<>> options;
  /// By positional name.
  std::map<std::string, std::vector<std::string>, std::less<>> positionals;
};

/// Where a value came from, the strongest first.
enum class Source { kFlag, kVariable, kProjectFile, kUserFile, kDefault, kPrompt };

struct Origin {
  Source source = Source::kDefault;
  std::string where;  ///< "--name", "ECLOUD_NAME", "ecloud.yaml line 3", "default"
};

/// A value as it was given, before it is read as its kind.
struct Found {
  std::vector<std::string> values;
  Origin origin;
};

/// What may be shown of an option's values: nothing of secrets ("(hidden)"), the origin of URLs
/// that may hold keys.
std::string shown_values(const Option& option, const std::vector<std::string>& values);

/// "90s", "10m", "2h", "500ms" or plain seconds; nothing for anything else.
std::optional<base::Milliseconds> parse_duration(std::string_view text);

/// The values of a command's options and positionals: flag, then variable, then ecloud.yaml, then
/// config.yaml, then default. Files are read when the first value asks for them, not before. Every
/// name must be one of the command's; a wrong one is our bug. A value that cannot be read as its
/// kind is Error{kUsage, "cli.bad_value"} that names the flag, variable or line which gave it,
/// unless the option tolerates a bad variable. ecloud.yaml is read as ConfigFile::find_effective
/// says, for the selected environment.
class Values {
 public:
  /// Both outlive the object.
  Values(const Parsed& parsed, Context& context);

  /// The same values where what stands under apps.NAME of ecloud.yaml is stronger than the rest of
  /// that file. Its "name" is NAME unless --name gives another one. Throws Error{kUsage,
  /// "config.unknown_app"} with the names there are.
  Values for_app(const std::string& name) const;
  /// The app of for_app(); empty without.
  const std::string& app() const { return app_; }

  bool flag(std::string_view option) const;
  /// Nothing when nobody gave one and there is no default. Choices are checked.
  std::optional<std::string> text(std::string_view option) const;
  std::vector<std::string> repeated(std::string_view option) const;
  std::optional<base::Milliseconds> duration(std::string_view option) const;
  std::optional<std::uint64_t> number(std::string_view option) const;
  /// As text(); asks for a missing one when the user can be asked, else throws
  /// Error{kUsage, "cli.missing_value"} naming flag, variable and ecloud.yaml key.
  std::string required(std::string_view option) const;
  /// The error for a missing value, for callers that find out later that they need one.
  Error missing(std::string_view option) const;

  /// Whether anybody gave one: the default does not count.
  bool given(std::string_view option) const;
  Origin origin(std::string_view option) const;

  /// A key of ecloud.yaml, for the selected environment and app; null when nobody sets it.
  const ConfigValue* project_value(std::string_view key) const;
  /// As for the command's own options, of an option that another command declares.
  std::optional<Found> look_up(const Option& option) const;

  std::optional<std::string> argument(std::string_view positional) const;
  std::vector<std::string> arguments(std::string_view positional) const;

  const Command& command() const { return *parsed_.path.command; }
  const CommandPath& path() const { return parsed_.path; }

 private:
  const Option& declared(std::string_view option) const;
  std::optional<Found> find(const Option& option) const;
  std::optional<Found> from_files(const Option& option) const;
  /// Warns about a bad variable that counts as unset; see Option::tolerates_bad_variable.
  bool is_tolerated(const Option& option, const Found& found) const;
  Error bad_value(const Option& option, const Found& found, std::string_view problem) const;
  std::string checked(const Option& option, const Found& found) const;

  const Parsed& parsed_;
  Context& context_;
  std::string app_;
  mutable std::map<std::string, std::optional<Found>, std::less<>> cache_;
};

}  // namespace ecloud::cli
