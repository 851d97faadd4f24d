#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/error.h"

namespace ecloud::cli {

class Context;
class Values;

/// What an option or a positional takes.
enum class Kind {
  kFlag,      ///< nothing
  kText,      ///< any text
  kRepeated,  ///< any text, as often as given; in a variable separated by commas
  kChoice,    ///< one of `choices`
  kDuration,  ///< "90s", "10m", "2h", or seconds
  kNumber,    ///< decimal digits
  kFile,      ///< the path of a file, "-" for stdin where the help says so
  kDirectory,
};

/// What a shell offers for a value, beyond what the kind says.
enum class Completer { kNone, kApp, kEnvironment };

/// An option as declared once: parsing, help, man pages, completions and errors come from here.
struct Option {
  std::string name;        ///< "env-file"
  std::string short_name;  ///< "f", or empty
  Kind kind = Kind::kText;
  std::string value_name;  ///< "PATH"; empty for flags
  std::string help;        ///< one sentence without the final full stop
  std::vector<std::string> choices;
  /// The value when nobody gives one; shown in the help. Empty: none.
  std::string default_text;
  /// What the help says about the default when that is no fixed text; empty: `default_text`.
  std::string default_note;
  std::vector<std::string> variables;  ///< environment variables, the first one set wins
  /// Of a kDuration: a variable that is not a duration above 0 counts as unset, with a warning.
  bool tolerates_bad_variable = false;
  std::string project_key;  ///< dotted key of ecloud.yaml, or empty
  std::string user_key;     ///< dotted key of config.yaml, or empty
  bool secret = false;      ///< its value is never shown
  bool hidden = false;      ///< understood, and shown nowhere
  bool keyed_url = false;   ///< of its URLs only scheme, host and port are shown: paths hold keys
  bool hash = false;  ///< its value may be 32 public bytes in hex, which look like a private key
  /// Spellings that still work and are not shown: "image_ref", or "w" for a short one.
  std::vector<std::string> deprecated;
  std::string heading;  ///< the group in the help; empty: OPTIONS
  Completer completer = Completer::kNone;
  /// Of a kChoice: the value when the option stands alone ("--store" for "--store keyring"). Then
  /// the next word is its value only when it is one of the choices.
  std::string bare_value;
  /// The question when a required value is missing and the user can be asked.
  std::string question;

  bool takes_value() const { return kind != Kind::kFlag; }
};

struct Positional {
  std::string name;  ///< "APP", as in the usage line
  std::string help;
  bool required = false;
  bool repeated = false;  ///< takes all that are left; only the last one may
  std::vector<std::string> choices;
  Completer completer = Completer::kNone;
  Kind kind = Kind::kText;  ///< kText, kFile or kDirectory: what a shell offers
  bool hash = false;        ///< as Option::hash
};

/// A line of the examples: what it does, and what to type.
struct Example {
  std::string what;
  std::string command;
};

/// A member of the JSON document ("gas.used" for one of an inner object).
struct JsonField {
  std::string name;
  std::string meaning;
};

/// Whether a command works with the deployer's key: then it takes the options for it.
enum class KeyUse { kNone, kOptional, kRequired };

/// A command or a group of commands, as data.
struct Command {
  std::string name;
  std::vector<std::string> aliases;
  std::string group;        ///< heading in the help of the parent; empty: COMMANDS
  std::string summary;      ///< one line without the final full stop
  std::string description;  ///< paragraphs, separated by an empty line; wrapped when shown
  std::vector<Positional> positionals;
  std::vector<Option> options;  ///< its own ones; see all_options()
  std::vector<Example> examples;
  /// Members of the document that --json prints. With `json_list` the document is an object with
  /// that member, an array, and the fields are those of its elements; `json_list_notes` are the
  /// object's other members, which describe the list as a whole. With `json_is_array` the document
  /// is the array alone.
  std::vector<JsonField> json_fields;
  std::string json_list;
  std::vector<JsonField> json_list_notes;
  bool json_is_array = false;
  /// "{"apps": [...], "complete": ...}", as help describes the document of a list.
  std::string json_list_shape() const;
  std::vector<Category> exit_codes;  ///< besides 0, 2, 70 and 130, which all have
  bool hidden = false;
  bool uses_environment = false;  ///< takes --environment, --rpc-url, --allow-http
  KeyUse key = KeyUse::kNone;     ///< takes --private-key, --private-key-file
  bool mutating = false;          ///< takes --dry-run; whatever it asks is skipped by --yes
  /// What it does cannot be taken back: it always asks, and refuses when nobody is there to answer
  /// and no --yes was given.
  bool destructive = false;
  std::function<void(Context&, const Values&)> run;  ///< empty for a group
  std::vector<Command> subcommands;

  bool is_group() const { return !run; }
  /// The subcommand of that name or alias; null when there is none.
  const Command* find(std::string_view word) const;
};

/// Option sets that commands share.
const std::vector<Option>& global_options();
const std::vector<Option>& environment_options();
const std::vector<Option>& key_options();
const std::vector<Option>& mutating_options();
/// The global --yes, for commands where --force means it too.
Option yes_option_with_force();

/// A command and the names that lead to it: {"ecloud", "compute", "app", "deploy"}.
struct CommandPath {
  const Command* command = nullptr;
  std::vector<std::string> names;

  std::string text() const;  ///< "ecloud compute app deploy"
};

/// Everything that `command` takes: its own options, then the shared sets that it asks for, then
/// the global ones. The environment's are understood everywhere, so that wrappers can give them
/// always, and shown (`shown_options`) where they matter; hidden ones are not. The pointers live as
/// long as `command`.
std::vector<const Option*> all_options(const Command& command);
std::vector<const Option*> shown_options(const Command& command);

/// "ecloud compute app deploy [options]", positionals in order, optional ones in brackets.
std::string usage_line(const CommandPath& path);

/// "--env-file PATH", with the short name before it when there is one.
std::string spelling(const Option& option);

}  // namespace ecloud::cli
