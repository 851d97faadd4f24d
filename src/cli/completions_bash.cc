#include <map>
#include <set>

#include "cli/completions.h"
#include "cli/topics.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::string words_of(const Command& command) {
  std::vector<std::string> words;
  for (const Command& sub : command.subcommands) {
    if (!sub.hidden) words.push_back(sub.name);
  }
  for (const Positional& positional : command.positionals) {
    words.insert(words.end(), positional.choices.begin(), positional.choices.end());
  }
  return base::join(words, " ");
}

std::string flags_of(const Command& command) {
  std::vector<std::string> flags;
  for (const Option* option : shown_options(command)) flags.push_back("--" + option->name);
  return base::join(flags, " ");
}

/// The bash that offers values for an option; empty where there is nothing to offer.
std::string values_of(const Option& option) {
  if (!option.choices.empty()) {
    return "mapfile -t COMPREPLY < <(compgen -W '" + base::join(option.choices, " ") +
           "' -- \"$cur\")";
  }
  if (option.completer == Completer::kEnvironment) {
    return std::string("mapfile -t COMPREPLY < <(compgen -W \"$(") + kListEnvironments +
           " 2>/dev/null)\" -- \"$cur\")";
  }
  if (option.completer == Completer::kApp) return "_ecloud_apps";
  if (option.kind == Kind::kFile)
    return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
  if (option.kind == Kind::kDirectory) {
    return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")";
  }
  return ":";
}

/// "PATH:--flag" patterns by what they offer; options that are the same everywhere stand once.
std::map<std::string, std::set<std::string>> value_cases(const Command& root) {
  std::map<std::string, std::set<std::string>> offers_of_flag;
  std::map<std::string, std::set<std::string>> patterns_of_offer;
  const auto visit = [&](const auto& use) {
    for_each_command(root, [&](const CommandPath& path) {
      for (const Option* option : all_options(*path.command)) {
        if (option->takes_value()) use(path.text(), *option);
      }
    });
  };
  visit([&](const std::string&, const Option& option) {
    offers_of_flag[option.name].insert(values_of(option));
  });
  visit([&](const std::string& path, const Option& option) {
    const bool same = offers_of_flag[option.name].size() == 1;
    const std::string where = same ? "*" : "'" + path + "'";
    auto& patterns = patterns_of_offer[values_of(option)];
    patterns.insert(where + ":--" + option.name);
    if (!option.short_name.empty()) patterns.insert(where + ":-" + option.short_name);
  });
  return patterns_of_offer;
}

std::string path_cases(const Command& root) {
  std::string out;
  for_each_command(root, [&](const CommandPath& path) {
    for (const Command& sub : path.command->subcommands) {
      if (sub.hidden) continue;
      std::string patterns = "'" + path.text() + " " + sub.name + "'";
      for (const std::string& alias : sub.aliases) {
        patterns += " | '" + path.text() + " " + alias + "'";
      }
      out += "      " + patterns + ") path='" + path.text() + " " + sub.name + "' ;;\n";
    }
  });
  return out;
}

std::string word_cases(const Command& root) {
  std::string out;
  for_each_command(root, [&](const CommandPath& path) {
    out += "    '" + path.text() + "')\n      words='" + words_of(*path.command) +
           "'\n      flags='" + flags_of(*path.command) + "'\n" +
           (takes_app(*path.command) ? "      apps=1\n" : "") + "      ;;\n";
  });
  return out;
}

}  // namespace

std::string bash_completion(const Command& root) {
  std::string out =
      "# bash completion for ecloud; generated from its command tree\n"
      "\n"
      "# What is printed holds nothing that bash would expand.\n"
      "_ecloud_apps() {\n"
      "  local name\n"
      "  while IFS= read -r name; do\n"
      "    [[ $name == \"$cur\"* ]] && COMPREPLY+=(\"$name\")\n"
      "  done < <(";
  out += kListApps;
  out +=
      " \"${COMP_WORDS[@]}\" 2>/dev/null)\n"
      "}\n"
      "\n"
      "_ecloud() {\n"
      "  local cur prev path words flags apps i\n"
      "  cur=${COMP_WORDS[COMP_CWORD]}\n"
      "  prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "  # bash takes \"--flag=value\" for three words.\n"
      "  if [[ $cur == = ]]; then\n"
      "    cur=\n"
      "  elif [[ $prev == = ]]; then\n"
      "    prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
      "  fi\n"
      "  COMPREPLY=()\n"
      "  path=ecloud\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$path ${COMP_WORDS[i]}\" in\n";
  out += path_cases(root);
  out +=
      "    esac\n"
      "  done\n"
      "  case \"$path:$prev\" in\n";
  for (const auto& [offer, patterns] : value_cases(root)) {
    out += "    " +
           base::join(std::vector<std::string>(patterns.begin(), patterns.end()), " | \\\n      ") +
           ")\n      " + offer + "\n      return\n      ;;\n";
  }
  out +=
      "  esac\n"
      "  case \"$path\" in\n";
  out += word_cases(root);
  out +=
      "  esac\n"
      "  if [[ $cur == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$cur\")\n"
      "  else\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
      "    [[ -z $apps ]] || _ecloud_apps\n"
      "  fi\n"
      "}\n"
      "\n"
      "complete -F _ecloud ecloud\n";
  return out;
}

const std::vector<CompletionFile>& completion_files() {
  static const std::vector<CompletionFile> files = {
      {"bash", "ecloud.bash", bash_completion},
      {"zsh", "_ecloud", zsh_completion},
      {"fish", "ecloud.fish", fish_completion},
  };
  return files;
}

}  // namespace ecloud::cli
