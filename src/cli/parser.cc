#include "cli/parser.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/migration.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::string usage_hint(const CommandPath& path, const std::string& suggestion) {
  const std::string usage = "usage: " + usage_line(path);
  return suggestion.empty() ? usage : suggestion + "\n" + usage;
}

Error usage_error(const char* code, std::string message, const CommandPath& path,
                  const std::string& suggestion = {}) {
  return Error(Category::kUsage, code, std::move(message), usage_hint(path, suggestion));
}

bool is_path(Kind kind) {
  return kind == Kind::kFile || kind == Kind::kDirectory;
}

bool is_option_word(std::string_view word) {
  return word.size() > 1 && word[0] == '-';
}

/// Every option that may stand before the command: the shared sets.
std::vector<const Option*> shared_options() {
  std::vector<const Option*> out;
  for (const auto* set :
       {&global_options(), &environment_options(), &key_options(), &mutating_options()}) {
    for (const Option& option : *set) out.push_back(&option);
  }
  return out;
}

bool matches(const Option& option, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  if (name == "--" + option.name) return true;
  return !option.short_name.empty() && name == "-" + option.short_name;
}

const Option* find_shared(std::string_view word) {
  static const std::vector<const Option*> options = shared_options();
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const Option* option) { return matches(*option, word); });
  return found == options.end() ? nullptr : *found;
}

/// Full paths of the leaves that are called `word`: "ecloud deploy" is short for one of them.
void find_leaves(const CommandPath& at, std::string_view word, std::vector<std::string>& out) {
  for (const Command& command : at.command->subcommands) {
    if (command.hidden) continue;
    CommandPath path{&command, at.names};
    path.names.push_back(command.name);
    if (command.name == word) out.push_back(path.text());
    find_leaves(path, word, out);
  }
}

/// The names of a group without that of the program: "compute app".
std::string below_root(const CommandPath& path) {
  return base::join({path.names.begin() + 1, path.names.end()}, " ");
}

std::string suggest_command(const CommandPath& at, const std::string& word, const Command& root) {
  if (std::string hint = hint_for_old_word(root, below_root(at), word); !hint.empty()) return hint;
  std::vector<std::string> known;
  for (const Command& command : at.command->subcommands) {
    if (command.hidden) continue;
    known.push_back(command.name);
    known.insert(known.end(), command.aliases.begin(), command.aliases.end());
  }
  std::vector<std::string> leaves;
  find_leaves({&root, {root.name}}, word, leaves);
  if (!leaves.empty()) return "did you mean `" + base::join(leaves, "` or `") + "`?";
  if (const auto close = base::closest(word, known)) {
    return "did you mean `" + at.text() + " " + *close + "`?";
  }
  return {};
}

std::string suggest_flag(const CommandPath& path, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  const Command& command = *path.command;
  if (std::string hint = hint_for_old_option(below_root(path), name); !hint.empty()) return hint;
  std::vector<std::string> known;
  for (const Option* option : all_options(command)) {
    if (!option->hidden) known.push_back("--" + option->name);
  }
  const auto close = base::closest(name, known);
  return close ? "did you mean " + *close + "?" : "";
}

/// The option's names for CLI11: "--name,-n,--old_name".
std::string cli11_names(const Option& option) {
  std::string names = "--" + option.name;
  if (!option.short_name.empty()) names += ",-" + option.short_name;
  for (const std::string& old : option.deprecated) names += (old.size() == 1 ? ",-" : ",--") + old;
  return names;
}

/// CLI11 takes the next word for the value of "--name=": an empty value is given to it as a word.
std::vector<std::string> with_empty_values(const std::vector<std::string>& arguments,
                                           const std::vector<const Option*>& options) {
  std::vector<std::string> out;
  bool only_positionals = false;
  for (const std::string& word : arguments) {
    only_positionals = only_positionals || word == "--";
    const bool empty = !only_positionals && word.size() > 3 && word.back() == '=' &&
                       std::any_of(options.begin(), options.end(), [&](const Option* option) {
                         return word == "--" + option->name + "=" && option->takes_value();
                       });
    out.push_back(empty ? word.substr(0, word.size() - 1) : word);
    if (empty) out.emplace_back();
  }
  return out;
}

/// Gives an option that may stand alone its value.
std::vector<std::string> with_bare_values(const std::vector<std::string>& arguments,
                                          const std::vector<const Option*>& options) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    out.push_back(arguments[i]);
    if (arguments[i] == "--") {
      out.insert(out.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                 arguments.end());
      break;
    }
    for (const Option* option : options) {
      if (option->bare_value.empty() || arguments[i] != "--" + option->name) continue;
      const auto& choices = option->choices;
      const bool given = i + 1 < arguments.size() && std::find(choices.begin(), choices.end(),
                                                               arguments[i + 1]) != choices.end();
      if (!given) out.push_back(option->bare_value);
    }
  }
  return out;
}

/// The command line of one command through CLI11, which is used for nothing else: no help, no
/// configuration files, no conversions.
class Cli11Parse {
 public:
  explicit Cli11Parse(const CommandPath& path) : path_(path), options_(all_options(*path.command)) {
    app_.set_help_flag();
    app_.allow_extras();
    for (const Option* option : options_) {
      CLI::Option* handle = option->takes_value() ? app_.add_option(cli11_names(*option))
                                                  : app_.add_flag(cli11_names(*option));
      if (option->takes_value()) handle->type_size(1)->expected(1);
      handle->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
      handles_.push_back(handle);
    }
    words_ = app_.add_option("words")->type_size(1)->expected(0, kMaxWords)->allow_extra_args();
  }

  void parse(const std::vector<std::string>& arguments) {
    std::vector<std::string> words =
        with_empty_values(with_bare_values(arguments, options_), options_);
    std::reverse(words.begin(), words.end());
    try {
      app_.parse(words);
    } catch (const CLI::Error& error) {
      throw translate(error, arguments);
    }
  }

  Parsed result() const {
    Parsed parsed;
    parsed.path = path_;
    for (std::size_t i = 0; i < options_.size(); ++i) {
      if (handles_[i]->count() > 0) parsed.options[options_[i]->name] = handles_[i]->results();
    }
    return parsed;
  }

  std::vector<std::string> words() const { return words_->results(); }
  /// What looks like an option and is none. CLI11 counts the "--" before positionals among it.
  std::vector<std::string> unknown() const {
    std::vector<std::string> words = app_.remaining();
    words.erase(std::remove(words.begin(), words.end(), "--"), words.end());
    return words;
  }

  /// An unset variable of a script makes an empty argument, and no file is called so.
  void check_files() const {
    for (std::size_t i = 0; i < options_.size(); ++i) {
      if (!is_path(options_[i]->kind) || handles_[i]->count() == 0) continue;
      for (const std::string& result : handles_[i]->results()) {
        if (!result.empty()) continue;
        throw usage_error("cli.bad_value", "--" + options_[i]->name + " is empty", path_,
                          "give a value, or leave the option out");
      }
    }
  }

  void check_flags() const {
    for (std::size_t i = 0; i < options_.size(); ++i) {
      if (options_[i]->takes_value()) continue;
      for (const std::string& result : handles_[i]->results()) {
        if (result == "true") continue;
        throw usage_error("cli.bad_value", "--" + options_[i]->name + " takes no value", path_);
      }
    }
  }

 private:
  static constexpr int kMaxWords = 10'000;

  /// The only failure that is left to CLI11 is an option without its value, at the end.
  Error translate(const CLI::Error& error, const std::vector<std::string>& arguments) const {
    const std::string last = arguments.empty() ? "" : arguments.back();
    for (const Option* option : options_) {
      if (option->takes_value() && is_option_word(last) && names(*option, last)) {
        return usage_error("cli.missing_value",
                           last + " needs a value (" + option->value_name + ")", path_);
      }
    }
    return usage_error("cli.syntax", base::printable_line(error.what()), path_);
  }

  static bool names(const Option& option, std::string_view word) {
    const std::vector<std::string> spelled = base::split(cli11_names(option), ',');
    return std::find(spelled.begin(), spelled.end(), word) != spelled.end() ||
           (!option.short_name.empty() && word.size() > 1 && word[1] != '-' &&
            word.back() == option.short_name[0]);
  }

  const CommandPath& path_;
  std::vector<const Option*> options_;
  CLI::App app_;
  std::vector<CLI::Option*> handles_;
  CLI::Option* words_ = nullptr;
};

void check_positional_choice(const Positional& positional, const std::string& value,
                             const CommandPath& path) {
  const auto& choices = positional.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  const auto close = base::closest(value, choices);
  throw usage_error("cli.bad_value",
                    positional.name + " is \"" + base::printable_line(value) + "\", and can be " +
                        base::join(choices, ", "),
                    path, close ? "did you mean " + *close + "?" : "");
}

void assign_positionals(Parsed& parsed, const std::vector<std::string>& words) {
  const std::vector<Positional>& declared = parsed.path.command->positionals;
  std::size_t next = 0;
  for (const Positional& positional : declared) {
    if (next == words.size()) {
      if (!positional.required) break;
      throw usage_error("cli.missing_argument", positional.name + " is missing", parsed.path);
    }
    auto& values = parsed.positionals[positional.name];
    do {
      if (is_path(positional.kind) && words[next].empty()) {
        throw usage_error("cli.bad_value", positional.name + " is empty", parsed.path);
      }
      check_positional_choice(positional, words[next], parsed.path);
      values.push_back(words[next++]);
    } while (positional.repeated && next < words.size());
  }
  if (next < words.size()) {
    throw usage_error(
        "cli.unexpected_argument",
        "unexpected argument \"" + base::printable_line(base::without_keys(words[next])) + "\"",
        parsed.path);
  }
}

/// "ecloud app deploy" means `ecloud compute app deploy`, as it did before there was anything else.
const Command* descend_into_compute(CommandPath& path, std::string_view word) {
  const Command* compute = path.command->find("compute");
  const Command* next = compute == nullptr ? nullptr : compute->find(word);
  if (next != nullptr) path.names.push_back(compute->name);
  return next;
}

/// The name alone: what follows "=" may be a secret.
std::string flag_name(const std::string& word) {
  return base::printable_line(word.substr(0, word.find('=')));
}

}  // namespace

CommandPath find_command(const Command& root, const std::vector<std::string>& arguments,
                         std::vector<bool>* consumed) {
  CommandPath path{&root, {root.name}};
  if (consumed != nullptr) consumed->assign(arguments.size(), false);
  for (std::size_t i = 0; i < arguments.size() && path.command->is_group(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") break;
    if (is_option_word(word)) {
      const Option* option = find_shared(word);
      const bool value_follows =
          option != nullptr && option->takes_value() && word.find('=') == std::string::npos;
      if (option == nullptr && (word.rfind("--", 0) == 0 || word.size() == 2)) {
        throw usage_error("cli.unknown_option", "unknown option " + flag_name(word), path,
                          suggest_flag(path, word));
      }
      if (value_follows) ++i;
      continue;
    }
    const Command* next = path.command->find(word);
    if (next == nullptr && path.command == &root) next = descend_into_compute(path, word);
    if (next == nullptr) {
      throw usage_error(
          "cli.unknown_command",
          "unknown command \"" + base::printable_line(word) + "\" for `" + path.text() + "`", path,
          suggest_command(path, word, root));
    }
    path.command = next;
    path.names.push_back(next->name);
    if (consumed != nullptr) (*consumed)[i] = true;
  }
  return path;
}

Parsed parse(const Command& root, const std::vector<std::string>& arguments) {
  std::vector<bool> consumed;
  const CommandPath path = find_command(root, arguments, &consumed);
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!consumed[i]) rest.push_back(arguments[i]);
  }
  Cli11Parse parser(path);
  parser.parse(rest);
  Parsed parsed = parser.result();
  if (parsed.options.count("help") > 0) return parsed;
  const std::vector<std::string> unknown = parser.unknown();
  if (!unknown.empty()) {
    throw usage_error("cli.unknown_option", "unknown option " + flag_name(unknown.front()), path,
                      suggest_flag(path, unknown.front()));
  }
  parser.check_flags();
  parser.check_files();
  assign_positionals(parsed, parser.words());
  return parsed;
}

bool has_flag(const std::vector<std::string>& arguments, std::string_view flag) {
  for (const std::string& word : arguments) {
    if (word == "--") return false;
    if (word == flag) return true;
  }
  return false;
}

}  // namespace ecloud::cli
