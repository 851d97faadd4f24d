#include "cli/guarded_console.h"

#include <algorithm>
#include <iterator>

#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// Variables that this program, its libraries or the programs that it starts read.
bool is_read(std::string_view name) {
  const std::string lower = base::to_lower(name);
  for (const char* prefix :
       {"ecloud_", "eigenx_", "eigencompute_", "agent_", "docker_", "registry_", "xdg_"}) {
    if (lower.starts_with(prefix)) return true;
  }
  return lower.ends_with("_proxy") || lower.starts_with("ssl_cert");
}

bool is_url(std::string_view name) {
  const std::string lower = base::to_lower(name);
  return lower.ends_with("_proxy") || lower.ends_with("url");
}

/// 32 bytes in hex and nothing else.
bool is_hash(std::string_view word) {
  if (word.starts_with("0x") || word.starts_with("0X")) word.remove_prefix(2);
  return word.size() == 64 &&
         word.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// Commands that print what the configuration files say.
bool shows_settings(const CommandPath& path) {
  return path.text() == "ecloud config get" || path.text() == "ecloud config show";
}

/// The words that stand in slots for public bytes in hex.
std::vector<std::string> hash_words(const Parsed& parsed) {
  std::vector<std::string> out;
  for (const Option* option : all_options(*parsed.path.command)) {
    const auto given = parsed.options.find(option->name);
    if (!option->hash || given == parsed.options.end()) continue;
    std::copy_if(given->second.begin(), given->second.end(), std::back_inserter(out), is_hash);
  }
  for (const Positional& positional : parsed.path.command->positionals) {
    const auto given = parsed.positionals.find(positional.name);
    if (!positional.hash || given == parsed.positionals.end()) continue;
    std::copy_if(given->second.begin(), given->second.end(), std::back_inserter(out), is_hash);
  }
  return out;
}

}  // namespace

GuardedConsole::GuardedConsole(Console& inner, const std::vector<std::string>& arguments,
                               const base::Env& env)
    : inner_(inner), arguments_(arguments) {
  for (const auto& [name, value] : env.values()) {
    if (!is_read(name) || (name == "ECLOUD_SALT" && is_hash(value))) continue;
    if (is_url(name)) {
      variables_.add_url(value);
    } else {
      variables_.add(value);
    }
  }
  read_arguments(arguments, everywhere_);
  everywhere_.add(variables_);
  in_errors_ = everywhere_;
  failures_ = everywhere_;
  failures_.add(env.get("ECLOUD_SALT").value_or(""));
}

void GuardedConsole::read_arguments(const std::vector<std::string>& arguments,
                                    InputSecrets& out) const {
  bool url_follows = false;
  for (const std::string& word : arguments) {
    const bool url =
        url_follows || (word.starts_with("--") && is_url(word.substr(0, word.find('='))));
    url_follows = url && word.starts_with("--") && word.find('=') == std::string::npos;
    if (url && !url_follows) {
      const std::size_t equals = word.starts_with("--") ? word.find('=') + 1 : 0;
      out.add_url(std::string_view(word).substr(equals));
    } else {
      out.add(word);
    }
  }
  // A phrase that was typed without quotes.
  out.add(base::join(arguments, " "));
}

void GuardedConsole::allow_output_of(const Parsed& parsed) {
  shows_settings_ = shows_settings(parsed.path);
  const std::vector<std::string> allowed = hash_words(parsed);
  if (allowed.empty()) return;
  std::vector<std::string> rest = arguments_;
  std::erase_if(rest, [&](const std::string& word) {
    return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& hash) {
      return word == hash || word.ends_with("=" + hash);
    });
  });
  const std::lock_guard lock(mutex_);
  everywhere_ = variables_;
  read_arguments(rest, everywhere_);
  in_errors_ = everywhere_;
}

std::string GuardedConsole::hide(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  return failures_.hide(text);
}

void GuardedConsole::write_output(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (everywhere_.empty()) return inner_.write_output(text);
  inner_.write_output(everywhere_.hide(text));
}

void GuardedConsole::write_error(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (in_errors_.empty()) return inner_.write_error(text);
  inner_.write_error(in_errors_.hide(text));
}

void GuardedConsole::hide_input_text(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!shows_settings_) everywhere_.add(text);
  in_errors_.add(text);
  failures_.add(text);
}

}  // namespace ecloud::cli
